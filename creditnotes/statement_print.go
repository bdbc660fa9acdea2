package creditnotes

import (
	"cmp"
	"context"
	"errors"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// StatementPrinter sets account statements on paper. The note has what is
// printed around the statement.
type StatementPrinter interface {
	StatementPDF(n *Note, a *AccountStatement) ([]byte, error)
}

// StatementPDF prints an account statement in the language of its entity, with
// the look of a credit note.
func (r *Runner) StatementPDF(ctx context.Context, a *AccountStatement) ([]byte, error) {
	printer, ok := r.Printer.(StatementPrinter)
	if !ok {
		return nil, errors.New("the printer prints no statements")
	}
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := NewPlan(config, "")
	if err != nil {
		return nil, err
	}
	recipient := plan.Network.Tree.Entity(a.Entity)
	if recipient == nil {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": a.Entity})
	}
	operator := plan.Network.Operator()
	zone := plan.Network.Zone()
	n := &Note{
		Kind: "statement", Number: recipient.Key, Recipient: recipient.Key, IssuedAt: a.MadeAt,
		Language: cmp.Or(recipient.Language, config.Settings.Language, operator.Language), Currency: plan.CurrencyOf(recipient),
		Date: entities.Date(a.MadeAt.In(zone).Format(time.DateOnly)), PeriodFrom: a.From, PeriodTo: a.Until,
		Document: Document{Issuer: partyOf(operator), Recipient: partyOf(recipient), TimeZone: zone.String(), CurrencyDigits: 2},
	}
	n.Document.wear(config.Settings.LookOf(recipient, n.Language))
	if err := r.withLogo(ctx, n); err != nil {
		return nil, err
	}
	return printer.StatementPDF(n, a)
}
