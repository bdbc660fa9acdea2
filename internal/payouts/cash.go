package payouts

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// InPayment is the reason of what is in a payout already: it is not to be planned
// again, and leaves on the day of the payout.
const InPayment Reason = "in_payment"

// Cash is money that is to be paid to a recipient, or that is not paid for a
// reason.
type Cash struct {
	Day       entities.Date // when the bank pays it or was asked to; of what is not paid: when it was due first
	Entity    string        // key of the recipient
	Currency  string
	Amount    money.Amount   // what is set off is taken off
	Documents []string       // references of the items, in their order
	Reason    Reason         // empty: it is planned
	Detail    string         // reason of the hold, number of the document or payout
	Refused   []*fault.Fault // what a bank would refuse
}

// Says is the detail of why it is not paid, in a language.
func (c *Cash) Says(words Words) string { return detailed(c.Detail, c.Refused, words) }

// CashDay is what is planned to be paid on a day.
type CashDay struct {
	Day      entities.Date
	Currency string
	Payouts  int
	Amount   money.Amount
	Sum      money.Amount // of this day and those before it
}

// Forecast is the cash to be paid by date (settlement.md §10.4).
type Forecast struct {
	Days    []CashDay // by currency and day
	Planned []Cash    // by day, entity and currency
	Apart   []Cash    // in payment, on hold or left out for another reason
}

// ForecastOf plans the payouts of accounts from a day on, as Prepare would make
// them on the day of each due date: what was due before is paid on the first day.
// Days are those on which banks execute transfers.
func ForecastOf(from entities.Date, minimum map[string]money.Amount, accounts []Account) (out Forecast) {
	accounts = slices.Clone(accounts)
	for i := range accounts {
		a := &accounts[i]
		a.Items = slices.Clone(a.Items)
		out.Apart = append(out.Apart, inPayment(from, a)...)
		planned, apart := a.plan(from, minimum)
		out.Planned, out.Apart = append(out.Planned, planned...), append(out.Apart, apart...)
	}
	byDay := func(x, y Cash) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Entity, y.Entity), cmp.Compare(x.Currency, y.Currency))
	}
	slices.SortStableFunc(out.Planned, byDay)
	slices.SortStableFunc(out.Apart, byDay)
	out.Days = daysOf(out.Planned)
	return out
}

// plan takes an account from one due date to the next.
func (a *Account) plan(from entities.Date, minimum map[string]money.Amount) (planned, apart []Cash) {
	var last []LeftOut
	for _, day := range a.dueDays(from) {
		drafts, left := Prepare(day, minimum, []Account{*a})
		last = left
		for i := range drafts {
			d := &drafts[i]
			planned = append(planned, Cash{Day: day, Entity: a.Recipient.Key, Currency: a.Currency, Amount: d.Amount, Documents: references(d.Items)})
			a.Items = slices.DeleteFunc(a.Items, func(i Item) bool {
				return slices.ContainsFunc(d.Items, func(x Item) bool { return x.ID == i.ID })
			})
		}
	}
	for _, l := range last {
		items := a.Items
		if l.Reason == Objection {
			items = slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.Reference != l.Detail })
		} else if due, _ := a.due("9999-12-31"); len(due) > 0 {
			items = due
		}
		apart = append(apart, Cash{Day: firstDue(from, items), Entity: l.Entity, Currency: l.Currency, Amount: l.Amount, Documents: references(items),
			Reason: l.Reason, Detail: l.Detail, Refused: l.Refused})
	}
	return planned, apart
}

// dueDays are the days on which the account may be paid.
func (a *Account) dueDays(from entities.Date) (days []entities.Date) {
	for i := range a.Items {
		if item := &a.Items[i]; item.Open > 0 && item.Kind.IsItem() && item.Payout == "" {
			days = append(days, bankDay(max(from, item.Due, item.Value)))
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// bankDay is the day, or the next one on which banks execute transfers.
func bankDay(day entities.Date) entities.Date {
	if bank.IsTargetDay(day) {
		return day
	}
	return bank.NextTargetDay(day)
}

func firstDue(from entities.Date, items []Item) entities.Date {
	first := entities.Date("")
	for i := range items {
		if items[i].Open > 0 && (first == "" || items[i].Due.Before(first)) {
			first = items[i].Due
		}
	}
	return cmp.Or(first, from)
}

// inPayment are the payouts that the items of an account are in.
func inPayment(from entities.Date, a *Account) (list []Cash) {
	for i := range a.Items {
		item := &a.Items[i]
		if item.Payout == "" || item.Open == 0 {
			continue
		}
		at := slices.IndexFunc(list, func(c Cash) bool { return c.Detail == item.Payout })
		if at < 0 {
			at = len(list)
			list = append(list, Cash{Day: cmp.Or(item.Requested, from), Entity: a.Recipient.Key, Currency: a.Currency, Reason: InPayment, Detail: item.Payout})
		}
		list[at].Amount += item.Open
		list[at].Documents = append(list[at].Documents, item.Reference)
	}
	return list
}

func references(items []Item) []string {
	list := []string{}
	for i := range items {
		if items[i].counts() {
			list = append(list, items[i].Reference)
		}
	}
	return list
}

// daysOf adds up what is planned.
func daysOf(planned []Cash) (days []CashDay) {
	for i := range planned {
		c := &planned[i]
		at := slices.IndexFunc(days, func(d CashDay) bool { return d.Day == c.Day && d.Currency == c.Currency })
		if at < 0 {
			at, days = len(days), append(days, CashDay{Day: c.Day, Currency: c.Currency})
		}
		days[at].Payouts++
		days[at].Amount += c.Amount
	}
	slices.SortFunc(days, func(x, y CashDay) int { return cmp.Or(cmp.Compare(x.Currency, y.Currency), cmp.Compare(x.Day, y.Day)) })
	for i := range days {
		days[i].Sum = days[i].Amount
		if i > 0 && days[i-1].Currency == days[i].Currency {
			days[i].Sum += days[i-1].Sum
		}
	}
	return days
}

// CashJSON is money to be paid as programs read it.
type CashJSON struct {
	Day       entities.Date `json:"day" doc:"when it is paid; of what is not paid: when it was due first"`
	Entity    string        `json:"entity" doc:"key of the recipient"`
	Amount    string        `json:"amount" doc:"less what is set off"`
	Currency  string        `json:"currency"`
	Documents []string      `json:"documents" nullable:"false"`
	Reason    Reason        `json:"reason,omitempty" doc:"why it is not planned; none: it is"`
	Detail    string        `json:"detail,omitempty" doc:"number of the document or payout, reason of the hold, or in sentences what a bank would refuse"`
}

// CashDayJSON is a day of a forecast as programs read it.
type CashDayJSON struct {
	Day      entities.Date `json:"day"`
	Payouts  int           `json:"payouts"`
	Amount   string        `json:"amount"`
	Sum      string        `json:"sum" doc:"of this day and those before it"`
	Currency string        `json:"currency"`
}

// ForecastJSON is a forecast as programs read it.
type ForecastJSON struct {
	From    entities.Date `json:"from"`
	Days    []CashDayJSON `json:"days" nullable:"false"`
	Planned []CashJSON    `json:"planned" nullable:"false"`
	Apart   []CashJSON    `json:"apart" nullable:"false"`
}

// JSON is the forecast from a day on as programs read it, with sentences in a language.
func (f *Forecast) JSON(from entities.Date, words Words) ForecastJSON {
	out := ForecastJSON{from, []CashDayJSON{}, []CashJSON{}, []CashJSON{}}
	for _, d := range f.Days {
		digits, _ := money.Digits(d.Currency)
		out.Days = append(out.Days, CashDayJSON{d.Day, d.Payouts, d.Amount.Format(digits), d.Sum.Format(digits), d.Currency})
	}
	for i := range f.Planned {
		out.Planned = append(out.Planned, f.Planned[i].JSON(words))
	}
	for i := range f.Apart {
		out.Apart = append(out.Apart, f.Apart[i].JSON(words))
	}
	return out
}

// JSON is the money as programs read it, with sentences in a language.
func (c *Cash) JSON(words Words) CashJSON {
	digits, _ := money.Digits(c.Currency)
	return CashJSON{c.Day, c.Entity, c.Amount.Format(digits), c.Currency, c.Documents, c.Reason, c.Says(words)}
}
