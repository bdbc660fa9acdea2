package store_test

import (
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

var berlin = time.FixedZone("CET", 3600)

func session(id string, energy money.Quantity) sessions.Session {
	start := time.Date(2026, 10, 3, 12, 0, 0, 123456789, berlin)
	return sessions.Session{
		Source: "csv", ExternalID: id, EVSEID: "DE*VLT*E1", Connector: 1, Start: start, End: start.Add(time.Hour), Duration: 3600,
		Energy: energy, Status: sessions.Valid, Class: sessions.Community, Partner: "DE*ABC",
	}
}

func reversal(id string) sessions.Session {
	s := session(id, 99)
	s.Reversed = true
	return s
}

// from is a source of what is given: sessions and errors.
func from(list ...any) iter.Seq2[sessions.Session, error] {
	return func(yield func(sessions.Session, error) bool) {
		for _, one := range list {
			var goOn bool
			switch one := one.(type) {
			case sessions.Session:
				goOn = yield(one, nil)
			case error:
				goOn = yield(sessions.Session{}, one)
			}
			if !goOn {
				return
			}
		}
	}
}

func badRecord() error {
	return fault.New(fault.Invalid, "bad", fault.Args{"record": "x", "line": 2})
}

func take(t *testing.T, s *store.Store, list ...any) store.ImportResult {
	t.Helper()
	result, err := s.ImportSessions(t.Context(), "test", from(list...), store.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// versions lists what is stored of a session, the current version first.
func versions(t *testing.T, s *store.Store, id string) []sessions.Session {
	t.Helper()
	list, err := s.FindSessions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSameSessionIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		if got := take(t, s, session("S-1", 5), session("S-2", 5), session("S-1", 5)); got != (store.ImportResult{New: 2, Unchanged: 1}) {
			t.Errorf("%+v", got)
		}
		again := session("S-1", 5)
		again.Start, again.End = again.Start.UTC(), again.End.UTC()
		if got := take(t, open(), again); got != (store.ImportResult{Unchanged: 1}) {
			t.Errorf("%+v", got)
		}
		if n := count(t, s, "sessions"); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestCorrectedSessionIsANewVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		take(t, s, session("S-1", 5))
		first := versions(t, s, "S-1")[0]
		if err := s.ReleaseSession(t.Context(), "anna", first.ID, "checked"); err != nil {
			t.Fatal(err)
		}
		// Twice in one file: both versions count, in their order.
		if got := take(t, s, session("S-1", 6), session("S-1", 7), session("S-2", 1)); got != (store.ImportResult{New: 1, Corrected: 2}) {
			t.Errorf("%+v", got)
		}
		got := versions(t, s, "S-1")
		if len(got) != 3 {
			t.Fatalf("%d versions", len(got))
		}
		for i, want := range []money.Quantity{7, 6, 5} {
			if v := got[i]; v.Energy != want || v.Version != 3-i || v.Released != (i == 2) {
				t.Errorf("version %+v", v)
			}
		}
		if got[0].ID == got[1].ID || got[0].EVSEID != "DE*VLT*E1" || got[0].Connector != 1 {
			t.Errorf("%+v", got[0])
		}
	})
}

func TestReversalIsFinal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		take(t, s, session("S-1", 5))
		credit := reversal("S-1")
		credit.EVSEID, credit.Start = "", time.Time{}
		if got := take(t, s, credit, credit, session("S-1", 5), session("S-1", 6)); got != (store.ImportResult{Corrected: 1, Unchanged: 3}) {
			t.Errorf("%+v", got)
		}
		v := versions(t, s, "S-1")
		if !v[0].Reversed || v[0].Energy != 0 || v[0].EVSEID != "DE*VLT*E1" || !v[0].Start.Equal(v[1].Start) || v[1].Reversed {
			t.Errorf("%+v", v)
		}
		if got := take(t, s, reversal("S-9"), session("S-9", 5)); got != (store.ImportResult{New: 1, Unchanged: 1}) {
			t.Errorf("of an unknown session: %+v", got)
		}
		if v := versions(t, s, "S-9"); len(v) != 1 || !v[0].Reversed {
			t.Errorf("%+v", v)
		}
	})
}

func TestFileWithOneBadRecordIsRefusedWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		result, err := s.ImportSessions(t.Context(), "test", from(session("S-1", 5), badRecord(), session("S-2", 5), badRecord()), store.ImportOptions{})
		if got := len(fault.Of(err)); got != 2 || result != (store.ImportResult{Rejected: 2}) {
			t.Errorf("%d faults, %+v, %v", got, result, err)
		}
		if n := count(t, s, "sessions"); n != 0 {
			t.Errorf("%d sessions are there all the same", n)
		}
		var heard int
		options := store.ImportOptions{KeepGoing: true, Rejected: func(error) { heard++ }}
		result, err = s.ImportSessions(t.Context(), "test", from(session("S-1", 5), badRecord(), session("S-2", 5)), options)
		if err != nil || heard != 1 || result != (store.ImportResult{New: 2, Rejected: 1}) {
			t.Errorf("keeping going: %+v, %v, heard %d", result, err, heard)
		}
		stop := errors.New("the file ends here")
		if _, err := s.ImportSessions(t.Context(), "test", from(session("S-3", 5), stop), options); !errors.Is(err, stop) {
			t.Errorf("a file that breaks off: %v", err)
		}
	})
}

func TestSessionsFindTheirConnector(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		lower := session("S-1", 5)
		lower.EVSEID = "de*vlt*e1"
		unknown := session("S-2", 5)
		unknown.EVSEID, unknown.Connector = "DE*XXX*E7", 3
		take(t, s, lower, unknown)
		save(t, s, network())
		if n := count(t, s, "connectors"); n != 3 {
			t.Errorf("%d connectors", n)
		}
		c := configuration(t, s)
		if len(c.Connectors) != 2 || c.Connectors[0].ID != versions(t, s, "S-1")[0].ConnectorID || c.Connectors[0].EVSEID != "DE*VLT*E1" {
			t.Errorf("the network did not claim the connector: %+v", c.Connectors)
		}
	})
}

func TestTimesAreStoredInUTC(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		take(t, s, session("S-1", 5))
		got := versions(t, s, "S-1")[0]
		want := time.Date(2026, 10, 3, 11, 0, 0, 123456000, time.UTC)
		if got.Start != want || got.End.Location() != time.UTC || got.ReceivedAt != storetest.Now() {
			t.Errorf("start %v, end %v, received %v", got.Start, got.End, got.ReceivedAt)
		}
		var n int
		bound := want.In(time.FixedZone("", -11*3600))
		err := s.InTx(t.Context(), func(tx *store.TestTx) error {
			return tx.ScanRow("SELECT count(*) FROM sessions WHERE started_at = $1", []any{bound}, &n)
		})
		if err != nil || n != 1 {
			t.Errorf("a bound in another zone finds %d, %v", n, err)
		}
	})
}

func TestInvalidSessionStaysInvalidWhenSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		take(t, s, session("S-1", 5))
		id := versions(t, s, "S-1")[0].ID
		if err := s.InvalidateSession(t.Context(), "anna", id, "test charge"); err != nil {
			t.Fatal(err)
		}
		if got := take(t, s, session("S-1", 5)); got.Unchanged != 1 {
			t.Errorf("%+v", got)
		}
		v := versions(t, s, "csv/S-1")
		if len(v) != 2 || v[0].Status != sessions.Invalid || v[1].Status != sessions.Valid {
			t.Errorf("%+v", v)
		}
		if err := s.InvalidateSession(t.Context(), "anna", id, "again"); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		if err := s.ReleaseSession(t.Context(), "anna", v[0].ID, "after all"); err != nil {
			t.Error(err)
		}
		entries, err := s.Audit(t.Context(), store.AuditFilter{Who: "anna", Subject: "csv/S-1"})
		if err != nil || len(entries) != 2 || entries[0].Action != "session.released" || entries[1].Action != "session.invalidated" {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

func TestCreditedSessionIsNotReleased(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		take(t, s, session("S-1", 5))
		id := versions(t, s, "S-1")[0].ID
		run(t, s, fmt.Sprintf(`INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live)
			VALUES (1, 1, 1, %d, 1, 'credit', 5, 0, 0, 0, true)`, id))
		for _, change := range []func() error{
			func() error { return s.ReleaseSession(t.Context(), "anna", id, "") },
			func() error { return s.InvalidateSession(t.Context(), "anna", id, "") },
		} {
			if err := change(); !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "session_credited" {
				t.Errorf("%v", err)
			}
		}
		if err := s.ReleaseSession(t.Context(), "anna", 99, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown session: %v", err)
		}
	})
}

func TestSessionsAreListedByMonthAndState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		late := session("S-3", 5)
		late.Start, late.End = late.Start.AddDate(0, 1, 0), late.End.AddDate(0, 1, 0)
		take(t, s, session("S-2", 5), session("S-1", 5), late, session("S-1", 6))
		id := versions(t, s, "S-2")[0].ID
		run(t, s, fmt.Sprintf(`INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live)
			VALUES (NULL, 1, 1, %d, 0, 'excluded', 5, 0, 0, 0, true)`, id))
		list := func(f creditnotes.SessionFilter) (ids []string) {
			for row, err := range s.EachSession(t.Context(), f) {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, row.Session.ExternalID+":"+string(row.State))
			}
			return ids
		}
		october := creditnotes.SessionFilter{From: time.Date(2026, 10, 1, 0, 0, 0, 0, berlin), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, berlin)}
		check := func(f creditnotes.SessionFilter, want string) {
			t.Helper()
			if got := fmt.Sprint(list(f)); got != want {
				t.Errorf("%+v: %s, want %s", f, got, want)
			}
		}
		check(creditnotes.SessionFilter{}, "[S-2:excluded S-1:open S-3:open]")
		check(october, "[S-2:excluded S-1:open]")
		october.State = creditnotes.SessionExcluded
		check(october, "[S-2:excluded]")
		check(creditnotes.SessionFilter{State: creditnotes.SessionOpen}, "[S-1:open S-3:open]")
		check(creditnotes.SessionFilter{Connectors: []int64{77}}, "[]")
		check(creditnotes.SessionFilter{Connectors: []int64{}}, "[]")
		check(creditnotes.SessionFilter{Matches: func(s *sessions.Session) bool { return s.ExternalID == "S-3" }}, "[S-3:open]")
	})
}
