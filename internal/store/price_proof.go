package store

import (
	"context"
	"database/sql"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// priceProofs is what the prices of the lines of notes are added up with.
type priceProofs struct {
	zones map[int64]*time.Location // by the notes whose positions have prices
	paths map[int64]creditnotes.PricedPath
	again map[int64]map[sessionName]string // by note: what it credits again
}

// priceProofs reads what the notes in these books ask for; nil where none has
// prices.
func (b *books) priceProofs(ctx context.Context) (*priceProofs, error) {
	p := &priceProofs{paths: map[int64]creditnotes.PricedPath{}, again: map[int64]map[sessionName]string{}}
	if err := p.readZones(ctx, b); err != nil || len(p.zones) == 0 {
		return nil, err
	}
	if err := p.readPaths(ctx, b); err != nil {
		return nil, err
	}
	return p, p.readAgain(ctx, b)
}

func (p *priceProofs) readZones(ctx context.Context, b *books) error {
	document := "n.document"
	if b.dialect == postgresDialect {
		document += "::json"
	}
	type row struct {
		note int64
		zone string
	}
	and, args := b.recent(recentNotes)
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.note, &r.zone} },
		"SELECT n.id, "+document+" ->> 'time_zone' FROM credit_notes n WHERE n.kind = 'credit_note' AND "+document+" ->> 'unit_prices' IS NOT NULL"+and, args...)
	if err != nil {
		return err
	}
	p.zones = make(map[int64]*time.Location, len(rows))
	known := map[string]*time.Location{}
	for _, r := range rows {
		if known[r.zone] == nil {
			if known[r.zone], err = time.LoadLocation(r.zone); err != nil {
				return err
			}
		}
		p.zones[r.note] = known[r.zone]
	}
	return nil
}

// readPaths streams the price paths of the lines: only what is compiled stays in
// memory.
func (p *priceProofs) readPaths(ctx context.Context, b *books) error {
	and, args := b.recent("id IN (SELECT l.path_id FROM lines l JOIN credit_notes n ON n.id = l.note_id WHERE " + recentNotes + ")")
	rows, err := b.q.QueryContext(ctx, "SELECT id, content FROM price_paths WHERE true"+and, utcArgs(args)...)
	if err != nil {
		return translateError(err)
	}
	defer rows.Close()
	var compiled creditnotes.PricedPaths
	var id int64
	var content sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&id, &content); err != nil {
			return translateError(err)
		}
		path, err := tariffs.ParsePath(content)
		if err != nil {
			continue // BrokenPaths counts it
		}
		if p.paths[id], err = compiled.Of(path); err != nil {
			return err
		}
	}
	return translateError(rows.Err())
}

func (p *priceProofs) readAgain(ctx context.Context, b *books) error {
	notes, err := column[int64](ctx, b.q, "SELECT DISTINCT note_id FROM positions WHERE credited_again <> ''")
	for _, note := range notes {
		if p.zones[note] == nil || err != nil {
			continue
		}
		p.again[note], err = creditedAgain(ctx, b.q, note)
	}
	return err
}

// add adds a line to the proof of its note; nothing for notes without prices.
func (p *priceProofs) add(to *creditnotes.PriceProof, l *sealedLine) {
	if p == nil || p.zones[l.note] == nil {
		return
	}
	path, known := p.paths[l.path]
	if !known {
		return // MissingPaths names it
	}
	line := creditnotes.Line{
		Kind: creditnotes.LineKind(l.kind), Correction: l.correction, Tax: int(l.tax), Energy: money.Quantity(l.energy), Nets: l.Nets,
		DriverAmount: money.Micros(l.driverAmount), DriverFee: money.Micros(l.driverFee),
	}
	again := ""
	if line.Kind == creditnotes.LineCredit && !line.Correction {
		again = p.again[l.note][sessionName{l.source, l.externalID}]
	}
	to.Add(&path, &line, entities.MonthOf(l.ended, p.zones[l.note]), l.duration, again)
}

// digest is what was added of a note; empty for one without prices.
func (p *priceProofs) digest(of *creditnotes.PriceProof, note int64) (string, error) {
	if p == nil || p.zones[note] == nil {
		return "", nil
	}
	return of.Digest()
}
