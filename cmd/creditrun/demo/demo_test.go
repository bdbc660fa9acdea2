package demo

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"creditrun/entities"
	"creditrun/internal/intake"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// strangeConnector is the id of the connector that no station claims.
const strangeConnector = 1000

// days are todays for which everything promised must hold: ordinary ones, the
// first and the last of a month, behind a leap February, over a year's end.
var days = []string{"2026-01-01", "2026-03-31", "2026-05-15", "2026-08-20", "2026-11-02", "2026-12-31", "2028-05-01"}

func on(t *testing.T, day string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return entities.Date(day).In(zone).Add(15 * time.Hour)
}

func batches(t *testing.T, day string) [3]Batch {
	t.Helper()
	list, err := Batches(on(t, day))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMonthsAreTheLastThreeThatAreOver(t *testing.T) {
	for day, want := range map[string][3]entities.Month{
		"2026-11-02": {"2026-08", "2026-09", "2026-10"},
		"2026-01-01": {"2025-10", "2025-11", "2025-12"},
		"2026-03-31": {"2025-12", "2026-01", "2026-02"},
	} {
		if got := Months(on(t, day)); got != want {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
}

func TestTheSameDayGivesTheSameBytes(t *testing.T) {
	one, two, later := batches(t, "2026-11-02"), batches(t, "2026-11-02"), batches(t, "2026-11-30")
	for i := range one {
		if !bytes.Equal(one[i].CSV, two[i].CSV) || !bytes.Equal(one[i].CSV, later[i].CSV) {
			t.Errorf("%s is not the same every time", one[i].Name)
		}
	}
	if other := batches(t, "2026-12-01"); !bytes.Contains(other[0].CSV, []byte("\n20260915-")) {
		t.Error("a month later September is not the first month")
	}
}

// history is what a database would know of the sessions, kept simple.
type history struct {
	*world
	current  map[string]*sessions.Session
	versions map[string]int
	settled  map[string]bool // credited or excluded, in any version
	paid     map[string]int  // version
	counts   map[string]int
	owners   map[string]map[string]bool // currencies by owner
}

// receive takes a batch in.
func (h *history) receive(t *testing.T, b Batch) {
	t.Helper()
	n := 0
	for s, err := range intake.ReadCSV(b.Name, bytes.NewReader(b.CSV)) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if s.End.After(b.Delivered) {
			t.Errorf("%s: %s is reported before it ends", b.Name, s.ExternalID)
		}
		s.ConnectorID = strangeConnector
		if place := h.PlaceOf(s.EVSEID, s.Connector); place != nil {
			s.ConnectorID = place.Connector.ID
		}
		known := h.current[s.ExternalID]
		switch {
		case known == nil:
			if entities.MonthOf(s.End, h.Zone()).Before(b.Month) {
				h.counts["late"]++
			}
			if entities.MonthOf(s.Start, h.Zone()) != entities.MonthOf(s.End, h.Zone()) {
				h.counts["over month end"]++
			}
		case sessions.Fingerprint(known) == sessions.Fingerprint(&s):
			h.counts["duplicate"]++
			continue
		case h.paid[s.ExternalID] > 0:
			h.counts["correction"]++
			h.settled[s.ExternalID] = false
		default:
			h.counts["replaced before it was paid"]++
		}
		h.current[s.ExternalID] = &s
		h.versions[s.ExternalID]++
	}
	if n != b.Records {
		t.Errorf("%s: %d records, not %d", b.Name, n, b.Records)
	}
}

// run gives every open session of a month and before its outcome.
func (h *history) run(t *testing.T, m entities.Month) {
	t.Helper()
	var list []*sessions.Session
	for _, s := range h.current {
		if s.End.Before(m.End(h.Zone())) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, sessions.ByStart)
	var overlaps sessions.Overlaps
	pricer := h.book.Pricer()
	for _, s := range list {
		clash := overlaps.Check(s)
		if h.settled[s.ExternalID] {
			continue
		}
		place := h.Place(s.ConnectorID)
		var owner *entities.Entity
		if place != nil {
			owner = place.Owner(s.Start)
		}
		if reason := sessions.Exclude(s, h.settings.StartDate.In(h.Zone()), owner == h.Operator()); reason != "" {
			h.settled[s.ExternalID] = true
			h.counts[string(reason)]++
			continue
		}
		h.counts[h.fate(t, s, place, owner, clash, pricer)]++
	}
}

// outcome prices a session that nothing is wrong with, or says what is.
func (h *history) fate(t *testing.T, s *sessions.Session, place *entities.Place, owner *entities.Entity, clash sessions.Clash, pricer *tariffs.Pricer) string {
	t.Helper()
	at := sessions.Circumstances{Known: place != nil, Owned: owner != nil, Overlaps: clash.By, Limits: h.settings.Limits}
	if place != nil {
		at.Power = place.Connector.MaxPowerKW
	}
	if reason, _ := sessions.Check(s, &at); reason != "" {
		return string(reason)
	}
	var d tariffs.Decision
	if err := pricer.Price(s, place, &d); err != nil {
		t.Fatal(err)
	}
	if !d.Priced {
		return "unpriced " + string(d.Class)
	}
	h.settled[s.ExternalID], h.paid[s.ExternalID] = true, h.versions[s.ExternalID]
	if h.owners[owner.Key] == nil {
		h.owners[owner.Key] = map[string]bool{}
	}
	if d.Total > 0 {
		h.owners[owner.Key][d.Currency] = true
	}
	for component, amount := range map[string]bool{"time": d.Time > 0, "fee": d.Fee > 0} {
		if amount {
			h.counts[component]++
		}
	}
	h.counts[fmt.Sprintf("%s by %s", d.Class, d.Rule)]++
	if d.Total == 0 {
		return "priced at zero"
	}
	return "credited"
}

func TestEverythingPromisedHappens(t *testing.T) {
	for _, day := range days {
		t.Run("seen from "+day, func(t *testing.T) {
			h := &history{
				world: newWorld(t), current: map[string]*sessions.Session{}, versions: map[string]int{},
				settled: map[string]bool{}, paid: map[string]int{}, counts: map[string]int{}, owners: map[string]map[string]bool{},
			}
			records := 0
			for i, b := range batches(t, day) {
				before := h.counts["late"]
				h.receive(t, b)
				if i > 0 && h.counts["late"]-before < 5 {
					t.Errorf("%s: hardly anything is late", b.Month)
				}
				records += b.Records
				h.run(t, b.Month)
			}
			if records < 5000 || records > 5600 {
				t.Errorf("%d records", records)
			}
			h.complete(t)
		})
	}
}

func (h *history) complete(t *testing.T) {
	t.Helper()
	for what, least := range map[string]int{
		"late": 20, "over month end": 3, "duplicate": 5, "correction": 4, "replaced before it was paid": 3,
		"before_start_date": 3, "operator_owned": 20, "no_owner": 6,
		// These are held by every run from their month on: 1 + 2 + 3 times as many as a month has.
		"invalid": 6 * 5, "unknown_connector": 6 * 3, "unpriced internal": 6 * 3, "unpriced bilateral": 6 * 3,
		"end_before_start": 6, "negative_energy": 6, "too_long": 6, "too_much_energy": 6, "overlap": 6,
		"priced at zero": 50, "credited": 4000, "time": 20, "fee": 300,
		"community by community_tariff": 1000, "community by charge_point_tariff": 500,
		"internal by charge_point_tariff": 200, "bilateral by charge_point_tariff": 100,
	} {
		if h.counts[what] < least {
			t.Errorf("%s: %d, less than %d", what, h.counts[what], least)
		}
	}
	for what, is := range map[string]bool{
		"an owner without sessions":       h.owners["buergerenergie"] == nil,
		"an owner who gets nothing":       h.owners["gemeinde"] != nil && len(h.owners["gemeinde"]) == 0,
		"an owner with two currencies":    h.owners["ricarica"]["CHF"] && h.owners["ricarica"]["EUR"],
		"everybody else is paid in euros": len(h.owners) == len(h.file.Entities)-1,
	} {
		if !is {
			t.Errorf("not true: %s (%v)", what, h.owners)
		}
	}
}

func TestTheMonthThatHasBegunFollowsOnTheLastBatch(t *testing.T) {
	for _, day := range days {
		now := on(t, day)
		batch, err := SoFar(now)
		if err != nil {
			t.Fatal(err)
		}
		if batch.Month != entities.MonthOf(now, now.Location()) {
			t.Errorf("%s: the month that has begun is %s", day, batch.Month)
		}
		current := 0
		for s, err := range intake.ReadCSV(batch.Name, bytes.NewReader(batch.CSV)) {
			if err != nil {
				t.Fatal(err)
			}
			if s.End.After(now) {
				t.Errorf("%s: session %s ends in the future", day, s.ExternalID)
			}
			if batch.Month.Contains(s.End, now.Location()) {
				current++
			}
		}
		if now.Day() > 1 && current == 0 {
			t.Errorf("%s: no session of %s", day, batch.Month)
		}
	}
}
