package month

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// standView compares a month with the one before and with the same month of the
// last year, by what has become of its sessions.
type standView struct {
	Months []standMonth
	Rows   []standRow
	Charts []standChart
}

// standMonth is one of the months.
type standMonth struct {
	Month entities.Month
	parts []creditnotes.MonthPart
}

// standRow is one state in all of the months.
type standRow struct {
	State creditnotes.SessionState // empty: the total without what is held
	Cells []standCell
}

// standCell is what the sessions of a month in one state come to.
type standCell struct {
	creditnotes.Count
	Sums    []page.Sum
	Unknown int64
	Link    string
}

// standChart is a bar for each month in one currency.
type standChart struct {
	Currency string
	Bars     []standBar
}

// standBar is a month: its parts beside each other.
type standBar struct {
	Month entities.Month
	Total money.Amount
	Y     int
	Parts []standSlice
}

// standSlice is one part of a bar; X and Width are in thousandths of the longest bar.
type standSlice struct {
	State    creditnotes.SessionState
	Amount   money.Amount
	X, Width int
	Opacity  string
}

// standStates are the states in the order in which they are shown.
var standStates = []creditnotes.SessionState{creditnotes.SessionCredited, creditnotes.SessionDrafted, creditnotes.SessionOpen, creditnotes.SessionHeld}

// standOpacity tells the states of a bar apart.
var standOpacity = map[creditnotes.SessionState]string{
	creditnotes.SessionCredited: "1", creditnotes.SessionDrafted: ".75", creditnotes.SessionOpen: ".5", creditnotes.SessionHeld: ".25",
}

// standOf compares the month of now with the two others; owners are keys, nil: all.
func (v *Visit) standOf(b *snapshot.Snapshot, owners []string) (view standView, err error) {
	this := v.ThisMonth()
	for _, month := range []entities.Month{this, this.Prev(), this.AddMonths(-12)} {
		parts, err := v.Store.MonthStand(v.R.Context(), month, v.Zone(), owners)
		if err != nil {
			return view, err
		}
		view.Months = append(view.Months, standMonth{month, parts})
	}
	total := standRow{Cells: make([]standCell, len(view.Months))}
	for _, state := range standStates {
		row := standRow{State: state}
		for i, m := range view.Months {
			row.Cells = append(row.Cells, m.cell(b, state))
			if state != creditnotes.SessionHeld {
				total.Cells[i].Count = total.Cells[i].Count.Plus(row.Cells[i].Count)
			}
		}
		view.Rows = append(view.Rows, row)
	}
	for i, m := range view.Months {
		total.Cells[i].Sums = m.sums(b, creditnotes.SessionCredited, creditnotes.SessionDrafted, creditnotes.SessionOpen)
	}
	view.Rows = append(view.Rows, total)
	view.Charts = view.charts(b)
	return view, nil
}

func (m *standMonth) cell(b *snapshot.Snapshot, state creditnotes.SessionState) standCell {
	cell := standCell{Sums: m.sums(b, state)}
	for _, p := range m.parts {
		if p.State == state {
			cell.Count, cell.Unknown = cell.Count.Plus(p.Count), cell.Unknown+p.Unknown
		}
	}
	switch filter := []string{"month", string(m.Month)}; {
	case cell.Sessions == 0:
	case state == creditnotes.SessionHeld:
		cell.Link = sessionsPath(append(filter, "next", string(creditnotes.SessionHeld))...)
	case state == creditnotes.SessionDrafted:
		cell.Link = sessionsPath(append(filter, "state", string(creditnotes.SessionDrafted))...)
	}
	return cell
}

// sums adds some states up by currency.
func (m *standMonth) sums(b *snapshot.Snapshot, states ...creditnotes.SessionState) []page.Sum {
	owed := map[string]money.Micros{}
	for _, p := range m.parts {
		if p.Currency != "" && slices.Contains(states, p.State) {
			owed[p.Currency] += p.Net
		}
	}
	return page.SumsOf(owed, b.Currency())
}

// charts draws a bar for each month, by currency.
func (view *standView) charts(b *snapshot.Snapshot) (list []standChart) {
	longest := map[string]money.Amount{}
	for i := range view.Months {
		for _, sum := range view.Months[i].sums(b, standStates...) {
			longest[sum.Currency] = max(longest[sum.Currency], sum.Amount)
		}
	}
	for _, currency := range page.SortedKeys(longest) {
		if longest[currency] <= 0 {
			continue
		}
		chart := standChart{Currency: currency}
		for i := range view.Months {
			bar := standBar{Month: view.Months[i].Month, Y: 24 * i}
			for _, state := range standStates {
				for _, sum := range view.Months[i].sums(b, state) {
					if sum.Currency != currency || sum.Amount <= 0 {
						continue
					}
					bar.Parts = append(bar.Parts, standSlice{state, sum.Amount, int(bar.Total * 1000 / longest[currency]), int(sum.Amount * 1000 / longest[currency]), standOpacity[state]})
					bar.Total += sum.Amount
				}
			}
			chart.Bars = append(chart.Bars, bar)
		}
		list = append(list, chart)
	}
	return page.MainFirst(list, b.Currency(), func(c standChart) string { return c.Currency })
}

// standPart is the comparison of the months, of the own owners for a Sub-CPO.
func (v *Visit) standPart(b *snapshot.Snapshot) error {
	view, err := v.standOf(b, b.OwnersSeen(v.Who, "", false))
	if err != nil {
		return err
	}
	return v.Part("home", "stand", view)
}
