package store

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"creditrun/creditnotes"
)

// nextRun is the book of the open month as lists of sessions look at it: what
// the next run would make of the sessions that wait.
type nextRun struct {
	id        int64 // of the book; 0: there is none
	overtaken bool  // runs have decided since
	zero      []string
}

// nextRun reads what lists of sessions ask the book for.
func (s *Store) nextRun(ctx context.Context) (n nextRun, err error) {
	state, err := s.OpenState(ctx)
	if err != nil || state.Book == nil {
		return n, err
	}
	n.id, n.overtaken = state.Book.ID, state.Overtaken()
	n.zero, err = s.zeroes.of(state.Book, func() ([]string, error) { return s.zeroOwners(ctx, n.id) })
	return n, err
}

// zeroOwners lists the owners and currencies whose sessions come to nothing,
// where no document is made of that: a run settles these sessions as zero.
func (s *Store) zeroOwners(ctx context.Context, id int64) ([]string, error) {
	settings, err := s.Settings(ctx)
	if err != nil || settings.CreateZeroNotes {
		return nil, err
	}
	return column[string](ctx, s.readSQL, "SELECT CAST(l.owner_id AS text) || ' ' || l.currency FROM record_sums l WHERE l.note_id = $1 GROUP BY l.owner_id, l.currency"+
		" HAVING sum("+lineNet+") = 0 AND max(l.sessions) > 0", -id)
}

// joins joins sessions s with what the book says of them: bh what is held,
// excluded or withdrawn, and bl the line that would credit it.
func (n *nextRun) joins() string {
	book := strconv.FormatInt(-n.id, 10)
	return " LEFT JOIN open_holds bh ON bh.note_id = " + book + " AND bh.session_id = s.id" +
		" LEFT JOIN open_lines bl ON bl.note_id = " + book + " AND bl.session_id = s.id AND bl.kind = 'credit'"
}

// nextWords are the columns of what the next run would make of a session s with
// the joins of outcomes and of nextRun: the state and the reason.
func (n *nextRun) words(d dialect, where *condition) (state, reason string) {
	waits := "l.kind IS NULL AND NOT coalesce(" + settledAlike + ", false)"
	credited := "'credited'"
	if len(n.zero) > 0 {
		credited = "CASE WHEN " + where.arg(ofOwner("bl")+" "+d.in("?"), d.texts(n.zero)) + " THEN 'zero' ELSE 'credited' END"
	}
	return "CASE WHEN " + waits + " THEN coalesce(bh.outcome, CASE WHEN bl.session_id IS NOT NULL THEN " + credited + " END, '') ELSE '' END",
		"CASE WHEN " + waits + " THEN coalesce(bh.reason, '') ELSE '' END"
}

// ofOwner names the owner and the currency of a line as zeroOwners does.
func ofOwner(line string) string {
	return "CAST(" + line + ".owner_id AS text) || ' ' || " + line + ".currency"
}

// wants is what a filter asks of rows b of the book.
func (n *nextRun) wants(d dialect, f *creditnotes.SessionFilter, where *condition) {
	where.and("b.note_id = ?", -n.id)
	switch f.Next {
	case creditnotes.SessionCredited, creditnotes.SessionZero:
		where.and("b.kind = 'credit'")
		is := ""
		if f.Next == creditnotes.SessionCredited {
			is = "NOT "
		}
		where.and(is+"("+ofOwner("b")+" "+d.in("?")+")", d.texts(append([]string{}, n.zero...)))
	default:
		where.and("b.outcome = ?", string(f.Next))
		if f.Reason != "" {
			where.and("b.reason = ?", string(f.Reason))
		}
	}
	if n.overtaken {
		where.and("NOT EXISTS (SELECT 1 FROM lines x WHERE x.session_id = b.session_id AND x.live AND x.kind <> 'reversal')")
	}
}

// walksNext reports whether a list goes through the book, in the order of its
// index, because more could match than is worth being sorted.
func (q *sessionSearch) walksNext() bool { return q.filter.Next != "" && q.candidates == "" }

// wantNext narrows sessions s to those that the filter wants of the book.
func (q *sessionSearch) wantNext(where *condition) {
	if q.walksNext() {
		q.next.wants(q.store.dialect, q.filter, where)
		return
	}
	inner := &condition{args: where.args}
	inner.and("b.session_id = s.id")
	q.next.wants(q.store.dialect, q.filter, inner)
	where.args = inner.args
	where.parts = append(where.parts, "EXISTS (SELECT 1 FROM "+nextTable(q.filter.Next)+" b "+inner.String()+")")
}

// order is the order in which sessions are picked.
func (q *sessionSearch) order() keyset {
	if q.walksNext() {
		return keyset{"b.ended_at", "b.session_id"}
	}
	return sessionOrder
}

// nextTable is the table of the book in which the sessions are that a filter
// asks for.
func nextTable(next creditnotes.SessionState) string {
	switch next {
	case creditnotes.SessionCredited, creditnotes.SessionZero:
		return "open_lines"
	}
	return "open_holds"
}

// HeldSums adds up what the next run would hold: by reason, by how long it has
// waited, and by currency of what it would come to. Sessions that end at or after
// the first of since are of age 0, those at or after the second of age 1, and so
// on; late counts those that end before it, zero: none. Nothing where there is no
// book.
func (s *Store) HeldSums(ctx context.Context, since []time.Time, late time.Time) (list []creditnotes.NextHeld, err error) {
	n, err := s.nextRun(ctx)
	if err != nil || n.id == 0 {
		return nil, err
	}
	where := &condition{}
	age := "CASE"
	for i, bound := range since {
		age += where.arg(" WHEN b.ended_at >= ? THEN "+strconv.Itoa(i), utc(bound))
	}
	age += " ELSE " + strconv.Itoa(len(since)) + " END"
	overdue := where.arg("b.ended_at < ?", utc(late))
	n.wants(s.dialect, &creditnotes.SessionFilter{Next: creditnotes.SessionHeld}, where)
	type row struct {
		creditnotes.NextHeld
		oldest sqliteInstant
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.Reason, &r.Age, &r.Currency, &r.Sessions, &r.Energy, &r.Worth, &r.Unknown, &r.Late, &r.oldest}
	}, "SELECT b.reason, "+age+", b.worth_in, count(*), CAST(sum(b.energy) AS bigint), CAST(coalesce(sum(b.worth), 0) AS bigint),"+
		" CAST(sum(CASE WHEN b.worth IS NULL THEN 1 ELSE 0 END) AS bigint), CAST(sum(CASE WHEN "+overdue+" THEN 1 ELSE 0 END) AS bigint), "+
		"min(b.ended_at) FROM open_holds b "+where.String()+" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", where.args...)
	if err != nil {
		return nil, fmt.Errorf("held sessions: %w", err)
	}
	for _, r := range rows {
		r.Oldest = r.oldest.Time
		list = append(list, r.NextHeld)
	}
	return list, nil
}

// HeldPlaces lists the connectors at which the next run would hold sessions for
// a reason, those with most sessions first, at most some.
func (s *Store) HeldPlaces(ctx context.Context, f creditnotes.SessionFilter, most int) (list []creditnotes.HeldPlace, err error) {
	n, err := s.nextRun(ctx)
	if err != nil || n.id == 0 {
		return nil, err
	}
	where := &condition{}
	f.Next = creditnotes.SessionHeld
	n.wants(s.dialect, &f, where)
	type row struct {
		creditnotes.HeldPlace
		oldest sqliteInstant
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.Connector, &r.Sessions, &r.Energy, &r.oldest} },
		limited("SELECT b.connector_id, count(*), CAST(sum(b.energy) AS bigint), min(b.ended_at) FROM open_holds b "+where.String()+" GROUP BY 1 ORDER BY 2 DESC, 1", most),
		where.args...)
	if err != nil {
		return nil, fmt.Errorf("held sessions: %w", err)
	}
	for _, r := range rows {
		r.Oldest = r.oldest.Time
		list = append(list, r.HeldPlace)
	}
	return list, nil
}

// zeroCache keeps the zero owners of a book until it changes.
type zeroCache struct {
	mu          sync.Mutex
	id, changed int64
	owners      []string
}

func (c *zeroCache) of(b *creditnotes.OpenBook, read func() ([]string, error)) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id == b.ID && c.changed == b.Changed {
		return c.owners, nil
	}
	owners, err := read()
	if err == nil {
		c.id, c.changed, c.owners = b.ID, b.Changed, owners
	}
	return owners, err
}
