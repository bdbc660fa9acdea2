package store_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

// listed writes down the notes that a filter lets through, the newest first.
func (w *world) listed(f creditnotes.NoteFilter) string {
	w.T.Helper()
	list, err := w.s.ListNotes(w.T.Context(), f, creditnotes.Page{})
	if err != nil {
		w.T.Fatal(err)
	}
	return numbers(list.Notes)
}

func numbers(notes []creditnotes.NoteEntry) string {
	var all []string
	for _, n := range notes {
		number := n.Number
		if number == "" {
			number = "draft " + strings.Join(n.Owners, "+")
		}
		all = append(all, number)
	}
	return strings.Join(all, " ")
}

// threeMonths are notes 1 (a) and 2 (b) of September, 3 (a) of October, which
// is cancelled, and 4 (a) of the second run of October.
func threeMonths(w *world) {
	w.T.Helper()
	w.Charged(charge("S-1", "ST-1", "2026-09-03 10:00", "10"), charge("S-2", "ST-9", "2026-09-03 10:00", "20"),
		charge("S-3", "ST-1", "2026-10-03 10:00", "30"))
	w.Backdated("2026-09")
	w.Month("2026-10")
	w.Now = evening("2026-11-02")
	w.Cancel("GS-2026-00003")
	w.Backdated("2026-10")
}

func TestNotesAreListedByWhatIsAskedFor(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		all := "ST-2026-00001 GS-2026-00004 GS-2026-00003 GS-2026-00002 GS-2026-00001"
		for _, c := range []struct {
			claim string
			f     creditnotes.NoteFilter
			want  string
		}{
			{"all", creditnotes.NoteFilter{}, all},
			{"a month", creditnotes.NoteFilter{Month: "2026-09"}, "GS-2026-00002 GS-2026-00001"},
			{"from a month on", creditnotes.NoteFilter{FromMonth: "2026-10"}, "ST-2026-00001 GS-2026-00004 GS-2026-00003"},
			{"until a month", creditnotes.NoteFilter{UntilMonth: "2026-09"}, "GS-2026-00002 GS-2026-00001"},
			{"an owner", creditnotes.NoteFilter{Owner: "b"}, "GS-2026-00002"},
			{"a recipient", creditnotes.NoteFilter{Recipient: "b"}, "GS-2026-00002"},
			{"a run", creditnotes.NoteFilter{Run: "2026-10-2"}, "GS-2026-00004"},
			{"what stands", creditnotes.NoteFilter{Standing: creditnotes.StandsIssued}, "GS-2026-00004 GS-2026-00002 GS-2026-00001"},
			{"what was cancelled", creditnotes.NoteFilter{Standing: creditnotes.StandsCancelled}, "GS-2026-00003"},
			{"what cancels", creditnotes.NoteFilter{Standing: creditnotes.StandsAgainst}, "ST-2026-00001"},
			{"drafts", creditnotes.NoteFilter{Standing: creditnotes.StandsDraft}, ""},
			{"a range", creditnotes.NoteFilter{Range: "st"}, "ST-2026-00001"},
			{"a currency", creditnotes.NoteFilter{Currency: "CHF"}, ""},
			{"queued mail", creditnotes.NoteFilter{Delivery: creditnotes.DeliveryQueued}, all},
			{"failed mail", creditnotes.NoteFilter{Delivery: creditnotes.DeliveryFailed}, ""},
			{"sent mail", creditnotes.NoteFilter{Delivery: creditnotes.DeliverySent}, ""},
			{"no mail", creditnotes.NoteFilter{Delivery: creditnotes.NeverMailed}, ""},
			{"part of a number", creditnotes.NoteFilter{Text: "s-2026-00002"}, "GS-2026-00002"},
			{"a wildcard", creditnotes.NoteFilter{Text: "%"}, ""},
			{"part of a recipient", creditnotes.NoteFilter{Text: "B"}, "GS-2026-00002"},
		} {
			if got := w.listed(c.f); got != c.want {
				t.Errorf("%s: %s, want %s", c.claim, got, c.want)
			}
		}
		list, err := w.s.ListNotes(t.Context(), creditnotes.NoteFilter{Recipient: "a", Month: "2026-10"}, creditnotes.Page{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"ST-2026-00001 cancellation cancellation 2026-11-02 2026-10 2026-10 st a [a] EUR -945 -180 -1125 queued by cancels GS-2026-00003",
			"GS-2026-00004 credit_note issued 2026-10-31 2026-10-2 2026-10 gs a [a] EUR 945 180 1125 queued by cancels",
			"GS-2026-00003 credit_note cancelled 2026-10-31 2026-10 2026-10 gs a [a] EUR 945 180 1125 queued by ST-2026-00001 cancels",
		}
		for i, n := range list.Notes {
			got := strings.Join(strings.Fields(fmt.Sprintln(n.Number, n.Kind, n.Standing, n.Date, n.Run, n.Month, n.Range, n.Recipient, n.Owners, n.Currency,
				int64(n.Net), int64(n.Tax), int64(n.Gross), n.Delivery, "by", n.CancelledBy, "cancels", n.Cancels)), " ")
			if got != want[i] {
				t.Errorf("%s\nwant %s", got, want[i])
			}
		}
	})
}

func TestNoteTotalsCountCancellationsAgainst(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		totals, err := w.s.NoteTotals(t.Context(), creditnotes.NoteFilter{Recipient: "a"})
		if want := "[{EUR 4 12.60 2.40 15.00}]"; err != nil || totalsOf(totals) != want {
			t.Errorf("%s, want %s, %v", totalsOf(totals), want, err)
		}
		if totals, err := w.s.NoteTotals(t.Context(), creditnotes.NoteFilter{Recipient: "op"}); err != nil || len(totals) != 0 {
			t.Errorf("nothing adds up to %+v, %v", totals, err)
		}
	})
}

func totalsOf(totals []creditnotes.NoteTotal) string {
	var all []string
	for _, t := range totals {
		all = append(all, fmt.Sprintf("{%s %d %s %s %s}", t.Currency, t.Notes, t.Net.Format(2), t.Tax.Format(2), t.Gross.Format(2)))
	}
	return fmt.Sprint(all)
}

func TestScopeShowsWhatIsOwnAndNothingElse(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		w.Set("consolidate_by_recipient", "true", "release", "approve")
		w.Entity("a").AlternateCredit = "b"
		w.Save()
		w.Charged(charge("S-4", "ST-1", "2026-08-03 10:00", "10"), charge("S-5", "ST-9", "2026-08-03 10:00", "20"))
		w.Backdated("2026-08") // GS-2026-00005, a and b to b
		if _, err := w.Runner.Approve(t.Context(), "2026-08", "bert"); err != nil {
			t.Fatal(err)
		}
		w.Charged(charge("S-6", "ST-1", "2026-07-03 10:00", "10"))
		w.Month("2026-07") // stays a draft, a to b
		for _, c := range []struct {
			scope []string
			f     creditnotes.NoteFilter
			want  string
		}{
			{nil, creditnotes.NoteFilter{Month: "2026-08"}, "GS-2026-00005"},
			{[]string{"a"}, creditnotes.NoteFilter{}, "ST-2026-00001 GS-2026-00004 GS-2026-00003 GS-2026-00001"},
			{[]string{"b"}, creditnotes.NoteFilter{}, "GS-2026-00002 GS-2026-00005"},
			{[]string{"a", "b"}, creditnotes.NoteFilter{Month: "2026-08"}, "GS-2026-00005"},
			{[]string{"a"}, creditnotes.NoteFilter{Owner: "b"}, ""},
			{[]string{}, creditnotes.NoteFilter{}, ""},
			{nil, creditnotes.NoteFilter{Standing: creditnotes.StandsDraft}, "draft a"},
			{[]string{"a", "b"}, creditnotes.NoteFilter{Standing: creditnotes.StandsDraft}, ""},
		} {
			c.f.Scope = c.scope
			if got := w.listed(c.f); got != c.want {
				t.Errorf("scope %v: %s, want %s", c.scope, got, c.want)
			}
		}
	})
}

func TestPagesOfNotesJoin(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		read := func(p creditnotes.Page) creditnotes.NoteList {
			t.Helper()
			p.Limit = 2
			list, err := w.s.ListNotes(t.Context(), creditnotes.NoteFilter{}, p)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		for oldest, want := range map[bool][]string{
			false: {"ST-2026-00001 GS-2026-00004", "GS-2026-00003 GS-2026-00002", "GS-2026-00001"},
			true:  {"GS-2026-00001 GS-2026-00002", "GS-2026-00003 GS-2026-00004", "ST-2026-00001"},
		} {
			first := read(creditnotes.Page{OldestFirst: oldest})
			second := read(creditnotes.Page{OldestFirst: oldest, After: first.Next})
			third := read(creditnotes.Page{OldestFirst: oldest, After: second.Next})
			again := read(creditnotes.Page{OldestFirst: oldest, Before: third.Previous})
			back := read(creditnotes.Page{OldestFirst: oldest, Before: again.Previous})
			for i, list := range []creditnotes.NoteList{first, second, third, again, back} {
				if got := numbers(list.Notes); got != []string{want[0], want[1], want[2], want[1], want[0]}[i] {
					t.Errorf("page %d, oldest first %v: %s", i, oldest, got)
				}
			}
			if first.Previous != "" || third.Next != "" || back.Previous != "" || back.Next == "" || again.Next == "" {
				t.Errorf("the ends are not seen: %q %q %q %q %q", first.Previous, third.Next, back.Previous, back.Next, again.Next)
			}
		}
		var each []creditnotes.NoteEntry
		for n, err := range w.s.EachNote(t.Context(), creditnotes.NoteFilter{Month: "2026-09"}) {
			if err != nil {
				t.Fatal(err)
			}
			each = append(each, n)
		}
		if got := numbers(each); got != "GS-2026-00001 GS-2026-00002" {
			t.Errorf("each: %s", got)
		}
		for _, cursor := range []string{"x", "~", "2026-10-31~"} {
			_, err := w.s.ListNotes(t.Context(), creditnotes.NoteFilter{}, creditnotes.Page{After: cursor})
			says(t, err, "cursor_invalid")
		}
		_, err := w.s.ListNotes(t.Context(), creditnotes.NoteFilter{Standing: creditnotes.StandsDraft}, creditnotes.Page{After: "2026-10-31~x"})
		says(t, err, "cursor_invalid")
	})
}

func TestDraftsAreListedWhenAskedFor(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Set("release", "approve")
		w.Charged(charge("S-1", "ST-1", "2026-09-03 10:00", "10"), charge("S-2", "ST-9", "2026-09-03 10:00", "20"))
		w.Month("2026-09")
		drafts := creditnotes.NoteFilter{Standing: creditnotes.StandsDraft}
		first, err := w.s.ListNotes(t.Context(), drafts, creditnotes.Page{Limit: 1, OldestFirst: true})
		if err != nil {
			t.Fatal(err)
		}
		second, err := w.s.ListNotes(t.Context(), drafts, creditnotes.Page{Limit: 1, OldestFirst: true, After: first.Next})
		if err != nil {
			t.Fatal(err)
		}
		both := []string{numbers(first.Notes), numbers(second.Notes)}
		if strings.Join(both, ", ") != "draft a, draft b" && strings.Join(both, ", ") != "draft b, draft a" || second.Next != "" {
			t.Errorf("%v", both)
		}
		if got := w.listed(creditnotes.NoteFilter{}); got != "" {
			t.Errorf("without asking: %s", got)
		}
	})
}

func TestWhatCancelsANoteIsFoundByAnIndexWhateverTheStatisticsSay(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		if !w.s.IsSQLite() {
			return // PostgreSQL knows how many are NULL
		}
		w.Charged(charge("S-1", "ST-1", "2026-09-03 10:00", "10"))
		w.Month("2026-09")
		db := w.s.WriteDB()
		for _, statement := range []string{
			"ANALYZE",
			"UPDATE sqlite_stat1 SET stat = '60000 60000' WHERE idx = 'sqlite_autoindex_credit_notes_2'", // of many notes, none cancelled
			"UPDATE sqlite_stat1 SET stat = '60000 1' WHERE idx = 'sqlite_autoindex_credit_notes_1'",
			"ANALYZE sqlite_schema",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN SELECT c.number FROM runs r JOIN credit_notes n ON n.run_id = r.id LEFT JOIN credit_notes c ON c.cancels = n.id")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, step)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(plan, "; "); !strings.Contains(all, "SEARCH c USING INDEX credit_notes_cancels") {
			t.Error(all)
		}
	})
}
