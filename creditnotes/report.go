package creditnotes

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// Report is what a run or a preview did. Its JSON is a contract (formats.md §4).
type Report struct {
	Name   string
	Month  entities.Month
	Stage  Stage // empty for a preview that has none
	Zone   *time.Location
	Notes  []*Note // credit notes, in the order of their numbers
	Fees   []*Note // fee invoices, likewise
	Silent []*Note // credit notes and fee invoices: what was settled without a document: zero and carried forward
	Held   []Hold
	Warned []Hold // credited although a rule applies that only warns
	// OwnWaits are sessions that cannot be billed as own charging yet.
	OwnWaits []Hold
	Failed   []OwnerResult
	Owners   []OwnerResult
	Total    Control
	Failure  *Failure // why the run stopped, if it did
}

func newReport(zone *time.Location, run *Run, notes []*Note, holds, warned []Hold, owners []OwnerResult) *Report {
	r := &Report{
		Name: run.Name, Month: run.Month, Stage: run.Stage, Zone: zone, Held: holds, Warned: warned, Total: totalOf(owners), Failure: run.Failure,
	}
	for _, note := range notes {
		switch {
		case note.Kind == numbering.Cancellation:
		case note.State != Draft && note.State != Issued:
			r.Silent = append(r.Silent, note)
		case note.Kind == numbering.Invoice:
			r.Fees = append(r.Fees, note)
		default:
			r.Notes = append(r.Notes, note)
		}
	}
	r.Owners = mergeOwnerless(owners)
	for _, owner := range owners {
		if owner.Failed != nil {
			r.Failed = append(r.Failed, owner)
		}
	}
	slices.SortFunc(r.Notes, byPlace)
	slices.SortFunc(r.Fees, byPlace)
	slices.SortFunc(r.Silent, byPlace)
	slices.SortStableFunc(r.Failed, func(a, b OwnerResult) int { return cmp.Compare(a.Owner, b.Owner) })
	slices.SortStableFunc(r.Held, byOwner)
	slices.SortStableFunc(r.Warned, byOwner)
	return r
}

func (r *Report) ownWaits(list []Hold) {
	r.OwnWaits = list
	slices.SortStableFunc(r.OwnWaits, byOwner)
}

func byOwner(a, b Hold) int {
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Session, b.Session))
}

// mergeOwnerless makes one sheet of those of sessions without an owner.
func mergeOwnerless(owners []OwnerResult) []OwnerResult {
	var none OwnerResult
	list := slices.DeleteFunc(slices.Clone(owners), func(o OwnerResult) bool {
		if o.Owner == "" {
			none.Control = none.Control.Plus(o.Control)
		}
		return o.Owner == ""
	})
	return append(list, none)
}

// byPlace is the order in which numbers are given: walk order, then currency, then what is not subject to VAT.
func byPlace(a, b *Note) int {
	return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.ID, b.ID))
}

// CountReasons counts sessions by reason.
func CountReasons(list []Hold) map[sessions.Reason]int {
	counts := map[sessions.Reason]int{}
	for _, hold := range list {
		counts[hold.Reason]++
	}
	return counts
}

// ReportJSON is the report as formats.md §4 prints it.
type ReportJSON struct {
	Run     string       `json:"run"`
	Stage   Stage        `json:"stage,omitempty"`
	Period  InstantsJSON `json:"period"`
	Notes   []NoteJSON   `json:"notes"`
	Fees    []NoteJSON   `json:"fee_invoices"`
	Zero    []NoteJSON   `json:"zero"`
	Carried []NoteJSON   `json:"carried"`
	Held    []HoldJSON   `json:"held"`
	Warned  []HoldJSON   `json:"warned"`
	// OwnWaits are sessions of own media without a driver amount, or with one in
	// another currency than the contract.
	OwnWaits []HoldJSON    `json:"own_charging_waits"`
	Failed   []FailedJSON  `json:"failed"`
	Control  ControlJSON   `json:"control"`
	Owners   []ControlJSON `json:"owners"`
	Failure  *FailureJSON  `json:"failure,omitempty" doc:"why the run stopped"`
}

// InstantsJSON is a half-open interval with the operator's offset.
type InstantsJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// DaysJSON is an inclusive interval of days.
type DaysJSON struct {
	From entities.Date `json:"from"`
	To   entities.Date `json:"to"`
}

// NoteJSON is one note. Number is null while it is a draft.
type NoteJSON struct {
	Number    *string                `json:"number"`
	Kind      numbering.DocumentType `json:"kind"`
	State     State                  `json:"state"`
	Owner     string                 `json:"owner"`
	Owners    []string               `json:"owners"`
	Recipient string                 `json:"recipient"`
	Language  string                 `json:"language"`
	Currency  string                 `json:"currency"`
	Date      entities.Date          `json:"date"`
	Period    DaysJSON               `json:"period"`
	Positions []PositionJSON         `json:"positions"`
	Net       string                 `json:"net"`
	Taxes     []TaxJSON              `json:"taxes"`
	Gross     string                 `json:"gross"`
	Mention   []string               `json:"mention"`
	DueDate   entities.Date          `json:"due_date"`
	Cancels   string                 `json:"cancels,omitempty"`
	Hash      string                 `json:"hash,omitempty"`
	// InPayment is set in the answer to a cancellation alone.
	InPayment string `json:"in_payment,omitempty" doc:"payout on its way to the bank that pays the document which is cancelled now"`
}

// PositionJSON is one position.
type PositionJSON struct {
	Owner      string         `json:"owner"`
	Station    string         `json:"station"`
	Component  Component      `json:"component"`
	Text       string         `json:"text,omitempty" doc:"of a custom record"`
	Month      entities.Month `json:"month"`
	Late       bool           `json:"late"`
	Correction bool           `json:"correction"`
	Collected  bool           `json:"collected_later,omitempty" doc:"an earlier run held sessions of it until their money had arrived"`
	Again      string         `json:"credited_again,omitempty" doc:"number of the cancelled document that credited the sessions before"`
	Sessions   int            `json:"sessions"`
	Energy     string         `json:"energy_kwh"`
	Quantity   string         `json:"quantity,omitempty" doc:"of a fee, which is quantity × unit price"`
	UnitPrice  string         `json:"unit_price,omitempty"`
	Net        string         `json:"net"`
	Tax        string         `json:"tax"` // category and rate: S 19
	Contract   string         `json:"contract,omitempty" doc:"key of the contract that settles it"`
	Record     string         `json:"record,omitempty" doc:"id of the custom record that it prints"`
	Prices     []PriceJSON    `json:"prices,omitempty" doc:"what its sessions were settled at"`
	Further    bool           `json:"further_prices,omitempty" doc:"there are more prices, which the session file shows"`
	// Carried says of a sum carried forward of which months it is.
	Carried []CarriedMonthJSON `json:"carried,omitempty"`
}

// PriceJSON is one price of a position.
type PriceJSON struct {
	Tariff   string    `json:"tariff,omitempty" doc:"key of the tariff, or of the contract"`
	Unit     PriceUnit `json:"unit" enum:"kwh,hour,session,amount" doc:"what the price is for; amount: a percentage of driver amounts"`
	Price    string    `json:"price,omitempty" doc:"net, for one unit, without the discount"`
	Discount string    `json:"discount_percent,omitempty"`
	Share    string    `json:"share_percent,omitempty" doc:"what a contract pays of it, or takes where it is negative"`
	Quantity string    `json:"quantity" doc:"kWh, minutes, sessions, or driver amounts"`
}

func pricesJSON(list []UnitPrice) (out []PriceJSON) {
	for i := range list {
		u := &list[i]
		one := PriceJSON{Tariff: u.Tariff, Unit: u.Unit, Quantity: u.Amount()}
		if u.Unit != UnitAmount {
			one.Price = u.Price.String()
		}
		if u.Discount != 0 {
			one.Discount = u.Discount.String()
		}
		if u.Share != 0 {
			one.Share = u.Share.String()
		}
		out = append(out, one)
	}
	return out
}

// CarriedMonthJSON is what a sum carried forward has of one month.
type CarriedMonthJSON struct {
	Month    entities.Month `json:"month"`
	Sessions int            `json:"sessions"`
	Energy   string         `json:"energy_kwh"`
	Net      string         `json:"net"`
	Again    string         `json:"credited_again,omitempty" doc:"number of the cancelled document that credited the sessions before"`
}

// TaxJSON is one tax.
type TaxJSON struct {
	Category  TaxCategory `json:"category"`
	Rate      string      `json:"rate"`
	Base      string      `json:"base"`
	Tax       string      `json:"tax"`
	Exemption string      `json:"exemption,omitempty"`
}

// HoldJSON is a session that waits, or that is credited with a warning.
type HoldJSON struct {
	Session  string          `json:"session"`
	Owner    string          `json:"owner"`
	Reason   sessions.Reason `json:"reason"`
	Energy   string          `json:"energy_kwh"`
	Overlaps string          `json:"overlaps,omitempty"` // the session that it overlaps
}

func holdsJSON(list []Hold) []HoldJSON {
	out := make([]HoldJSON, len(list))
	for i, h := range list {
		out[i] = HoldJSON{h.Session, h.Owner, h.Reason, h.Energy.String(), h.Other}
	}
	return out
}

// FailedJSON is an owner without a credit note, and the way to fix it.
type FailedJSON struct {
	Owner  string `json:"owner"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// ControlJSON is a control sheet; Owner is set where it is one owner's.
type ControlJSON struct {
	Owner *string `json:"owner,omitempty"`
	Control
	Balanced bool `json:"balanced"`
}

// JSON turns the report into its contract; words puts a fault into words.
func (r *Report) JSON(words func(*fault.Fault) string) ReportJSON {
	from, to := r.Month.Start(r.Zone), r.Month.Next().Start(r.Zone)
	out := ReportJSON{
		Run: r.Name, Stage: r.Stage,
		Period:   InstantsJSON{from.Format(time.RFC3339), to.Format(time.RFC3339)},
		Notes:    []NoteJSON{},
		Fees:     []NoteJSON{},
		Zero:     []NoteJSON{},
		Carried:  []NoteJSON{},
		Held:     holdsJSON(r.Held),
		Warned:   holdsJSON(r.Warned),
		OwnWaits: holdsJSON(r.OwnWaits),
		Failed:   []FailedJSON{},
		Control:  ControlJSON{Control: r.Total, Balanced: r.Total.Balanced()},
		Owners:   []ControlJSON{},
		Failure:  r.Failure.JSON(words),
	}
	for _, note := range r.Notes {
		out.Notes = append(out.Notes, note.JSON())
	}
	for _, note := range r.Fees {
		out.Fees = append(out.Fees, note.JSON())
	}
	for _, note := range r.Silent {
		if note.State == Carried {
			out.Carried = append(out.Carried, note.JSON())
		} else {
			out.Zero = append(out.Zero, note.JSON())
		}
	}
	for _, owner := range r.Failed {
		out.Failed = append(out.Failed, FailedJSON{owner.Owner, owner.Failed.Key, words(owner.Failed)})
	}
	for _, owner := range r.Owners {
		if owner.Control != (Control{}) {
			out.Owners = append(out.Owners, ControlJSON{&owner.Owner, owner.Control, owner.Control.Balanced()})
		}
	}
	return out
}

// JSON turns a note into its contract.
func (n *Note) JSON() NoteJSON {
	digits := n.Document.CurrencyDigits
	out := NoteJSON{
		Kind: n.Kind, State: n.State, Owners: n.Owners, Recipient: n.Recipient, Language: n.Language, Currency: n.Currency,
		Date: n.Date, Period: DaysJSON{n.PeriodFrom, n.PeriodTo}, Positions: []PositionJSON{},
		Net: n.Net.Format(digits), Taxes: []TaxJSON{}, Gross: n.Gross.Format(digits),
		Mention: n.Document.Mentions, DueDate: n.Document.DueDate, Cancels: n.Document.CancelsNumber, Hash: n.Hash,
	}
	if n.Number != "" {
		out.Number = &n.Number
	}
	if len(n.Owners) > 0 {
		out.Owner = n.Owners[0]
	}
	for _, p := range n.Positions {
		var carried []CarriedMonthJSON
		for _, m := range n.CarriedMonths(&p) {
			carried = append(carried, CarriedMonthJSON{m.Month, m.Sessions, m.Energy.String(), m.Net.Format(digits), m.CreditedAgain})
		}
		one := PositionJSON{
			Owner: p.Owner, Station: p.Station, Component: p.Component, Month: p.Month, Late: p.Late, Correction: p.Correction, Collected: p.CollectedLater,
			Sessions: p.Sessions, Energy: p.Energy.String(), Net: p.Net.Format(digits), Tax: n.TaxLabel(p), Carried: carried,
			Text: p.Text, Contract: p.Contract, Record: p.Record, Again: p.CreditedAgain, Prices: pricesJSON(p.Prices), Further: p.FurtherPrices,
		}
		if p.IsFee() {
			one.Quantity, one.UnitPrice = strconv.FormatInt(p.Quantity, 10), p.UnitPrice.String()
		}
		out.Positions = append(out.Positions, one)
	}
	for _, t := range n.Taxes {
		out.Taxes = append(out.Taxes, TaxJSON{t.Category, t.Rate.String(), t.Base.Format(digits), t.Tax.Format(digits), t.Exemption})
	}
	return out
}
