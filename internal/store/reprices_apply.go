package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// PreviewReprice says what a reprice would change, and changes nothing. Sessions
// are streamed; progress, which may be nil, is called with how many credited
// sessions of how many were looked at. Faults are those of RepriceQuery.Check, and
// of a configuration that contradicts itself.
func (s *Store) PreviewReprice(ctx context.Context, q creditnotes.RepriceQuery, progress func(done, of int)) (*creditnotes.RepriceResult, error) {
	r, differing, err := s.repricing(ctx, q, progress)
	if err != nil {
		return nil, err
	}
	for _, err := range differing {
		if err != nil {
			return nil, fmt.Errorf("reprice: %w", err)
		}
	}
	return r.Result(), nil
}

// Reprice prices credited sessions anew: each that comes to something else becomes
// its next version, so that the next run takes back what it was paid and pays the
// new price. Where runs wait for a second person, this waits, too, and the proposal
// is returned. Sessions are priced before anything is locked; progress is as in
// PreviewReprice. A query without a reason is a Usage fault, a configuration or
// session that changes all the while a Conflict fault.
func (s *Store) Reprice(
	ctx context.Context, who string, q creditnotes.RepriceQuery, progress func(done, of int),
) (done *creditnotes.RepriceResult, waiting *creditnotes.Proposal, err error) {
	if q.Reason == "" {
		return nil, nil, fault.New(fault.Usage, "reprice_reason", nil)
	}
	if waiting, err = s.proposeReprice(ctx, who, q); waiting != nil || err != nil {
		return nil, waiting, err
	}
	err = s.whileFound(ctx, q, progress, func(f *repriceFound) error {
		return s.inTxOf(ctx, long, func(tx *Tx) error {
			if err := tx.lockConfiguration(); err != nil {
				return err
			}
			done = f.result
			return tx.reprice(f, who, who)
		})
	})
	return done, nil, err
}

// proposeReprice lets a reprice wait for a second person, where runs wait; nil: it
// need not wait.
func (s *Store) proposeReprice(ctx context.Context, who string, q creditnotes.RepriceQuery) (waiting *creditnotes.Proposal, err error) {
	config, err := s.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if err := q.Check(config); err != nil {
		return nil, err
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		waiting = nil
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		settings, _, err := loadSettings(tx.db)
		if err != nil || settings.Release != creditnotes.ReleaseApprove {
			return err
		}
		list, _, err := tx.propose(who, []moves{{creditnotes.MatterReprice, q.Subject(), "", jsonOf(q)}})
		if err == nil {
			waiting = &list[0]
		}
		return err
	})
	return waiting, err
}

// repriceFound is what a reprice found. The sessions are in reprice_found.
type repriceFound struct {
	id      int64
	version int64 // of the configuration by which they were priced
	result  *creditnotes.RepriceResult
}

// repriceTries is how often a reprice is priced when what it stands on changes
// meanwhile.
const repriceTries = 3

// whileFound prices what a reprice is about, keeps the sessions that differ in
// the database, so that a million take no memory, and calls then. Where then says
// that they changed meanwhile, they are priced again.
func (s *Store) whileFound(ctx context.Context, q creditnotes.RepriceQuery, progress func(done, of int), then func(*repriceFound) error) error {
	for try := 1; ; try++ {
		err := s.whileFoundOnce(ctx, q, progress, then)
		if try == repriceTries || !isOvertaken(err) {
			return err
		}
	}
}

// isOvertaken reports whether what a reprice found is not so any more.
func isOvertaken(err error) bool {
	return slices.ContainsFunc(fault.Of(err), func(f *fault.Fault) bool { return f.Key == "reprice_overtaken" })
}

func overtaken(q *creditnotes.RepriceQuery) error {
	return fault.New(fault.Conflict, "reprice_overtaken", fault.Args{"subject": q.Subject()})
}

func (s *Store) whileFoundOnce(ctx context.Context, q creditnotes.RepriceQuery, progress func(done, of int), then func(*repriceFound) error) error {
	found, err := s.findRepriced(ctx, q, progress)
	if err == nil {
		err = then(found)
	}
	if found == nil {
		return err
	}
	// Rows that stay are deleted by the reprice after a day.
	return errors.Join(err, s.inTx(context.WithoutCancel(ctx), func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM reprice_found WHERE reprice_id = $1", found.id)
		return err
	}))
}

// foundLasts is how long a reprice may take, before others take what it found for
// left behind.
const foundLasts = 24 * time.Hour

// findRepriced prices without a lock. Found is not nil where rows may be left.
func (s *Store) findRepriced(ctx context.Context, q creditnotes.RepriceQuery, progress func(done, of int)) (found *repriceFound, err error) {
	version, err := s.ConfigurationVersion(ctx) // before it is read: what changes later is noticed
	if err != nil {
		return nil, err
	}
	r, differing, err := s.repricing(ctx, q, progress)
	if err != nil {
		return nil, err
	}
	f := &repriceFound{version: version}
	err = s.inTx(ctx, func(tx *Tx) error {
		if _, err := tx.exec("DELETE FROM reprice_found WHERE found_at < $1", tx.now().Add(-foundLasts)); err != nil {
			return err
		}
		f.id, err = tx.takeIDs("reprices", 1)
		return err
	})
	if err != nil {
		return nil, err
	}
	batch := make([]repriceFoundRow, 0, importBatch)
	for one, err := range differing {
		if err != nil {
			return f, fmt.Errorf("reprice: %w", err)
		}
		if batch = append(batch, repriceFoundRow{f.id, one.ID, one.Line.SessionID, one.Line.PathID, utc(s.now())}); len(batch) < cap(batch) {
			continue
		}
		if err := s.keepFound(ctx, batch); err != nil {
			return f, err
		}
		batch = batch[:0]
	}
	if progress != nil {
		progress(1, 1)
	}
	f.result = r.Result()
	return f, s.keepFound(ctx, batch)
}

func (s *Store) keepFound(ctx context.Context, batch []repriceFoundRow) error {
	return s.inTx(ctx, func(tx *Tx) error { return create(tx.db, batch...) })
}

// approveReprice is Approve for a reprice: it is priced first, without a lock.
func (s *Store) approveReprice(ctx context.Context, who string, p *creditnotes.Proposal) error {
	var q creditnotes.RepriceQuery
	if err := jsonText(p.After).read("after", &q); err != nil {
		return err
	}
	return s.whileFound(ctx, q, nil, func(f *repriceFound) error {
		return s.inTxOf(ctx, long, func(tx *Tx) error {
			return s.approve(tx, who, p.ID, func(row *proposalRow) error { return tx.reprice(f, row.AskedBy, who) })
		})
	})
}

// reprice makes the next versions of what was found. The caller holds the lock of
// the configuration; no import and no run begins meanwhile. Where the
// configuration or one of the sessions changed since they were priced, nothing is
// done: a Conflict fault.
func (tx *Tx) reprice(f *repriceFound, asked, approved string) error {
	if err := tx.lockSessions(); err != nil {
		return err
	}
	version, err := tx.version("configuration")
	if err != nil {
		return err
	}
	if version != f.version {
		return overtaken(&f.result.RepriceQuery)
	}
	if f.result.Nothing() {
		return nil
	}
	if err := tx.keepReprice(f, asked, approved); err != nil {
		return err
	}
	made, after := int64(0), int64(0)
	for {
		rows, err := tx.stillFound(f.id, after)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		made, after = made+int64(len(rows)), rows[len(rows)-1].ID
		if err := tx.nextVersions(rows, f.id); err != nil {
			return err
		}
	}
	if made != f.result.Sessions {
		return overtaken(&f.result.RepriceQuery)
	}
	return nil
}

// stillFound reads the next sessions that were found, as far as they are still the
// current versions, and what they were paid still stands.
func (tx *Tx) stillFound(id, after int64) ([]sessionRow, error) {
	return collect(tx.ctx, tx.sql, (*sessionRow).fields, "SELECT s."+strings.Join(columnsOf[sessionRow](), ", s.")+`
		FROM reprice_found f JOIN sessions s ON s.id = f.session_id AND s.current AND NOT s.reversed
		WHERE f.reprice_id = $1 AND f.session_id > $2
			AND EXISTS (SELECT 1 FROM lines l WHERE l.session_id = f.paid_id AND l.live AND l.kind = 'credit' AND l.path_id = f.path_id)
		ORDER BY f.session_id LIMIT $3`, id, after, importBatch)
}

// nextVersions makes the next version of each session, with the same content. It
// stays released: it was credited, and no rule of plausibility asks again.
func (tx *Tx) nextVersions(rows []sessionRow, reprice int64) error {
	now := utc(tx.now())
	first, err := tx.takeIDs("session", len(rows))
	if err != nil {
		return err
	}
	ids, next, made := make([]int64, len(rows)), make([]*sessionRow, len(rows)), make([]repriceSessionRow, len(rows))
	for i := range rows {
		row := &rows[i]
		ids[i], next[i] = row.ID, row
		row.ID, row.Version, row.Released, row.ReceivedAt, row.SameAs = first+int64(i), row.Version+1, true, now, nil
		made[i] = repriceSessionRow{row.ID, reprice}
	}
	if err := tx.supersede(ids, now); err != nil {
		return err
	}
	if err := tx.copySessions(next, &copyRows{}); err != nil {
		return err
	}
	return create(tx.db, made...)
}

// keepReprice records what is priced anew, and why.
func (tx *Tx) keepReprice(f *repriceFound, asked, approved string) error {
	r := f.result
	row := repriceRow{f.id, r.Rate, r.Contract, string(r.From), r.Reason, r.Sessions, utc(tx.now()), asked, approved}
	if err := create(tx.db, row); err != nil {
		return err
	}
	var last int64
	if err := tx.scanRow("SELECT coalesce(max(id), 0) FROM runs", nil, &last); err != nil {
		return err
	}
	months := make([]repriceMonthRow, len(r.Months))
	for i, m := range r.Months {
		months[i] = repriceMonthRow{f.id, m.OwnerID, string(m.Month), last}
	}
	if err := create(tx.db, months...); err != nil {
		return err
	}
	if len(months) > 0 {
		if err := tx.configurationChanged(); err != nil {
			return err
		}
	}
	return tx.audit(Entry{Who: approved, Action: "session.repriced", Subject: r.Subject(), Before: string(jsonOf(struct {
		AskedBy string `json:"asked_by"`
	}{asked})), After: string(jsonOf(r.JSON()))})
}
