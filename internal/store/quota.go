package store

import (
	"context"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// Quota lists the energy that was delivered at each public charge point in a
// calendar year, by station and EVSE: valid sessions that ended in it, as they are
// known now, and none at machines.
func (s *Store) Quota(ctx context.Context, year int, zone *time.Location) ([]creditnotes.QuotaRow, error) {
	begin := time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
	type row struct {
		creditnotes.QuotaRow
		first, last sqliteInstant
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.EVSEID, &r.Station, &r.Name, &r.Street, &r.Postcode, &r.City, &r.Country, &r.PowerType, &r.first, &r.last, &r.Sessions, &r.Energy}
	}, `SELECT c.evse_id, t.key, t.name, t.street, t.postcode, t.city, t.country, max(c.power_type), min(s.started_at), max(s.ended_at), count(*), CAST(sum(s.energy) AS bigint)
		FROM sessions s JOIN connectors c ON c.id = s.connector_id JOIN stations t ON t.key = c.station_key
		WHERE s.current AND NOT s.reversed AND NOT s.id_reused AND (s.status = 'valid' OR s.released) AND t.kind <> 'machine' AND s.ended_at >= $1 AND s.ended_at < $2
		GROUP BY c.evse_id, t.key, t.name, t.street, t.postcode, t.city, t.country ORDER BY t.key, c.evse_id`, begin, begin.AddDate(1, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("quota: %w", err)
	}
	list := make([]creditnotes.QuotaRow, len(rows))
	for i := range rows {
		list[i] = rows[i].QuotaRow
		list[i].From, list[i].Until = entities.DateOf(rows[i].first.Time, zone), entities.DateOf(rows[i].last.Time, zone)
	}
	return list, nil
}
