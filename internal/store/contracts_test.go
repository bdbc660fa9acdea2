package store_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// shareOf is a contract with every field.
func shareOf(owner string) settlement.Contract {
	ac, dc := money.Percent(8000), money.Percent(0)
	return settlement.Contract{
		Key: "share", Title: "Share", ExternalID: "CRM-1", Owner: owner, Stations: []string{"ST-1"}, From: "2026-01", To: "2026-12",
		AutoRenew: true, Ended: "2027-06", Active: true, Currency: "EUR",
		Terms: settlement.Terms{
			ShareAC: &ac, ShareDC: &dc, ExcludeConnectionFee: true, DeductElectricityCost: true, ReimburseElectricityCost: true,
			ElectricityCost: 220_000_001, ElectricityTax: 20_500_000, FixedFeeAC: 1, FixedFeeDC: 2, FeePerKWhAC: 3, FeePerKWhDC: 4,
			HandlingFee: 250, SettleOn: settlement.Collected,
		},
		MonthlyFee: 3_000_000, MonthlyFeePerStation: 5_000_000, MonthlyFeePerACEVSE: 2_000_000, MonthlyFeePerDCEVSE: 9_000_000,
		MinimumGuarantee: 30_000_000, VolumeBonus: []settlement.BonusBand{{From: 1_000_000_000, PerKWh: 10_000_000}},
		BillOwnCharging: true, OwnChargingDiscount: 500, FeeTaxAccount: "de-19",
	}
}

func TestAContractComesBackAsItWasSaved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network(), networkSettings()...)
		want := shareOf("b")
		save(t, s, &creditnotes.Configuration{Contracts: []settlement.Contract{want}})
		for _, got := range configuration(t, open()).Contracts {
			if got.Key == want.Key {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		}
		changes := save(t, s, &creditnotes.Configuration{Contracts: []settlement.Contract{want}})
		if got := changes["contracts"]; got.Unchanged != 1 || got.Updated != 0 {
			t.Errorf("saved again: %+v", got)
		}
	})
}

func TestContractsThatCannotHoldAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*settlement.Contract)
		want   string
	}{
		"no such owner":                {func(c *settlement.Contract) { c.Owner = "nobody" }, "contract_reference_unknown"},
		"the operator":                 {func(c *settlement.Contract) { c.Owner = "op" }, "contract_owner_operator"},
		"no such station":              {func(c *settlement.Contract) { c.Stations = []string{"ST-1", "ST-404"} }, "contract_reference_unknown"},
		"no such tax account":          {func(c *settlement.Contract) { c.FeeTaxAccount = "de-7" }, "contract_reference_unknown"},
		"no such currency":             {func(c *settlement.Contract) { c.Currency = "XXX" }, "contract_value"},
		"one percentage of two":        {func(c *settlement.Contract) { c.ShareDC = nil }, "contract_share_half"},
		"in force beside one that was": {func(c *settlement.Contract) { c.Owner, c.Stations = "a", nil }, "contracts_overlap"},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.Open(t, storetest.SQLite(t), storetest.Now)
			save(t, s, network(), networkSettings()...)
			contract := shareOf("b")
			c.change(&contract)
			_, err := s.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Contracts: []settlement.Contract{contract}}, nil)
			says(t, err, c.want)
			if n := len(configuration(t, s).Contracts); n != 1 {
				t.Errorf("%d contracts are stored", n)
			}
		})
	}
}

// Contracts of older versions were stored unread: they come out as drafts, with
// what they said, until they are saved again.
func TestContractsOfOlderVersionsAreDrafts(t *testing.T) {
	urls := map[string]func() string{"sqlite": func() string { return "sqlite:" + filepath.Join(t.TempDir(), "old.db") }}
	if storetest.HasPostgres() {
		urls["postgres"] = func() string { return storetest.EmptyPostgres(t) }
	}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) { upgradesContracts(t, storetest.Open(t, url(), storetest.Now)) })
	}
}

func upgradesContracts(t *testing.T, s *store.Store) {
	if err := s.MigrateTo(t.Context(), 33); err != nil {
		t.Fatal(err)
	}
	run(t, s, `INSERT INTO contracts (key, definition) VALUES
			('share', '{"Key":"share","Owner":"a","From":"2026-01","To":"2026-12","AutoRenew":true,"ShareAC":"80","ShareDC":"0","ExcludeConnectionFee":false,`+
		`"DeductElectricityCost":true,"ReimburseElectricityCost":false,"ElectricityCostPerKWh":"0.22","FeePerSessionAC":"0.1","FeePerSessionDC":"0",`+
		`"FeePerKWhAC":"0","FeePerKWhDC":"0.02","HandlingFee":"2.5","MonthlyFeePerStation":"5","MonthlyFeePerACEVSE":"0","MonthlyFeePerDCEVSE":"0","MinimumGuarantee":"12.5","Active":true}'),
			('price', '{"Key":"price","Owner":"b","From":"2026-01","To":"","AutoRenew":false,"ShareAC":"0","ShareDC":"0","MinimumGuarantee":"0","Active":true}')`)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ac, dc := money.Percent(8000), money.Percent(0)
	want := []settlement.Contract{
		{Key: "price", Owner: "b", From: "2026-01", Unread: true},
		{
			Key: "share", Owner: "a", From: "2026-01", To: "2026-12", AutoRenew: true, Unread: true,
			Terms: settlement.Terms{
				ShareAC: &ac, ShareDC: &dc, DeductElectricityCost: true, ElectricityCost: 220_000_000, FixedFeeAC: 100_000_000,
				FeePerKWhDC: 20_000_000, HandlingFee: 250,
			},
			MonthlyFeePerStation: 5_000_000, MinimumGuarantee: 12_500_000,
		},
	}
	got := configuration(t, s).Contracts
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c := network()
	c.Contracts = nil
	save(t, s, c)
	got[0].Active = true
	save(t, s, &creditnotes.Configuration{Contracts: got[:1]})
	if again := configuration(t, s).Contracts[0]; again.Unread || !again.Active {
		t.Errorf("saved again it is still a draft: %+v", again)
	}
}

func TestHowAnEntityIsSettledComesBackAsItWasSaved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		c := network()
		no := false
		for i := range c.Entities {
			e := &c.Entities[i]
			e.Frequency = entities.Monthly
			if e.Key == "a" {
				e.Frequency, e.SetOff, e.ReportMail = entities.HalfYearly, true, &no
				e.FeeTaxes = []entities.TaxTreatment{{From: "2026-01-01", Account: "de-19"}}
				e.PaymentTerms = &entities.PaymentTerms{NetDays: 0, Text: map[string]string{"de": "Sofort"}}
				e.PayoutHold = entities.PayoutHold{Since: "2026-09-01", Reason: "Insolvency"}
				e.Agreement.BillingPeriod = entities.HalfYearly
			}
		}
		c.Stations[0].Kind, c.Stations[1].Kind = entities.Machine, entities.Charging
		save(t, s, c, networkSettings()...)
		want := map[string]entities.Entity{}
		for _, e := range c.Entities {
			want[e.Key] = e
		}
		got := configuration(t, open())
		for _, e := range got.Entities {
			w := want[e.Key]
			for what, diff := range map[string]string{
				"frequency": cmp.Diff(w.Frequency, e.Frequency), "set off": cmp.Diff(w.SetOff, e.SetOff), "report": cmp.Diff(w.ReportMail, e.ReportMail),
				"fee tax": cmp.Diff(w.FeeTaxes, e.FeeTaxes), "terms": cmp.Diff(w.PaymentTerms, e.PaymentTerms),
				"hold": cmp.Diff(w.PayoutHold, e.PayoutHold), "agreement": cmp.Diff(w.Agreement, e.Agreement),
			} {
				if diff != "" {
					t.Errorf("%s, %s: %s", e.Key, what, diff)
				}
			}
		}
		if got.Stations[0].Kind != entities.Machine || got.Stations[1].Kind != entities.Charging {
			t.Errorf("kinds: %q, %q", got.Stations[0].Kind, got.Stations[1].Kind)
		}
	})
}
