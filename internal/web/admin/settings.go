package admin

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// settingsView is the page "Credit notes to Sub-CPOs".
type settingsView struct {
	Change   bool // the visitor may change settings
	Active   bool
	Since    string // when the feature was switched on
	Licensed bool
	Zone     string // of the operator
	ZoneAt   string // where it is changed
	Groups   []settingGroup
	Texts    []settingField // payment terms in the languages in use
	Others   []settingField // and in the others
	History  historyView
}

// settingGroup are settings that belong together.
type settingGroup struct {
	Key    string
	Fields []settingField
}

// control is how a setting is put into a form.
type control string

// The controls.
const (
	controlSwitch control = "switch"
	controlNumber control = "number"
	controlText   control = "text"
	controlChoice control = "choice"
	controlDate   control = "date"
	controlTime   control = "time"
	controlColor  control = "color"
	controlLogo   control = "logo"
	controlWords  control = "words"

	controlMatters control = "matters" // any of several
)

// settingField is one setting in the form.
type settingField struct {
	*page.FormState
	Key     string
	Message string // of its label; with _help that of its explanation
	Control control
	Value   string // as the form sends it
	Was     string // as it was when the form was made
	Words   string // the value for people
	Choices []page.Choice
	Least   string
	Most    string
	Lang    string // of the text
}

// Marks are the attributes of the input.
func (f settingField) Marks() template.HTMLAttr {
	switch f.Control {
	case controlWords:
		return f.Mark(f.Key)
	case controlMatters:
		return f.Group(f.Key, f.Key+"-help")
	}
	return f.Mark(f.Key, f.Key+"-help")
}

// Standing is the color of documents without one of their own.
func (settingField) Standing() string { return standingColor }

// settingOf is what a setting needs to be put into the form.
type settingOf struct {
	key         string
	control     control
	least, most string
}

// settingForm is every setting of the form, by group. The feature itself and
// the license right have pages of their own: they ask twice.
var settingForm = []struct {
	group  string
	fields []settingOf
}{
	{"feature", []settingOf{{key: "mail", control: controlSwitch}, {key: "create_zero_notes", control: controlSwitch}}},
	{"amounts", []settingOf{
		{key: "community_discount_percent", control: controlText}, {key: "community_choice", control: controlText}, {key: "start_date", control: controlDate},
	}},
	{"rules", ruleFields()},
	{"documents", []settingOf{
		{key: "language", control: controlChoice}, {key: "consolidate_by_recipient", control: controlSwitch},
		{key: "require_agreement", control: controlSwitch}, {key: "cancellation_type", control: controlChoice},
		{key: "einvoice_required", control: controlText},
		{key: "payment_terms.net_days", control: controlNumber, least: "0", most: "365"},
	}},
	{"accounts", []settingOf{
		{key: "number_range", control: controlChoice}, {key: "cancellation_range", control: controlChoice},
		{key: "tax_account", control: controlChoice}, {key: "revenue_account", control: controlText},
	}},
	{"settlement", []settingOf{
		{key: "invoice_range", control: controlChoice}, {key: "fee_tax_account", control: controlChoice},
		{key: "fee_revenue_account", control: controlText}, {key: "fee_net_days", control: controlNumber, least: "0", most: "365"},
		{key: "settlement_report_mail", control: controlSwitch}, {key: "joint_mail", control: controlSwitch}, {key: "minimum_payout", control: controlText}, {key: "payout_addresses", control: controlChoice},
		{key: "reminder_days", control: controlText}, {key: "first_creditor_account", control: controlText},
	}},
	{"books", []settingOf{
		{key: "bank_account", control: controlText}, {key: "clearing_account", control: controlText},
		{key: "datev_consultant", control: controlNumber, least: "0", most: "9999999"}, {key: "datev_mandant", control: controlNumber, least: "0", most: "99999"},
		{key: "fiscal_year_start", control: controlText}, {key: "ledger_account_length", control: controlNumber, least: "4", most: "8"},
		{key: "ledger_currency", control: controlText},
	}},
	{"schedule", []settingOf{{key: "run_time", control: controlTime}, {key: "review_days", control: controlNumber, least: "0", most: "31"}, {key: "held_deadline_days", control: controlNumber, least: "0", most: "3650"}}},
	{"release", []settingOf{{key: "release", control: controlChoice}, {key: "review_change_percent", control: controlNumber, least: "0", most: "1000"}, {key: "review_change_amount", control: controlNumber, least: "0", most: "1000000"}, {key: "second_person", control: controlMatters}}},
	{"look", []settingOf{{key: "logo", control: controlLogo}, {key: "color", control: controlColor}, {key: "layout", control: controlChoice}}},
}

// ruleFields are the rules of plausibility: what each does, and its limit.
func ruleFields() (fields []settingOf) {
	for _, rule := range sessions.Rules() {
		limit := settingOf{key: rule.LimitName(), control: controlNumber}
		if limit.least, limit.most = rule.Bounds(); rule.Percent() {
			limit = settingOf{key: rule.LimitName(), control: controlText}
		}
		fields = append(fields, settingOf{key: creditnotes.RulePrefix + string(rule.Reason()), control: controlChoice}, limit)
	}
	return fields
}

// paymentText begins the keys of the payment terms in words.
const paymentText = "payment_terms.text."

// languageLabel names the message that names a language.
func languageLabel(lang string) string { return fmt.Sprintf("language_%s", lang) }

// standingColor is that of documents without a color of their own.
const standingColor = "#0b5563"

// Settings shows the settings and who changed them.
func (v *Visit) Settings() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	return v.showSettings(v.Form(""), tried(v.R.URL.Query().Get(discountKey), &b.Config.Settings))
}

// discountKey is the setting that is tried out on another page and carried over.
const discountKey = "community_discount_percent"

// tried puts a discount into the form that was tried out; nothing is saved yet.
func tried(discount string, settings *creditnotes.Settings) map[string]entry {
	if discount == "" {
		return nil
	}
	return map[string]entry{discountKey: {value: canonical(discountKey, discount), was: canonical(discountKey, settings.Values()[discountKey])}}
}

// showSettings shows the page; after a refusal with what the visitor entered
// and what is wrong with it. A setting that another person changed meanwhile is
// shown with what it is now as what it was: now that it is known, it can be
// saved.
func (v *Visit) showSettings(f *page.FormState, entered map[string]entry) error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	settings := b.Config.Settings
	view := settingsView{
		Change: v.May(access.ChangeSettings), Active: settings.Active, Licensed: settings.CreditRun,
		Since: v.Instant(b.Config.ActiveSince), Zone: v.Zone().String(),
	}
	if operator := b.Operator(); operator != nil {
		view.ZoneAt = v.NearestAllowed("/entities/" + operator.Key)
	}
	values := settings.Values()
	field := func(s settingOf, message string) settingField {
		value := values[s.key]
		field := settingField{
			FormState: f, Key: s.key, Message: message, Control: s.control, Least: s.least, Most: s.most,
			Was: v.shown(s.key, canonical(s.key, value)), Words: v.SettingWords(s.key, value, b),
		}
		field.Value = field.Was
		if e, ok := entered[s.key]; ok {
			field.Value = v.shown(s.key, e.value)
			if !f.ChangedMeanwhile(s.key) {
				field.Was = v.shown(s.key, e.was)
			}
		}
		field.Choices = v.choicesFor(s.key, field.Value, b)
		return field
	}
	for _, group := range settingForm {
		g := settingGroup{Key: group.group}
		for _, s := range group.fields {
			g.Fields = append(g.Fields, field(s, page.SettingLabel(s.key)))
		}
		view.Groups = append(view.Groups, g)
	}
	for _, lang := range v.Texts.Languages() {
		text := field(settingOf{key: paymentText + lang, control: controlWords}, languageLabel(lang))
		text.Lang = lang
		if text.Was != "" || text.Value != "" || lang == settings.Language {
			view.Texts = append(view.Texts, text)
		} else {
			view.Others = append(view.Others, text)
		}
	}
	if view.History, err = v.settingHistory(b); err != nil {
		return err
	}
	return v.ShowForm(f, "settings", v.Message("settings_title"), view)
}

// choicesFor lists what can be chosen for a setting; nothing where it is not
// chosen from a list.
func (v *Visit) choicesFor(key, value string, b *snapshot.Snapshot) (list []page.Choice) {
	add := func(value, text string) { list = append(list, page.Choice{Value: value, Text: text}) }
	if strings.HasPrefix(key, creditnotes.RulePrefix) {
		for _, mode := range []sessions.Mode{sessions.Hold, sessions.Warn, sessions.Off} {
			add(string(mode), v.SettingWords(key, string(mode), b))
		}
		return v.Chosen(list, value)
	}
	if document, ok := creditnotes.RangeSettings()[key]; ok {
		for _, r := range b.Config.NumberRanges {
			if numbering.CheckUsable(&r, document) == nil {
				add(r.Key, r.Key+" – "+r.Name+" ("+r.Pattern+")")
			}
		}
		return v.Chosen(list, value)
	}
	switch key {
	case "language":
		for _, lang := range v.Texts.Languages() {
			add(lang, v.Message(fmt.Sprintf("language_%s", lang)))
		}
	case "release":
		for _, mode := range []creditnotes.ReleaseMode{creditnotes.ReleaseAutomatic, creditnotes.ReleaseApprove} {
			add(string(mode), v.SettingWords(key, string(mode), b))
		}
	case "second_person":
		for _, m := range creditnotes.Matters() {
			list = append(list, page.Choice{Value: string(m), Text: v.Message(fmt.Sprintf("matter_%s", m)), Chosen: slices.Contains(strings.Split(value, ","), string(m))})
		}
		return list
	case "cancellation_type":
		for _, code := range []string{creditnotes.CancellationSelfBilled, creditnotes.CancellationCorrected, creditnotes.CancellationNegative} {
			add(code, v.SettingWords(key, code, b))
		}
	case "payout_addresses":
		for _, style := range []string{"structured", "hybrid", "none"} {
			add(style, v.SettingWords(key, style, b))
		}
	case "layout":
		add("", v.Message("layout_none"))
		for _, key := range b.Config.Settings.LayoutKeys() {
			add(key, v.SettingWords("layout", key, b))
		}
	case "tax_account", "fee_tax_account":
		for _, a := range b.Config.TaxAccounts {
			add(a.Key, v.TaxAccountName(&a))
		}
	default:
		return nil
	}
	return v.Chosen(list, value)
}

// canonical is a value as the store has it: what browsers and people write
// otherwise does not make it another one.
func canonical(key, value string) string {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	switch key {
	case "community_discount_percent", sessions.RuleMeter.LimitName(), sessions.RuleSignature.LimitName():
		return strings.ReplaceAll(value, ",", ".")
	case "color":
		return strings.ToLower(value)
	}
	return value
}

// shown is a stored value as the form shows it.
func (v *Visit) shown(key, value string) string {
	if key == "community_discount_percent" {
		return v.Figure(value)
	}
	return value
}

// logoCSP lets a logo that is opened by itself be looked at and do nothing.
const logoCSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// Logo shows the logo of the documents.
func (v *Visit) Logo() error {
	settings, err := v.Store.Settings(v.R.Context())
	if err != nil {
		return err
	}
	name := v.R.PathValue("sha256")
	if !slices.Contains(settings.Logos(), name) {
		return v.Nowhere()
	}
	content, err := v.Store.Asset(v.R.Context(), name)
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", "image/svg+xml")
	if bytes.HasPrefix(content, []byte("\x89PNG")) {
		v.W.Header().Set("Content-Type", "image/png")
	}
	v.W.Header().Set("Content-Security-Policy", logoCSP)
	_, _ = v.W.Write(content) // the browser may have gone
	return nil
}
