package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// lineSum is what the lines of a note come to by path and month.
type lineSum struct {
	note, owner, path         int64
	month                     string
	sessions                  int64
	energy                    money.Quantity
	net, driver, share        money.Micros
	collected, collectedShare money.Micros
	unknown                   int64
}

// sumKey is what makes a row of line_sums.
type sumKey struct {
	note, owner                  int64
	month, station, rule, tariff string
}

// sumLines adds up the lines of a run that is issued, in one walk.
func (tx *Tx) sumLines(run *creditnotes.Run) error {
	months, err := column[string](tx.ctx, tx.sql, `SELECT DISTINCT p.month FROM positions p JOIN credit_notes n ON n.id = p.note_id
		WHERE n.run_id = $1 AND n.kind = 'credit_note' AND p.station_key <> '' ORDER BY p.month`, run.ID)
	if err != nil || len(months) == 0 {
		return err
	}
	zone, err := tx.operatorZone()
	if err != nil {
		return err
	}
	monthOf, args := "CASE", []any{run.ID, run.Cutoff}
	for _, m := range months {
		args = append(args, entities.Month(m).End(zone))
		monthOf += fmt.Sprintf(" WHEN s.ended_at < $%d THEN '%s'", len(args), m)
	}
	rows, err := collect(tx.ctx, tx.sql, func(l *lineSum) []any {
		return []any{&l.note, &l.owner, &l.path, &l.month, &l.sessions, &l.energy, &l.net, &l.driver, &l.share, &l.collected, &l.collectedShare, &l.unknown}
	}, `SELECT note, owner, path, month, sum(one), sum(energy), sum(net), coalesce(sum(driver), 0), coalesce(sum(CASE WHEN driver IS NOT NULL THEN net END), 0),
			coalesce(sum(CASE WHEN collected THEN driver END), 0), coalesce(sum(CASE WHEN collected THEN net END), 0), sum(CASE WHEN driver IS NULL THEN one ELSE 0 END)
		FROM (SELECT l.note_id AS note, l.owner_id AS owner, l.path_id AS path, `+monthOf+` ELSE '`+months[len(months)-1]+`' END AS month,
				CASE WHEN l.kind = 'reversal' THEN -1 ELSE 1 END AS one, l.energy AS energy, `+netTotal+` AS net, `+driverOfLine+` AS driver,
				`+collectedBy("$2", "$1")+` AS collected
			FROM credit_notes n JOIN lines l ON l.note_id = n.id JOIN sessions s ON s.id = l.session_id
			WHERE n.run_id = $1 AND n.kind = 'credit_note' AND l.kind IN ('credit', 'reversal')) AS one_by_one
		GROUP BY note, owner, path, month`, args...)
	if err != nil {
		return fmt.Errorf("add up lines: %w", err)
	}
	return tx.saveLineSums(rows)
}

// saveLineSums stores what lines come to, by station and tariff instead of path.
func (tx *Tx) saveLineSums(rows []lineSum) error {
	paths, err := tx.sumPaths(rows)
	if err != nil {
		return err
	}
	sums, order := map[sumKey]*lineSum{}, []sumKey{}
	for _, l := range rows {
		key := paths[l.path]
		key.note, key.owner, key.month = l.note, l.owner, l.month
		sum := sums[key]
		if sum == nil {
			sums[key], order = new(l), append(order, key)
			continue
		}
		sum.sessions, sum.energy, sum.net, sum.driver, sum.share = sum.sessions+l.sessions, sum.energy+l.energy, sum.net+l.net, sum.driver+l.driver, sum.share+l.share
		sum.collected, sum.collectedShare, sum.unknown = sum.collected+l.collected, sum.collectedShare+l.collectedShare, sum.unknown+l.unknown
	}
	list := make([][]any, len(order))
	for i, key := range order {
		s := sums[key]
		list[i] = []any{key.note, key.owner, key.month, key.station, key.rule, key.tariff, s.sessions, int64(s.energy), int64(s.net), int64(s.driver),
			int64(s.share), int64(s.collected), int64(s.collectedShare), s.unknown}
	}
	_, err = tx.copyFrom("line_sums", strings.Fields("note_id owner_id month station_key rule tariff sessions energy net driver_amount driver_share "+
		"collected_amount collected_share unknown"), pgx.CopyFromRows(list))
	return err
}

// sumPaths finds station, rule and tariff of the paths of rows. Where a share
// decides, the contract stands for the tariff.
func (tx *Tx) sumPaths(rows []lineSum) (map[int64]sumKey, error) {
	known := map[int64]sumKey{}
	for _, l := range rows {
		known[l.path] = sumKey{}
	}
	ids := make([]int64, 0, len(known))
	for id := range known {
		ids = append(ids, id)
	}
	type row struct {
		id      int64
		content []byte
	}
	contents, err := collect(tx.ctx, tx.sql, func(r *row) []any { return []any{&r.id, &r.content} },
		"SELECT id, content FROM price_paths WHERE id "+tx.dialect.in("$1"), tx.dialect.list(ids))
	if err != nil {
		return nil, err
	}
	for _, r := range contents {
		path, err := tariffs.ParsePath(r.content)
		if err != nil {
			return nil, err
		}
		known[r.id] = sumKeyOf(path)
	}
	return known, nil
}

func sumKeyOf(path *tariffs.Path) sumKey {
	station, rule, tariff := creditnotes.AnalysisKeys(path)
	return sumKey{station: station, rule: rule, tariff: tariff}
}

// sumOldLines adds up the lines of runs that an older version issued.
func (s *Store) sumOldLines(ctx context.Context) error {
	names, err := column[string](ctx, s.readSQL, `SELECT r.name FROM runs r WHERE r.stage IN ('issued', 'completed')
		AND EXISTS (SELECT 1 FROM credit_notes n JOIN positions p ON p.note_id = n.id WHERE n.run_id = r.id AND n.kind = 'credit_note' AND p.station_key <> '')
		AND NOT EXISTS (SELECT 1 FROM credit_notes n JOIN line_sums l ON l.note_id = n.id WHERE n.run_id = r.id) ORDER BY r.id`)
	if err != nil {
		return err
	}
	for _, name := range names {
		run, err := s.RunByName(ctx, name)
		if err != nil {
			return err
		}
		if err := s.inTx(ctx, func(tx *Tx) error { return tx.sumLines(run) }); err != nil {
			return err
		}
	}
	return nil
}

// BrokenSums implements creditnotes.VerifyStore.
func (b *books) BrokenSums(ctx context.Context) ([]creditnotes.BrokenSum, error) {
	if !b.since.IsZero() {
		return nil, nil
	}
	return collect(ctx, b.q, func(s *creditnotes.BrokenSum) []any {
		return []any{&s.Number, &s.Station, &s.Month, &s.Sums, &s.Printed}
	}, `
		SELECT coalesce(n.number, '#' || n.id), one.station, one.month, one.sums, one.printed
		FROM (SELECT note, owner, station, month, sum(sums) AS sums, sum(printed) AS printed
			FROM (SELECT note_id AS note, owner_id AS owner, station_key AS station, month AS month, net AS sums, 0 AS printed FROM line_sums
				UNION ALL
				SELECT p.note_id, p.owner_id, p.station_key, p.month, 0, p.sum
				FROM positions p JOIN credit_notes n ON n.id = p.note_id JOIN runs r ON r.id = n.run_id AND r.stage IN ('issued', 'completed')
				WHERE n.kind = 'credit_note' AND p.station_key <> '' AND p.component <> 'carried_forward') AS two
			GROUP BY note, owner, station, month HAVING sum(sums) <> sum(printed)) AS one
		JOIN credit_notes n ON n.id = one.note ORDER BY n.id, one.station, one.month`)
}
