package network

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
)

// resellerLine is a time in which an entity is a reseller of electricity.
type resellerLine struct {
	entities.ResellerPeriod
	State string // valid, ending, ended, later or stated
}

// resellerLines lists these times, the latest first.
func resellerLines(e *entities.Entity, day entities.Date) (lines []resellerLine) {
	for _, p := range slices.Backward(e.Reseller) {
		line := resellerLine{p, "stated"}
		if p.Certificate != "" {
			d := creditnotes.EntityDocument{ValidFrom: p.From, ValidUntil: p.Until}
			line.State = d.State(day)
		}
		lines = append(lines, line)
	}
	return lines
}

// proposedLine is what the decision table proposes from a day of supply on, beside
// what the tax of the entity says.
type proposedLine struct {
	From               entities.Date
	Proposed, Category string // words
	Account            string // name
	Reason             string
	Differs            bool
}

// proposedDays is how many days before and after today the page of an entity shows
// what is proposed.
const proposedDays = 60

// proposedLines shows what the decision table proposes for an entity as the
// recipient of credit notes.
func (v *Visit) proposedLines(b *snapshot.Snapshot, e *entities.Entity, stated creditnotes.Statements) (lines []proposedLine) {
	today := b.Day(v.Now())
	for _, p := range b.Config.ProposedTaxes(e, b.Operator(), stated, today.AddDays(-proposedDays), today.AddDays(proposedDays)) {
		ended := ""
		if !p.Ended.IsZero() {
			ended = v.Texts.Date(v.Lang, p.Ended)
		}
		line := proposedLine{From: p.From, Proposed: v.categoryWords(p.Category), Differs: p.Differs(), Reason: v.Message(string(p.Reason), "Until", ended)}
		if p.Account != nil {
			line.Account, line.Category = v.taxName(b, p.Account.Key), v.categoryWords(p.Account.Category)
		}
		lines = append(lines, line)
	}
	return lines
}

func (v *Visit) categoryWords(c creditnotes.TaxCategory) string {
	return v.Message("tax_category_"+string(c)) + " (" + string(c) + ")"
}

// resellerIn adds the time that was typed, if one was, to those there are. One
// that begins on the same day is replaced by it.
func (f *entityForm) resellerIn(list []entities.ResellerPeriod) []entities.ResellerPeriod {
	p := entities.ResellerPeriod{
		From: f.date("reseller_from"), Until: f.date("reseller_until"), Certificate: f.Text("reseller_certificate"), IssuedOn: f.date("reseller_issued"),
	}
	switch {
	case p == entities.ResellerPeriod{}:
		return list
	case p.From.IsZero():
		f.Say("reseller_from", "entity_reseller_from_missing")
		return list
	}
	list = slices.DeleteFunc(slices.Clone(list), func(have entities.ResellerPeriod) bool { return have.From == p.From })
	list = append(list, p)
	slices.SortStableFunc(list, func(a, b entities.ResellerPeriod) int { return strings.Compare(string(a.From), string(b.From)) })
	return list
}

// resellerFields are the fields of a time that is added.
func (f *entityForm) resellerFields() []formField {
	return []formField{
		f.field("reseller_from", "date", "", false), f.field("reseller_until", "date", "", true),
		f.field("reseller_certificate", "text", "", true), f.field("reseller_issued", "date", "", false),
	}
}
