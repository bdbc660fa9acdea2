package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/settlement"
)

// runContractsRow is a row of run_contracts.
type runContractsRow struct {
	RunID     int64    `gorm:"column:run_id"`
	OwnerID   int64    `gorm:"column:owner_id"`
	Month     string   `gorm:"column:month"`
	Contracts jsonText `gorm:"column:contracts"` // []settlement.Contract
}

// TableName implements schema.Tabler.
func (runContractsRow) TableName() string { return "run_contracts" }

// FrozenContracts implements creditnotes.DraftStore. The contracts that count
// are those of the latest run that settled something by them that stands, unless
// a reprice has since let the contracts count as they are now.
func (s *Store) FrozenContracts(ctx context.Context, run *creditnotes.Run) ([]creditnotes.FrozenContracts, error) {
	rows, err := find[runContractsRow](s.read.WithContext(ctx).Table("run_contracts c").Where(`c.run_id = (
		SELECT max(n.run_id) FROM positions p
		JOIN credit_notes n ON n.id = p.note_id AND n.kind <> 'cancellation'
		JOIN run_contracts r ON r.run_id = n.run_id AND r.owner_id = p.owner_id AND r.month = p.month
		WHERE p.owner_id = c.owner_id AND p.month = c.month AND p.contract <> ''
			AND NOT EXISTS (SELECT 1 FROM credit_notes x WHERE x.cancels = n.id)
			AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id))
		AND NOT EXISTS (SELECT 1 FROM reprice_months m WHERE m.owner_id = c.owner_id AND m.month = c.month AND m.run_id >= c.run_id)`))
	if err != nil {
		return nil, fmt.Errorf("contracts of runs: %w", err)
	}
	list := make([]creditnotes.FrozenContracts, len(rows))
	for i, row := range rows {
		list[i] = creditnotes.FrozenContracts{OwnerID: row.OwnerID, Month: entities.Month(row.Month)}
		if err := row.Contracts.read("contracts", &list[i].Contracts); err != nil {
			return nil, fmt.Errorf("contracts of run %s: %w", run.Name, err)
		}
	}
	return list, nil
}

// settledMonths lists the months that contracts settled, by contract, owner and
// month. What a run has drafted counts, until the draft is discarded.
func (tx *Tx) settledMonths(keys []string) ([]creditnotes.SettledMonth, error) {
	return collect(tx.ctx, tx.sql, func(s *creditnotes.SettledMonth) []any {
		return []any{&s.Contract, &s.Owner, &s.Month, &s.Run}
	}, `
		SELECT c.contract, e.key, c.month, r.name
		FROM (
			SELECT p.contract, p.owner_id, p.month, min(n.run_id) AS run_id
			FROM positions p JOIN credit_notes n ON n.id = p.note_id
			WHERE p.contract <> '' AND p.contract `+tx.dialect.in("$1")+` AND n.cancels IS NULL AND `+stands("n.id")+`
			GROUP BY p.contract, p.owner_id, p.month
		) c JOIN entities e ON e.id = c.owner_id JOIN runs r ON r.id = c.run_id
		ORDER BY c.contract, e.key, c.month`, tx.dialect.texts(keys))
}

// SaveContracts implements creditnotes.DraftWriter.
func (w *draftWriter) SaveContracts(list []creditnotes.FrozenContracts) error {
	rows := make([]runContractsRow, len(list))
	for i, f := range list {
		rows[i] = runContractsRow{w.run.ID, f.OwnerID, string(f.Month), jsonOf(append([]settlement.Contract{}, f.Contracts...))}
	}
	return create(w.tx.db, rows...)
}
