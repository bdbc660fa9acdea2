package notes

import (
	"cmp"
	"io"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// accountsView lists accounts with the filter and what they come to.
type accountsView struct {
	List       *page.List
	Entities   []page.Choice
	Currencies []page.Choice
	Standings  []page.Choice
	Rows       []accountLine
	Totals     []creditnotes.AccountTotal
}

// accountLine is one account.
type accountLine struct {
	creditnotes.AccountState
	EntityName string
	Path       string // of the statement
}

var accountColumns = []page.Column[accountLine]{
	{Head: page.Head{Key: "entity", Message: "accounts_entity"}, By: page.ByText(func(a accountLine) string { return a.EntityName })},
	{Head: page.Head{Key: "currency", Message: "notes_currency"}, By: page.ByText(func(a accountLine) string { return a.Currency })},
	{Head: page.Head{Key: "balance", Message: "accounts_balance", Num: true}, By: page.By(func(a accountLine) int64 { return int64(a.Balance) })},
	{Head: page.Head{Key: "items", Message: "accounts_items", Num: true}, By: page.By(func(a accountLine) int64 { return a.OpenItems })},
	{Head: page.Head{Key: "open", Message: "accounts_open", Num: true}, By: page.By(func(a accountLine) int64 { return int64(a.Open) })},
	{Head: page.Head{Key: "unallocated", Message: "accounts_unallocated", Num: true}, By: page.By(func(a accountLine) int64 { return int64(a.Unallocated()) })},
	{Head: page.Head{Key: "oldest", Message: "accounts_oldest"}, By: page.By(func(a accountLine) string { return cmp.Or(string(a.Oldest), "9999") })},
}

var accountStandings = func() (list []string) {
	for _, s := range creditnotes.AccountStandings() {
		list = append(list, string(s))
	}
	return list
}()

// askedAccounts are the accounts as the address asks for them, before they are
// sorted.
func (v *Visit) askedAccounts(b *snapshot.Snapshot) (*page.List, []creditnotes.AccountState, error) {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/accounts", Fields: []string{"entity", "currency", "standing", "until"}, Order: "entity", Size: page.RowsPerPage, Empty: "accounts_none"})
	f := creditnotes.AccountFilter{
		Entity: v.EntityField(b, l, "entity"), Currency: l.Text("currency"), Until: l.Day("until"),
		Standing: creditnotes.AccountStanding(l.Choice("standing", accountStandings...)), Scope: snapshot.Scope(v.Who),
	}
	if l.Err() != nil {
		return l, nil, nil
	}
	list, err := v.Store.Accounts(v.R.Context(), f)
	return l, list, err
}

// Accounts lists the accounts of the entities that the visitor sees.
func (v *Visit) Accounts() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, list, err := v.askedAccounts(b)
	if err != nil {
		return err
	}
	view := accountsView{
		List: l, Entities: v.EntitiesOffered(b), Currencies: page.PlainChoices(l.Text("currency"), currencies(b)...),
		Standings: v.Choices("accounts_standing_%s", l.Text("standing"), accountStandings...), Totals: creditnotes.TotalsOfAccounts(list),
	}
	lines := make([]accountLine, len(list))
	for i, a := range list {
		lines[i] = accountLine{a, b.Names(a.Entity), page.EntityPath(a.Entity) + "/statement"}
	}
	view.Rows = page.Rows(l, lines, accountColumns...)
	if v.May(access.Export) {
		l.Export("/accounts.csv", "CSV", "")
		l.Export("/accounts.xlsx", "XLSX", "")
	}
	return v.ShowList("accounts", "menu_accounts", view, l.Err())
}

// AccountsCSV downloads the list as the filter shows it.
func (v *Visit) AccountsCSV() error {
	return v.accountsFile(page.TypeCSV, "accounts.csv", func(w io.Writer, list []creditnotes.AccountState) error {
		return export.AccountsCSV(w, v.CSVLook(), list)
	})
}

// AccountsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) AccountsXLSX() error {
	look, sheet := v.XLSXLook("head_%s"), v.Message("menu_accounts")
	return v.accountsFile(page.TypeXLSX, "accounts.xlsx", func(w io.Writer, list []creditnotes.AccountState) error {
		return export.AccountsXLSX(w, sheet, look, list)
	})
}

func (v *Visit) accountsFile(mediaType, name string, write func(io.Writer, []creditnotes.AccountState) error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, list, err := v.askedAccounts(b)
	if err == nil {
		err = l.Err()
	}
	if err != nil {
		return err
	}
	return v.Stream(mediaType, name, func(w io.Writer) error { return write(w, list) })
}
