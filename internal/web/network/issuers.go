package network

import (
	"cmp"
	"io"
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// issuersView lists the entities that issue media.
type issuersView struct {
	List *page.List
	Rows []issuerLine
}

// issuerLine is an entity that issues media.
type issuerLine struct {
	Key, Name, Path string
	Media           int
	Payer           string // name of who pays for own charging in the month; empty: no one
	Contract        string // key
}

var issuerColumns = []page.Column[issuerLine]{
	{Head: page.Head{Key: "name", Message: "issuer"}, By: page.ByText(func(l issuerLine) string { return l.Name })},
	{Head: page.Head{Key: "media", Message: "issuer_media", Num: true}, By: page.By(func(l issuerLine) int { return l.Media })},
	{Head: page.Head{Key: "payer", Message: "issuer_own_charging"}, By: page.ByText(func(l issuerLine) string { return l.Payer })},
}

// issuerMonth is the month that a list asks for, or the last one.
func (v *Visit) issuerMonth(l *page.List) entities.Month {
	if l.Text("month") == "" {
		l.Set("month", string(v.ThisMonth().Prev()))
	}
	return cmp.Or(l.Month("month"), v.ThisMonth().Prev())
}

// Issuers lists the issuers of media that the visitor may see.
func (v *Visit) Issuers() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/issuers", Fields: []string{"month"}, Size: page.RowsPerPage, Order: "name", Empty: "issuers_none"})
	month, lines := v.issuerMonth(l), []issuerLine{}
	for key, media := range creditnotes.IssuersOf(b.Config) {
		if !v.Who.Sees(key) {
			continue
		}
		q := creditnotes.NewIssuerQuery(b.Config, b.Network, key, month)
		line := issuerLine{Key: key, Name: v.EntityName(key), Path: issuerPath(key, month), Media: media, Contract: q.Contract}
		if v.Who.Sees(q.Payer) {
			line.Payer = v.EntityName(q.Payer)
		} else {
			line.Contract = ""
		}
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(x, y issuerLine) int { return cmp.Compare(x.Key, y.Key) })
	view := issuersView{l, page.Rows(l, lines, issuerColumns...)}
	return v.ShowList("issuers", "issuers_title", view, l.Err())
}

func issuerPath(key string, month entities.Month) string {
	return "/issuers/" + url.PathEscape(key) + "?month=" + string(month)
}

// issuerView compares both sides of an issuer.
type issuerView struct {
	List     *page.List
	Entity   *entities.Entity
	Month    entities.Month
	Findings []page.Choice
	Totals   *creditnotes.IssuerTotals
	Counts   []issuerCount
	Rows     []issuerRow
	Operator bool
}

// issuerCount counts the sessions of one finding.
type issuerCount struct {
	Finding creditnotes.IssuerFinding
	creditnotes.Count
	Path string // of the list of these
}

// issuerRow is a session on both sides.
type issuerRow struct {
	creditnotes.IssuerRow
	OwnerName string
	Card      string // masked
	Path      string // of the session; empty: the visitor may not look at it
}

// allFindings asks for all sessions, also those on which both sides agree.
const allFindings = "all"

// issuerDifferences are the findings that a list shows at first.
var issuerDifferences = []creditnotes.IssuerFinding{
	creditnotes.IssuerDiffers, creditnotes.IssuerOnly, creditnotes.OwnerOnly, creditnotes.IssuerOpen,
}

// askedFindings are the findings that a list asks for; nil: all.
func askedFindings(l *page.List) []creditnotes.IssuerFinding {
	switch asked := l.Choice("finding", findingChoices()...); asked {
	case "":
		return issuerDifferences
	case allFindings:
		return nil
	default:
		return []creditnotes.IssuerFinding{creditnotes.IssuerFinding(asked)}
	}
}

func findingChoices() []string {
	list := []string{allFindings}
	for _, f := range creditnotes.IssuerFindings {
		list = append(list, string(f))
	}
	return list
}

// askedIssuer is the issuer of the address with what its list asks for.
func (v *Visit) askedIssuer() (*page.List, *entities.Entity, creditnotes.IssuerQuery, error) {
	var q creditnotes.IssuerQuery
	b, err := v.Network()
	if err != nil {
		return nil, nil, q, err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return nil, nil, q, err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/issuers/" + url.PathEscape(e.Key), Fields: []string{"month", "finding"}, Size: page.RowsPerPage, Empty: "issuer_no_sessions",
	})
	q = creditnotes.NewIssuerQuery(b.Config, b.Network, e.Key, v.issuerMonth(l))
	q.Seen = snapshot.OwnersSide(v.Who)
	return l, e, q, nil
}

// Issuer compares what an issuer of media was billed or paid with what owners
// were credited, session by session.
func (v *Visit) Issuer() error {
	l, e, q, err := v.askedIssuer()
	if err != nil {
		return err
	}
	findings := askedFindings(l)
	view := issuerView{List: l, Entity: e, Month: q.Month, Findings: v.findings(l), Totals: &creditnotes.IssuerTotals{}, Operator: v.Who.Operator}
	l.SetHeads(page.Head{Message: "issuer_session"}, page.Head{Message: "issuer_finding"}, page.Head{Message: "issuer_card"}, page.Head{Text: "kWh", Num: true}, page.Head{Message: "issuer_driver", Num: true},
		page.Head{Message: "issuer_billed", Num: true}, page.Head{Message: "issuer_owner"}, page.Head{Message: "issuer_owner_driver", Num: true},
		page.Head{Message: "issuer_share", Num: true})
	if err = l.Err(); err == nil {
		err = v.compare(&view, q, findings)
	}
	return v.ShowList("issuer", "issuers_title", view, err)
}

// compare fills in what the comparison comes to, and a page of its rows.
func (v *Visit) compare(view *issuerView, q creditnotes.IssuerQuery, findings []creditnotes.IssuerFinding) error {
	l := view.List
	list, err := creditnotes.ListIssuer(v.R.Context(), v.Store, q, findings, l.Page(""))
	if err != nil {
		return err
	}
	view.Totals = list.Totals
	for _, f := range creditnotes.IssuerFindings {
		if n := list.Totals.Findings[f]; n.Sessions > 0 {
			view.Counts = append(view.Counts, issuerCount{f, n, l.Address("finding", string(f))})
		}
	}
	for i := range list.Rows {
		view.Rows = append(view.Rows, v.issuerRow(&list.Rows[i]))
	}
	l.Cursors(list.Next, list.Previous)
	if v.May(access.Export) {
		l.Export("/issuers/"+url.PathEscape(q.Issuer)+"/control.xlsx", "XLSX", "")
	}
	return nil
}

func (v *Visit) findings(l *page.List) []page.Choice {
	return v.Choices("issuer_%s", l.Text("finding"), findingChoices()...)
}

func (v *Visit) issuerRow(r *creditnotes.IssuerRow) issuerRow {
	row := issuerRow{IssuerRow: *r, Card: sessions.MaskMedium(r.Medium)}
	if r.Owner != "" {
		row.OwnerName = v.EntityName(r.Owner)
	}
	if r.ID != 0 && r.Finding != creditnotes.IssuerApart {
		row.Path = page.SessionPath(r.ID)
	}
	return row
}

// IssuerXLSX downloads the comparison as a workbook: what it comes to, and every
// session that the filter lets through.
func (v *Visit) IssuerXLSX() error {
	l, e, q, err := v.askedIssuer()
	if err != nil {
		return err
	}
	findings := askedFindings(l)
	if err := l.Err(); err != nil {
		return err
	}
	sheets, zone, totals := [2]string{v.Message("menu_sessions"), v.Message("issuer_totals")}, v.Zone(), creditnotes.IssuerTotals{}
	rows := creditnotes.IssuerRows(v.R.Context(), v.Store, q, findings, &totals)
	return v.Stream(page.TypeXLSX, page.PlainName("issuer-"+e.Key+"-"+string(q.Month))+".xlsx", func(w io.Writer) error {
		return export.IssuerXLSX(w, sheets, v.XLSXLook(""), zone, rows, &totals)
	})
}
