package creditnotes

import (
	"fmt"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// composer turns the sums of a shard into notes.
type composer struct {
	plan    *Plan
	run     *Run
	texts   Texts
	carried map[carryKey][]CarriedSum
	noted   map[int64]bool // owners who have a note of this month already
	ids     *noteIDs
}

type carryKey struct {
	ownerID  int64
	currency string
}

// compose makes the notes of a shard in walk order, one per group and
// currency, and moves the sessions of notes over nothing to zero.
func (c *composer) compose(d *drafter) ([]*Note, error) {
	var notes []*Note
	for _, g := range d.shard.groups {
		if g.recipient == c.plan.Network.Operator() && len(g.owners) == 1 && g.owners[0].entity == g.recipient {
			continue
		}
		made, err := c.groupNotes(d, g)
		if err != nil {
			return nil, err
		}
		notes = append(notes, made...)
	}
	return notes, nil
}

func (c *composer) groupNotes(d *drafter, g *group) ([]*Note, error) {
	var notes []*Note
	for _, currency := range d.sums.currencies(g) {
		n := d.sums.notes[noteKey{g, currency}]
		note, err := c.note(d, g, currency, n)
		if err != nil {
			return nil, err
		}
		if note.State == Zero {
			d.sums.settleAsZero(n)
		}
		notes = append(notes, note)
	}
	if len(notes) > 0 || !c.run.Settings.CreateZeroNotes {
		return notes, nil
	}
	return c.emptyNote(d, g)
}

// note makes the draft of one credit note. Its total decides what becomes of
// it: a document, nothing (zero), or a sum carried forward (negative).
func (c *composer) note(d *drafter, g *group, currency string, n *noteSums) (*Note, error) {
	digits, err := digitsOf(currency)
	if err != nil {
		return nil, err
	}
	zone := c.plan.Network.Zone()
	note := c.blank(g, n.id, currency)
	note.PeriodFrom, note.PeriodTo = entities.DateOf(n.first, zone), entities.DateOf(n.last, zone)
	note.Positions = n.positions(c.run.Month, digits)
	note.Owners = ownersIn(note.Owners, note.Positions)
	c.bringAlong(note)
	sortPositions(note.Positions, c.plan.Network.Tree.Rank)
	return note, c.finish(d, note, g, digits)
}

// emptyNote makes the note over 0.00 of owners that have a station on the
// last day of the month but had no session (domain.md §9.5): once for a month, however
// often it is run.
func (c *composer) emptyNote(d *drafter, g *group) ([]*Note, error) {
	midnight := c.run.Month.LastDay().AddDays(1).In(c.plan.Network.Zone()).Add(-time.Microsecond)
	var owners []string
	for _, o := range g.owners {
		if o.failed == nil && !c.noted[o.entity.ID] && len(c.plan.Network.StationsOwned(o.entity, midnight)) > 0 {
			owners = append(owners, o.entity.Key)
		}
	}
	if len(owners) == 0 {
		return nil, nil
	}
	currency := c.currencyOf(g.recipient)
	digits, err := digitsOf(currency)
	if err != nil {
		return nil, err
	}
	note := c.blank(g, c.ids.take(), currency)
	note.Owners = owners
	note.PeriodFrom, note.PeriodTo = c.run.Month.FirstDay(), c.run.Month.LastDay()
	return []*Note{note}, c.finish(d, note, g, digits)
}

func (c *composer) blank(g *group, id int64, currency string) *Note {
	note := &Note{
		ID: id, RunID: c.run.ID, Kind: numbering.CreditNote, State: Draft, Ordinal: g.ordinal,
		Recipient: g.recipient.Key, Language: c.languageOf(g.recipient), Currency: currency, Date: c.run.DocumentDate,
	}
	for _, o := range g.owners {
		if o.failed == nil {
			note.Owners = append(note.Owners, o.entity.Key)
		}
	}
	return note
}

// ownersIn keeps the owners that have a position.
func ownersIn(owners []string, positions []Position) []string {
	return slices.DeleteFunc(slices.Clone(owners), func(key string) bool {
		return !slices.ContainsFunc(positions, func(p Position) bool { return p.Owner == key })
	})
}

// bringAlong adds the negative sums that wait for these owners as positions of
// their own (domain.md §9.6).
func (c *composer) bringAlong(note *Note) {
	for _, key := range note.Owners {
		owner := c.plan.Network.Tree.Entity(key)
		for _, sum := range c.carried[carryKey{owner.ID, note.Currency}] {
			digits, _ := money.Digits(note.Currency)
			note.Positions = append(note.Positions, Position{
				Owner: key, Component: CarriedForward, Month: monthOfRun(sum.RunName),
				Late: monthOfRun(sum.RunName).Before(c.run.Month),
				Sum:  sum.Net.Micros(digits), Net: sum.Net, CarriedFrom: sum.NoteID,
			})
		}
	}
}

// finish adds up, taxes, and decides the state.
func (c *composer) finish(d *drafter, note *Note, g *group, digits int) error {
	note.Net = 0
	account, failed := c.plan.accountOf(g.recipient, note.Date)
	if failed != nil {
		return failed
	}
	for i := range note.Positions {
		note.Positions[i].TaxAccount = account.Key
		note.Net += note.Positions[i].Net
	}
	if err := c.tax(note, account); err != nil {
		return err
	}
	switch {
	case note.Net < 0:
		note.State = Carried
	case note.Net == 0 && !c.run.Settings.CreateZeroNotes:
		note.State = Zero
	}
	return c.freeze(d, note, g, account, digits)
}

// tax computes the tax of the one category a recipient has, on the sum of the
// positions, rounded once (EN 16931 BR-CO-17).
func (c *composer) tax(note *Note, account *TaxAccount) error {
	rate, _ := account.RateOn(note.Date)
	exemption, err := c.exemption(note.Language, account)
	if err != nil {
		return err
	}
	total := TaxTotal{
		Account: account.Key, LedgerAccount: account.LedgerAccount, Name: inLanguage(account.Name, note.Language, account.Key),
		Category: account.Category, Rate: rate, Base: note.Net, Tax: note.Net.Tax(rate),
		ExemptionCode: account.ExemptionCode, Exemption: exemption,
	}
	note.Taxes = []TaxTotal{total}
	note.Tax = total.Tax
	note.Gross = note.Net + note.Tax
	return nil
}

// currencies lists those in which a group has sums, sorted.
func (s *sums) currencies(g *group) []string {
	var list []string
	for key := range s.notes {
		if key.group == g {
			list = append(list, key.currency)
		}
	}
	slices.Sort(list)
	return list
}

// settleAsZero moves the sessions of a note over nothing from credited to zero.
func (s *sums) settleAsZero(n *noteSums) {
	for o, count := range n.credited {
		sheet := s.sheets[o.entity]
		sheet.Zero = sheet.Zero.Plus(*count)
		sheet.Credited = sheet.Credited.Plus(Count{-count.Sessions, -count.Energy})
	}
}

// languageOf is the language of a recipient's documents: its own, that of the
// settings, English (domain.md §9.1).
func (c *composer) languageOf(recipient *entities.Entity) string {
	for _, language := range []string{recipient.Language, c.run.Settings.Language} {
		if c.texts.Supports(language) {
			return language
		}
	}
	return "en"
}

// currencyOf is an entity's default currency, else the operator's, else euro.
func (c *composer) currencyOf(entity *entities.Entity) string {
	for _, currency := range []string{entity.Currency, c.plan.Network.Operator().Currency} {
		if currency != "" {
			return currency
		}
	}
	return "EUR"
}

func digitsOf(currency string) (int, error) {
	digits, ok := money.Digits(currency)
	if !ok {
		return 0, fault.New(fault.Invalid, "currency_unknown", fault.Args{"currency": currency})
	}
	return digits, nil
}

// monthOfRun takes the month out of a run's name.
func monthOfRun(name string) entities.Month {
	if len(name) < len("2006-01") {
		return ""
	}
	return entities.Month(name[:len("2006-01")])
}

// inLanguage picks a text by language, else English, else the fallback.
func inLanguage(texts map[string]string, language, fallback string) string {
	for _, key := range []string{language, "en"} {
		if text := texts[key]; text != "" {
			return text
		}
	}
	return fallback
}

// prove compares what the lines add up to with what the positions say: a note
// whose proof fails stops the run.
func prove(note *Note, lines money.Micros) error {
	var positions money.Micros
	for _, p := range note.Positions {
		if p.Component != CarriedForward {
			positions += p.Sum
		}
	}
	if positions != lines {
		return fmt.Errorf("note of %v for run %d: positions add up to %s, lines to %s", note.Owners, note.RunID, positions, lines)
	}
	return nil
}
