package export

import (
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// LifetimeColumns name the columns of the lifetime control.
var LifetimeColumns = []string{
	"station", "evse_id", "received_sessions", "received_kwh", "credited_sessions", "credited_kwh", "held_sessions", "held_kwh",
	"zero_sessions", "zero_kwh", "excluded_sessions", "excluded_kwh", "withdrawn_sessions", "withdrawn_kwh",
	"balanced", "credited_net", "first_meter_kwh", "last_meter_kwh", "jumps", "jumps_kwh",
}

// JumpColumns name the columns of the jumps of meters.
var JumpColumns = []string{"station", "evse_id", "after_session", "ended", "meter_stop_kwh", "before_session", "started", "meter_start_kwh", "jump_kwh"}

// LifetimeXLSX writes the lifetime control of stations as a workbook: a sheet
// with stations and their EVSEs, and one with the jumps of their meters. sheets
// are the names of the two.
func LifetimeXLSX(w io.Writer, sheets [2]string, heads *Look, zone *time.Location, list []creditnotes.StationLifetime) error {
	book, err := newWorkbook()
	if err != nil {
		return err
	}
	var rows []lifetimeRow
	var jumps []jumpRow
	for i := range list {
		s := &list[i]
		rows = append(rows, lifetimeRow{s.Station, &s.Lifetime})
		for k := range s.EVSEs {
			rows = append(rows, lifetimeRow{s.Station, &s.EVSEs[k]})
		}
		for k := range s.Jumps {
			jumps = append(jumps, jumpRow{s.Station, &s.Jumps[k]})
		}
	}
	err = addSheet(book, sheets[0], LifetimeColumns, heads, rowsOf(rows), (*lifetimeRow).cells)
	if err == nil {
		err = addSheet(book, sheets[1], JumpColumns, heads, rowsOf(jumps), func(r *jumpRow) []cell { return r.cells(zone) })
	}
	return book.finish(w, err)
}

type lifetimeRow struct {
	station string
	*creditnotes.Lifetime
}

func (r *lifetimeRow) cells() []cell {
	cells := []cell{text(r.station), text(r.EVSEID)}
	c := r.Control
	for _, n := range []creditnotes.Count{c.Received, c.Credited, c.Held, c.Zero, c.Excluded, c.Withdrawn} {
		cells = append(cells, whole(n.Sessions), number(n.Energy.String()))
	}
	balanced := "no"
	if c.Balanced() {
		balanced = "yes"
	}
	var nets []string
	for _, currency := range slices.Sorted(maps.Keys(r.Credited)) {
		nets = append(nets, r.Credited[currency].String()+" "+currency)
	}
	return append(cells, text(balanced), text(strings.Join(nets, ", ")), quantity(r.FirstMeter), quantity(r.LastMeter),
		whole(int64(r.JumpCount)), number(r.Jumped.String()))
}

// quantity is a number, or an empty cell where it is not known.
func quantity(q *money.Quantity) cell {
	if q == nil {
		return cell{}
	}
	return number(q.String())
}

type jumpRow struct {
	station string
	*creditnotes.MeterJump
}

func (r *jumpRow) cells(zone *time.Location) []cell {
	return []cell{
		text(r.station), text(r.EVSEID), text(r.After), momentOf(r.From, zone), number(r.Stopped.String()),
		text(r.Before), momentOf(r.Until, zone), number(r.Began.String()), number(r.Energy().String()),
	}
}
