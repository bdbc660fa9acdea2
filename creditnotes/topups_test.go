package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

func TestATopUpIsTheSameOnlyWithTheSameContent(t *testing.T) {
	one := creditnotes.TopUp{ID: 1, Key: "t-1", Entity: "a", User: "erika", Amount: 50_00, Currency: "EUR", At: on(3, 9)}
	again := one
	again.ID, again.ReceivedAt = 2, on(4, 9)
	if !one.Same(&again) {
		t.Error("the id of the database and the time of receipt make it another one")
	}
	for name, change := range map[string]func(o *creditnotes.TopUp){
		"key": func(o *creditnotes.TopUp) { o.Key = "t-2" }, "entity": func(o *creditnotes.TopUp) { o.Entity = "b" },
		"user": func(o *creditnotes.TopUp) { o.User = "max" }, "amount": func(o *creditnotes.TopUp) { o.Amount = -50_00 },
		"currency": func(o *creditnotes.TopUp) { o.Currency = "CHF" }, "at": func(o *creditnotes.TopUp) { o.At = on(3, 10) },
	} {
		other := one
		change(&other)
		if one.Same(&other) {
			t.Errorf("another %s is the same top-up", name)
		}
	}
}

func TestACustomRecordIsChecked(t *testing.T) {
	config := smallNetwork()
	config.TaxAccounts = append(config.TaxAccounts, account("outside", creditnotes.OutsideScope, 0))
	config.Settings.TaxAccount = "s19"
	plan, err := creditnotes.NewPlan(config, "2026-10-31")
	if err != nil {
		t.Fatal(err)
	}
	right := creditnotes.CustomRecord{Key: "r-1", Owner: "a", Month: "2026-10", Date: "2026-10-15", Text: "Snow clearance", Net: 10_00,
		Currency: "EUR", Direction: creditnotes.Credited}
	if f := plan.CheckRecord(&right); f != nil {
		t.Fatal(f)
	}
	for _, c := range []struct {
		change     func(r *creditnotes.CustomRecord)
		key, field string
	}{
		{func(r *creditnotes.CustomRecord) { r.Owner = "nobody" }, "record_owner_unknown", "owner"},
		{func(r *creditnotes.CustomRecord) { r.Owner = "op" }, "record_owner_unknown", "owner"},
		{func(r *creditnotes.CustomRecord) { r.Text = "" }, "record_without_text", "text"},
		{func(r *creditnotes.CustomRecord) { r.Currency = "EURO" }, "record_currency_unknown", "currency"},
		{func(r *creditnotes.CustomRecord) { r.Net = 0 }, "record_net", "net"},
		{func(r *creditnotes.CustomRecord) { r.Net = -1 }, "record_net", "net"},
		{func(r *creditnotes.CustomRecord) { r.TaxAccount = "s21" }, "record_tax_unknown", "tax_account"},
		{func(r *creditnotes.CustomRecord) { r.TaxAccount, r.Date = "s19", "2019-12-31" }, "tax_rate_missing", "tax_account"},
		{func(r *creditnotes.CustomRecord) { r.TaxAccount = "outside" }, "record_tax_alone", "tax_account"},
	} {
		wrong := right
		c.change(&wrong)
		f := plan.CheckRecord(&wrong)
		if f == nil || f.Key != c.key || f.Field != c.field {
			t.Errorf("%+v: %v, want %s at %s", wrong, f, c.key, c.field)
		}
	}
	// What stands alone on a credit note may stand on a fee invoice.
	debit := right
	debit.TaxAccount, debit.Direction = "outside", creditnotes.Debited
	if f := plan.CheckRecord(&debit); f != nil {
		t.Error(f)
	}
}

func TestSettingsOfSettlementAreReadAsTheyAreWritten(t *testing.T) {
	s := creditnotes.DefaultSettings()
	for key, values := range map[string][]string{
		"minimum_payout": {"CHF 20.00, EUR 10.00", "JPY 100", ""}, "reminder_days": {"7, 14, 28", "1, 2, 365"},
		"settlement_report_mail": {"false", "true"}, "fee_net_days": {"0", "365"}, "first_creditor_account": {"70000"},
		"bank_account": {"1800"}, "datev_consultant": {"1001"}, "fiscal_year_start": {"04-01"}, "ledger_account_length": {"8"}, "ledger_currency": {"CHF"},
	} {
		for _, value := range values {
			if err := s.Set(key, value); err != nil || s.Values()[key] != value {
				t.Errorf("%s = %q is %q, %v", key, value, s.Values()[key], err)
			}
		}
	}
	if err := s.Set("minimum_payout", " EUR 10.00 ,, CHF 20.00"); err != nil || s.MinimumPayout["EUR"] != money.Amount(10_00) {
		t.Errorf("%v, %v", s.MinimumPayout, err)
	}
	for key, values := range map[string][]string{
		"minimum_payout":    {"10.00", "EURO 10.00", "EUR ten", "EUR -1.00", "EUR 1.001", "EUR 1.00, EUR 2.00"},
		"reminder_days":     {"7, 14", "7, 14, 28, 56", "14, 7, 28", "7, 7, 28", "0, 14, 28", "7, 14, 366", "7, x, 28"},
		"fiscal_year_start": {"13-01", "04-15"}, "ledger_account_length": {"3", "9"}, "datev_mandant": {"100000"},
		"first_creditor_account": {"7000a"}, "fee_net_days": {"-1", "366"},
	} {
		for _, value := range values {
			before := s.Values()[key]
			says(t, s.Set(key, value), "setting_value")
			if s.Values()[key] != before {
				t.Errorf("%s = %q changed it", key, value)
			}
		}
	}
}
