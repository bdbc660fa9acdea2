package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// onlyRepriced holds where all versions of a session between old and s were made
// by reprices. With s they have the content of old, so that what was billed for old
// as own charging stays: it is not taken back and billed again.
const onlyRepriced = `(SELECT min(v.id) FROM sessions v
	WHERE NOT v.current AND v.source = s.source AND v.external_id = s.external_id AND v.version > old.version AND v.version < s.version
		AND NOT EXISTS (SELECT 1 FROM reprice_sessions p WHERE p.session_id = v.id)) IS NULL`

// OwnSessions implements creditnotes.DraftStore.
func (s *Store) OwnSessions(ctx context.Context, q creditnotes.OwnQuery) (ids []int64, err error) {
	err = s.snapshot(ctx, func(tx view) error {
		if err := s.readByIndex(ctx, tx); err != nil {
			return err
		}
		only, args := "", []any{s.dialect.texts(q.Media), utc(q.Cutoff), utc(q.From), utc(q.Until)}
		if q.Only != nil {
			only, args = " AND s.id "+s.dialect.in("$5"), append(args, s.dialect.list(q.Only))
		}
		ids, err = collect(ctx, tx, func(id *int64) []any { return []any{id} }, `
			SELECT s.id FROM sessions s
			WHERE upper(s.medium_uid) `+s.dialect.in("$1")+only+` AND s.medium_uid <> '' AND s.ended_at >= $3 AND s.ended_at < $4 AND `+knownAt+`
				AND (SELECT 1 FROM own_charges c WHERE c.session_id = s.id AND c.live AND c.kind = 'own_charging') IS NULL
				AND (SELECT max(c.session_id) FROM reprice_sessions a
					JOIN sessions old ON NOT old.current AND old.source = s.source AND old.external_id = s.external_id AND old.version < s.version
					JOIN own_charges c ON c.session_id = old.id AND c.live AND c.kind = 'own_charging'
					WHERE a.session_id = s.id AND `+onlyRepriced+`
						AND NOT EXISTS (SELECT 1 FROM own_charges b WHERE b.session_id = old.id AND b.live AND b.kind = 'own_charging_reversal')) IS NULL
			ORDER BY s.id`, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sessions of own media: %w", translateError(err))
	}
	return ids, nil
}

// ReplacedCharges implements creditnotes.DraftStore.
func (s *Store) ReplacedCharges(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) ([]creditnotes.ReplacedCharge, error) {
	only, args := "", []any{utc(run.Cutoff), utc(q.Until)}
	if q.Only != nil {
		only, args = " AND s.id "+s.dialect.in("$3"), append(args, s.dialect.list(q.Only))
	}
	list, err := collectByIndex(ctx, s, q.Only != nil, func(r *creditnotes.ReplacedCharge) []any {
		return []any{
			&r.NoteID, &r.OwnerID, &r.SessionID, &r.PathID, &r.Kind, &r.Contract, &r.Correction, &r.OwnCharge.Tax, &r.Energy, &r.DriverAmount, &r.Net,
			&r.Currency, &r.End, &r.CurrentID,
			&r.TaxTotal.Account, &r.TaxTotal.LedgerAccount, &r.TaxTotal.Name, &r.TaxTotal.Category, &r.TaxTotal.Rate,
			&r.TaxTotal.ExemptionCode, &r.TaxTotal.Exemption, (*pathDiscount)(&r.Discount),
		}
	}, `
		SELECT c.note_id, c.owner_id, c.session_id, c.path_id, c.kind, c.contract, c.correction, c.tax, c.energy, c.driver_amount, c.net,
			n.currency, old.ended_at, s.id, t.account, t.ledger_account, t.name, t.category, t.rate, t.exemption_code, t.exemption, p.content
		FROM own_charges c
		LEFT JOIN price_paths p ON p.id = c.path_id
		JOIN sessions old ON old.id = c.session_id AND NOT old.current AND old.superseded_at <= $1
		JOIN credit_notes n ON n.id = c.note_id
		JOIN note_taxes t ON t.note_id = c.note_id AND t.ordinal = c.tax + 1
		JOIN sessions s ON s.source = old.source AND s.external_id = old.external_id AND s.version > old.version
		WHERE c.live AND c.kind = 'own_charging' AND s.received_at <= $1 AND (s.superseded_at IS NULL OR s.superseded_at > $1) AND s.ended_at < $2`+only+`
			AND NOT EXISTS (SELECT 1 FROM own_charges b WHERE b.session_id = c.session_id AND b.live AND b.kind = 'own_charging_reversal')
			AND ((SELECT a.session_id FROM reprice_sessions a WHERE a.session_id = s.id) IS NULL OR NOT `+onlyRepriced+`)
		ORDER BY c.owner_id, c.session_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("replaced own charging: %w", err)
	}
	return list, nil
}

// SaveOwnCharges implements creditnotes.DraftWriter.
func (w *draftWriter) SaveOwnCharges(list []creditnotes.OwnCharge) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{c.NoteID, w.run.ID, c.OwnerID, c.SessionID, c.PathID, string(c.Kind), c.Contract, c.Correction, c.Tax,
			int64(c.Energy), int64(c.DriverAmount), int64(c.Net), true}
	}
	_, err := w.tx.copyFrom("own_charges", []string{"note_id", "run_id", "owner_id", "session_id", "path_id", "kind", "contract", "correction", "tax",
		"energy", "driver_amount", "net", "live"}, pgx.CopyFromRows(rows))
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Wrap(fault.Conflict, "draft_overtaken", fault.Args{"run": w.run.Name}, err)
	}
	if err != nil {
		return err
	}
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].SessionID
	}
	return w.tx.touchCharged("o.session_id "+w.tx.dialect.in("$1"), w.tx.dialect.list(ids))
}

// touchCharged says that sessions are billed as own charging o, or no more: none
// of their drivers' money is awaited. Versions of one charge begin at the same
// time at the same connector.
func (tx *Tx) touchCharged(charges string, args ...any) error {
	sessions := `SELECT x.id FROM own_charges o JOIN sessions v ON v.id = o.session_id JOIN sessions x ON x.connector_id = v.connector_id AND x.started_at = v.started_at
		WHERE ` + charges
	if err := tx.touchRecords(sessions, args...); err != nil {
		return err
	}
	return tx.touchSessions(sessions+" AND x.current", args...)
}

// SaveOwnWaits implements creditnotes.DraftWriter.
func (w *draftWriter) SaveOwnWaits(list []creditnotes.Hold) error {
	return w.saveNamed("run_own_waits", list)
}

// OwnWaits implements creditnotes.RunStore.
func (s *Store) OwnWaits(ctx context.Context, runID int64) ([]creditnotes.Hold, error) {
	return s.named(ctx, "run_own_waits", runID)
}
