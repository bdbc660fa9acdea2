package store

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// mostAhead is how many days after today the value day of what a bank booked may be:
// it is often a few days after that of the booking.
const mostAhead = 14

// notPast refuses to prepare payouts for a day that is over for the operator.
func (tx *Tx) notPast(day entities.Date) error {
	today, err := tx.today()
	if err != nil || !day.Before(today) {
		return err
	}
	return fault.New(fault.Invalid, "payout_date_past", fault.Args{"date": string(day), "today": string(today)}).At("date")
}

// dayFits refuses a day on which a payout cannot have been executed, returned or
// rejected, as a person says: after today, before the batch was prepared, or before
// it was executed. Unknown payouts are found out later.
func (tx *Tx) dayFits(number string, on entities.Date) error {
	var where condition
	where.and("p.number = ?", number)
	list, err := tx.told(where)
	if err != nil || len(list) == 0 {
		return err
	}
	today, err := tx.today()
	if err != nil {
		return err
	}
	zone, err := tx.daysZone()
	if err != nil {
		return err
	}
	return list[0].happensBy(on, today, zone)
}

// happensBy refuses a day that is before what can have happened to the payout, or
// after a last day.
func (p *toldPayout) happensBy(on, last entities.Date, zone *time.Location) error {
	first := p.earliest(zone)
	if !on.Before(first) && !last.Before(on) {
		return nil
	}
	return fault.New(fault.Invalid, "payout_day", fault.Args{"payout": p.Number, "day": string(on), "from": string(first), "until": string(last)}).At("date")
}

// earliest is the first day on which something can happen to a payout: that on which
// it was prepared or, once it was executed, that of its execution.
func (p *toldPayout) earliest(zone *time.Location) entities.Date {
	return max(entities.DateOf(p.prepared, zone), entities.Date(p.ExecutedOn))
}

// impossible reports whether an entry of a bank is of a day on which it cannot have
// been about a payout.
func (b *bankImport) impossible(row *bankEntryRow, p *toldPayout) bool {
	return p.happensBy(entities.Date(row.Day), b.today.AddDays(mostAhead), b.zone) != nil
}

// executesOn is impossible of what executes a payout: what a person said of the day
// before counts for less.
func (b *bankImport) executesOn(row *bankEntryRow, list []*toldPayout) bool {
	for _, p := range list {
		before := *p
		if payouts.State(p.State) != payouts.Exported {
			before.ExecutedOn = ""
		}
		if b.impossible(row, &before) {
			return false
		}
	}
	return true
}
