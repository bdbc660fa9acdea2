package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// worth is what a session that is held would come to if it were released, priced
// as if it were credited now; nil: no one knows, for it has no owner, no price or
// no driver amount, or its figures cannot be priced.
func (d *drafter) worth(
	s *sessions.Session, place *entities.Place, o *owner, contract *settlement.Contract, held sessions.Reason,
) (*money.Micros, string) {
	if !d.valuesHeld() || place == nil || o == nil || s.Energy < 0 || s.End.Before(s.Start) {
		return nil, ""
	}
	switch held {
	case sessions.Unpriced, sessions.NoDriverAmount, sessions.ContractCurrency:
		return nil, ""
	case sessions.NotDue:
		return new(d.settled.Total()), d.settled.currency
	}
	why := held
	if held != sessions.NotCollected {
		var err error
		if why, err = d.value(s, place, o, contract); err != nil {
			return nil, ""
		}
	}
	switch why {
	case "":
		return new(d.settled.Total()), d.settled.currency
	case sessions.NotCollected:
		return d.settler.worth(s, place, o.entity, contract, &d.decision)
	}
	return nil, ""
}

// valuer is an observer that also wants to know what held sessions are worth.
type valuer interface{ valuesHeld() }

func (d *drafter) valuesHeld() bool {
	if d.observer == nil {
		return true
	}
	_, values := d.observer.(valuer)
	return values
}

// worth is what a session comes to once its driver's money has arrived.
func (s *settler) worth(
	one *sessions.Session, place *entities.Place, owner *entities.Entity, c *settlement.Contract, d *tariffs.Decision,
) (*money.Micros, string) {
	who, err := s.driver(one, place)
	if err != nil {
		return nil, ""
	}
	parts, err := c.Settle(&settlement.Charge{
		Energy: one.Energy, DC: place.Connector.PowerType == entities.DC, DriverAmount: who.amount, DriverFee: who.fee, Known: who.known,
		Price: settlement.Price{Energy: d.Energy, Time: d.Time, Fee: d.Fee},
	})
	if err != nil {
		return nil, ""
	}
	return new(parts.Owner()), s.plan.contractCurrency(c, owner)
}
