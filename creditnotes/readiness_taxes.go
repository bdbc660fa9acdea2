package creditnotes

import (
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// taxes checks under which taxes an owner can be credited in the month, whether
// there are sessions yet or not.
func (o *Readiness) taxes(p *Plan, owner *owner, from, until time.Time) {
	recipient := owner.group.recipient
	for _, span := range owner.group.treatments.within(from, until) {
		failed := p.spanObstacle(owner, &span, max(span.day, o.Month.FirstDay()))
		if failed != nil && !o.has(failed) {
			o.add(Fails, failed)
		}
	}
	for _, f := range p.taxChanges(recipient, owner.group.treatments, from, until) {
		if !o.has(f) {
			o.add(Warns, f)
		}
	}
}

// proposals warns where the tax of a recipient is another one than the decision
// table proposes for the days of supply of the period that the run closes for an
// owner.
func (o *Readiness) proposals(p *Plan, owner, recipient *entities.Entity, stated Statements) {
	first, _ := owner.Frequency.Period(o.Month)
	for _, f := range p.Config.TaxDifferences(recipient, p.Network.Operator(), stated, first.FirstDay(), o.Month.LastDay()) {
		o.add(Warns, f)
	}
}

// spanObstacle is what prevents an owner from being credited in a span.
func (p *Plan) spanObstacle(owner *owner, span *treatmentSpan, day entities.Date) *fault.Fault {
	if span.account == nil {
		_, failed := p.treatmentOn(owner.group.recipient, day)
		return failed
	}
	return p.taxObstacle(owner.entity, owner.group.recipient, span.account)
}

// taxChanges reports each day within a period on which a recipient is taxed
// otherwise than on the day before: its notes show several taxes (domain.md
// §7.2).
func (p *Plan) taxChanges(recipient *entities.Entity, list treatments, from, until time.Time) (changes []*fault.Fault) {
	spans := list.within(from, until)
	for i := 1; i < len(spans); i++ {
		changes = append(changes, fault.New(fault.NotReady, "tax_treatment_changes", fault.Args{
			"recipient": recipient.Key, "date": string(spans[i].day), "before": spans[i-1].label(), "after": spans[i].label(),
		}))
	}
	return changes
}

// label names a treatment by account and rate; the fault of a missing one says
// the rest.
func (t treatment) label() string {
	if t.account == nil {
		return "–"
	}
	return t.account.Key + " " + t.rate.String() + " %"
}

// has reports whether a finding says the same already: of the same owner,
// recipient and account.
func (o *Readiness) has(f *fault.Fault) bool {
	return slices.ContainsFunc(o.Findings, func(known Finding) bool {
		if known.Fault.Key != f.Key {
			return false
		}
		for _, arg := range []string{"owner", "recipient", "account", "session", "before", "after"} {
			if known.Fault.Args[arg] != f.Args[arg] {
				return false
			}
		}
		return true
	})
}
