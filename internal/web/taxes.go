package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// taxesView lists the tax accounts.
type taxesView struct {
	List     *List
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

// taxes lists the tax accounts.
func (v *visit) taxes() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/taxes", Order: "key", Size: rowsPerPage, Empty: "taxes_none"})
	var lines []accountLine
	today, treated := entities.Date(v.today()), map[string]int{}
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
			TaxAccount: a, Named: inLanguage(a.Name, v.lang), Used: a.Key == b.Config.Settings.TaxAccount, Treated: treated[a.Key],
			Path: v.linkIfAllowed("/taxes/" + url.PathEscape(a.Key)),
		}
		line.Rate, line.HasRate = a.RateOn(today)
		lines = append(lines, line)
	}
	lines = Rows(l, lines, accountColumns...)
	return v.showList("taxes", "menu_taxes", taxesView{l, lines, v.may(access.ChangeTariffs)}, l.Err())
}

var accountColumns = []Column[accountLine]{
	{Head{Key: "key", Message: "tariff_key"}, ByText(func(a accountLine) string { return a.Key })},
	{Head{Key: "name", Message: "tax_name"}, ByText(func(a accountLine) string { return a.Named })},
	{Head{Key: "category", Message: "tax_category"}, ByText(func(a accountLine) string { return string(a.Category) })},
	{Head{Key: "rate", Message: "tax_rate_today", Num: true}, By(func(a accountLine) money.Percent { return a.Rate })},
	{Head{Key: "country", Message: "tax_country"}, ByText(func(a accountLine) string { return a.Country })},
	{Head{Key: "ledger", Message: "tax_ledger"}, ByText(func(a accountLine) string { return a.LedgerAccount })},
	{Head{Key: "treated", Message: "tax_treated", Num: true}, By(func(a accountLine) int { return a.Treated })},
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
	*form
	Account    creditnotes.TaxAccount
	New        bool
	Categories []choice
	Usual      []taxTexts // languages that are used
	Others     []taxTexts
	Rates      []taxRateRow
}

// taxTexts are name and exemption reason in one language.
type taxTexts struct {
	*form
	Lang, Name, Reason string
}

// taxRateRow is one rate as it is typed.
type taxRateRow struct{ From, Percent string }

// taxPage shows the form of a tax account; the key "new" that of none yet.
func (v *visit) taxPage() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	key := v.r.PathValue("key")
	if key == "new" {
		a := creditnotes.TaxAccount{Category: creditnotes.StandardRate}
		if operator := b.Operator(); operator != nil {
			a.Country = operator.Country
		}
		return v.showTax(b, v.taxForm(), a, []taxRateRow{{From: v.today()}})
	}
	for _, a := range b.Config.TaxAccounts {
		if a.Key == key {
			rows := []taxRateRow{}
			for _, r := range a.Rates {
				rows = append(rows, taxRateRow{string(r.From), r.Percent.String()})
			}
			return v.showTax(b, v.taxForm(), a, rows)
		}
	}
	return fault.New(fault.NotFound, "setting_tax_account_unknown", fault.Args{"account": key})
}

// taxForm is the form of a tax account.
func (v *visit) taxForm() *form {
	f := v.form("")
	f.inputs = map[string]string{"name": "name_" + v.lang}
	return f
}

func (v *visit) showTax(b *snapshot.Snapshot, f *form, a creditnotes.TaxAccount, rows []taxRateRow) error {
	if err := v.see(f, record(creditnotes.SectionTaxAccounts, a.Key)); err != nil {
		return err
	}
	view := taxView{form: f, Account: a, New: v.r.PathValue("key") == "new", Rates: append(slices.Clone(rows), taxRateRow{})}
	for _, c := range creditnotes.TaxCategories() {
		view.Categories = append(view.Categories, choice{Value: string(c), Chosen: c == a.Category})
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
		title = v.message("tax_new")
	}
	return v.showForm(f, "tax", title, view)
}

// saveTax stores what the form says. Documents that were issued keep the tax
// they were issued with.
func (v *visit) saveTax() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	f := v.taxForm()
	a := creditnotes.TaxAccount{
		Key: v.r.PathValue("key"), Category: creditnotes.TaxCategory(f.text("category")), Country: f.text("country"),
		LedgerAccount: f.text("ledger_account"), ExemptionCode: f.text("exemption_code"),
		Name: f.byLanguage("name_", v.Texts.Languages()), ExemptionReason: f.byLanguage("reason_", v.Texts.Languages()),
	}
	isNew := a.Key == "new"
	if isNew {
		a.Key = f.text("key")
	} else if !slices.ContainsFunc(b.Config.TaxAccounts, func(have creditnotes.TaxAccount) bool { return have.Key == a.Key }) {
		return fault.New(fault.NotFound, "setting_tax_account_unknown", fault.Args{"account": a.Key})
	}
	f.about("account", a.Key)
	rows := f.taxRates(&a)
	if len(a.Name) == 0 {
		f.fail(fault.New(fault.Invalid, "tax_account_incomplete", fault.Args{"account": a.Key}).At("name"))
	}
	config := &creditnotes.Configuration{TaxAccounts: []creditnotes.TaxAccount{a}}
	if !f.ok() || f.fail(v.saveRecord(f, record(creditnotes.SectionTaxAccounts, a.Key), isNew, config)) {
		return v.showTax(b, f, a, rows)
	}
	return v.done("/taxes", "tax_saved", "Key", a.Key)
}

// byLanguage reads a text in every language that has one.
func (f *form) byLanguage(prefix string, languages []string) map[string]string {
	var texts map[string]string
	for _, lang := range languages {
		if text := f.text(prefix + lang); text != "" {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[lang] = text
		}
	}
	return texts
}

// taxRates reads the rates in the order of their days; a line without anything
// is left out.
func (f *form) taxRates(a *creditnotes.TaxAccount) (rows []taxRateRow) {
	from, percent := f.all("rate_from"), f.all("rate_percent")
	for i := range min(len(from), len(percent), maxRows) {
		if row := (taxRateRow{from[i], percent[i]}); row != (taxRateRow{}) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(x, y taxRateRow) int { return cmp.Compare(x.From, y.From) })
	for i, row := range rows {
		at := fmt.Sprintf("rates[%d].", i+1)
		a.Rates = append(a.Rates, creditnotes.TaxRate{
			From:    f.with(at+"from", "tax_from", row.From).day(),
			Percent: money.Percent(f.with(at+"percent", "tax_percent", row.Percent).price(money.PercentDecimals)),
		})
	}
	return rows
}
