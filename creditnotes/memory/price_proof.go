package memory

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/tariffs"
)

// priceProof adds up the prices of the lines of a note.
type priceProof struct {
	creditnotes.PriceProof
	paths creditnotes.PricedPaths
	zone  *time.Location // nil: its positions have none
}

func (d *Data) priceProof(n *creditnotes.Note) *priceProof {
	p := &priceProof{}
	if n != nil && n.Document.UnitPrices {
		p.zone, _ = time.LoadLocation(n.Document.TimeZone) // that of the operator
	}
	return p
}

func (p *priceProof) add(d *Data, l *Line) {
	v := d.session(l.SessionID)
	path, err := tariffs.ParsePath(d.Paths[l.PathID])
	if p.zone == nil || v == nil || err != nil { // which is a fault of its own
		return
	}
	if priced, err := p.paths.Of(path); err == nil {
		p.Add(&priced, &l.Line, entities.MonthOf(v.End, p.zone), v.Duration, d.creditedAgain(l))
	}
}

func (p *priceProof) digest() string {
	if p.zone == nil {
		return ""
	}
	digest, _ := p.Digest() // of plain values
	return digest
}
