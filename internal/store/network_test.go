package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// network is a small configuration with something in every section.
func network() *creditnotes.Configuration {
	return &creditnotes.Configuration{
		Entities: []entities.Entity{
			// children first: the order in a file is free
			{Key: "a1", Parent: "a", Name: "A One", AlternateCredit: "b", Active: true, Country: "DE"},
			{
				Key: "a", Parent: "op", Name: "Hotel A", LegalName: "Hotel A GmbH", Street: "Seeweg 5", Postcode: "20354", City: "Hamburg",
				Country: "DE", VATID: "DE1", TaxNumber: "27/1", RegisterNumber: "HRB 1", Emails: []string{"a@a.example", "b@a.example"},
				ReplyTo: "r@op.example", Phone: "+49", Language: "de", Currency: "EUR", CustomerRef: "K-1", CreditorAccount: "70001", ExternalID: "CRM-1",
				Bank:      entities.Bank{Holder: "Hotel A", IBAN: "DE91100000000123456789", BIC: "X"},
				Taxes:     []entities.TaxTreatment{{From: "2022-01-01", Account: "de-19"}},
				Agreement: entities.Agreement{SignedOn: "2021-12-01", ValidFrom: "2022-01-01", ValidUntil: "2027-12-31", Reference: "SBA"},
				// the default is written out, so that the configuration comes back as it is
				SessionDetail: entities.DetailPDF, Active: true,
			},
			{Key: "b", Parent: "op", Name: "B", Country: "AT"},
			{Key: "op", Name: "Voltnetz", Country: "DE", TimeZone: "Europe/Berlin", Active: true},
		},
		Stations: []entities.Station{
			{Key: "ST-1", Name: "One", TimeZone: "Europe/Berlin", City: "Hamburg", Owners: []entities.Ownership{
				{From: "2024-01-01", Entity: "b"}, {From: "2022-01-01", Entity: "a"},
			}},
			{Key: "ST-2", Name: "Two", TimeZone: "Europe/Vienna"},
		},
		Connectors: []entities.Connector{
			{EVSEID: "DE*VLT*E1", Number: 1, Station: "ST-1", Type: "IEC_62196_T2", PowerType: entities.AC, MaxPowerKW: 22_000_000,
				Tariffs: []entities.ConnectorTariff{{From: "2022-01-01", Community: "COM"}, {From: "2026-01-01", ChargePoint: "lp", Community: "COM"}}},
			{EVSEID: "DE*VLT*E2", Number: 2, Station: "ST-2"},
		},
		Media:    []entities.Medium{{UID: "04A1B2C3D4", Issuer: "a", SalesTariff: "emp", BillingFrom: "2022-01-01"}},
		Partners: []entities.Partner{{CountryCode: "DE", PartyID: "ABC", Name: "ABC Mobility"}},
		Tariffs: tariffs.Config{
			CostRates: []tariffs.CostRate{rate("com", 350_000, time.Time{}), rate("dc", 280_000, time.Time{})},
			Community: []tariffs.CommunityTariff{{Key: "COM", Name: "COMMUNITY", Versions: []tariffs.CommunityVersion{{From: "2022-01-01", Purchase: "com"}}}},
			ChargePoint: []tariffs.ChargePointTariff{{Key: "lp", Name: "LP", Purchase: []tariffs.Condition{
				{Rate: "dc", From: "2022-01-01", To: "2030-01-01", When: tariffs.Filter{PowerType: entities.DC, Window: tariffs.Window{Weekdays: []int{6, 7}, From: "08:00", To: "20:00"}}, Position: 1},
			}}},
			Sales: []tariffs.SalesTariff{{Key: "emp", Name: "EMP", Sales: []tariffs.Condition{{Rate: "com", From: "2022-01-01"}}}},
		},
		TaxAccounts: []creditnotes.TaxAccount{{
			Key: "de-19", Name: map[string]string{"de": "USt", "en": "VAT"}, Category: creditnotes.StandardRate, Country: "DE",
			LedgerAccount: "1576", Rates: []creditnotes.TaxRate{{From: "2021-01-01", Percent: 1900}},
		}},
		NumberRanges: []numbering.Range{
			{Key: "gs", Name: "Gutschriften", Pattern: "GS-{YYYY}-{SEQ:5}", Next: 42, Reset: numbering.ResetYearly, ValidFor: []numbering.DocumentType{numbering.CreditNote}, Active: true},
			{Key: "st", Name: "Stornos", Pattern: "ST-{YYYY}-{SEQ:5}", Next: 1, Reset: numbering.ResetYearly, ValidFor: []numbering.DocumentType{numbering.Cancellation}, Scope: numbering.ScopeIssuer, Active: true},
		},
		Contracts: []settlement.Contract{{Key: "share-a", Owner: "a", From: "2026-01", Active: true, VolumeBonus: []settlement.BonusBand{{From: 1_000_000_000, PerKWh: 10_000_000}}}},
	}
}

func networkSettings() []creditnotes.Setting {
	return []creditnotes.Setting{
		{Key: "active", Value: "true"}, {Key: "number_range", Value: "gs"}, {Key: "cancellation_range", Value: "st"},
		{Key: "tax_account", Value: "de-19"}, {Key: "payment_terms.net_days", Value: "14"}, {Key: "payment_terms.text.de", Value: "Zahlbar"},
	}
}

func save(t *testing.T, s *store.Store, c *creditnotes.Configuration, settings ...creditnotes.Setting) map[string]creditnotes.Changes {
	t.Helper()
	changes, err := s.SaveConfiguration(t.Context(), "test", c, settings)
	if err != nil {
		t.Fatal(err)
	}
	bySection := map[string]creditnotes.Changes{}
	for _, c := range changes {
		bySection[c.Section] = c
	}
	return bySection
}

func configuration(t *testing.T, s *store.Store) *creditnotes.Configuration {
	t.Helper()
	c, err := s.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigurationComesBackAsItWasSaved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		changes := save(t, s, network(), networkSettings()...)
		if got := changes["entities"]; got.Created != 4 {
			t.Errorf("entities: %+v", got)
		}
		got := configuration(t, s)
		want := network()
		want.Settings = creditnotes.DefaultSettings()
		for _, one := range networkSettings() {
			if err := want.Settings.Set(one.Key, one.Value); err != nil {
				t.Fatal(err)
			}
		}
		want.ActiveSince = storetest.Now()
		// What storing fills in.
		byKey := func(x, y entities.Entity) int { return cmpText(x.Key, y.Key) }
		slices.SortFunc(want.Entities, byKey)
		for i := range want.Entities {
			want.Entities[i].ID = got.Entities[i].ID
			want.Entities[i].Frequency = entities.Monthly
			if want.Entities[i].SessionDetail == "" {
				want.Entities[i].SessionDetail = entities.DetailCSV
			}
		}
		slices.Reverse(want.Stations[0].Owners)
		want.Stations[0].Kind, want.Stations[1].Kind = entities.Charging, entities.Charging
		for i := range want.Connectors {
			want.Connectors[i].ID = got.Connectors[i].ID
		}
		for i := range want.Tariffs.CostRates {
			want.Tariffs.CostRates[i].Version = 1
		}
		want.NumberRanges[0].Scope = numbering.ScopeIssuer
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		ids := map[int64]bool{}
		for _, e := range got.Entities {
			ids[e.ID] = true
		}
		if len(ids) != 4 || ids[0] {
			t.Errorf("ids of entities: %v", slices.Sorted(maps.Keys(ids)))
		}
	})
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func TestSavingTwiceChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network(), networkSettings()...)
		before, entries := configuration(t, s), count(t, s, "audit")
		for section, c := range save(t, open(), network(), networkSettings()...) {
			if c.Created+c.Updated > 0 || c.Unchanged == 0 {
				t.Errorf("%s: %+v", section, c)
			}
		}
		if diff := cmp.Diff(before, configuration(t, s)); diff != "" {
			t.Error(diff)
		}
		if got := count(t, s, "audit"); got != entries {
			t.Errorf("%d new audit entries", got-entries)
		}
	})
}

func TestSavingUpdatesWhatIsListedAndKeepsTheRest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		before := configuration(t, s)
		change := &creditnotes.Configuration{
			Entities:   []entities.Entity{{Key: "newco", Parent: "a", Name: "New", AlternateCredit: "a"}, before.Entities[1]},
			Stations:   []entities.Station{{Key: "ST-1", Name: "One", TimeZone: "Europe/Berlin", City: "Hamburg", Owners: []entities.Ownership{{From: "2023-01-01", Entity: "newco"}}}},
			Connectors: []entities.Connector{{EVSEID: "de*vlt*e1", Number: 1, Station: "ST-2"}},
		}
		change.Entities[1].Parent = "newco"
		changes := save(t, s, change)
		if got := changes["entities"]; got.Created != 1 || got.Updated != 1 {
			t.Errorf("entities: %+v", got)
		}
		after := configuration(t, s)
		if len(after.Entities) != 5 || len(after.Media) != 1 {
			t.Errorf("something is missing: %+v", after)
		}
		if got := after.Stations[0].Owners; len(got) != 1 || got[0].Entity != "newco" {
			t.Errorf("owners: %+v", got)
		}
		if got := after.Connectors[0]; got.ID != before.Connectors[0].ID || got.Station != "ST-2" || len(got.Tariffs) != 0 {
			t.Errorf("connector: %+v", got)
		}
		if got := after.Entities[1]; got.Key != "a1" || got.Parent != "newco" || got.ID != before.Entities[1].ID {
			t.Errorf("entity: %+v", got)
		}
		entries, err := s.Audit(t.Context(), store.AuditFilter{Subject: "ST-1", Limit: 1})
		if err != nil || len(entries) != 1 {
			t.Fatal(entries, err)
		}
		if e := entries[0]; e.Action != "station.updated" || e.Who != "test" || e.Before == "" || e.After == "" || e.Before == e.After {
			t.Errorf("audit: %+v", e)
		}
	})
}

func TestBrokenConfigurationChangesNothing(t *testing.T) {
	for name, breakIt := range map[string]struct {
		change func(c *creditnotes.Configuration)
		keys   []string
	}{
		"an owner and a parent nobody knows": {func(c *creditnotes.Configuration) {
			c.Stations[0].Owners[0].Entity = "nobody"
			c.Partners[0].CountryCode = "?"
		}, []string{"partner_id_invalid", "station_owner_unknown"}},
		"a tariff without its cost rate": {func(c *creditnotes.Configuration) { c.Tariffs.Community[0].Versions[0].Purchase = "none" }, nil},
		"ranges that collide":            {func(c *creditnotes.Configuration) { c.NumberRanges[1].Pattern = "GS-{YYYY}-{SEQ:5}" }, []string{"ranges_collide"}},
		"an unknown tax account":         {func(c *creditnotes.Configuration) { c.Entities[1].Taxes[0].Account = "x" }, []string{"entity_tax_account_unknown"}},
		"a layout that is not there":     {func(c *creditnotes.Configuration) { c.Entities[1].Layout = "winter" }, []string{"entity_layout_unknown"}},
		"a key that is listed twice":     {func(c *creditnotes.Configuration) { c.Media = append(c.Media, c.Media[0]) }, []string{"listed_twice"}},
		"another operator":               {func(c *creditnotes.Configuration) { c.Entities[2].Parent = "" }, []string{"operator_changes"}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, open func() *store.Store) {
				s := open()
				save(t, s, network())
				before, entries := configuration(t, s), count(t, s, "audit")
				c := network()
				c.Entities[1].Name = "Another name"
				breakIt.change(c)
				_, err := s.SaveConfiguration(t.Context(), "test", c, nil)
				var keys []string
				for _, f := range fault.Of(err) {
					keys = append(keys, f.Key)
				}
				slices.Sort(keys)
				if len(keys) == 0 || breakIt.keys != nil && !slices.Equal(keys, breakIt.keys) {
					t.Errorf("faults %v: %v", keys, err)
				}
				if diff := cmp.Diff(before, configuration(t, s)); diff != "" {
					t.Error(diff)
				}
				if got := count(t, s, "audit"); got != entries {
					t.Error("the audit log tells of what did not happen")
				}
			})
		})
	}
}

func TestRangeInUseKeepsItsNumbers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		run(t, s, "INSERT INTO number_counters (range_key, scope, period, first, next) VALUES ('gs', '', '2026', 42, 43)")
		c := &creditnotes.Configuration{NumberRanges: network().NumberRanges}
		if got := save(t, s, c)["number_ranges"]; got.Unchanged != 2 {
			t.Errorf("the same again: %+v", got)
		}
		c.NumberRanges[0].Next = 50
		if _, err := s.SaveConfiguration(t.Context(), "test", c, nil); !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "range_in_use" {
			t.Errorf("another next number: %v", err)
		}
		c = &creditnotes.Configuration{NumberRanges: network().NumberRanges}
		c.NumberRanges[0].Name, c.NumberRanges[0].Active = "Other", false
		if got := save(t, s, c)["number_ranges"]; got.Updated != 1 {
			t.Errorf("another name: %+v", got)
		}
	})
}

func TestPriceInUseGetsANewVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		change := func(rates ...tariffs.CostRate) []string {
			save(t, s, &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: rates}})
			var versions []string
			for _, r := range configuration(t, s).Tariffs.CostRates {
				if r.Key == "com" {
					from := "ever"
					if !r.ValidFrom.IsZero() {
						from = r.ValidFrom.Format(time.DateOnly)
					}
					versions = append(versions, fmt.Sprintf("%d from %s: %s", r.Version, from, r.Energy[0].PerKWh))
				}
			}
			return versions
		}
		check := func(what string, got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		check("unused", change(rate("com", 360_000, time.Time{})), "1 from ever: 0.36")
		run(t, s, `INSERT INTO price_paths (id, content) VALUES (1, '{"cost_rate":{"key":"com","version":1}}')`)
		check("the same", change(rate("com", 360_000, time.Time{})), "1 from ever: 0.36")
		check("in use", change(rate("com", 370_000, time.Time{})), "1 from ever: 0.36", "2 from 2026-10-31: 0.37")
		check("new version unused", change(rate("com", 380_000, time.Time{})), "1 from ever: 0.36", "2 from 2026-10-31: 0.38")
		later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
		all := change(rate("com", 400_000, later))
		check("dated", all, "1 from ever: 0.36", "2 from 2026-10-31: 0.38", "3 from 2026-12-31: 0.4")
		check("the one in force", change(rate("com", 380_000, time.Time{})), all...)
		check("all as exported", change(configuration(t, s).Tariffs.CostRates...), all...)
	})
}

func TestSettingsAreCheckedAndAudited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		set := func(pairs ...string) (int, error) {
			var list []creditnotes.Setting
			for i := 0; i < len(pairs); i += 2 {
				list = append(list, creditnotes.Setting{Key: pairs[i], Value: pairs[i+1]})
			}
			return s.SetSettings(t.Context(), "anna", list)
		}
		if n, err := set("community_discount_percent", "10", "mail", "true", "number_range", "gs"); err != nil || n != 2 {
			t.Fatalf("%d changed: %v", n, err)
		}
		if n, err := set("community_discount_percent", "10.0"); err != nil || n != 0 {
			t.Errorf("the same again: %d, %v", n, err)
		}
		_, err := set("community_discount_percent", "12", "number_range", "st", "tax_account", "none", "what", "1")
		if got := len(fault.Of(err)); got != 3 {
			t.Errorf("%d faults: %v", got, err)
		}
		settings, err := s.Settings(t.Context())
		if err != nil || settings.CommunityDiscount != 1000 || settings.NumberRange != "gs" {
			t.Errorf("%+v, %v", settings, err)
		}
		entries, err := s.Audit(t.Context(), store.AuditFilter{Who: "anna", Action: "setting"})
		if err != nil || len(entries) != 2 {
			t.Fatal(entries, err)
		}
		if e := entries[1]; e.Subject != "community_discount_percent" || e.Before != "0" || e.After != "10" {
			t.Errorf("%+v", e)
		}
	})
}

func run(t *testing.T, s *store.Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.WriteDB().Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestWhoHasSeenAnOlderConfigurationSavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		version := func() int64 {
			v, err := s.ConfigurationVersion(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if _, err := s.SaveConfiguration(ctx, "anna", network(), nil); err != nil {
			t.Fatal(err)
		}
		seen := version()
		change := func(name string) *creditnotes.Configuration {
			b := network().Entities[2]
			b.Name = name
			return &creditnotes.Configuration{Entities: []entities.Entity{b}}
		}
		if _, err := s.SaveConfigurationAt(ctx, "anna", seen, change("first"), nil); err != nil {
			t.Fatal(err)
		}
		before := configuration(t, s)
		_, err := s.SaveConfigurationAt(ctx, "olga", seen, change("second"), nil)
		if !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "configuration_changed" {
			t.Errorf("an older version was saved over: %v", err)
		}
		if diff := cmp.Diff(before, configuration(t, s)); diff != "" {
			t.Error(diff)
		}
	})
}
