package creditnotes

import (
	"context"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
)

// ContractSum is what the live positions of a contract hold of a month in one
// component (settlement.md §3.6): those of documents that stand, of sums carried
// forward, and of what was settled as zero.
type ContractSum struct {
	Owner     string // key
	Contract  string // key
	Month     entities.Month
	Component Component
	Currency  string
	Net       money.Amount // as printed
	Energy    money.Quantity
}

// Booking is what a monthly sum, a fee or a custom record is booked under. Each
// position of one takes the next turn, and no turn is taken twice: of two runs
// that draft at the same time the later one is refused, and books the difference
// when it goes on.
type Booking struct {
	Owner, Contract string // keys
	Month           entities.Month
	Component       Component
	Record          string // key of the custom record
}

// Booking is what a position with a turn is booked under.
func (p *Position) Booking() Booking {
	return Booking{p.Owner, p.Contract, p.Month, p.Component, p.Record}
}

// contractMonth names a month of a contract of an owner.
type contractMonth struct {
	owner, contract string // keys
	month           entities.Month
	currency        string
}

// heldSums is what live positions hold of a month of a contract.
type heldSums struct {
	sessions money.Amount   // of the positions of sessions, as printed
	energy   money.Quantity // of these sessions
	monthly  map[Component]money.Amount
	invoiced map[Component]bool // fees that are on a fee invoice
}

// months is what a draft knows of the sums and fees of months beside those of
// its own sessions (settlement.md §3.6, §3.7). It is only read.
type months struct {
	begun []entities.Month // in order, the run's own the last
	turns map[Booking]int  // the last of each
	held  map[contractMonth]*heldSums
}

// months finds out which months have begun and what is held of them.
func (r *Runner) months(ctx context.Context, plan *Plan, run *Run) (*months, error) {
	turns, err := r.Store.Turns(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := r.Store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	held, err := r.Store.ContractSums(ctx, run)
	if err != nil {
		return nil, err
	}
	m := &months{begun: begunMonths(run, runs, plan.firstMonth()), turns: turns, held: map[contractMonth]*heldSums{}}
	for i := range held {
		m.add(&held[i])
	}
	return m, nil
}

// firstMonth is the first month of which there are sums and fees: that of the
// start date; zero where there is none.
func (p *Plan) firstMonth() entities.Month {
	if day := p.Config.Settings.StartDate; !day.IsZero() {
		return day.Month()
	}
	return ""
}

// begunMonths lists the months whose sums and fees a run books or corrects: its
// own, and the earlier ones that a run of them has had its cut-off, in order.
func begunMonths(run *Run, runs []Run, first entities.Month) []entities.Month {
	list := []entities.Month{run.Month}
	for i := range runs {
		if other := &runs[i]; other.Month.Before(run.Month) && other.Stage != StageDiscarded && !other.Cutoff.After(run.Cutoff) {
			list = append(list, other.Month)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(m entities.Month) bool { return m.Before(first) })
}

func (m *months) of(key contractMonth) *heldSums {
	sums := m.held[key]
	if sums == nil {
		sums = &heldSums{monthly: map[Component]money.Amount{}, invoiced: map[Component]bool{}}
		m.held[key] = sums
	}
	return sums
}

// take gives charges the next turn of what they are booked under.
func (m *months) take(list []charge) {
	for i := range list {
		p := &list[i].position
		p.Turn = m.turns[p.Booking()] + 1
	}
}

func (m *months) add(s *ContractSum) {
	sums := m.of(contractMonth{s.Owner, s.Contract, s.Month, s.Currency})
	switch {
	case s.Component.ofSessions():
		sums.sessions, sums.energy = sums.sessions+s.Net, sums.energy+s.Energy
	case s.Component == MinimumGuarantee || s.Component == VolumeBonus:
		sums.monthly[s.Component] += s.Net
	default:
		sums.invoiced[s.Component] = true
	}
}

// ofSessions reports whether positions of the component add up sessions that
// are credited.
func (c Component) ofSessions() bool { return slices.Contains(lineComponents[:], c) }

// hasLines reports whether positions of the component add up lines.
func (c Component) hasLines() bool { return c.ofSessions() || c == OwnCharging }

// monthlySums are the monthly sums of a group, less what is held of them; drafts
// are the positions of its sessions in this run (settlement.md §3.6).
func (c *composer) monthlySums(d *drafter, g *group, drafts map[noteKey][]Position) ([]charge, error) {
	own := c.drafted(drafts)
	var list []charge
	for _, o := range g.owners {
		if o.failed != nil || !o.due {
			continue
		}
		for _, month := range c.months.begun {
			if failed := c.plan.conflictIn(o.entity, month); failed != nil {
				d.fail(o, failed)
				break
			}
			for _, contract := range c.plan.contractsOf(o.entity, month) {
				sums, err := c.sumsOf(d, o, contract, month, own)
				if err != nil {
					return nil, err
				}
				list = append(list, sums...)
			}
		}
	}
	if d.broken {
		return nil, errOwnerFailed
	}
	return list, nil
}

// drafted adds up what the positions of this run have of contracts.
func (c *composer) drafted(drafts map[noteKey][]Position) *months {
	own := &months{held: map[contractMonth]*heldSums{}}
	for key, positions := range drafts {
		for _, p := range positions {
			if p.Contract != "" {
				own.add(&ContractSum{p.Owner, p.Contract, p.Month, p.Component, key.currency, p.Net, p.Energy})
			}
		}
	}
	return own
}

// sumsOf are the sums of one contract and month that differ from what is held.
func (c *composer) sumsOf(d *drafter, o *owner, contract *settlement.Contract, month entities.Month, own *months) ([]charge, error) {
	key := contractMonth{o.entity.Key, contract.Key, month, c.plan.contractCurrency(contract, o.entity)}
	held := c.months.held[key]
	if held == nil && contract.MinimumGuarantee == 0 && len(contract.VolumeBonus) == 0 {
		return nil, nil
	}
	digits, err := digitsOf(key.currency)
	if err != nil {
		return nil, d.fail(o, err)
	}
	if held == nil {
		held = &heldSums{}
	}
	drafted := own.held[key]
	if drafted == nil {
		drafted = &heldSums{}
	}
	bonus, err := contract.Bonus(held.energy + drafted.energy)
	if err != nil {
		return nil, err
	}
	var list []charge
	for _, sum := range []struct {
		component Component
		net       money.Amount
	}{
		{MinimumGuarantee, contract.TopUp(held.sessions+drafted.sessions, digits)},
		{VolumeBonus, bonus.Round(digits)},
	} {
		if net := sum.net - held.monthly[sum.component]; net != 0 {
			list = append(list, charge{owner: o, currency: key.currency, position: Position{
				Owner: o.entity.Key, Component: sum.component, Month: month, Sum: net.Micros(digits), Net: net, Contract: contract.Key,
			}})
		}
	}
	c.months.take(list)
	return list, c.taxSums(d, o, list)
}

// taxSums gives monthly sums the treatment of the last day of their month
// (domain.md §7.2).
func (c *composer) taxSums(d *drafter, o *owner, list []charge) error {
	for i := range list {
		tax, failed := d.taxed(o, list[i].position.Month.End(c.plan.Network.Zone()).Add(-time.Microsecond))
		if failed != nil {
			return d.fail(o, failed)
		}
		list[i].tax = tax
	}
	return nil
}

// conflictIn is what keeps an owner from being settled for a month: contracts
// that conflict.
func (p *Plan) conflictIn(owner *entities.Entity, month entities.Month) *fault.Fault {
	if found := p.contractsFor(owner, month).Conflicts(owner.Key, month); len(found) > 0 {
		return found[0]
	}
	return nil
}

// waitFor reports whether an owner is to be settled by a contract although no
// station brings it into a plan.
func (m *months) waitFor(p *Plan, owner *entities.Entity) bool {
	if m == nil {
		return false
	}
	for _, month := range m.begun {
		for _, contract := range p.contractsOf(owner, month) {
			held := m.held[contractMonth{owner.Key, contract.Key, month, p.contractCurrency(contract, owner)}]
			switch {
			case contract.BillOwnCharging:
				return true
			case held == nil:
				held = &heldSums{}
			}
			if contract.MonthlyFee != 0 && !held.invoiced[MonthlyFee] || contract.MinimumGuarantee != 0 && len(held.monthly) == 0 {
				return true
			}
		}
	}
	return false
}
