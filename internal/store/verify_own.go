package store

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// OwnSums implements creditnotes.OwnBooks. The months are those of the zone of
// the operator that the note names.
func (b *books) OwnSums(ctx context.Context) (creditnotes.OwnProofs, error) {
	type row struct {
		note     int64
		document jsonText
		part     creditnotes.OwnPart
		ended    time.Time
		charge   creditnotes.OwnCharge
	}
	discounts, err := b.ownDiscounts(ctx)
	if err != nil {
		return nil, err
	}
	and, args := b.recent(recentNotes)
	zones, sums := map[int64]*time.Location{}, creditnotes.OwnProofs{}
	for r, err := range each(ctx, b.q, func(r *row) []any { return []any{&r.note, &r.document} },
		"SELECT n.id, n.document FROM credit_notes n WHERE n.kind = 'invoice'"+and, args...) {
		if err != nil {
			return nil, err
		}
		var document struct {
			TimeZone string `json:"time_zone"`
		}
		if err := r.document.read("document", &document); err != nil {
			return nil, err
		}
		if zones[r.note], err = time.LoadLocation(document.TimeZone); err != nil {
			return nil, err
		}
	}
	for r, err := range each(ctx, b.q, func(r *row) []any {
		return []any{&r.note, &r.part.Owner, &r.part.Contract, &r.part.Correction, &r.part.Tax, &r.ended, &r.charge.Net, &r.charge.Energy, &r.charge.DriverAmount, &r.charge.PathID}
	}, `
		SELECT c.note_id, e.key, c.contract, c.correction, c.tax, s.ended_at, c.net, c.energy, c.driver_amount, c.path_id
		FROM own_charges c JOIN credit_notes n ON n.id = c.note_id JOIN entities e ON e.id = c.owner_id JOIN sessions s ON s.id = c.session_id
		WHERE n.kind = 'invoice'`+and, args...) {
		if err != nil {
			return nil, err
		}
		r.part.Month = entities.MonthOf(r.ended, zones[r.note])
		r.charge.Contract = r.part.Contract
		sums.Add(r.note, r.part, &r.charge, discounts[r.charge.PathID])
	}
	return sums, nil
}

// ownDiscounts are the discounts of the price paths of own charging.
func (b *books) ownDiscounts(ctx context.Context) (map[int64]money.Percent, error) {
	type row struct {
		path     int64
		discount pathDiscount
	}
	discounts := map[int64]money.Percent{}
	for r, err := range each(ctx, b.q, func(r *row) []any { return []any{&r.path, &r.discount} },
		"SELECT id, content FROM price_paths WHERE id IN (SELECT path_id FROM own_charges)") {
		if err != nil {
			return nil, err
		}
		discounts[r.path] = money.Percent(r.discount)
	}
	return discounts, nil
}

// pathDiscount is the discount of a price path, read from its content; 0 where there
// is no path, or one that cannot be read, which BrokenPaths counts.
type pathDiscount money.Percent

// Scan implements sql.Scanner.
func (d *pathDiscount) Scan(content any) error {
	*d = 0
	stored, text := content.([]byte)
	if !text {
		words, _ := content.(string)
		stored = []byte(words)
	}
	if path, err := tariffs.ParsePath(stored); err == nil {
		*d = pathDiscount(path.Discount)
	}
	return nil
}

// OwnTwice implements creditnotes.OwnBooks.
func (b *books) OwnTwice(ctx context.Context) ([]string, error) {
	return column[string](ctx, b.q, `
		SELECT s.source || '/' || s.external_id FROM sessions s WHERE s.id IN (
			SELECT session_id FROM own_charges WHERE live GROUP BY session_id, kind HAVING count(*) > 1
			UNION SELECT back.session_id FROM own_charges back WHERE back.live AND back.kind = 'own_charging_reversal'
				AND NOT EXISTS (SELECT 1 FROM own_charges c WHERE c.session_id = back.session_id AND c.live AND c.kind = 'own_charging')
			UNION SELECT later.session_id
			FROM own_charges later JOIN sessions v ON v.id = later.session_id
			JOIN sessions s ON s.source = v.source AND s.external_id = v.external_id AND s.version < v.version
			JOIN own_charges c ON c.session_id = s.id AND c.live AND c.kind = 'own_charging' AND c.owner_id = later.owner_id
			WHERE later.live AND later.kind = 'own_charging'
				AND NOT EXISTS (SELECT 1 FROM own_charges back WHERE back.session_id = c.session_id AND back.live AND back.kind = 'own_charging_reversal'))
		ORDER BY 1`)
}
