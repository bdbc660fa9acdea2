package einvoice

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// line is one position of the note (BG-25), never one session.
type line struct {
	id          string // BT-126
	quantity    string // BT-129: of a fee what is counted; else 1, or −1 where the amount is negative
	unit        string // BT-130
	net         string // BT-131
	price       string // BT-146: never negative (BR-27)
	period      *period
	tax         tax
	name        string // BT-153
	description string // BT-154
	station     string // BT-155
	attributes  []attribute
}

// attribute is one property of the item (BG-32).
type attribute struct {
	name  string // BT-160
	value string // BT-161
}

// piece is the unit of most lines (BT-130, UN/ECE Rec. 20).
const piece = "C62"

// lines writes every position. A document over nothing has none and says so in
// a line of its own, since an invoice must have one (BR-16).
func (c *composer) lines(inv *invoice) ([]line, error) {
	if len(c.note.Positions) == 0 {
		return c.emptyLine(inv)
	}
	list := make([]line, 0, len(c.note.Positions))
	unassigned := false
	for i := range c.note.Positions {
		p := &c.note.Positions[i]
		t, ok := c.taxOf(inv, p)
		unassigned = unassigned || !ok
		l := c.line(strconv.Itoa(i+1), p.Net, t)
		if p.IsFee() {
			c.feeLine(&l, p)
		}
		if err := c.describe(&l, p); err != nil {
			return nil, err
		}
		l.period = within(p.Month, inv.period)
		list = append(list, l)
	}
	if unassigned {
		c.lacks(fault.New(fault.NotReady, "einvoice_tax_unassigned", fault.Args{}))
	}
	return list, nil
}

// line is the part of a line that is figures: the sign of the amount goes into
// the quantity.
func (c *composer) line(id string, net money.Amount, t tax) line {
	l := line{id: id, quantity: "1", unit: piece, net: c.sums.write(net), price: c.sums.write(net), tax: t}
	if turn(&c.sums, net) < 0 {
		l.quantity, l.price = "-1", c.sums.write(-net)
	}
	return l
}

func (c *composer) emptyLine(inv *invoice) ([]line, error) {
	words, err := c.say("no_positions", nil)
	if err != nil {
		return nil, err
	}
	if len(inv.taxes) == 0 { // BR-CO-18
		c.lacks(fault.New(fault.NotReady, "einvoice_tax_unassigned", fault.Args{}))
		return nil, nil
	}
	l := c.line("1", 0, inv.taxes[0])
	l.name = words
	return []line{l}, nil
}

// describe names what a position pays for, in the language of the note.
func (c *composer) describe(l *line, p *creditnotes.Position) (err error) {
	if p.Component == creditnotes.CarriedForward {
		if l.name, err = c.carriedName(p); err != nil {
			return err
		}
		var months []string
		for _, m := range c.note.CarriedMonths(p) {
			text := c.texts.Month(c.note.Language, m.Month) + ": " + c.sums.write(m.Net)
			if m.CreditedAgain != "" {
				words, err := c.say("heading_again", map[string]any{"Number": m.CreditedAgain})
				if err != nil {
					return err
				}
				text += " (" + words + ")"
			}
			months = append(months, text)
		}
		l.description = clean(strings.Join(months, "; "))
		return nil
	}
	if c.note.OfFees() {
		return c.describeFee(l, p)
	}
	component, err := c.say("component_"+string(p.Component), nil)
	if err != nil {
		return err
	}
	month := c.texts.Month(c.note.Language, p.Month)
	if p.Station == "" { // a monthly sum of a contract, or a custom record
		l.name = join(", ", cmp.Or(clean(p.Text), component), clean(p.Contract), month)
		l.description, err = c.description(p, month)
		return err
	}
	l.name = join(", ", stationOf(p), component, month)
	l.station = clean(p.Station)
	if l.description, err = c.description(p, month); err != nil {
		return err
	}
	return c.attributes(l, p)
}

// attributes are the energy and the number of the sessions of a position, and
// what it was priced at.
func (c *composer) attributes(l *line, p *creditnotes.Position) error {
	switch p.Component {
	case creditnotes.Energy, creditnotes.Share, creditnotes.OwnCharging:
		l.attributes = append(l.attributes, attribute{"kWh", turn(&c.sums, p.Energy).String()})
	}
	label, err := c.say("column_sessions", nil)
	if err != nil {
		return err
	}
	if p.Sessions != 0 { // 0: of a correction, which takes back what it pays
		l.attributes = append(l.attributes, attribute{label, strconv.Itoa(p.Sessions)})
	}
	return c.prices(l, p, label)
}

// description is what else the printed position stands under: that it is late
// or a correction, and whose it is where there are several owners.
func (c *composer) description(p *creditnotes.Position, month string) (string, error) {
	heading := ""
	switch {
	case p.Correction:
		heading = "heading_correction"
	case p.CreditedAgain != "":
		heading = "heading_again"
	case p.Late:
		heading = "heading_late"
	}
	words := ""
	if heading != "" {
		var err error
		if words, err = c.say(heading, map[string]any{"Month": month, "Number": p.CreditedAgain}); err != nil {
			return "", err
		}
	}
	later := ""
	if p.CollectedLater {
		var err error
		if later, err = c.say("collected_later", nil); err != nil {
			return "", err
		}
	}
	return join("; ", words, later, c.ownerOf(p)), nil
}

// ownerOf names the owner of a position where there are several.
func (c *composer) ownerOf(p *creditnotes.Position) string {
	if len(c.note.Owners) < 2 {
		return ""
	}
	return clean(c.note.Document.OwnerNames[p.Owner])
}

func (c *composer) carriedName(p *creditnotes.Position) (string, error) {
	run := c.note.Document.CarriedForward[p.Ordinal]
	if run == "" {
		return c.say("carried_forward", nil)
	}
	return c.say("carried_from_run", map[string]any{"Run": c.texts.Month(c.note.Language, entities.Month(run))})
}

func (c *composer) say(key string, args map[string]any) (string, error) {
	words, err := c.texts.Text(c.note.Language, key, args)
	if err != nil {
		return "", fmt.Errorf("words of a line: %w", err)
	}
	return clean(words), nil
}

// within is the part of a month that lies in the invoicing period, since a
// line must not reach out of it (PEPPOL-EN16931-R110, -R111); none when they
// do not meet, as with a sum carried forward.
func within(m entities.Month, whole *period) *period {
	if whole == nil || m.IsZero() {
		return nil
	}
	from, to := m.FirstDay(), m.LastDay()
	return periodOf(max(from, whole.from), min(to, whole.to))
}

// stationOf names a station with its key.
func stationOf(p *creditnotes.Position) string {
	name, key := clean(p.StationName), clean(p.Station)
	switch {
	case name == "" || name == key:
		return key
	case key == "":
		return name
	}
	return name + " (" + key + ")"
}

func join(separator string, parts ...string) string {
	var list []string
	for _, part := range parts {
		if part != "" {
			list = append(list, part)
		}
	}
	return strings.Join(list, separator)
}
