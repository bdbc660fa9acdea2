package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// ownLine is the line l that settles the version s, and settlingLine that of an
// earlier version where the version s differs in nothing that counts.
const (
	ownLine      = "l.session_id = s.id AND l.live AND l.kind <> 'reversal'"
	settlingLine = `l.live AND l.kind <> 'reversal' AND l.session_id = CASE
		WHEN s.same_as IS NULL OR EXISTS (SELECT 1 FROM lines o WHERE o.session_id = s.id AND o.live AND o.kind <> 'reversal') THEN s.id
		ELSE (SELECT max(v.id) FROM sessions v JOIN lines o ON o.session_id = v.id AND o.live AND o.kind = 'credit' AND o.driver_amount IS NULL
			WHERE v.source = s.source AND v.external_id = s.external_id AND NOT v.current AND v.version < s.version
				AND (v.id = s.same_as OR v.same_as = s.same_as)) END`
)

// outcomeOf says what became of a session s with a line l on a note n of a run r.
const outcomeOf = `CASE
	WHEN l.kind IS NULL OR r.stage NOT IN ('issued', 'completed') THEN 'held'
	WHEN l.kind <> 'credit' THEN l.kind
	WHEN n.state = 'zero' THEN 'zero' ELSE 'credited' END`

// energyHad is the energy of a session; of one that its source took back before
// it was credited, what it had.
const energyHad = `CASE WHEN NOT s.reversed THEN s.energy WHEN l.kind = 'credit' THEN 0
	ELSE coalesce((SELECT p.energy FROM sessions p WHERE p.source = s.source AND p.external_id = s.external_id
		AND NOT p.current AND NOT p.reversed ORDER BY p.version DESC LIMIT 1), s.energy) END`

// lifetimeWhere narrows sessions s at connectors c to what a query asks for.
func (d dialect) lifetimeWhere(q creditnotes.LifetimeQuery) (where string, args []any) {
	where = "1 = 1"
	if !q.Until.IsZero() {
		where, args = "s.ended_at < $1", []any{utc(q.Until)}
	}
	if len(q.Stations) > 0 {
		where += fmt.Sprintf(" AND c.station_key %s", d.in(fmt.Sprintf("$%d", len(args)+1)))
		args = append(args, d.texts(q.Stations))
	}
	return where, args
}

// Lifetimes implements creditnotes.LifetimeStore.
func (s *Store) Lifetimes(ctx context.Context, q creditnotes.LifetimeQuery) ([]creditnotes.LifetimeCount, error) {
	where, args := s.dialect.lifetimeWhere(q)
	return collect(ctx, s.readSQL, func(c *creditnotes.LifetimeCount) []any {
		return []any{&c.Station, &c.EVSEID, &c.Outcome, &c.Count.Sessions, &c.Count.Energy}
	}, `
		SELECT station, evse, outcome, count(*), sum(energy) FROM (
			SELECT coalesce(c.station_key, '') AS station, c.evse_id AS evse, `+outcomeOf+` AS outcome, `+energyHad+` AS energy
			FROM connectors c
			JOIN sessions s ON s.connector_id = c.id AND s.current
			LEFT JOIN lines l ON `+settlingLine+`
			LEFT JOIN runs r ON r.id = l.run_id
			LEFT JOIN credit_notes n ON n.id = l.note_id
			WHERE `+where+`) AS one
		GROUP BY station, evse, outcome`, args...)
}

// LifetimeNets implements creditnotes.LifetimeStore.
func (s *Store) LifetimeNets(ctx context.Context, q creditnotes.LifetimeQuery) ([]creditnotes.LifetimeNet, error) {
	where, args := s.dialect.lifetimeWhere(q)
	half := func(kind string) string {
		return `SELECT coalesce(c.station_key, '') AS station, c.evse_id AS evse, n.currency AS currency, ` + netTotal + ` AS net
			FROM connectors c
			JOIN sessions s ON s.connector_id = c.id
			JOIN lines l ON l.session_id = s.id AND l.live AND ` + kind + `
			JOIN credit_notes n ON n.id = l.note_id
			JOIN runs r ON r.id = l.run_id AND r.stage IN ('issued', 'completed')
			WHERE ` + where
	}
	return collect(ctx, s.readSQL, func(n *creditnotes.LifetimeNet) []any {
		return []any{&n.Station, &n.EVSEID, &n.Currency, &n.Net}
	}, "SELECT station, evse, currency, sum(net) FROM ("+half("l.kind <> 'reversal'")+" UNION ALL "+half("l.kind = 'reversal'")+
		") AS one GROUP BY station, evse, currency", args...)
}

// LifetimeMeters implements creditnotes.LifetimeStore.
func (s *Store) LifetimeMeters(ctx context.Context, q creditnotes.LifetimeQuery) iter.Seq2[creditnotes.MeterReading, error] {
	where, args := s.dialect.lifetimeWhere(q)
	return each(ctx, s.readSQL, func(r *creditnotes.MeterReading) []any {
		return []any{&r.Station, &r.EVSEID, &r.Session, &r.Start, &r.End, &r.MeterStart, &r.MeterStop}
	}, `
		SELECT coalesce(c.station_key, ''), c.evse_id, s.external_id, s.started_at, s.ended_at, s.meter_start, s.meter_stop
		FROM connectors c
		JOIN sessions s ON s.connector_id = c.id AND s.current AND NOT s.reversed
		WHERE `+where+`
		ORDER BY coalesce(c.station_key, ''), c.evse_id, s.started_at, s.id`, args...)
}

// StationProofs implements creditnotes.VerifyStore. It looks at all sessions.
func (b *books) StationProofs(ctx context.Context) ([]creditnotes.StationProof, error) {
	if !b.since.IsZero() {
		return nil, nil
	}
	proofs := stationProofs{}
	for _, read := range []func(context.Context, *books) error{proofs.sessions, proofs.lines, proofs.printed} {
		if err := read(ctx, b); err != nil {
			return nil, err
		}
	}
	return slices.SortedFunc(maps.Values(proofs), func(x, y creditnotes.StationProof) int { return cmp.Compare(x.Station, y.Station) }), nil
}

// stationProofs are proofs by the key of the station.
type stationProofs map[string]creditnotes.StationProof

func (p stationProofs) change(station string, by func(*creditnotes.StationProof)) {
	one, ok := p[station]
	if !ok {
		one = creditnotes.StationProof{Station: station, Lines: map[string]money.Micros{}, Printed: map[string]money.Micros{}}
	}
	by(&one)
	p[station] = one
}

// sessions counts what was received, and what of it a line settles and what not.
func (p stationProofs) sessions(ctx context.Context, b *books) error {
	type row struct {
		station                 string
		received, settled, open creditnotes.Count
	}
	const worth = "CASE WHEN s.reversed THEN 0 ELSE s.energy END"
	rows, err := collect(ctx, b.q, func(r *row) []any {
		return []any{&r.station, &r.received.Sessions, &r.received.Energy, &r.settled.Sessions, &r.settled.Energy, &r.open.Sessions, &r.open.Energy}
	}, `
		SELECT coalesce(c.station_key, ''), count(*), sum(`+worth+`),
			count(l.session_id), coalesce(sum(l.energy), 0),
			sum(CASE WHEN l.session_id IS NULL THEN 1 ELSE 0 END), sum(CASE WHEN l.session_id IS NULL THEN `+worth+` ELSE 0 END)
		FROM connectors c
		JOIN sessions s ON s.connector_id = c.id AND s.current
		LEFT JOIN lines l ON `+ownLine+`
		GROUP BY coalesce(c.station_key, '')`)
	for _, r := range rows {
		p.change(r.station, func(one *creditnotes.StationProof) {
			one.Received, one.Settled, one.Open = r.received, r.settled, r.open
		})
	}
	return err
}

// lines adds up the lines on notes that stand by the station of their price path.
func (p stationProofs) lines(ctx context.Context, b *books) error {
	type row struct {
		path     int64
		currency string
		net      money.Micros
		content  []byte
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.path, &r.currency, &r.net, &r.content} }, `
		SELECT one.path_id, one.currency, one.net, p.content
		FROM (SELECT l.path_id, n.currency, sum(`+netTotal+`) AS net
			FROM lines l JOIN credit_notes n ON n.id = l.note_id
			WHERE l.live GROUP BY l.path_id, n.currency) AS one
		JOIN price_paths p ON p.id = one.path_id`)
	for _, r := range rows {
		path, broken := tariffs.ParsePath(r.content)
		if broken != nil {
			continue // BrokenPaths tells
		}
		p.change(path.Station, func(one *creditnotes.StationProof) { one.Lines[r.currency] += r.net })
	}
	return err
}

// printed adds up the positions of notes that stand by their station.
func (p stationProofs) printed(ctx context.Context, b *books) error {
	type row struct {
		station, currency string
		sum               money.Micros
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.station, &r.currency, &r.sum} }, `
		SELECT p.station_key, n.currency, sum(p.sum)
		FROM positions p JOIN credit_notes n ON n.id = p.note_id
		WHERE p.station_key <> '' AND n.kind = 'credit_note' AND p.component <> 'carried_forward' AND n.id NOT IN `+undoneNotes+`
		GROUP BY p.station_key, n.currency`)
	for _, r := range rows {
		p.change(r.station, func(one *creditnotes.StationProof) { one.Printed[r.currency] += r.sum })
	}
	return err
}
