package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// Details implements creditnotes.NoteStore. A cancellation shows the sessions of
// the note it cancels with their signs turned. The sessions of sums that were
// carried forward onto the note are among them. Those of a fee invoice are what
// it bills as own charging.
func (s *Store) Details(ctx context.Context, n *creditnotes.Note) iter.Seq2[creditnotes.Detail, error] {
	return func(yield func(creditnotes.Detail, error) bool) {
		if err := s.details(ctx, n, func(d creditnotes.Detail) bool { return yield(d, nil) }); err != nil {
			yield(creditnotes.Detail{}, fmt.Errorf("sessions of %s: %w", n.Number, err))
		}
	}
}

func (s *Store) details(ctx context.Context, n *creditnotes.Note, yield func(creditnotes.Detail) bool) error {
	r := &detailReader{store: s, note: n, of: n.ID, sign: 1, paths: map[int64]creditnotes.PathInfo{}}
	if n.Kind == numbering.Cancellation {
		r.of, r.sign = n.Cancels, -1
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	places, err := r.places(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(places, s.detailsRead) {
		page, err := r.read(ctx, some)
		if err != nil {
			return err
		}
		for _, place := range some {
			d, ok := page[place]
			if !ok {
				return fmt.Errorf("session %d is gone", place.session)
			}
			if !yield(d) {
				return nil
			}
		}
	}
	return nil
}

// detailsRead is how many sessions of a note are read at once as a rule. No
// reading stays open while they are yielded: anyone who writes them to a person who
// reads slowly holds no connection.
const detailsRead = 5000

// detailReader reads the sessions of one note.
type detailReader struct {
	store     *Store
	note      *creditnotes.Note
	of        int64 // the note whose lines they are: of a cancellation the cancelled one
	sign      int64
	zone      *time.Location
	notes     []int64 // of, and what it brings along
	brought   map[notePart]broughtNote
	corrected map[int64]map[sessionName]string // by note
	again     map[sessionName]string           // of the note's own sessions
	paths     map[int64]creditnotes.PathInfo
}

// notePart is what one owner has of a note.
type notePart struct{ note, owner int64 }

func (r *detailReader) prepare(ctx context.Context) (err error) {
	if r.zone, err = time.LoadLocation(r.note.Document.TimeZone); err != nil {
		return err
	}
	brought, err := r.store.broughtBy(ctx, r.of)
	if err != nil {
		return err
	}
	r.notes, r.brought = []int64{r.of}, map[notePart]broughtNote{}
	for _, b := range brought {
		r.brought[notePart{b.note, b.owner}] = b
		if !slices.Contains(r.notes, b.note) {
			r.notes = append(r.notes, b.note)
		}
	}
	r.corrected = map[int64]map[sessionName]string{}
	correctedOn := r.store.correctedOn
	if r.note.OfFees() {
		correctedOn = r.store.chargedBefore
	}
	if slices.ContainsFunc(r.note.Positions, func(p creditnotes.Position) bool { return p.CreditedAgain != "" }) {
		if r.again, err = creditedAgain(ctx, r.store.readSQL, r.of); err != nil {
			return err
		}
	}
	for _, id := range r.notes {
		if r.corrected[id], err = correctedOn(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// linePlace tells lines apart.
type linePlace struct {
	note, session int64
	kind          creditnotes.LineKind
}

// places are the lines in the order in which they are printed.
func (r *detailReader) places(ctx context.Context) ([]linePlace, error) {
	type row struct {
		linePlace
		owner int64
	}
	d := r.store.dialect
	rows, err := collect(ctx, r.store.readSQL, func(p *row) []any { return []any{&p.note, &p.session, &p.kind, &p.owner} }, `
		SELECT l.note_id, l.session_id, l.kind, l.owner_id
		FROM `+r.table()+` l
		JOIN credit_note_owners o ON o.note_id = $1 AND o.owner_id = l.owner_id
		JOIN sessions s ON s.id = l.session_id
		WHERE l.note_id `+d.in("$2")+`
		ORDER BY o.place, s.started_at, `+d.bytewise("s.external_id")+`, s.version, l.note_id`, r.of, d.list(r.notes))
	places := make([]linePlace, 0, len(rows))
	for _, p := range rows {
		if _, ok := r.brought[notePart{p.note, p.owner}]; ok || p.note == r.of {
			places = append(places, p.linePlace)
		}
	}
	return places, err
}

// table is where the sessions of the note are kept.
func (r *detailReader) table() string {
	if r.note.OfFees() {
		return "own_charges"
	}
	return "lines"
}

// amounts are the amounts of a session l: those of its line, or what is billed
// as own charging.
func (r *detailReader) amounts() string {
	if r.note.OfFees() {
		return "0, 0, 0, 0, 0, 0, 0, true, l.driver_amount, CASE WHEN l.net < 0 THEN -1 ELSE 1 END * coalesce(s.driver_fee, 0), false, 0, l.net"
	}
	return netsOf + ", " + driverOf + ", 0"
}

// joinPaths joins the price paths: own charging of an earlier version has none.
func (r *detailReader) joinPaths() string {
	if r.note.OfFees() {
		return "LEFT JOIN"
	}
	return "JOIN"
}

// read reads some lines.
func (r *detailReader) read(ctx context.Context, places []linePlace) (map[linePlace]creditnotes.Detail, error) {
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.session
	}
	d := r.store.dialect
	rows, err := r.store.readSQL.QueryContext(ctx, `
		SELECT s.id, s.source, s.external_id, s.version, s.medium_uid, s.class, s.partner, s.started_at, s.ended_at, s.duration_s, s.status,
			e.key, l.note_id, l.owner_id, l.kind, l.correction, l.energy, `+r.amounts()+`,
			s.driver_amount, s.driver_fee, s.currency, s.collected_at, l.tax, t.account, t.category, t.rate, coalesce(p.id, 0), p.content, c.evse_id
		FROM `+r.table()+` l
		JOIN note_taxes t ON t.note_id = l.note_id AND t.ordinal = l.tax + 1
		JOIN entities e ON e.id = l.owner_id
		JOIN sessions s ON s.id = l.session_id
		JOIN connectors c ON c.id = s.connector_id
		`+r.joinPaths()+` price_paths p ON p.id = l.path_id
		WHERE l.note_id `+d.in("$1")+` AND l.session_id `+d.in("$2"), d.list(r.notes), d.list(ids))
	if err != nil {
		return nil, translateError(err)
	}
	defer rows.Close()
	page := make(map[linePlace]creditnotes.Detail, len(places))
	for rows.Next() {
		detail, err := r.scan(rows)
		if err != nil {
			return nil, err
		}
		page[linePlace{detail.Line.NoteID, detail.Session.ID, detail.Line.Kind}] = detail
	}
	return page, translateError(rows.Err())
}

func (r *detailReader) scan(rows *sql.Rows) (d creditnotes.Detail, err error) {
	var content sql.RawBytes
	one, line := &d.Session, &d.Line
	var collected *time.Time
	fields := append([]any{&one.ID, &one.Source, &one.ExternalID, &one.Version, &one.MediumUID, &one.Class, &one.Partner,
		&one.Start, &one.End, &one.Duration, &one.Status,
		&d.Owner, &line.NoteID, &line.OwnerID, &line.Kind, &line.Correction, &line.Energy}, netFields(&line.Nets)...)
	fields = append(append(fields, driverFields(line)...), &d.Own, &one.DriverAmount, &one.DriverFee, &one.Currency, &collected,
		&line.Tax, &d.Tax.Account, &d.Tax.Category, &d.Tax.Rate, &line.PathID, &content, &one.EVSEID)
	if err := rows.Scan(fields...); err != nil {
		return d, translateError(err)
	}
	one.CollectedAt = orZero(collected)
	if d.Path, err = r.path(line.PathID, content); err != nil {
		return d, err
	}
	if line.PathID == 0 { // own charging that an earlier version billed
		d.Path.EVSEID, d.Path.Zone, d.Path.Currency = one.EVSEID, r.note.Document.TimeZone, r.note.Currency
	}
	one.EVSEID = ""
	r.turn(&d)
	d.Month = entities.MonthOf(one.End, r.zone)
	d.Late = d.Month.Before(r.note.Document.PeriodOf(d.Owner))
	number, corrects := r.corrected[line.NoteID][sessionName{one.Source, one.ExternalID}]
	line.Correction, d.CorrectionOf = line.Correction || corrects, number
	if line.NoteID == r.of && line.Kind == creditnotes.LineCredit && !line.Correction {
		d.CreditedAgain = r.again[sessionName{one.Source, one.ExternalID}]
	}
	if b, ok := r.brought[notePart{line.NoteID, line.OwnerID}]; ok {
		d.CarriedNote, d.CarriedFrom = b.root, b.month
		line.Tax = r.note.SlotOf(&d.Tax)
	}
	return d, nil
}

func (r *detailReader) path(id int64, content []byte) (creditnotes.PathInfo, error) {
	info, ok := r.paths[id]
	if ok || id == 0 {
		return info, nil
	}
	path, err := tariffs.ParsePath(content)
	if err != nil {
		return info, err
	}
	info = creditnotes.PathInfoOf(path)
	r.paths[id] = info
	return info, nil
}

func (r *detailReader) turn(d *creditnotes.Detail) {
	l := &d.Line
	d.Own *= money.Micros(r.sign)
	l.Energy *= money.Quantity(r.sign)
	l.Nets = l.Times(money.Micros(r.sign))
	l.DriverAmount *= money.Micros(r.sign)
	l.DriverFee *= money.Micros(r.sign)
	l.Sale *= money.Micros(r.sign)
}
