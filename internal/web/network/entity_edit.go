package network

import (
	"html/template"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/internal/web/page"
)

// entityEditView is the form of an entity's master data, and that of its bank
// data.
type entityEditView struct {
	Master     *page.FormState
	Account    *page.FormState // of the bank data
	New        bool
	Name       string
	Action     string // where the form is sent
	Path, Back string
	Identity   []formField
	Address    []formField
	Billing    []formField
	Place      []formField
	Limits     []formField // of the rules of plausibility; nil: those of the settings
	Agreement  []formField
	Settlement []formField // nil: it is the operator
	Tax        []formField
	FeeTax     []formField
	Reseller   []formField
	Resold     []resellerLine // as they are stored
	Active     bool
	Delete     *deletion // nil: a new one, or the operator
	Taxes      []taxLine
	FeeTaxes   []taxLine
	Preview    *recipientView
	Bank       []formField // nil: none yet
	BankAction string
	Waiting    *proposalView // of the bank data
	Confirm    page.ConfirmView
}

// formField is one field of a form.
type formField struct {
	*page.FormState
	Name     string
	Kind     string // text, area, date, select or lookup
	Value    string
	Hint     bool
	Required bool
	Choices  []page.Choice
	Warning  string
}

// Marks are the attributes of the input.
func (f formField) Marks() template.HTMLAttr {
	var hints []string
	if f.Warning != "" {
		hints = append(hints, f.Name+"-warning")
	}
	if f.Hint {
		hints = append(hints, f.Name+"-help")
	}
	return f.Mark(f.Name, hints...)
}

// EntityEditPage shows the form of an entity.
func (v *Visit) EntityEditPage() error {
	form, err := v.entityFormOf(v.R.PathValue("key"))
	if err != nil {
		return err
	}
	return v.showEntityForm(form)
}

// EntityNewPage shows the form of a new sub-entity.
func (v *Visit) EntityNewPage() error {
	form, err := v.entityFormOf("")
	if err != nil {
		return err
	}
	return v.showEntityForm(form)
}

// entityFormOf begins the form of the entity with a key; without one, of a new
// entity. The first one there is becomes the operator.
func (v *Visit) entityFormOf(key string) (*entityForm, error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return nil, err
	}
	if key == "" && len(b.Config.Entities) == 0 {
		return newEntityForm(v, masterForm, b, nil), nil
	}
	if b, err = v.Network(); err != nil || key == "" {
		return newEntityForm(v, masterForm, b, nil), err
	}
	e, err := v.EntityAt(b, key)
	return newEntityForm(v, masterForm, b, e), err
}

// SaveEntity stores what the form says, or shows what would come of it.
func (v *Visit) SaveEntity() error {
	form, err := v.entityFormOf(v.R.PathValue("key"))
	if err != nil {
		return err
	}
	e := form.entity()
	if form.Text("preview") != "" {
		return v.previewEntity(form, e)
	}
	form.check(e)
	var waiting []creditnotes.Proposal
	if form.Ok() {
		waiting, err = v.storeEntity(form, e)
		form.Fail(err)
	}
	if !form.Ok() {
		return v.showEntityForm(form)
	}
	return v.Saved(page.EntityPath(e.Key), waiting, "entity_saved", "Name", e.Name)
}

// storeEntity stores the entity unless another person changed it since the form
// was shown. What decides where money goes needs the password, and may have to
// wait for a second person.
func (v *Visit) storeEntity(form *entityForm, e entities.Entity) ([]creditnotes.Proposal, error) {
	confirmed, err := v.ConfirmedIfTyped()
	if err != nil {
		return nil, err
	}
	config := &creditnotes.Configuration{Entities: []entities.Entity{e}}
	return v.ChangeRecord(form.FormState, page.Record(creditnotes.SectionEntities, e.Key), form.stored == nil, confirmed, config)
}

// previewEntity shows where the next credit notes would go.
func (v *Visit) previewEntity(form *entityForm, e entities.Entity) error {
	if !v.Refreshes() {
		return v.showEntityForm(form)
	}
	return v.Part("entity_edit", "recipient", form.preview(e))
}

// preview is who would get the next credit notes; nil while the form says too
// little.
func (f *entityForm) preview(e entities.Entity) *recipientView {
	tree, err := f.tree(e)
	if err != nil || e.Parent == "" {
		return nil
	}
	view := f.v.recipient(tree, tree.Entity(e.Key))
	return &view
}

// showEntityForm shows both forms, with what is wrong next to the fields and on
// top. What is missing for a preview is not said on top.
func (v *Visit) showEntityForm(f *entityForm) error {
	view := entityEditView{
		Master: f.In(masterForm), Account: f.In(bankForm),
		New: f.stored == nil, Action: "/entities/new", Path: "/entities/new", Back: "/entities", Active: true, Confirm: v.ConfirmView().On(f.FormState),
	}
	title, err := v.Text("entities_new")
	if err != nil {
		return err
	}
	e := entities.Entity{Parent: v.R.FormValue("parent"), Active: true, SessionDetail: entities.DetailCSV, SetOff: true}
	if f.stored != nil {
		e, title = *f.stored, v.Message("title_edit", "What", f.stored.Name)
		if err := v.addStored(f, &view); err != nil {
			return err
		}
	}
	if err := v.See(view.Master, page.Record(creditnotes.SectionEntities, e.Key)); err != nil {
		return err
	}
	if f.typed() {
		e = f.entity()
	}
	view.Name, view.Active, view.Preview = title, e.Active, f.preview(e)
	f.addFields(&view, &e)
	if f.Text("preview") != "" {
		return v.Show("entity_edit", title, view)
	}
	if n := f.WrongFields(); n > 0 {
		v.Faults = append(v.Faults, page.ProblemLine{Text: v.Message("entity_wrong", "Count", n)})
	}
	return v.ShowForm(f.FormState, "entity_edit", title, view)
}

// addStored adds what there is of an entity that is stored.
func (v *Visit) addStored(f *entityForm, view *entityEditView) error {
	view.Path = page.EntityPath(f.stored.Key)
	view.Action, view.Back, view.BankAction = view.Path+"/edit", view.Path, view.Path+"/bank"
	view.Confirm.Next = view.Action
	view.Taxes, view.FeeTaxes = v.taxLines(f.b, f.stored.Taxes), v.taxLines(f.b, f.stored.FeeTaxes)
	view.Resold = resellerLines(f.stored, f.b.Day(v.Now()))
	view.Bank = f.bankFields(view.Account)
	if f.stored.Parent != "" {
		var err error
		if view.Delete, err = f.v.deletionOf(creditnotes.SectionEntities, f.stored.Key, view.Path); err != nil {
			return err
		}
	}
	now, err := v.Store.BankFingerprint(v.R.Context(), f.stored)
	if err != nil {
		return err
	}
	view.Account.See(now)
	waiting, err := v.waiting(creditnotes.ProposalFilter{Subject: f.stored.Key, Matter: creditnotes.MatterBank})
	if len(waiting) > 0 {
		view.Waiting = &waiting[0]
	}
	return err
}

// addFields fills in the fields: as they were typed, else as they are stored.
func (f *entityForm) addFields(view *entityEditView, e *entities.Entity) {
	if view.New {
		view.Identity = append(view.Identity, f.field("key", "text", e.Key, true))
	}
	view.Identity = append(view.Identity, f.required(f.field("name", "text", e.Name, false)))
	for _, one := range identityInputs(e) {
		view.Identity = append(view.Identity, f.field(one.name, "text", *one.value, one.help))
	}
	view.Address = []formField{
		f.field("street", "text", e.Street, false), f.field("postcode", "text", e.Postcode, false), f.field("city", "text", e.City, false),
		f.choose("country", e.Country, false, f.countries()), f.field("phone", "text", e.Phone, false),
	}
	if !entities.UsualPostcode(e.Country, e.Postcode) {
		view.Address[1].Warning = f.v.Message("entity_postcode_unusual", "Postcode", e.Postcode, "Country", f.v.Texts.Country(f.v.Lang, e.Country))
	}
	view.Billing = []formField{
		f.field("emails", "area", strings.Join(e.Emails, "\n"), true), f.field("reply_to", "text", e.ReplyTo, true),
		f.choose("language", e.Language, true, f.languages()), f.field("currency", "text", e.Currency, true),
		f.choose("session_detail", string(e.SessionDetail), false, f.details()),
		f.field("electronic_address", "text", string(e.ElectronicAddress), true),
	}
	if !f.isOperator() {
		view.Billing = append(view.Billing, f.choose("layout", e.Layout, true, f.layouts()))
		view.Billing = append(view.Billing, f.deliveryFields(e)...)
	}
	if f.isOperator() {
		view.Place = []formField{f.field("time_zone", "text", e.TimeZone, true)}
	} else {
		view.Place = []formField{f.required(f.field("parent", "lookup", e.Parent, true)), f.field("alternate", "lookup", e.AlternateCredit, true)}
		view.Settlement = f.settlementFields(e)
		view.FeeTax = []formField{f.field("fee_tax_from", "date", "", false), f.choose("fee_tax_account", "", false, f.accounts())}
		for _, rule := range sessions.Rules() {
			view.Limits = append(view.Limits, f.field(rule.LimitName(), "text", rule.Format(e.Limits[rule]), false))
		}
	}
	view.Agreement = []formField{
		f.field("agreement_signed", "date", string(e.Agreement.SignedOn), false), f.field("agreement_from", "date", string(e.Agreement.ValidFrom), false),
		f.field("agreement_until", "date", string(e.Agreement.ValidUntil), true), f.field("agreement_reference", "text", e.Agreement.Reference, false),
		f.choose("agreement_period", string(e.Agreement.BillingPeriod), true, append([]page.Choice{{}}, f.periods()...)),
	}
	view.Reseller = f.resellerFields()
	view.Tax = []formField{f.field("tax_from", "date", "", false), f.choose("tax_account", "", false, f.accounts())}
}

func (f *entityForm) bankFields(account *page.FormState) []formField {
	return []formField{
		{FormState: account, Name: "holder", Kind: "text", Value: f.bank.Holder},
		{FormState: account, Name: "iban", Kind: "text", Value: page.GroupsOfFour(f.bank.IBAN)},
		{FormState: account, Name: "bic", Kind: "text", Value: f.bank.BIC, Hint: true},
	}
}

// field is a field with what was typed into it, else what is stored.
func (f *entityForm) field(name, kind, stored string, hint bool) formField {
	field := formField{FormState: f.In(masterForm), Name: name, Kind: kind, Value: stored, Hint: hint}
	if f.typed() {
		field.Value = f.Values.Get(name)
	}
	return field
}

func (f *entityForm) required(field formField) formField {
	field.Required = true
	return field
}

// choose is a field in which one of several values is chosen.
func (f *entityForm) choose(name, stored string, hint bool, choices []page.Choice) formField {
	field := f.field(name, "select", stored, hint)
	for i := range choices {
		choices[i].Chosen = choices[i].Value == field.Value
	}
	field.Choices = choices
	return field
}

func (f *entityForm) countries() []page.Choice {
	choices := []page.Choice{{}}
	for _, code := range f.v.Texts.SortCountries(f.v.Lang, entities.Countries()) {
		choices = append(choices, page.Choice{Value: code, Text: f.v.Texts.Country(f.v.Lang, code) + " (" + code + ")"})
	}
	return choices
}

func (f *entityForm) languages() []page.Choice {
	choices := []page.Choice{{}}
	for _, code := range f.v.Texts.Languages() {
		choices = append(choices, page.Choice{Value: code, Text: f.v.Texts.LanguageName(f.v.Lang, code)})
	}
	return choices
}

func (f *entityForm) layouts() []page.Choice {
	choices := []page.Choice{{}}
	for _, key := range f.b.Config.Settings.LayoutKeys() {
		choices = append(choices, page.Choice{Value: key, Text: f.v.SettingWords("layout", key, f.b)})
	}
	return choices
}

func (f *entityForm) details() (choices []page.Choice) {
	for _, d := range []entities.SessionDetail{entities.DetailCSV, entities.DetailXLSX, entities.DetailPDF, entities.DetailNone} {
		choices = append(choices, page.Choice{Value: string(d), Text: f.v.Message("session_detail_" + string(d))})
	}
	return choices
}

func (f *entityForm) accounts() []page.Choice {
	choices := []page.Choice{{}}
	for _, a := range f.b.Config.TaxAccounts {
		choices = append(choices, page.Choice{Value: a.Key, Text: f.v.taxName(f.b, a.Key) + " (" + a.Key + ")"})
	}
	return choices
}
