package bank_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

// transfers are two payments: to a company in Germany, and to a person who holds
// the account of a company in Greece.
func transfers() bank.Transfers {
	return bank.Transfers{
		MessageID: "CRUN-2026-10-01", Created: time.Date(2026, 11, 2, 9, 30, 0, 5, time.FixedZone("", 3600)), Execution: "2026-11-03", BatchBooking: true,
		Debtor: bank.Party{
			Name: "Ladepark Musterstadt GmbH & Co. KG", IBAN: "DE52 5001 0675 8935 6721 60", BIC: "INGDDEFFXXX",
			Address: bank.Address{Street: "Südring", Building: "3a", PostCode: "80331", Town: "München", Country: "DE"},
		},
		Payments: []bank.Payment{
			{
				EndToEndID: "GS-2026-000101", Amount: 125000, Currency: "EUR", Text: "Gutschrift GS-2026-000101",
				Creditor: bank.Party{Name: "Hotel „Zur Straße“ AG", IBAN: "DE27370404090773905695"},
			},
			{
				EndToEndID: "GS-2026-000102", Amount: 1, Currency: "EUR", Text: "Gutschrift GS-2026-000102", Holder: "Ελένη Παππά",
				Creditor: bank.Party{
					Name: "Φόρτιση Α.Ε.", IBAN: "GR1601101250000000012300695", BIC: "ETHNGRAA",
					Address: bank.Address{Street: "Οδός Αθηνάς", Building: "7", Extra: "c/o Παππά", PostCode: "105 54", Town: "Αθήνα", Country: "GR"},
				},
			},
		},
	}
}

func TestTransfersAreTheGoldenOnes(t *testing.T) {
	for name, change := range map[string]func(*bank.Transfers){
		"structured": func(*bank.Transfers) {},
		"hybrid":     func(f *bank.Transfers) { f.Addresses = bank.AddressHybrid },
		"none": func(f *bank.Transfers) {
			f.Addresses, f.BatchBooking, f.Debtor.BIC, f.Payments = bank.AddressNone, false, "", f.Payments[:1]
		},
		"limits": func(f *bank.Transfers) {
			f.MessageID, f.Payments = strings.Repeat("M", bank.MaxID), f.Payments[:1]
			p := &f.Payments[0]
			p.EndToEndID, p.Amount, p.Text = strings.Repeat("E", bank.MaxID), bank.MaxAmount, strings.Repeat("ä", bank.MaxText/2)
			p.Creditor.Name, p.Holder = strings.Repeat("ß", bank.MaxName/2), strings.Repeat("Ж", bank.MaxName/2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := transfers()
			change(&f)
			var got, again bytes.Buffer
			if err := errors.Join(bank.WritePain001(&got, f), bank.WritePain001(&again, f)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), again.Bytes()) {
				t.Error("the same transfers give other bytes")
			}
			file := filepath.Join("testdata", "transfers", name+".xml")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v (go test -update writes it)", err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-golden +written):\n%s", file, diff)
			}
		})
	}
}

// keysOf are the keys of the faults in an error.
func keysOf(err error) []string {
	var keys []string
	for _, f := range fault.Of(err) {
		keys = append(keys, f.Key)
	}
	return keys
}

func TestTransfersThatABankRefusesAreRefused(t *testing.T) {
	payment := func(change func(*bank.Payment)) func(*bank.Transfers) {
		return func(f *bank.Transfers) { change(&f.Payments[1]) }
	}
	amount := func(a money.Amount) func(*bank.Transfers) {
		return payment(func(p *bank.Payment) { p.Amount = a })
	}
	for name, c := range map[string]struct {
		change func(*bank.Transfers)
		want   []string
	}{
		"no payment":                 {func(f *bank.Transfers) { f.Payments = nil }, []string{"bank_payments_none"}},
		"no message id":              {func(f *bank.Transfers) { f.MessageID = "" }, []string{"bank_id_invalid"}},
		"an id too long":             {func(f *bank.Transfers) { f.MessageID = strings.Repeat("x", 36) }, []string{"bank_id_invalid"}},
		"an id with a letter":        {payment(func(p *bank.Payment) { p.EndToEndID = "GS-Ä1" }), []string{"bank_id_invalid"}},
		"an id with a slash first":   {payment(func(p *bank.Payment) { p.EndToEndID = "/1" }), []string{"bank_id_invalid"}},
		"an id with two slashes":     {payment(func(p *bank.Payment) { p.EndToEndID = "1//2" }), []string{"bank_id_invalid"}},
		"an id twice":                {payment(func(p *bank.Payment) { p.EndToEndID = "GS-2026-000101" }), []string{"bank_id_twice"}},
		"a Sunday":                   {func(f *bank.Transfers) { f.Execution = "2026-11-01" }, []string{"bank_day_closed"}},
		"no date":                    {func(f *bank.Transfers) { f.Execution = "" }, []string{"bank_day_closed"}},
		"nothing":                    {amount(0), []string{"bank_amount_invalid"}},
		"less than nothing":          {amount(-5), []string{"bank_amount_invalid"}},
		"a billion":                  {amount(bank.MaxAmount + 1), []string{"bank_amount_invalid"}},
		"francs":                     {payment(func(p *bank.Payment) { p.Currency = "CHF" }), []string{"bank_amount_invalid"}},
		"wrong check digits":         {payment(func(p *bank.Payment) { p.Creditor.IBAN = "DE27370404090773905696" }), []string{"bank_iban_invalid"}},
		"wrong digits of the debtor": {func(f *bank.Transfers) { f.Debtor.IBAN = "DE52500106758935672161" }, []string{"bank_iban_invalid"}},
		"an account beyond SEPA":     {payment(func(p *bank.Payment) { p.Creditor.IBAN = "SA0380000000608010167519" }), []string{"bank_iban_invalid"}},
		"no account":                 {payment(func(p *bank.Payment) { p.Creditor.IBAN = "" }), []string{"bank_iban_invalid"}},
		"a wrong BIC":                {payment(func(p *bank.Payment) { p.Creditor.BIC = "ETHNGRA" }), []string{"bank_bic_invalid"}},
		"no name":                    {payment(func(p *bank.Payment) { p.Creditor.Name = " " }), []string{"bank_name_missing"}},
		"a holder of signs":          {payment(func(p *bank.Payment) { p.Holder = "🔌⚡" }), []string{"bank_name_missing"}},
		"a name without Latin":       {payment(func(p *bank.Payment) { p.Creditor.Name = "充電" }), []string{"bank_name_missing"}},
		"a name that grows":          {payment(func(p *bank.Payment) { p.Creditor.Name = strings.Repeat("ä", 36) }), []string{"bank_text_long"}},
		"a long holder":              {payment(func(p *bank.Payment) { p.Holder = strings.Repeat("a", 71) }), []string{"bank_text_long"}},
		"a long text":                {payment(func(p *bank.Payment) { p.Text = strings.Repeat("a", 141) }), []string{"bank_text_long"}},
		"an address without a town":  {payment(func(p *bank.Payment) { p.Creditor.Address.Town = "" }), []string{"bank_address_incomplete"}},
		"an address without country": {payment(func(p *bank.Payment) { p.Creditor.Address.Country = "Greece" }), []string{"bank_address_incomplete"}},
		"a long town":                {payment(func(p *bank.Payment) { p.Creditor.Address.Town = strings.Repeat("a", 36) }), []string{"bank_text_long"}},
		"a long building":            {payment(func(p *bank.Payment) { p.Creditor.Address.Building = strings.Repeat("1", 17) }), []string{"bank_text_long"}},
		"a long line": {func(f *bank.Transfers) {
			f.Addresses, f.Payments[1].Creditor.Address.Extra = bank.AddressHybrid, strings.Repeat("a", 71)
		}, []string{"bank_text_long"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := transfers()
			c.change(&f)
			var out bytes.Buffer
			err := bank.WritePain001(&out, f)
			if got := keysOf(err); !slices.Equal(got, c.want) || out.Len() > 0 {
				t.Errorf("got %v and %d bytes, want %v", got, out.Len(), c.want)
			}
		})
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	f := transfers()
	f.Execution, f.Payments[0].Amount, f.Payments[1].Creditor.IBAN = "2026-12-25", 0, "DE00"
	err := bank.WritePain001(&bytes.Buffer{}, f)
	if got, want := keysOf(err), []string{"bank_day_closed", "bank_amount_invalid", "bank_iban_invalid"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := fault.Of(err)[0].Args["next"]; got != "2026-12-28" {
		t.Errorf("the next day is %v", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAFullDiskIsNoFaultOfTheTransfers(t *testing.T) {
	err := bank.WritePain001(full{}, transfers())
	if err == nil || len(fault.Of(err)) > 0 {
		t.Errorf("got %v", err)
	}
}

func TestManyTransfersAddUp(t *testing.T) {
	f := transfers()
	one := f.Payments[0]
	f.Payments = nil
	for i := range 5000 {
		one.EndToEndID, one.Amount = fmt.Sprintf("GS-%d", i), bank.MaxAmount
		f.Payments = append(f.Payments, one)
	}
	var out bytes.Buffer
	if err := bank.WritePain001(&out, f); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "<CtrlSum>4999999999950.00</CtrlSum>"); got != 2 {
		t.Errorf("the sum is stated %d times", got)
	}
}
