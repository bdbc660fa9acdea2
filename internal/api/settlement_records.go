package api

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// RecordTotal adds up the records of a listing in one currency and direction.
type RecordTotal struct {
	Currency      string                      `json:"currency"`
	Kind          creditnotes.RecordDirection `json:"kind" enum:"revenue,expense"`
	Records       int64                       `json:"records"`
	Net           string                      `json:"net"`
	DriverAmount  string                      `json:"driver_amount"`
	OwnerShare    string                      `json:"owner_share"`
	OperatorShare string                      `json:"operator_share"`
	Energy        string                      `json:"energy_kwh"`
	Unknown       int64                       `json:"driver_amount_unknown" doc:"records of sessions without a known driver amount: they are in no driver amount and in no operator's share"`
}

// RecordList is one page of records with the totals of all pages.
type RecordList struct {
	Link string `header:"Link" doc:"the next page, as rel=next"`
	Body struct {
		Items[creditnotes.RecordJSON]
		Totals []RecordTotal `json:"totals" nullable:"false" doc:"of all pages, by currency and kind; on the first page only"`
	}
}

// settlementInput narrows the listing of revenue and expense records.
type settlementInput struct {
	Paging
	From      string `query:"from" format:"date" doc:"the first day"`
	Until     string `query:"until" format:"date" doc:"the last day"`
	Month     string `query:"month" example:"2026-10"`
	Owner     string `query:"owner"`
	Below     bool   `query:"below" doc:"with owner: also the records of the entities below it"`
	Origin    string `query:"origin" enum:"session,electricity_cost_reimbursement,electricity_tax_reimbursement,minimum_guarantee,volume_bonus,custom,platform_fee,own_charging,top_up"`
	Kind      string `query:"kind" enum:"revenue,expense"`
	Currency  string `query:"currency"`
	Collected string `query:"collected" enum:"collected,awaited" doc:"whether the driver's money has arrived"`
	Document  string `query:"document" doc:"number of the document"`
	Run       string `query:"run"`
	Show      string `query:"show" enum:"all,documents,open" default:"all" doc:"all: also records of the open month; documents: only those on documents; open: only those that are on none yet"`
	Sort      string `query:"sort" enum:"date,net" default:"date" doc:"the latest, or the greatest, first"`
}

func (c *call) settlementRecords(in *settlementInput) (*RecordList, error) {
	f, err := c.settlementFilter(in)
	if err != nil {
		return nil, err
	}
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.Records(c.ctx, f, creditnotes.RecordPage{Page: page, ByNet: in.Sort == "net"})
	if err != nil {
		return nil, err
	}
	items := make([]creditnotes.RecordJSON, len(list.Records))
	for i := range list.Records {
		items[i] = list.Records[i].JSON(c.zone())
	}
	some := listed(c, items, list.Next)
	out := &RecordList{Link: some.Link}
	out.Body.Items, out.Body.Totals = some.Body, []RecordTotal{}
	if in.Cursor != "" {
		return out, nil
	}
	totals, err := c.Store.RecordTotals(c.ctx, f)
	for _, t := range totals {
		out.Body.Totals = append(out.Body.Totals, RecordTotal{
			t.Currency, t.Direction, t.Records, t.Net.String(), t.DriverAmount.String(), t.OwnerShare.String(), t.OperatorShare.String(), t.Energy.String(), t.Unknown,
		})
	}
	return out, err
}

// settlementFilter is what was asked for, narrowed to what the visitor may see.
func (c *call) settlementFilter(in *settlementInput) (f creditnotes.SettlementFilter, err error) {
	if err := c.snapshot.Valid(); err != nil {
		return f, err
	}
	f = creditnotes.SettlementFilter{
		Origin: creditnotes.Origin(in.Origin), Direction: creditnotes.RecordDirection(in.Kind), Currency: in.Currency,
		Collected: creditnotes.Collected(in.Collected), Number: in.Document, Run: in.Run, Drafts: c.who.Operator,
	}
	f.Open, _ = creditnotes.ParseOpenRecords(in.Show)
	for _, day := range []struct {
		text string
		into *entities.Date
	}{{in.From, &f.From}, {in.Until, &f.Until}} {
		if day.text == "" {
			continue
		}
		if *day.into, err = entities.ParseDate(day.text); err != nil {
			return f, fault.Wrap(fault.Invalid, "filter_date_invalid", fault.Args{"value": day.text}, err)
		}
	}
	if in.Month != "" {
		if f.Month, err = c.month(in.Month); err != nil {
			return f, err
		}
	}
	if in.Owner != "" {
		if _, err := c.stored(in.Owner); err != nil {
			return f, err
		}
	}
	f.Owners = c.snapshot.OwnersSeen(c.who, in.Owner, in.Below)
	return f, nil
}
