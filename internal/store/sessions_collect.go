package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// CollectionResult counts what became of collections.
type CollectionResult struct {
	Collected int `json:"collected"` // known since now
	Unchanged int `json:"unchanged"` // known before
	Rejected  int `json:"rejected"`
}

// ImportCollections takes in when the money of drivers arrived (settlement.md
// §2.3). A collection is written on all versions of its session and never taken
// back: one that is known already changes nothing. Bad records are errors as in
// ImportSessions: those of the source, a session that is not there, and an
// amount that is not the driver amount of the session.
func (s *Store) ImportCollections(
	ctx context.Context, who string, source iter.Seq2[creditnotes.FromFile[sessions.Collection], error], opts ImportOptions,
) (CollectionResult, error) {
	run := &collectionImport{now: utc(s.now()), rows: rowImport{opts: opts}}
	err := s.tryTx(ctx, long, func(tx *Tx) error {
		if err := tx.lockSessions(); err != nil {
			return err
		}
		if err := inChunks(source, &run.rows, func(list []creditnotes.FromFile[sessions.Collection]) error { return run.take(tx, list) }); err != nil {
			return err
		}
		if opts.Check {
			return errOnlyChecked
		}
		return tx.audit(run.entry(who)...)
	})
	run.result.Rejected = run.rows.rejected
	if err != nil && !errors.Is(err, errOnlyChecked) {
		return CollectionResult{Rejected: run.rows.rejected}, givenUp(err)
	}
	return run.result, nil
}

// CollectSession records that the money of a driver arrived. The id is that of
// any version of the session; an unknown one is a NotFound fault, an amount that
// is not the driver amount an Invalid one. It returns whether that is news.
func (s *Store) CollectSession(ctx context.Context, who string, id int64, at time.Time, amount *money.Micros) (news bool, err error) {
	row, err := first[sessionRow](s.db(ctx).Where("id = ?", id))
	if err != nil {
		return false, err
	}
	if row == nil {
		return false, fault.New(fault.NotFound, "session_not_found", fault.Args{"session": id})
	}
	var result CollectionResult
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockSessions(); err != nil {
			return err
		}
		one := sessions.Collection{Source: row.Source, ExternalID: row.ExternalID, At: at, Amount: amount}
		run := &collectionImport{now: utc(s.now()), rows: rowImport{opts: ImportOptions{Name: row.name()}}}
		if err := run.take(tx, []creditnotes.FromFile[sessions.Collection]{{Value: one}}); err != nil {
			return err
		}
		if refused := run.rows.faults; refused != nil {
			charged, _, _ := strings.Cut(fmt.Sprint(refused[0].Args["expected"]), ",")
			return fault.New(fault.Invalid, "collection_amount", fault.Args{
				"session": row.name(), "expected": charged, "got": refused[0].Args["got"]}).At("amount")
		}
		result = run.result
		return tx.audit(run.entry(who)...)
	})
	return result.Collected > 0, err
}

// collectionImport is one import of collections on its way.
type collectionImport struct {
	now    time.Time
	rows   rowImport
	result CollectionResult
}

func (c *collectionImport) entry(who string) []Entry {
	if c.result.Collected == 0 {
		return nil
	}
	return []Entry{{Who: who, Action: "sessions.collected", Subject: c.rows.opts.Name, After: string(jsonOf(c.result))}}
}

// take stores some collections.
func (c *collectionImport) take(tx *Tx, list []creditnotes.FromFile[sessions.Collection]) error {
	known, err := tx.collectible(list)
	if err != nil {
		return err
	}
	fresh := map[sessionName]time.Time{}
	for i := range list {
		one, at := &list[i].Value, &list[i]
		name := sessionName{one.Source, one.ExternalID}
		session, ok := known[name]
		_, again := fresh[name]
		switch {
		case !ok:
			err = c.rows.refuse(at.Line, at.Record, "id", "a session that was imported", one.Source+"/"+one.ExternalID)
		case one.Amount != nil && !session.charged(*one.Amount):
			err = c.rows.refuse(at.Line, at.Record, "amount", session.expected(), one.Amount.String())
		case session.collected != nil || again:
			c.result.Unchanged++
		default:
			fresh[name] = utc(one.At)
			c.result.Collected++
		}
		if err != nil {
			return err
		}
	}
	return tx.collectSessions(fresh, c.now)
}

// collectible is what is looked up of a session that was collected.
type collectible struct {
	amount    *int64
	currency  string
	collected *time.Time
}

// charged reports whether an amount is the driver amount. One that the sales
// side decides is not known here.
func (c *collectible) charged(amount money.Micros) bool {
	return c.amount == nil || *c.amount == int64(amount)
}

func (c *collectible) expected() string {
	return money.Micros(*c.amount).String() + " " + c.currency + ", the driver amount of the session: part payments are not collections"
}

// collectible looks up the current versions of sessions by name.
func (tx *Tx) collectible(list []creditnotes.FromFile[sessions.Collection]) (map[sessionName]collectible, error) {
	names := make([]sessionName, len(list))
	for i := range list {
		names[i] = sessionName{list[i].Value.Source, list[i].Value.ExternalID}
	}
	type row struct {
		id string
		collectible
	}
	known := map[sessionName]collectible{}
	err := tx.eachSource(names, func(source string, ids []string) error {
		from, is := "sessions s WHERE s.source = $1 AND s.external_id = ANY ($2) AND s.current", ""
		if tx.dialect == sqliteDialect {
			from, is = "json_each($2) k CROSS JOIN sessions s ON s.source = $1 AND s.external_id = k.value", " WHERE s.current"
		}
		rows, err := collect(tx.ctx, tx.sql, func(r *row) []any { return []any{&r.id, &r.amount, &r.currency, &r.collected} },
			"SELECT s.external_id, s.driver_amount, s.currency, s.collected_at FROM "+from+is, source, tx.dialect.texts(ids))
		for _, r := range rows {
			known[sessionName{source, r.id}] = r.collectible
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return known, nil
}

// collectSessions writes collections on all versions of their sessions that
// have none.
func (tx *Tx) collectSessions(list map[sessionName]time.Time, known time.Time) error {
	if len(list) == 0 {
		return nil
	}
	names := make([]sessionName, 0, len(list))
	for name := range list {
		names = append(names, name)
	}
	err := tx.eachSource(names, func(source string, ids []string) error {
		times := make([]time.Time, len(ids))
		for i, id := range ids {
			times[i] = list[sessionName{source, id}]
		}
		// The versions that are current and those that were replaced have an
		// index each.
		for _, current := range []string{"s.current", "NOT s.current"} {
			if err := tx.collectVersions(current, source, ids, times, known); err != nil {
				return err
			}
			if err := tx.touchNamed(current, source, ids); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("collections: %w", err)
	}
	return nil
}

func (tx *Tx) collectVersions(current, source string, ids []string, times []time.Time, known time.Time) error {
	const update = "UPDATE sessions AS s SET collected_at = u.at, collection_known_at = $4 FROM "
	if tx.dialect == postgresDialect {
		_, err := tx.exec(update+"unnest($2::text[], $3::timestamptz[]) AS u (id, at) WHERE s.source = $1 AND s.external_id = u.id AND "+
			current+" AND s.collected_at IS NULL", source, ids, times, known)
		return err
	}
	for i, id := range ids {
		_, err := tx.exec("UPDATE sessions AS s SET collected_at = $1, collection_known_at = $2 WHERE s.source = $3 AND s.external_id = $4 AND "+
			current+" AND s.collected_at IS NULL", times[i], known, source, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// touchNamed says that sessions have changed whose records are added up: those on
// documents, and the current versions that are on none.
func (tx *Tx) touchNamed(current, source string, ids []string) error {
	named := "SELECT s.id FROM sessions s WHERE s.source = $1 AND s.external_id = ANY ($2) AND " + current
	if tx.dialect == sqliteDialect {
		named = "SELECT s.id FROM json_each($2) k CROSS JOIN sessions s ON s.source = $1 AND s.external_id = k.value WHERE " + current
	}
	if err := tx.touchRecords(named, source, tx.dialect.texts(ids)); err != nil || current != "s.current" {
		return err
	}
	return tx.touchSessions(named+" AND (SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal') IS NULL", source, tx.dialect.texts(ids))
}

// touchSessions says that sessions of the open month have changed beside a new
// version.
func (tx *Tx) touchSessions(sessions string, args ...any) error {
	if _, err := tx.exec("INSERT INTO open_touched (session_id) "+sessions, args...); err != nil {
		return fmt.Errorf("touched sessions: %w", err)
	}
	return nil
}
