package network

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// taxesView lists the tax accounts.
type taxesView struct {
	List     *page.List
	Accounts []accountLine
	Change   bool
}

// accountLine is one tax account as it is today.
type accountLine struct {
	creditnotes.TaxAccount
	Named   string // in the visitor's language
	Rate    money.Percent
	HasRate bool
	Used    bool   // it is the one of the settings
	Treated int    // entities that are treated by it today
	Path    string // empty: the visitor may not change it
}

// Taxes lists the tax accounts.
func (v *Visit) Taxes() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/taxes", Order: "key", Size: page.RowsPerPage, Empty: "taxes_none"})
	var lines []accountLine
	today, treated := entities.Date(v.Today()), map[string]int{}
	for _, e := range b.Config.Entities {
		account := ""
		for _, t := range e.Taxes {
			if !today.Before(t.From) {
				account = t.Account
			}
		}
		treated[account]++
	}
	for _, a := range b.Config.TaxAccounts {
		line := accountLine{
			TaxAccount: a, Named: inLanguage(a.Name, v.Words()), Used: a.Key == b.Config.Settings.TaxAccount, Treated: treated[a.Key],
			Path: v.LinkIfAllowed("/taxes/" + url.PathEscape(a.Key)),
		}
		line.Rate, line.HasRate = a.RateOn(today)
		lines = append(lines, line)
	}
	lines = page.Rows(l, lines, accountColumns...)
	return v.ShowList("taxes", "menu_taxes", taxesView{l, lines, v.May(access.ChangeTariffs)}, l.Err())
}

var accountColumns = []page.Column[accountLine]{
	{Head: page.Head{Key: "key", Message: "tariff_key"}, By: page.ByText(func(a accountLine) string { return a.Key })},
	{Head: page.Head{Key: "name", Message: "tax_name"}, By: page.ByText(func(a accountLine) string { return a.Named })},
	{Head: page.Head{Key: "category", Message: "tax_category"}, By: page.ByText(func(a accountLine) string { return string(a.Category) })},
	{Head: page.Head{Key: "rate", Message: "tax_rate_today", Num: true}, By: page.By(func(a accountLine) money.Percent { return a.Rate })},
	{Head: page.Head{Key: "country", Message: "tax_country"}, By: page.ByText(func(a accountLine) string { return a.Country })},
	{Head: page.Head{Key: "ledger", Message: "tax_ledger"}, By: page.ByText(func(a accountLine) string { return a.LedgerAccount })},
	{Head: page.Head{Key: "treated", Message: "tax_treated", Num: true}, By: page.By(func(a accountLine) int { return a.Treated })},
}

// inLanguage is a text in a language, else in English, else in any.
func inLanguage(texts map[string]string, lang string) string {
	text := cmp.Or(texts[lang], texts["en"])
	for _, other := range texts {
		text = cmp.Or(text, other)
	}
	return text
}

// taxView is the form of one tax account.
type taxView struct {
	*page.FormState
	Account    creditnotes.TaxAccount
	New        bool
	Categories []page.Choice
	Usual      []taxTexts // languages that are used
	Others     []taxTexts
	Rates      []taxRateRow
	Delete     *deletion
}

// taxTexts are name and exemption reason in one language.
type taxTexts struct {
	*page.FormState
	Lang, Name, Reason string
}

// taxRateRow is one rate as it is typed.
type taxRateRow struct{ From, Percent string }

// TaxPage shows the form of a tax account; the key "new" that of none yet.
func (v *Visit) TaxPage() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	key := v.R.PathValue("key")
	if key == "new" {
		a := creditnotes.TaxAccount{Category: creditnotes.StandardRate}
		if operator := b.Operator(); operator != nil {
			a.Country = operator.Country
		}
		return v.showTax(b, v.taxForm(), a, []taxRateRow{{From: v.Today()}})
	}
	for _, a := range b.Config.TaxAccounts {
		if a.Key == key {
			rows := []taxRateRow{}
			for _, r := range a.Rates {
				rows = append(rows, taxRateRow{string(r.From), v.Figure(r.Percent.String())})
			}
			return v.showTax(b, v.taxForm(), a, rows)
		}
	}
	return fault.New(fault.NotFound, "setting_tax_account_unknown", fault.Args{"account": key})
}

// taxForm is the form of a tax account.
func (v *Visit) taxForm() *page.FormState {
	f := v.Form("")
	f.Inputs = map[string]string{"name": "name_" + v.Words()}
	return f
}

func (v *Visit) showTax(b *snapshot.Snapshot, f *page.FormState, a creditnotes.TaxAccount, rows []taxRateRow) error {
	if err := v.See(f, page.Record(creditnotes.SectionTaxAccounts, a.Key)); err != nil {
		return err
	}
	view := taxView{FormState: f, Account: a, New: v.R.PathValue("key") == "new", Rates: append(slices.Clone(rows), taxRateRow{})}
	for _, c := range creditnotes.TaxCategories() {
		view.Categories = append(view.Categories, page.Choice{Value: string(c), Chosen: c == a.Category})
	}
	for _, lang := range v.Texts.Languages() {
		texts := taxTexts{f, lang, a.Name[lang], a.ExemptionReason[lang]}
		usual := texts.Name+texts.Reason != "" || lang == b.Config.Settings.Language || slices.Contains(v.Texts.PageLanguages(), lang)
		if usual {
			view.Usual = append(view.Usual, texts)
		} else {
			view.Others = append(view.Others, texts)
		}
	}
	title := a.Key
	if view.New {
		title = v.Message("tax_new")
	} else {
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionTaxAccounts, a.Key, "/taxes/"+url.PathEscape(a.Key)); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "tax", title, view)
}

// SaveTax stores what the form says. Documents that were issued keep the tax
// they were issued with.
func (v *Visit) SaveTax() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	f := v.taxForm()
	a := creditnotes.TaxAccount{
		Key: v.R.PathValue("key"), Category: creditnotes.TaxCategory(f.Text("category")), Country: f.Text("country"),
		LedgerAccount: f.Text("ledger_account"), DATEVKey: f.Text("datev_key"), ExemptionCode: f.Text("exemption_code"),
		Name: byLanguageIn(f, "name_", v.Texts.Languages()), ExemptionReason: byLanguageIn(f, "reason_", v.Texts.Languages()),
	}
	isNew := a.Key == "new"
	if isNew {
		a.Key = f.Text("key")
	} else if !slices.ContainsFunc(b.Config.TaxAccounts, func(have creditnotes.TaxAccount) bool { return have.Key == a.Key }) {
		return fault.New(fault.NotFound, "setting_tax_account_unknown", fault.Args{"account": a.Key})
	}
	f.About("account", a.Key)
	rows := taxRatesIn(f, &a)
	if len(a.Name) == 0 {
		f.With("name_"+v.Words(), "tax_name", "").Missing()
	}
	if len(a.Rates) == 0 {
		f.With("rates", "tax_rates", "").Missing()
	}
	if a.Key == "" {
		f.With("key", "tariff_key", "").Missing()
	}
	config := &creditnotes.Configuration{TaxAccounts: []creditnotes.TaxAccount{a}}
	if !f.Ok() || f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionTaxAccounts, a.Key), isNew, config)) {
		return v.showTax(b, f, a, rows)
	}
	return v.Done("/taxes", "tax_saved", "Key", a.Key)
}

// byLanguageIn reads a text in every language that has one.
func byLanguageIn(f *page.FormState, prefix string, languages []string) map[string]string {
	var texts map[string]string
	for _, lang := range languages {
		if text := f.Text(prefix + lang); text != "" {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[lang] = text
		}
	}
	return texts
}

// taxRatesIn reads the rates in the order of their days; a line without anything
// is left out.
func taxRatesIn(f *page.FormState, a *creditnotes.TaxAccount) (rows []taxRateRow) {
	from, percent := f.All("rate_from"), f.All("rate_percent")
	for i := range min(len(from), len(percent), page.MaxRows) {
		if row := (taxRateRow{from[i], percent[i]}); row != (taxRateRow{}) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(x, y taxRateRow) int { return cmp.Compare(x.From, y.From) })
	for i, row := range rows {
		at := fmt.Sprintf("rates[%d].", i+1)
		a.Rates = append(a.Rates, creditnotes.TaxRate{
			From:    f.With(at+"from", "tax_from", row.From).Day(),
			Percent: money.Percent(f.With(at+"percent", "tax_percent", row.Percent).Price(money.PercentDecimals)),
		})
	}
	return rows
}
