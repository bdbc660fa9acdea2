package creditnotestest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Paid says what the driver was charged.
func Paid(amount string) func(*sessions.Session) {
	return func(s *sessions.Session) {
		v, _ := money.ParseMicros(amount)
		s.DriverAmount, s.Currency = &v, "EUR"
	}
}

// CollectedOn says that the money of the driver arrived at noon of a day.
func CollectedOn(day string) func(*sessions.Session) {
	return func(s *sessions.Session) { s.CollectedAt = noon(day) }
}

func noon(day string) time.Time {
	t, _ := time.Parse(time.DateOnly, day)
	return t.Add(12 * time.Hour)
}

// tellVersions tells the versions of a session, the earliest first: driver
// amount, day of the collection, minutes since a time at which it became known,
// the version that it is the same charge as, and whether it is released.
func (w *World) tellVersions(id string, since time.Time) string {
	w.T.Helper()
	versions, err := w.Store.FindSessions(w.T.Context(), id)
	w.must(err)
	number := map[int64]int{}
	for _, v := range versions {
		number[v.ID] = v.Version
	}
	var b strings.Builder
	for i := range versions {
		v := &versions[len(versions)-1-i]
		fmt.Fprintf(&b, "%d", v.Version)
		if v.DriverAmount != nil {
			fmt.Fprintf(&b, " %s", strings.TrimSuffix(strings.TrimRight(v.DriverAmount.String(), "0"), "."))
		}
		if !v.CollectedAt.IsZero() {
			fmt.Fprintf(&b, " collected %s known %d", v.CollectedAt.Format(time.DateOnly), int(v.CollectionKnownAt.Sub(since).Minutes()))
		}
		if v.SameAs != 0 {
			fmt.Fprintf(&b, " same as %d", number[v.SameAs])
		}
		if v.Released {
			b.WriteString(" released")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func collectionsBelongToSessions(t *testing.T, w *World) {
	ctx, s := t.Context(), w.Store
	start := w.Now
	charge := func(changes ...func(*sessions.Session)) sessions.Session {
		return Charge("S-1", "ST-1", "2026-10-03 10:00", "10", changes...)
	}
	w.Charged(charge(Paid("4.90")))
	w.Charged(charge(Paid("4.90"), CollectedOn("2026-10-05"))) // a collection and no version
	w.Charged(charge(Paid("4.90"), CollectedOn("2026-10-09"))) // known already
	Same(t, w.tellVersions("S-1", start), "1 4.9 collected 2026-10-05 known 3\n")
	w.Charged(charge(Paid("4.90"))) // never taken back
	w.Charged(charge(Paid("5.10")))
	Same(t, w.tellVersions("S-1", start), `
		1 4.9 collected 2026-10-05 known 3
		2 5.1 collected 2026-10-05 known 3 same as 1
	`)

	w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "10", Paid("4.90"), Invalid))
	w.must(w.Release("S-2", "checked"))
	w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "10", Paid("4.00"), Invalid))
	w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "10", Invalid))
	w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "11", CollectedOn("2026-10-06"))) // it is written on all versions
	w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "11", Paid("4.20")))
	w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "0", Reversed))
	Same(t, w.tellVersions("S-2", start), `
		1 4.9 collected 2026-10-06 known 17 released
		2 4 collected 2026-10-06 known 17 same as 1 released
		3 collected 2026-10-06 known 17 same as 1 released
		4 collected 2026-10-06 known 17
		5 4.2 collected 2026-10-06 known 17 same as 4
		6 collected 2026-10-06 known 17
	`)

	// In one file: what comes later, whatever it is, belongs to the session.
	w.Charged(
		Charge("S-3", "ST-1", "2026-10-05 10:00", "10", Paid("4.90"), changedAt(1)),
		Charge("S-3", "ST-1", "2026-10-05 10:00", "10", Paid("5.00"), changedAt(2)),
		Charge("S-3", "ST-1", "2026-10-05 10:00", "10", Paid("5.00"), CollectedOn("2026-10-06"), changedAt(3)),
		Charge("S-3", "ST-1", "2026-10-05 10:00", "10", Paid("5.50"), changedAt(4)))
	Same(t, w.tellVersions("S-3", start), `
		1 4.9 collected 2026-10-06 known 23
		2 5 collected 2026-10-06 known 23 same as 1
		3 5.5 collected 2026-10-06 known 23 same as 1
	`)

	amount := func(text string) *money.Micros { v, _ := money.ParseMicros(text); return &v }
	w.Charged(Charge("S-4", "ST-1", "2026-10-06 10:00", "10", Paid("4.90")), Charge("S-5", "ST-1", "2026-10-07 10:00", "10"))
	if err := s.TakeCollections(ctx, []sessions.Collection{
		{Source: "csv", ExternalID: "S-5", At: noon("2026-10-08"), Amount: amount("1.00")},
		{Source: "csv", ExternalID: "S-4", At: noon("2026-10-08"), Amount: amount("4.89")},
	}); err == nil {
		t.Error("a part payment was taken for a collection")
	}
	if err := s.TakeCollections(ctx, []sessions.Collection{{Source: "ocpi", ExternalID: "S-4", At: noon("2026-10-08")}}); err == nil {
		t.Error("a session that is not there was collected")
	}
	Same(t, w.tellVersions("S-5", start), "1\n")
	w.must(s.TakeCollections(ctx, []sessions.Collection{
		{Source: "csv", ExternalID: "S-4", At: noon("2026-10-08"), Amount: amount("4.9")},
		{Source: "csv", ExternalID: "S-5", At: noon("2026-10-08")},
	}))
	Same(t, w.tellVersions("S-4", start)+w.tellVersions("S-5", start), `
		1 4.9 collected 2026-10-08 known 26
		1 collected 2026-10-08 known 26
	`)
}

// changedAt says when the source changed a record: minutes after an instant.
func changedAt(minutes int) func(*sessions.Session) {
	return func(s *sessions.Session) { s.UpdatedAt = noon("2026-10-07").Add(time.Duration(minutes) * time.Minute) }
}
