package store_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// stored lists the current sessions: id, energy, and whether a person has to
// decide about the id.
func stored(t *testing.T, s *store.Store) string {
	t.Helper()
	rows, err := s.ReadDB().Query("SELECT external_id, energy, id_reused, reversed FROM sessions WHERE current ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var id string
		var energy int64
		var reused, reversed bool
		if err := rows.Scan(&id, &energy, &reused, &reversed); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s=%d", id, energy)
		if reused {
			b.WriteString("?")
		}
		if reversed {
			b.WriteString("-")
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String())
}

func TestRecordsUnderOneIDAreToldApart(t *testing.T) {
	at := func(evse string, days int, energy money.Quantity) sessions.Session {
		s := session("S", energy)
		s.EVSEID = "DE*VLT*" + evse
		s.Start, s.End = s.Start.AddDate(0, 0, days), s.End.AddDate(0, 0, days)
		return s
	}
	credit := func(s sessions.Session) sessions.Session { s.Reversed = true; return s }
	nextDay := at("E1", 1, 6) // exactly 24 h later
	later := at("E1", 1, 6)
	later.Start = later.Start.Add(time.Microsecond)
	for claim, c := range map[string]struct {
		list []any
		want string
	}{
		"another energy corrects":                    {[]any{at("E1", 0, 5), at("E1", 0, 6)}, "S=6"},
		"exactly a day later corrects":               {[]any{at("E1", 0, 5), nextDay}, "S=6"},
		"more than a day later waits":                {[]any{at("E1", 0, 5), later}, "S=5 S~2=6?"},
		"a day before waits":                         {[]any{at("E1", 0, 5), at("E1", -2, 6)}, "S=5 S~2=6?"},
		"another connector waits":                    {[]any{at("E1", 0, 5), at("E2", 0, 6)}, "S=5 S~2=6?"},
		"a replay of what waits changes nothing":     {[]any{at("E1", 0, 5), at("E2", 0, 6), at("E2", 0, 6), at("E1", 0, 5)}, "S=5 S~2=6?"},
		"a third one waits beside both":              {[]any{at("E1", 0, 5), at("E2", 0, 6), at("E3", 0, 7)}, "S=5 S~2=6? S~3=7?"},
		"what waits may be corrected":                {[]any{at("E1", 0, 5), at("E2", 0, 6), at("E2", 0, 7)}, "S=5 S~2=7?"},
		"the first may be corrected, too":            {[]any{at("E1", 0, 5), at("E2", 0, 6), at("E1", 0, 7)}, "S~2=6? S=7"},
		"a credit CDR takes back what it describes":  {[]any{at("E1", 0, 5), at("E2", 0, 6), credit(at("E2", 0, 6))}, "S=5 S~2=0-"},
		"or the first":                               {[]any{at("E1", 0, 5), at("E2", 0, 6), credit(at("E1", 0, 5))}, "S~2=6? S=0-"},
		"one that describes neither waits":           {[]any{at("E1", 0, 5), at("E2", 0, 6), credit(at("E3", 0, 6))}, "S=5 S~2=6? S~3=0?-"},
		"of one session it takes back that":          {[]any{at("E1", 0, 5), credit(at("E3", 0, 6))}, "S=0-"},
		"an id used again after a reversal waits":    {[]any{at("E1", 0, 5), credit(at("E1", 0, 5)), at("E1", 40, 6)}, "S=0- S~2=6?"},
		"the reversed session itself stays reversed": {[]any{at("E1", 0, 5), credit(at("E1", 0, 5)), at("E1", 0, 6)}, "S=0-"},
	} {
		t.Run(claim, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, open func() *store.Store) {
				together, apart := open(), open()
				for _, one := range c.list { // file by file
					take(t, apart, one)
				}
				if got := stored(t, apart); got != c.want {
					t.Errorf("file by file: %s, want %s", got, c.want)
				}
				run(t, together, "DELETE FROM sessions")
				take(t, together, c.list...)
				if got := stored(t, together); got != c.want {
					t.Errorf("in one go: %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestTheSourcesOwnClockOrdersVersions(t *testing.T) {
	changed := func(energy money.Quantity, hour int) sessions.Session {
		s := session("S", energy)
		if hour > 0 {
			s.UpdatedAt = s.End.Add(time.Duration(hour) * time.Hour)
		}
		return s
	}
	for claim, c := range map[string]struct {
		list []any
		want string
	}{
		"an older record is ignored":                         {[]any{changed(5, 2), changed(6, 1)}, "S=5"},
		"a later one corrects":                               {[]any{changed(5, 1), changed(6, 2)}, "S=6"},
		"what was so before is so again":                     {[]any{changed(5, 1), changed(6, 2), changed(5, 3)}, "S=5"},
		"a replay is not":                                    {[]any{changed(5, 1), changed(6, 2), changed(5, 1)}, "S=6"},
		"without a time other content corrects":              {[]any{changed(5, 2), changed(6, 0)}, "S=6"},
		"and what is older than the last known time is late": {[]any{changed(5, 2), changed(6, 0), changed(7, 1)}, "S=6"},
		"a later time of the same content counts":            {[]any{changed(5, 1), changed(5, 3), changed(6, 2)}, "S=5"},
		"a time learned afterwards counts":                   {[]any{changed(5, 0), changed(5, 3), changed(6, 2)}, "S=5"},
	} {
		t.Run(claim, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, open func() *store.Store) {
				s := open()
				for _, one := range c.list {
					take(t, s, one)
				}
				if got := stored(t, s); got != c.want {
					t.Errorf("file by file: %s, want %s", got, c.want)
				}
				run(t, s, "DELETE FROM sessions")
				take(t, s, c.list...)
				if got := stored(t, s); got != c.want {
					t.Errorf("in one go: %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestAPersonMaySayThatAFileIsRight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		newer := session("S", 7)
		newer.UpdatedAt = newer.End.Add(time.Hour)
		older := session("S", 5)
		older.UpdatedAt = older.End
		moved := session("S", 9)
		moved.EVSEID = "DE*VLT*E2"
		take(t, s, older, newer)
		for _, one := range []sessions.Session{older, moved} {
			result, err := s.ImportSessions(t.Context(), "test", from(one), store.ImportOptions{AsCorrection: true})
			if err != nil || result != (store.ImportResult{Corrected: 1}) {
				t.Errorf("%+v, %v", result, err)
			}
		}
		take(t, s, newer) // the file of before does not win over the person
		if got := stored(t, s); got != "S=9" {
			t.Error(got)
		}
	})
}

// What a person says about a file is about what was stored before: within the
// file the source's own times decide.
func TestAFileThatIsRightIsInOrderAllTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		newer, older := session("S", 7), session("S", 5)
		newer.UpdatedAt, older.UpdatedAt = newer.End.Add(2*time.Hour), older.End.Add(time.Hour)
		last := session("S", 9)
		last.UpdatedAt = last.End.Add(24 * time.Hour)
		take(t, s, last)
		result, err := s.ImportSessions(t.Context(), "test", from(newer, older), store.ImportOptions{AsCorrection: true})
		if err != nil || result != (store.ImportResult{Corrected: 1, Unchanged: 1}) {
			t.Errorf("%+v, %v", result, err)
		}
		if got := stored(t, s); got != "S=7" {
			t.Error(got)
		}
	})
}

// waiting is a store in which S-1 is stored and S-1~2 waits, with its id.
func waiting(t *testing.T, s *store.Store) int64 {
	t.Helper()
	other := session("S-1", 6)
	other.EVSEID = "DE*VLT*E2"
	take(t, s, session("S-1", 5), other)
	return versions(t, s, "S-1~2")[0].ID
}

func TestAPersonDecidesAboutAnIDUsedTwice(t *testing.T) {
	other := session("S-1", 6)
	other.EVSEID = "DE*VLT*E2"
	corrected := session("S-1", 8)
	corrected.EVSEID = "DE*VLT*E2"
	for name, c := range map[string]struct {
		decide      func(*store.Store, *testing.T, int64) error
		want, later string // at once, and when the source corrects the record
	}{
		"a session of its own": {func(s *store.Store, t *testing.T, id int64) error {
			return s.SeparateSession(t.Context(), "anna", id, "asked")
		}, "S-1=5 S-1~2=6", "S-1=5 S-1~2=8"},
		"a correction": {func(s *store.Store, t *testing.T, id int64) error {
			return s.TakeAsCorrection(t.Context(), "anna", id, "asked")
		}, "S-1=6", "S-1=8"},
		"invalid": {func(s *store.Store, t *testing.T, id int64) error {
			return s.InvalidateSession(t.Context(), "anna", id, "asked")
		}, "S-1=5 S-1~2=6?", "S-1=5 S-1~2=8?"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, open func() *store.Store) {
				s := open()
				id := waiting(t, s)
				if err := s.ReleaseSession(t.Context(), "anna", id, "fine"); !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "session_id_reused" {
					t.Errorf("a release: %v", err)
				}
				if err := c.decide(s, t, id); err != nil {
					t.Fatal(err)
				}
				if got := stored(t, s); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				if got := take(t, s, other, session("S-1", 5)); got != (store.ImportResult{Unchanged: 2}) {
					t.Errorf("the same records again: %+v", got)
				}
				if got := take(t, s, corrected); got != (store.ImportResult{Corrected: 1}) || stored(t, s) != c.later {
					t.Errorf("corrected later: %+v, %s, want %s", got, stored(t, s), c.later)
				}
				entries, err := s.Audit(t.Context(), store.AuditFilter{Who: "anna"})
				if err != nil || len(entries) != 1 || entries[0].After != "asked" {
					t.Errorf("audit %+v, %v", entries, err)
				}
			})
		})
	}
}

func TestNothingIsDecidedAboutAnIDUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		waiting(t, s)
		first := versions(t, s, "S-1")[0].ID
		for _, err := range []error{s.SeparateSession(t.Context(), "anna", first, "x"), s.TakeAsCorrection(t.Context(), "anna", first, "x")} {
			if !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "session_id_not_reused" {
				t.Errorf("%v", err)
			}
		}
		credit := session("S-1", 5)
		credit.Reversed = true
		take(t, s, credit)
		if err := s.TakeAsCorrection(t.Context(), "anna", versions(t, s, "S-1~2")[0].ID, "x"); !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "session_reversed" {
			t.Errorf("of a session that was taken back: %v", err)
		}
	})
}

func TestASuffixIsFree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		take(t, s, session("S-1~2", 3))
		waitingHere := session("S-1", 6)
		waitingHere.EVSEID = "DE*VLT*E2"
		take(t, s, session("S-1", 5), waitingHere)
		if got := stored(t, s); got != "S-1~2=3 S-1=5 S-1~3=6?" {
			t.Error(got)
		}
	})
}

func TestSessionsFindTheirEVSEInEverySpelling(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		plain, named, lower := session("S-1", 5), session("S-2", 5), session("S-3", 5)
		plain.EVSEID, lower.EVSEID = "DEVLTE1", "de*vltE1"
		named.EVSEID, named.Connector, named.OCPIConnector = "DEVLT*E2", 0, "left"
		take(t, s, plain, named) // before the network is known
		save(t, s, network())
		take(t, s, lower)
		if n := count(t, s, "connectors"); n != 2 {
			t.Errorf("%d connectors", n)
		}
		places := map[string]string{}
		for _, id := range []string{"S-1", "S-2", "S-3"} {
			v := versions(t, s, id)[0]
			places[id] = fmt.Sprint(v.EVSEID, "/", v.Connector)
		}
		if got := fmt.Sprint(places); got != "map[S-1:DE*VLT*E1/1 S-2:DE*VLT*E2/2 S-3:DE*VLT*E1/1]" {
			t.Error(got)
		}
	})
}

func TestASourceThatPanicsEndsTheImportAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		var broken iter.Seq2[sessions.Session, error] = func(yield func(sessions.Session, error) bool) {
			yield(session("S-1", 5), nil)
			var list []int
			_ = list[len(list)]
		}
		if _, err := s.ImportSessions(t.Context(), "test", broken, store.ImportOptions{}); err == nil || !strings.Contains(err.Error(), "index out of range") {
			t.Errorf("%v", err)
		}
		if got := take(t, s, session("S-2", 5)); got.New != 1 || stored(t, s) != "S-2=5" {
			t.Errorf("%+v, %s", got, stored(t, s))
		}
	})
}
