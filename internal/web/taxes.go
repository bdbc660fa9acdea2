package web

import (
	"cmp"
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
	Account    creditnotes.TaxAccount
	New        bool
	Seen       string
	Categories []choice
	Usual      []taxTexts // languages that are used
	Others     []taxTexts
	Rates      []taxRateRow
}

// taxTexts are name and exemption reason in one language.
type taxTexts struct{ Lang, Name, Reason string }

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
		return v.showTax(b, a, []taxRateRow{{From: v.today()}}, nil)
	}
	for _, a := range b.Config.TaxAccounts {
		if a.Key == key {
			rows := []taxRateRow{}
			for _, r := range a.Rates {
				rows = append(rows, taxRateRow{string(r.From), r.Percent.String()})
			}
			return v.showTax(b, a, rows, nil)
		}
	}
	return fault.New(fault.NotFound, "setting_tax_account_unknown", fault.Args{"account": key})
}

func (v *visit) showTax(b *snapshot.Snapshot, a creditnotes.TaxAccount, rows []taxRateRow, problem error) error {
	seen, err := v.seen(record(creditnotes.SectionTaxAccounts, a.Key), problem)
	if err != nil {
		return err
	}
	view := taxView{Account: a, New: v.r.PathValue("key") == "new", Seen: seen, Rates: append(slices.Clone(rows), taxRateRow{})}
	for _, c := range creditnotes.TaxCategories() {
		view.Categories = append(view.Categories, choice{Value: string(c), Chosen: c == a.Category})
	}
	for _, lang := range v.Texts.Languages() {
		texts := taxTexts{lang, a.Name[lang], a.ExemptionReason[lang]}
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
	if problem != nil {
		return v.retry(problem, "tax", title, view)
	}
	return v.show("tax", title, view)
}

// saveTax stores what the form says. Documents that were issued keep the tax
// they were issued with.
func (v *visit) saveTax() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	in, err := v.reader()
	if err != nil {
		return err
	}
	a := creditnotes.TaxAccount{
		Key: v.r.PathValue("key"), Category: creditnotes.TaxCategory(in.text("category")), Country: in.text("country"),
		LedgerAccount: in.text("ledger_account"), ExemptionCode: in.text("exemption_code"),
		Name: in.byLanguage("name_"), ExemptionReason: in.byLanguage("reason_"),
	}
	isNew := a.Key == "new"
	if isNew {
		a.Key = in.text("key")
	} else if !slices.ContainsFunc(b.Config.TaxAccounts, func(have creditnotes.TaxAccount) bool { return have.Key == a.Key }) {
		return fault.New(fault.NotFound, "setting_tax_account_unknown", fault.Args{"account": a.Key})
	}
	rows := in.taxRates(&a)
	if len(a.Name) == 0 {
		in.faults = append(in.faults, fault.New(fault.Invalid, "tax_account_incomplete", fault.Args{"account": a.Key}))
	}
	if err := in.faults.Err(); err != nil {
		return v.showTax(b, a, rows, err)
	}
	config := &creditnotes.Configuration{TaxAccounts: []creditnotes.TaxAccount{a}}
	if err := v.saveRecord(record(creditnotes.SectionTaxAccounts, a.Key), isNew, config); err != nil {
		return v.showTax(b, a, rows, err)
	}
	return v.done("/taxes", "tax_saved", "Key", a.Key)
}

// byLanguage reads a text in every language that has one.
func (f *formReader) byLanguage(prefix string) map[string]string {
	var texts map[string]string
	for _, lang := range f.v.Texts.Languages() {
		if text := f.text(prefix + lang); text != "" {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[lang] = text
		}
	}
	return texts
}

// taxRates reads the rates; a line without anything is left out.
func (f *formReader) taxRates(a *creditnotes.TaxAccount) (rows []taxRateRow) {
	from, percent := f.values["rate_from"], f.values["rate_percent"]
	for i := range min(len(from), len(percent), mostRows) {
		row := taxRateRow{from[i], percent[i]}
		if row == (taxRateRow{}) {
			continue
		}
		rows = append(rows, row)
		rate := creditnotes.TaxRate{From: f.day("tax_from", row.From), Percent: money.Percent(f.decimal("tax_percent", row.Percent, money.PercentDecimals))}
		if row.Percent == "" {
			f.add("form_decimal", "tax_percent", "", money.PercentDecimals)
		}
		a.Rates = append(a.Rates, rate)
	}
	slices.SortStableFunc(a.Rates, func(x, y creditnotes.TaxRate) int { return cmp.Compare(x.From, y.From) })
	return rows
}
