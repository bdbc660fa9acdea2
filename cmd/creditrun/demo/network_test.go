package demo

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/intake"
	"creditrun/tariffs"
)

// world is the network as a run sees it.
type world struct {
	*entities.Network
	file     *intake.Network
	settings creditnotes.Settings
	book     *tariffs.Book
}

func newWorld(t *testing.T) *world {
	t.Helper()
	file, err := intake.ReadNetwork(NetworkName, bytes.NewReader(Network()))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{file: file, settings: creditnotes.DefaultSettings()}
	for _, s := range file.Settings {
		if err := w.settings.Set(s.Key, s.Value); err != nil {
			t.Fatal(err)
		}
	}
	list := append([]entities.Entity{file.Operator}, file.Entities...)
	for i := range list {
		list[i].ID = int64(i + 1)
	}
	for i := range file.Connectors {
		file.Connectors[i].ID = int64(i + 1)
	}
	for i := range file.Tariffs.CostRates { // as when stored
		file.Tariffs.CostRates[i].Version = i + 1
	}
	if w.Network, err = entities.NewNetwork(list, file.Stations, file.Connectors, file.Media, file.Partners); err != nil {
		t.Fatal(err)
	}
	if w.book, err = tariffs.NewBook(file.Tariffs, w.Network, w.settings.CommunityDiscount); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTheNetworkIsAsBelievableAsPromised(t *testing.T) {
	w := newWorld(t)
	languages, depth, alternate := map[string]bool{}, 0, 0
	zones, powers := map[string]bool{}, map[entities.PowerType]bool{}
	treatments := map[string]int{}
	for _, e := range w.file.Entities {
		languages[e.Language] = true
		level := 0
		for up := w.Tree.Entity(e.Key); up.Parent != ""; up = w.Tree.Entity(up.Parent) {
			level++
		}
		depth = max(depth, level)
		if e.AlternateCredit != "" {
			alternate++
		}
		for _, treatment := range e.Taxes {
			treatments[treatment.Account]++
		}
	}
	for _, s := range w.file.Stations {
		zones[s.TimeZone] = true
	}
	for _, c := range w.file.Connectors {
		powers[c.PowerType] = true
	}
	for what, is := range map[string]bool{
		"about fifteen Sub-CPOs":       len(w.file.Entities) >= 14 && len(w.file.Entities) <= 17,
		"three levels":                 depth == 3,
		"two alternate addresses":      alternate == 2,
		"a small business":             treatments["small-business"] == 1,
		"reverse charge":               treatments["reverse-charge"] >= 2,
		"four languages":               languages["de"] && languages["en"] && languages["fr"] && languages["it"],
		"44 stations":                  len(w.file.Stations) == 44,
		"a station in London":          zones["Europe/London"],
		"AC and DC":                    powers[entities.AC] && powers[entities.DC],
		"active, mailing, by itself":   w.settings.Active && w.settings.Mail && w.settings.Release == creditnotes.ReleaseAutomatic,
		"no zero notes":                !w.settings.CreateZeroNotes,
		"10 % discount":                w.settings.CommunityDiscount.String() == "10",
		"payment terms in 4 languages": len(w.settings.PaymentTerms.Text) == 4,
		"contracts":                    len(w.file.Contracts) == 3,
		"fee invoices have numbers":    w.settings.InvoiceRange != "" && w.settings.FeeTaxAccount != "",
	} {
		if !is {
			t.Errorf("not true: %s", what)
		}
	}
}

func TestMasterDataHasNoFlaw(t *testing.T) {
	w := newWorld(t)
	for _, e := range w.Tree.Walk() {
		for _, f := range e.Check() {
			t.Errorf("%s: %v", e.Key, f)
		}
		if _, err := w.Tree.Recipient(e); err != nil {
			t.Errorf("%s: %v", e.Key, err)
		}
		for _, f := range w.Tree.AddressWarnings(e) {
			t.Errorf("%s: %v", e.Key, f)
		}
		if len(e.Emails) == 0 || !e.HasAddress() {
			t.Errorf("%s: cannot be mailed to", e.Key)
		}
		if e.AlternateCredit == "" && e.Bank.IBAN == "" {
			t.Errorf("%s: no account", e.Key)
		}
	}
}

func TestARunMayBegin(t *testing.T) {
	w := newWorld(t)
	config := &creditnotes.Configuration{
		Entities: append([]entities.Entity{w.file.Operator}, w.file.Entities...), Stations: w.file.Stations,
		Connectors: w.file.Connectors, Media: w.file.Media, Partners: w.file.Partners, Tariffs: w.file.Tariffs,
		TaxAccounts: w.file.TaxAccounts, NumberRanges: w.file.NumberRanges, Contracts: w.file.Contracts, Settings: w.settings,
	}
	if err := creditnotes.Ready(config); err != nil {
		t.Error(err)
	}
	if _, err := creditnotes.NewPlan(config, "2026-10-31"); err != nil {
		t.Error(err)
	}
}

func TestTheReadinessCheckHasLittleToSayOfTheTariffs(t *testing.T) {
	w := newWorld(t)
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, w.Zone())
	var keys []string
	for _, f := range w.book.Check(from, from.AddDate(0, 1, 0), w.file.Media) {
		keys = append(keys, f.Key)
	}
	want := []string{"only_community", "charge_point_tariff_without_sales", "charge_point_tariff_without_purchase", "media_without_sales_tariff"}
	if keys = slices.Compact(keys); !slices.Equal(keys, want) {
		t.Errorf("findings: %v, want %v", keys, want)
	}
}

func TestEveryPlaceHasHabits(t *testing.T) {
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.places {
		if habitsByKind[p.kind()] == nil {
			t.Errorf("%s: nobody knows how people charge there", p.station)
		}
		if len(p.habits.arrivals) != 24 {
			t.Errorf("%s: a day of %d hours", p.station, len(p.habits.arrivals))
		}
	}
	for _, o := range offline {
		if w := newWorld(t); w.Station(o) == nil {
			t.Errorf("no station %s", o)
		}
	}
}
