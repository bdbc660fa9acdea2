package entities

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVATIDsOfTheSamplesAndOfPublicExamplesAreValid(t *testing.T) {
	for _, id := range []string{
		"DE123456788", "ATU12345675", "GB980780684", // sample networks
		"DE136695976", "ATU13585627", "BE0428759497", "BE 0403.019.261", "IT00743110157", "LU15027442",
		"NL004495445B01", "NL002455799B11", "PL8567346215", "CHE-107.787.577", "CHE-107.787.577 MWST",
		"GB HA501", "GBGD001", "FR40303265045", "ESX1234567L", "EL094259216", "IE6433435F", "SE556188840401",
		"US12-3456789", "LI12345",
	} {
		if problem := checkVATID(id, ""); problem != "" {
			t.Errorf("%s was found wrong: %s", id, problem)
		}
	}
}

func TestMistypedVATIDsAreFound(t *testing.T) {
	cases := map[string]vatProblem{
		"DE123456789": vatMistyped, "DE12345678": vatMalformed, "DE1234567888": vatMalformed,
		"ATU12345676": vatMistyped, "AT12345675": vatMalformed, "GB980780685": vatMistyped,
		"BE0428759498": vatMistyped, "IT00743110158": vatMistyped, "LU15027443": vatMistyped,
		"NL004495446B01": vatMistyped, "PL8567346216": vatMistyped, "CHE107787578": vatMistyped,
		"SE556188840402": vatMalformed, "FRIO303265045": vatMalformed, "D": vatMalformed, "  ": vatMalformed,
	}
	for id, want := range cases {
		if got := checkVATID(id, ""); got != want {
			t.Errorf("%q: got %q, want %q", id, got, want)
		}
	}
}

func TestEveryWrongDigitOfAGermanOrAustrianVATIDIsFound(t *testing.T) {
	for _, id := range []string{"DE123456788", "ATU12345675"} {
		for i := 3; i < len(id); i++ {
			for d := '0'; d <= '9'; d++ {
				wrong := id[:i] + string(d) + id[i+1:]
				if (checkVATID(wrong, "") == "") != (wrong == id) {
					t.Errorf("%s is judged wrongly", wrong)
				}
			}
		}
	}
}

func TestIBANsAreJudgedByLengthAndCheckDigits(t *testing.T) {
	for _, iban := range []string{
		"DE02120300000000202051", "AT611904300234573201", "DE91100000000123456789", "GB33BUKB20201555555555",
		"gb29 nwbk 6016 1331 9268 19", "CH9300762011623852957", "FR1420041010050500013M02606", "NO9386011117947",
		"MT84MALT011000012345MTLCAST001S",
	} {
		if !ValidIBAN(iban) {
			t.Errorf("%s was found wrong", iban)
		}
	}
	for iban, want := range map[string]string{
		"DE03120300000000202051":  "iban_check_digits",
		"DE0212030000000020205":   "iban_length",
		"AT6119043002345732011":   "iban_length",
		"12345678":                "iban_malformed",
		"DE":                      "iban_malformed",
		"DE02-1203-0000-0000-202": "iban_malformed",
		"QQ021203":                "iban_malformed",
		"ÄÖ02120300000000202051":  "iban_malformed",
	} {
		if got, _ := checkIBAN(iban); got != want {
			t.Errorf("%s: got %q, want %q", iban, got, want)
		}
	}
	if NormalIBAN(" gb29 nwbk\t6016 ") != "GB29NWBK6016" {
		t.Error("an IBAN is not written as files want it")
	}
}

func TestCheckFindsWhatIsWrongWithTheMasterData(t *testing.T) {
	sound := Entity{
		Key: "a", Name: "A", Country: "AT", VATID: "ATU12345675", Emails: []string{"office@demo.example", "a+b@müller.example"},
		ReplyTo: "credit@voltnetz.example", Currency: "EUR", Postcode: "1010", City: "Wien",
		Bank:      Bank{IBAN: "AT61 1904 3002 3457 3201", BIC: "BKAUATWW"},
		Taxes:     []TaxTreatment{{From: "2022-01-01"}, {From: "2023-01-01"}},
		Agreement: Agreement{ValidFrom: "2022-01-01", ValidUntil: "2022-01-01"}, SessionDetail: DetailPDF,
	}
	if found := sound.Check(); len(found) > 0 {
		t.Errorf("a sound entity: %v", found)
	}
	if found := (&Entity{Key: "empty"}).Check(); len(found) > 0 {
		t.Errorf("missing data is not for Check: %v", found)
	}
	broken := Entity{
		Key: "a", Country: "UK", VATID: "DE123456789", Emails: []string{"office", "a@b, c@d"}, ReplyTo: "@demo", Currency: "EURO",
		Bank:      Bank{IBAN: "DE03120300000000202051", BIC: "BKAU"},
		Taxes:     []TaxTreatment{{From: "2022-01-01"}, {From: "2022-01-01"}},
		Agreement: Agreement{ValidFrom: "2022-01-02", ValidUntil: "2022-01-01"}, SessionDetail: "xml",
	}
	want := []string{
		"country_unknown country=UK entity=a",
		"vat_id_check_digit entity=a vat_id=DE123456789",
		"iban_check_digits entity=a",
		"bic_malformed bic=BKAU entity=a",
		"email_malformed email=office entity=a",
		"email_malformed email=a@b, c@d entity=a",
		"reply_to_malformed email=@demo entity=a",
		"currency_unknown currency=EURO entity=a",
		"tax_treatment_twice entity=a from=2022-01-01",
		"agreement_ends_before_start entity=a from=2022-01-02 until=2022-01-01",
		"session_detail_unknown entity=a value=xml",
	}
	var got []string
	for _, f := range broken.Check() {
		got = append(got, f.Error())
		if strings.Contains(f.Error(), "120300") {
			t.Error("a bank account is quoted")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAVATIDWithoutItsCountryIsFound(t *testing.T) {
	for _, c := range []struct {
		id, country string
		want        vatProblem
	}{
		{"123456788", "DE", vatMalformed}, {"GR094259216", "GR", vatMalformed}, {"EL094259216", "GR", ""},
		{"123456789", "US", ""}, {"ATU12345675", "DE", ""},
	} {
		if got := checkVATID(c.id, c.country); got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.id, c.country, got, c.want)
		}
	}
}

func TestAnAddressNeedsNameTownAndCountry(t *testing.T) {
	e := Entity{Name: "A", Postcode: "1010", City: "Wien", Country: "AT"}
	if !e.HasAddress() {
		t.Error("the address is complete")
	}
	e.City = ""
	if e.HasAddress() || e.DisplayName() != "A" {
		t.Error("the address has no town")
	}
	e.LegalName = "A GmbH"
	if e.DisplayName() != "A GmbH" {
		t.Error("the legal name is not shown")
	}
}
