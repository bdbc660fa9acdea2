package memory_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

func inMemory(_ *testing.T, now func() time.Time) func() creditnotestest.Store {
	s := memory.New(now)
	return func() creditnotestest.Store { return s.Another() }
}

func TestStoriesInMemory(t *testing.T) { creditnotestest.Stories(t, inMemory) }

func TestContractInMemory(t *testing.T) { creditnotestest.Contract(t, inMemory) }

func TestADataThatIsLookedAtIsACopy(t *testing.T) {
	s := memory.New(func() time.Time { return time.Date(2026, 10, 31, 19, 0, 0, 0, time.UTC) })
	meter := money.Quantity(5)
	list := []sessions.Session{creditnotestest.Charge("S-1", "ST-1", "2026-10-03 10:00", "10", func(s *sessions.Session) { s.MeterStart = &meter })}
	if err := s.TakeSessions(t.Context(), list, false); err != nil {
		t.Fatal(err)
	}
	meter = 6
	d := s.Look()
	*d.Sessions[0].MeterStart = 7
	d.Assets["x"], d.IDs["session"] = []byte("x"), 99
	if again := s.Look(); *again.Sessions[0].MeterStart != 5 || len(again.Assets) != 0 || again.IDs["session"] != 2 {
		t.Errorf("%+v", again)
	}
	if _, err := s.Count(t.Context(), "nothing"); err == nil {
		t.Error("there is a table of nothing")
	}
}

func TestATransactionThatFailsChangesNothing(t *testing.T) {
	s := memory.New(func() time.Time { return time.Date(2026, 10, 31, 19, 0, 0, 0, time.UTC) })
	if err := s.SaveConfiguration(t.Context(), "admin", creditnotestest.SmallNetwork()); err != nil {
		t.Fatal(err)
	}
	before := s.Look()
	broken := creditnotestest.SmallNetwork()
	broken.Entities[0].Name, broken.Entities[1].Parent = "Another", "unknown"
	if err := s.SaveConfiguration(t.Context(), "admin", broken); err == nil {
		t.Error("an entity without a parent is saved")
	}
	err := s.SetSettings(t.Context(), "admin", []creditnotes.Setting{{Key: "mail", Value: "false"}, {Key: "tax_account", Value: "nothing"},
		{Key: "number_range", Value: "nothing"}, {Key: "mail", Value: "maybe"}})
	creditnotestest.Says(t, err, "setting_tax_account_unknown", "setting_range_unknown", "setting_value")
	if diff := gocmp.Diff(before, s.Look()); diff != "" {
		t.Error(diff)
	}
}

func TestARecordUnderTheIDOfAnotherSessionIsKeptBesideIt(t *testing.T) {
	s := memory.New(func() time.Time { return time.Date(2026, 10, 31, 19, 0, 0, 0, time.UTC) })
	take := func(list ...sessions.Session) {
		t.Helper()
		if err := s.TakeSessions(t.Context(), list, false); err != nil {
			t.Fatal(err)
		}
	}
	changed := func(at time.Time) func(*sessions.Session) {
		return func(s *sessions.Session) { s.UpdatedAt = at }
	}
	noon := time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)
	take(creditnotestest.Charge("S-1", "ST-1", "2026-10-03 10:00", "10", changed(noon)))
	take(creditnotestest.Charge("S-1", "ST-1", "2026-10-03 10:00", "11", changed(noon.Add(-time.Hour)))) // older
	take(creditnotestest.Charge("S-1", "ST-1", "2026-10-06 10:00", "12"))                                // another session
	found, err := s.FindSessions(t.Context(), "S-1~2")
	if err != nil || len(found) != 1 || !found[0].IDReused || found[0].ReusedID != "S-1" {
		t.Errorf("%+v, %v", found, err)
	}
	_, refused, err := s.ReleaseSessions(t.Context(), "anna", []int64{found[0].ID, 99}, "")
	if err != nil || refused[found[0].ID].Key != "session_id_reused" || refused[99].Key != "session_not_found" {
		t.Errorf("%+v, %v", refused, err)
	}
	take(creditnotestest.Charge("S-1", "ST-1", "2026-10-03 10:00", "13", changed(noon.Add(time.Hour))))
	take(creditnotestest.Charge("S-1", "ST-1", "2026-10-03 10:00", "10", changed(noon.Add(2*time.Hour)))) // as it was, says the source
	if found, err = s.FindSessions(t.Context(), "S-1"); err != nil || len(found) != 3 || found[0].Energy != 10_000_000 || found[0].Version != 3 {
		t.Errorf("%+v, %v", found, err)
	}
}
