package store

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/numbering"
)

// notesLike is what a filter asks of credit_notes n.
func (s *Store) notesLike(ctx context.Context, f *creditnotes.NoteFilter) (*condition, error) {
	where := &condition{}
	s.addStanding(where, f)
	if f.Scope != nil {
		if err := s.addScope(ctx, where, f.Scope); err != nil {
			return nil, err
		}
	}
	for _, is := range []struct{ sql, value string }{
		{"n.run_id IN (SELECT id FROM runs WHERE month = ?)", string(f.Month)},
		{"n.run_id IN (SELECT id FROM runs WHERE month >= ?)", string(f.FromMonth)},
		{"n.run_id IN (SELECT id FROM runs WHERE month <= ?)", string(f.UntilMonth)},
		{"n.run_id IN (SELECT id FROM runs WHERE name = ?)", f.Run},
		{"n.id IN (SELECT note_id FROM credit_note_owners WHERE owner_id = (SELECT id FROM entities WHERE key = ?))", f.Owner},
		{"n.recipient_key = ?", f.Recipient},
		{"n.number = ?", f.Number},
		{"n.kind = ?", string(f.Kind)},
		{"n.range_key = ?", f.Range},
		{"n.currency = ?", f.Currency},
		{"n.id IN (SELECT note_id FROM document_external_ids WHERE external_id = ?)", f.ExternalID},
	} {
		if is.value != "" {
			where.and(is.sql, is.value)
		}
	}
	addDelivery(where, f.Delivery)
	if f.Text != "" {
		like := containing(f.Text)
		where.and(`(lower(n.number) LIKE ? ESCAPE '\' OR lower(n.recipient_key) LIKE ? ESCAPE '\')`, like, like)
	}
	if a := f.Amount; a != 0 {
		where.and("n.id IN (SELECT id FROM credit_notes WHERE net IN (?, ?) UNION ALL SELECT id FROM credit_notes WHERE gross IN (?, ?))", a, -a, a, -a)
	}
	return where, nil
}

const cancelled = "n.id IN (SELECT cancels FROM credit_notes WHERE cancels > 0 AND state = 'issued')"

func (s *Store) addStanding(where *condition, f *creditnotes.NoteFilter) {
	state := f.State
	if state == "" {
		state = creditnotes.Issued
	}
	switch f.Standing {
	case creditnotes.StandsDraft:
		state = creditnotes.Draft
	case creditnotes.StandsAgainst:
		where.and("n.kind = 'cancellation'")
	case creditnotes.StandsIssued:
		where.and("n.kind <> 'cancellation' AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id AND c.state = 'issued')")
	case creditnotes.StandsCancelled:
		where.and(cancelled)
	}
	where.and("n.state = ?", string(state))
	if f.Scope != nil {
		where.and("n.state = 'issued'")
	}
}

// mostScoped is how many rows of a scope are worth being gathered first:
// where there are more, a listing asks row by row, for then it soon has a
// page.
const mostScoped = 2000

// addScope lets through what is made out to an entity of the scope, and what
// concerns only owners of it.
func (s *Store) addScope(ctx context.Context, where *condition, scope []string) error {
	keys, err := entityKeys(s.db(ctx).Where("key "+s.dialect.in("$1"), s.dialect.texts(scope)))
	if err != nil {
		return err
	}
	owners, to, in := s.dialect.list(slices.Collect(maps.Keys(keys))), s.dialect.texts(scope), s.dialect.in("?")
	const stranger = "SELECT 1 FROM credit_note_owners x WHERE x.note_id = n.id AND NOT x.owner_id "
	mine := "(n.recipient_key " + in + " OR NOT EXISTS (" + stranger + in + "))"
	few := `SELECT id FROM credit_notes WHERE recipient_key ` + s.dialect.in("$1") + `
		UNION ALL SELECT note_id FROM credit_note_owners WHERE owner_id ` + s.dialect.in("$2")
	gathered, err := s.areFew(ctx, few, to, owners)
	if err != nil {
		return err
	}
	if gathered {
		where.and("n.id IN (SELECT id FROM credit_notes WHERE recipient_key "+in+" UNION ALL SELECT note_id FROM credit_note_owners WHERE owner_id "+in+")", to, owners)
	}
	where.and(mine, to, owners)
	return nil
}

// areFew reports whether a query finds no more rows than are worth being gathered
// first.
func (s *Store) areFew(ctx context.Context, query string, args ...any) (bool, error) {
	var n int
	err := s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM ("+limited(query, mostScoped+1)+") AS few", args...).Scan(&n)
	return n <= mostScoped, translateError(err)
}

// latestMailing is the state of the latest mailing that carries n.
const latestMailing = "(SELECT d.state FROM deliveries d WHERE d.note_id IN (n.id, n.mailed_with) ORDER BY d.id DESC LIMIT 1)"

// addDelivery finds what is rare, such as the failed, by its own index.
func addDelivery(where *condition, state creditnotes.DeliveryState) {
	switch state {
	case "":
	case creditnotes.NeverMailed:
		where.and("NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.note_id IN (n.id, n.mailed_with))")
	case creditnotes.DeliverySent:
		where.and(latestMailing + " = 'sent'")
	default:
		const rare = "IN (SELECT note_id FROM deliveries WHERE state = ? AND state <> 'sent')"
		where.and("(n.id "+rare+" OR n.mailed_with "+rare+") AND "+latestMailing+" = ?", string(state), string(state), string(state))
	}
}

// noteOrder is the order of a listing: by date and number, and drafts by date
// and id.
func noteOrder(f *creditnotes.NoteFilter) keyset {
	if listsNumbered(f) {
		return keyset{"n.date", "n.number"}
	}
	return keyset{"n.date", "n.id"}
}

func listsNumbered(f *creditnotes.NoteFilter) bool {
	return f.Standing != creditnotes.StandsDraft && (f.State == "" || f.State == creditnotes.Issued)
}

// ListNotes lists one page of the notes that a filter lets through, by date
// and number, without their positions. A cursor that this listing never gave
// out is a Usage fault.
func (s *Store) ListNotes(ctx context.Context, f creditnotes.NoteFilter, p creditnotes.Page) (creditnotes.NoteList, error) {
	place, err := notePlace(&f, p)
	if err != nil {
		return creditnotes.NoteList{}, err
	}
	where, err := s.notesLike(ctx, &f)
	if err != nil {
		return creditnotes.NoteList{}, err
	}
	order := noteOrder(&f).narrow(where, p, place)
	picked := limited("SELECT n.id FROM credit_notes n "+where.String()+order, p.Size()+1)
	rows, err := collect(ctx, s.readSQL, noteEntryFields, `
		WITH picked AS MATERIALIZED (`+picked+`)
		SELECT n.id, coalesce(n.number, ''), n.kind, n.state, n.date, r.name, r.month, coalesce(n.range_key, ''), n.recipient_key, n.currency,
			n.net, n.tax, n.gross, coalesce(`+latestMailing+`, ''), coalesce(c.number, ''), coalesce(b.number, ''),
			coalesce(x.external_id, '')
		FROM picked
		JOIN credit_notes n ON n.id = picked.id
		JOIN runs r ON r.id = n.run_id
		LEFT JOIN credit_notes c ON c.cancels = n.id
		LEFT JOIN credit_notes b ON b.id = n.cancels
		LEFT JOIN document_external_ids x ON x.note_id = n.id`+order, where.args...)
	if err != nil {
		return creditnotes.NoteList{}, err
	}
	for i := range rows {
		rows[i].Standing = standing(&rows[i])
	}
	var list creditnotes.NoteList
	list.Notes, list.Next, list.Previous = inOrder(rows, p, func(n *creditnotes.NoteEntry) string {
		if listsNumbered(&f) {
			return cursorOf(string(n.Date), n.Number)
		}
		return cursorOf(string(n.Date), strconv.FormatInt(n.ID, 10))
	})
	return list, s.addOwners(ctx, list.Notes)
}

// notePlace is where a page of notes begins.
func notePlace(f *creditnotes.NoteFilter, p creditnotes.Page) ([]any, error) {
	date, second, err := placeOf(p)
	if err != nil || date == "" {
		return nil, err
	}
	if listsNumbered(f) {
		return []any{date, second}, nil
	}
	id, err := strconv.ParseInt(second, 10, 64)
	if err != nil {
		return nil, cursorFault(p)
	}
	return []any{date, id}, nil
}

// noteEntryFields reads the state into the standing, until it is known better.
func noteEntryFields(n *creditnotes.NoteEntry) []any {
	return []any{&n.ID, &n.Number, &n.Kind, &n.Standing, &n.Date, &n.Run, &n.Month, &n.Range, &n.Recipient, &n.Currency,
		&n.Net, &n.Tax, &n.Gross, &n.Delivery, &n.CancelledBy, &n.Cancels, &n.ExternalID}
}

func standing(n *creditnotes.NoteEntry) creditnotes.Standing {
	switch {
	case n.Number == "":
		return creditnotes.StandsDraft
	case n.Kind == numbering.Cancellation:
		return creditnotes.StandsAgainst
	case n.CancelledBy != "":
		return creditnotes.StandsCancelled
	}
	return creditnotes.StandsIssued
}

// addOwners fills in the owners of notes.
func (s *Store) addOwners(ctx context.Context, notes []creditnotes.NoteEntry) error {
	ids := make([]int64, len(notes))
	byID := make(map[int64]*creditnotes.NoteEntry, len(notes))
	for i := range notes {
		ids[i] = notes[i].ID
		byID[notes[i].ID] = &notes[i]
	}
	type owner struct {
		note int64
		key  string
	}
	owners, err := collect(ctx, s.readSQL, func(o *owner) []any { return []any{&o.note, &o.key} }, `
		SELECT o.note_id, e.key FROM credit_note_owners o JOIN entities e ON e.id = o.owner_id
		WHERE o.note_id `+s.dialect.in("$1")+` ORDER BY o.note_id, o.place`, s.dialect.list(ids))
	for _, o := range owners {
		byID[o.note].Owners = append(byID[o.note].Owners, o.key)
	}
	return err
}

// EachNote yields all notes that a filter lets through, the oldest first, page
// by page: no reading stays open while a file is written. After an error
// there are no more.
func (s *Store) EachNote(ctx context.Context, f creditnotes.NoteFilter) iter.Seq2[creditnotes.NoteEntry, error] {
	return eachPage(func(p creditnotes.Page) ([]creditnotes.NoteEntry, string, error) {
		list, err := s.ListNotes(ctx, f, p)
		return list.Notes, list.Next, err
	})
}

// eachPage yields the rows of all pages, the oldest first.
func eachPage[T any](read func(creditnotes.Page) (rows []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		page := creditnotes.Page{OldestFirst: true, Limit: creditnotes.MostRows}
		for {
			rows, next, err := read(page)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			page.After = next
		}
	}
}

// ofFees is the condition that the document n is a fee invoice or cancels one.
const ofFees = `(n.kind = 'invoice' OR n.kind = 'cancellation' AND EXISTS (SELECT 1 FROM credit_notes c
	JOIN credit_notes o ON o.id = c.cancels WHERE c.id = n.id AND o.kind = 'invoice'))`

// NoteTotals adds up the notes that a filter lets through, by currency: credit
// notes with their cancellations and, apart, fee invoices with theirs.
func (s *Store) NoteTotals(ctx context.Context, f creditnotes.NoteFilter) ([]creditnotes.NoteTotal, error) {
	where, err := s.notesLike(ctx, &f)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s.readSQL, func(t *creditnotes.NoteTotal) []any {
		return []any{&t.Currency, &t.Kind, &t.Notes, &t.Net, &t.Tax, &t.Gross}
	}, `
		SELECT n.currency, CASE WHEN `+ofFees+` THEN 'invoice' ELSE 'credit_note' END, count(*), CAST(sum(n.net) AS bigint), CAST(sum(n.tax) AS bigint), CAST(sum(n.gross) AS bigint)
		FROM credit_notes n `+where.String()+` GROUP BY 1, 2 ORDER BY 1, 2`, where.args...)
}
