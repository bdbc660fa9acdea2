package creditnotes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// PricedPath is a price path as PriceProof needs it.
type PricedPath struct {
	prices                   *pathPrices
	owner, station, contract string // keys
}

// PricedPaths compiles price paths. Those with the same prices share them, so
// that the paths of many connectors need little memory.
type PricedPaths struct{ known map[string]*pathPrices }

// Of compiles a price path.
func (p *PricedPaths) Of(path *tariffs.Path) (PricedPath, error) {
	found := PricedPath{owner: path.Owner, station: path.Station}
	if path.Contract != nil {
		found.contract = path.Contract.Key
	}
	of := &tariffs.Path{Tariff: path.Tariff, Prices: path.Prices, Discount: path.Discount, Contract: path.Contract}
	key, err := json.Marshal(of)
	if err != nil {
		return found, err
	}
	if p.known == nil {
		p.known = map[string]*pathPrices{}
	}
	if p.known[string(key)] == nil {
		p.known[string(key)] = pricesOf(of)
	}
	found.prices = p.known[string(key)]
	return found, nil
}

// PriceProof adds up the prices of the lines of one note, as drafting does, to be
// compared with those of its positions.
type PriceProof struct{ sums map[pricedPart]*partPrices }

// pricedPart is what makes a position of its own on a note, but its component.
type pricedPart struct {
	Owner, Station string // keys
	Month          entities.Month
	Correction     bool
	Tax            int // slot
	Contract       string
	CreditedAgain  string
}

// Add adds a line; seconds is the duration of its session and again the
// cancelled document that credited it before.
func (p *PriceProof) Add(path *PricedPath, l *Line, month entities.Month, seconds int64, again string) {
	part := pricedPart{path.owner, path.station, month, l.Correction, l.Tax, path.contract, again}
	if p.sums == nil {
		p.sums = map[pricedPart]*partPrices{}
	}
	if p.sums[part] == nil {
		p.sums[part] = &partPrices{}
	}
	path.prices.add(p.sums[part], l, seconds)
}

// Digest is the SHA-256 of what was added, in 64 hexadecimal digits.
func (p *PriceProof) Digest() (string, error) {
	var list []pricedPosition
	for part, prices := range p.sums {
		for i := range prices {
			if kept, further := prices[i].frozen(); len(kept) > 0 || further {
				list = append(list, pricedPosition{part, lineComponents[i], kept, further})
			}
		}
	}
	return digestOf(list)
}

// pricedPosition is what a position says of its prices.
type pricedPosition struct {
	pricedPart
	Component Component
	Prices    []UnitPrice
	Further   bool
}

// pricesDigest is PriceProof.Digest of what the positions of a note say.
func (n *Note) pricesDigest() (string, error) {
	var list []pricedPosition
	for i := range n.Positions {
		if p := &n.Positions[i]; len(p.Prices) > 0 || p.FurtherPrices {
			part := pricedPart{p.Owner, p.Station, p.Month, p.Correction, p.Tax, p.Contract, p.CreditedAgain}
			list = append(list, pricedPosition{part, p.Component, p.Prices, p.FurtherPrices})
		}
	}
	return digestOf(list)
}

// digestOf is the SHA-256 over positions, whatever their order.
func digestOf(list []pricedPosition) (string, error) {
	texts := make([]string, len(list))
	for i := range list {
		text, err := json.Marshal(&list[i])
		if err != nil {
			return "", err
		}
		texts[i] = string(text)
	}
	slices.Sort(texts)
	sum := sha256.New()
	for _, text := range texts {
		_, _ = sum.Write(append([]byte(text), '\n')) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// prices compares the prices of positions with those of the lines. A
// cancellation has those of the document that it cancels, turned; those of own
// charging have a proof of their own.
func (v *Verification) prices(n *Note, lines NoteLines, args fault.Args) {
	if !n.Document.UnitPrices || n.Kind != numbering.CreditNote {
		return
	}
	if lines.Prices == "" {
		lines.Prices, _ = (&PriceProof{}).Digest() // of no lines
	}
	if said, err := n.pricesDigest(); err != nil || said != lines.Prices {
		v.add("verify_prices", args)
	}
}
