package einvoice

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func TestTheSameNoteGivesTheSameBytes(t *testing.T) {
	words := texts(t)
	for name := range samples() {
		first := samples()[name].write(t, name, words)
		second := samples()[name].write(t, name, words)
		for file := range first {
			if !bytes.Equal(first[file], second[file]) {
				t.Errorf("%s differs", file)
			}
		}
	}
}

func TestWritingLeavesTheNoteAlone(t *testing.T) {
	for name, s := range samples() {
		s.write(t, name, texts(t))
		if diff := cmp.Diff(samples()[name].note, s.note); diff != "" {
			t.Errorf("%s (-before +after):\n%s", name, diff)
		}
	}
}

func TestTextsAreEscapedAndCleaned(t *testing.T) {
	content := string(samples()["S-hostile"].write(t, "S", texts(t))["en16931-2017/S.cii.xml"])
	if want := "<ram:Name>Łódź &amp; &lt;Söhne&gt; &#34;Ladepark&#34;� ⚡️🚗 AG�� �</ram:Name>"; !strings.Contains(content, want) {
		t.Errorf("no %s in\n%s", want, content)
	}
}

// amounts picks figures out of a document by the name of their element.
func amounts(content []byte, element string) []string {
	var list []string
	for _, part := range strings.Split(string(content), "<"+element)[1:] {
		_, text, _ := strings.Cut(part, ">")
		value, _, _ := strings.Cut(text, "<")
		list = append(list, value)
	}
	return list
}

func TestCancellationsReverse(t *testing.T) {
	words := texts(t)
	for _, c := range []struct{ typeCode, root, element, quantity, due, energy string }{
		{"261", "<CreditNote ", "cbc:CreditedQuantity", "1", "20.04", "22.345"},
		{"384", "<Invoice ", "cbc:InvoicedQuantity", "-1", "-20.04", "-22.345"},
		{"389", "<Invoice ", "cbc:InvoicedQuantity", "-1", "-20.04", "-22.345"},
	} {
		content := must(t)(UBL(cancelled(shortNote(), c.typeCode), EN16931, words))
		got := []string{
			amounts(content, c.element)[0], amounts(content, "cbc:PriceAmount")[0],
			amounts(content, "cbc:PayableAmount")[0], amounts(content, "cbc:Value")[0],
		}
		if diff := cmp.Diff([]string{c.quantity, "7.04", c.due, c.energy}, got); diff != "" {
			t.Errorf("%s: quantity, price, amount due, energy (-want +got):\n%s", c.typeCode, diff)
		}
		for _, want := range []string{c.root, "<cbc:ID>GS-2026-00001</cbc:ID>", "<cbc:IssueDate>2026-10-31</cbc:IssueDate>"} {
			if !strings.Contains(string(content), want) {
				t.Errorf("%s: no %s", c.typeCode, want)
			}
		}
		if bytes.Contains(content, []byte("PayeeFinancialAccount")) {
			t.Errorf("%s sends money to an account", c.typeCode)
		}
	}
}

func TestANegativePositionTurnsTheQuantity(t *testing.T) {
	content := must(t)(UBL(richNote(), EN16931, texts(t)))
	want := []string{"-1", "1", "1", "1", "1", "1", "-1"}
	if diff := cmp.Diff(want, amounts(content, "cbc:InvoicedQuantity")); diff != "" {
		t.Errorf("quantities (-want +got):\n%s", diff)
	}
	want = []string{"3.15", "42.10", "1234.56", "12.75", "42.00", "0.00", "12.50"}
	if diff := cmp.Diff(want, amounts(content, "cbc:PriceAmount")); diff != "" {
		t.Errorf("prices (-want +got):\n%s", diff)
	}
}

func TestATaxMayBeNegative(t *testing.T) {
	content := must(t)(UBL(samples()["S-correction-mixed"].note, EN16931, texts(t)))
	if diff := cmp.Diff([]string{"-7.04", "9.80"}, amounts(content, "cbc:TaxableAmount")); diff != "" {
		t.Errorf("taxable amounts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"0.72", "-1.34", "2.06"}, amounts(content, "cbc:TaxAmount")); diff != "" {
		t.Errorf("tax in all, and of each rate (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"19", "21"}, amounts(content, "cbc:Percent")[:2]); diff != "" {
		t.Errorf("rates (-want +got):\n%s", diff)
	}
}

func TestTaxAccountsOfOneCategoryAndRateAreOneBreakdown(t *testing.T) {
	content := must(t)(CII(samples()["E-accounts"].note, EN16931, texts(t)))
	if diff := cmp.Diff([]string{"16.84"}, amounts(content, "ram:BasisAmount")); diff != "" {
		t.Errorf("taxable amounts (-want +got):\n%s", diff)
	}
	want := []string{"Kein Ausweis von Umsatzsteuer, § 19 UStG; Steuerfrei nach § 4 UStG"}
	if diff := cmp.Diff(want, amounts(content, "ram:ExemptionReason")); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestPaymentNamesOneAccountOrNone(t *testing.T) {
	broken := shortNote()
	broken.Document.Recipient.Bank.IBAN = "DE00100000000123456789"
	none := shortNote()
	none.Document.Recipient.Bank.IBAN = ""
	for _, c := range []struct {
		name     string
		note     *creditnotes.Note
		code     string
		accounts int
	}{
		{"euro to an IBAN is a SEPA transfer", shortNote(), "58", 1},
		{"other money is a transfer", inCurrency(shortNote(), "GBP", 2), "30", 1},
		{"a mistyped IBAN is not promised to be SEPA", broken, "30", 1},
		{"without an account nothing is defined", none, "1", 0},
		{"a cancellation is set off", cancelled(shortNote(), "261"), "97", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := must(t)(UBL(c.note, XRechnung30, texts(t)))
			if got := amounts(content, "cbc:PaymentMeansCode")[0]; got != c.code {
				t.Errorf("code %s, want %s", got, c.code)
			}
			if got := bytes.Count(content, []byte("<cac:PayeeFinancialAccount>")); got != c.accounts {
				t.Errorf("%d accounts, want %d", got, c.accounts)
			}
		})
	}
}

func TestWhatIsMissingIsAFault(t *testing.T) {
	fils := inCurrency(shortNote(), "KWD", 3)
	nobody := creditnotes.Party{Key: "p", Name: "Paul", Country: "DE"}
	homeless := hotel()
	homeless.Country, homeless.City = "", ""
	mute := shortNote()
	mute.Document.Recipient.Phone, mute.Document.Issuer.Phone, mute.Document.Issuer.Email = "", "", ""
	twice := samples()["S-exempt-mixed"].note
	for i := range twice.Positions {
		twice.Positions[i].Tax = 7
	}
	outside := samples()["S-reduced-mixed"].note
	outside.Taxes[1].Category, outside.Taxes[1].Rate = creditnotes.OutsideScope, 0
	outside.Tax -= outside.Taxes[1].Tax
	outside.Gross -= outside.Taxes[1].Tax
	outside.Taxes[1].Tax = 0
	for _, c := range []struct {
		name    string
		note    *creditnotes.Note
		profile *Profile
		keys    []string
	}{
		{"three decimals", fils, EN16931, []string{"einvoice_currency_digits"}},
		{"a seller without tax id", paidTo(shortNote(), nobody), EN16931, []string{"einvoice_tax_id_missing"}},
		{"a seller without address in XRechnung", paidTo(shortNote(), nobody), XRechnung30, []string{"einvoice_address_missing", "einvoice_tax_id_missing"}},
		{"no country", paidTo(shortNote(), homeless), EN16931, []string{"einvoice_country_missing"}},
		{"nobody to be reached", mute, XRechnung30, []string{"einvoice_contact_missing", "einvoice_contact_missing"}},
		{"reverse charge without the seller's ids", taxed(paidTo(shortNote(), foreign("AT", "")), creditnotes.ReverseCharge, 0, "RC"), EN16931, []string{"einvoice_tax_id_missing"}},
		{"an intra-Community supply with a tax number only", taxed(paidTo(shortNote(), samples()["E"].note.Document.Recipient), creditnotes.IntraCommunity, 0, "IC"), EN16931, []string{"einvoice_tax_id_missing"}},
		{"a position of no tax", twice, EN16931, []string{"einvoice_tax_unassigned"}},
		{"outside the scope beside others", outside, EN16931, []string{"einvoice_tax_mixed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			content, err := CII(c.note, c.profile, texts(t))
			var keys []string
			for _, f := range fault.Of(err) {
				keys = append(keys, f.Key)
				if f.Kind != fault.NotReady || f.Args["number"] != c.note.Number {
					t.Errorf("fault %v", f)
				}
			}
			if diff := cmp.Diff(c.keys, keys); diff != "" || content != nil {
				t.Errorf("faults (-want +got), error %v:\n%s", err, diff)
			}
		})
	}
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	draft := shortNote()
	draft.Number = ""
	other := shortNote()
	other.Document.TypeCode = "380"
	off := shortNote()
	off.Net++
	speechless := shortNote()
	speechless.Language = "xx"
	for name, n := range map[string]*creditnotes.Note{"a draft": draft, "another type": other, "wrong sums": off, "no words": speechless} {
		if _, err := UBL(n, EN16931, texts(t)); err == nil || len(fault.Of(err)) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("no words")
	if _, err := CII(shortNote(), EN16931, silent{texts(t), broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// silent has no words.
type silent struct {
	Texts
	err error
}

func (s silent) Text(string, string, map[string]any) (string, error) { return "", s.err }

func BenchmarkOfBothSyntaxes(b *testing.B) {
	words, n := texts(b), richNote()
	for b.Loop() {
		must(b)(CII(n, EN16931, words))
		must(b)(UBL(n, XRechnung30, words))
	}
}
