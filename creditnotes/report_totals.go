package creditnotes

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"

	"creditrun/internal/money"
	"creditrun/numbering"
)

// end is what is awaited at the end of the report.
func (d *reportDraft) end() DriverSum {
	sum := func(a, b, c, e money.Micros) money.Micros { return a + b - c - e }
	return DriverSum{
		Driver: sum(d.before.Driver, d.awaited.Driver, d.previous.Driver, d.cancelled.Driver),
		Share:  sum(d.before.Share, d.awaited.Share, d.previous.Share, d.cancelled.Share),
	}
}

// finish writes the sums down.
func (d *reportDraft) finish() {
	d.RecordsSHA256 = hex.EncodeToString(d.seal.Sum(nil))
	d.Stations, d.Days = sumsOf(d.stations), sumsOf(d.days)
	d.Origins = []OriginSum{}
	for _, sum := range d.origins {
		d.Origins = append(d.Origins, *sum)
	}
	slices.SortFunc(d.Origins, func(a, b OriginSum) int {
		return cmp.Or(-cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Month, b.Month))
	})
	amount := func(a money.Amount) string { return a.Format(d.digits) }
	driver := func(m money.Micros) string { return atLeast(m, d.digits) }
	end, t := d.end(), &d.Totals
	t.Revenue, t.RevenueLate, t.Expenses, t.TopUps = amount(d.revenue), amount(d.late), amount(d.expenses+d.tops), amount(d.tops)
	t.Collected, t.CollectedShare = driver(d.collected.Driver), d.collected.Share.String()
	t.Awaited, t.AwaitedShare = driver(d.awaited.Driver), d.awaited.Share.String()
	t.Unknown, t.Sessions = d.collected.Unknown+d.awaited.Unknown, d.collected.Sessions+d.awaited.Sessions
	t.NotFromDrivers, t.Rounding = amount(d.others), d.rounding.String()
	t.CollectedPrevious, t.PreviousShare, t.PreviousSessions = driver(d.previous.Driver), d.previous.Share.String(), d.previous.Sessions
	t.AwaitedBefore, t.AwaitedBeforeShare = driver(d.before.Driver), d.before.Share.String()
	t.Cancelled, t.CancelledShare = driver(d.cancelled.Driver), d.cancelled.Share.String()
	t.StillAwaited, t.StillAwaitedShare = driver(end.Driver), end.Share.String()
	d.control()
}

// control compares the records with the documents, and the documents with the
// movements of the account.
func (d *reportDraft) control() {
	var net, moved, booked money.Amount
	shared := false
	numbers := map[string]bool{}
	for _, one := range d.Documents {
		if one.Kind == numbering.Cancellation {
			continue
		}
		shared = shared || one.Shared
		if one.State == Issued {
			numbers[one.Number] = true
			if one.Kind == numbering.Invoice {
				moved -= one.gross
			} else {
				moved += one.gross
			}
		}
	}
	moved -= d.tops
	booked = d.topsMoved
	for _, m := range d.Account.Movements {
		if numbers[m.Reference] && m.Kind != string(MovedTopUp) {
			booked += m.Moved
		}
	}
	net = d.revenue
	records := d.lines + d.others.Micros(d.digits) + d.rounding
	known := len(d.Account.Movements) > 0 && !shared
	d.Control = ReportControl{
		Records: atLeast(records, d.digits), Documents: net.Format(d.digits), Movements: moved.Format(d.digits),
		Balanced: records == net.Micros(d.digits) && (!known || booked == moved),
	}
}

func sumsOf(byName map[string]*ReportSum) []ReportSum {
	list := []ReportSum{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, *byName[name])
	}
	return list
}
