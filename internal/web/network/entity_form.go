package network

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// entityForm is the form of an entity's master data, and that of its bank data.
type entityForm struct {
	*page.FormState // the one that was sent
	v               *Visit
	b               *snapshot.Snapshot
	stored          *entities.Entity // as it is stored; nil: a new one
	bank            entities.Bank    // what the form of the bank data shows
}

// The forms of the page of an entity.
const (
	masterForm = "master"
	bankForm   = "bank"
)

// entityInputs are the inputs of fields of an entity that have other names.
var entityInputs = map[string]string{
	"email": "emails", "alternate_credit_address": "alternate", "agreement.valid_until": "agreement_until",
	"reseller": "reseller_until", "tax": "tax_from", "tax.account": "tax_account", "fee_tax": "fee_tax_from", "fee_tax.account": "fee_tax_account", "bank.iban": "iban", "bank.bic": "bic",
}

// newEntityForm is one of the two forms of an entity, with what was sent.
func newEntityForm(v *Visit, name string, b *snapshot.Snapshot, stored *entities.Entity) *entityForm {
	f := &entityForm{FormState: v.Form(name), v: v, b: b, stored: stored}
	f.Inputs = entityInputs
	if stored != nil {
		f.bank = stored.Bank
		f.About("entity", stored.Key)
	}
	return f
}

// typed reports whether the master data were sent.
func (f *entityForm) typed() bool { return f.Name == masterForm && f.v.R.Method == http.MethodPost }

// textInput is a field of an entity that is plain text.
type textInput struct {
	name  string
	value *string
	help  bool // there are words of help
}

// identityInputs are the fields that say who an entity is, but for its name.
func identityInputs(e *entities.Entity) []textInput {
	return []textInput{
		{"legal_name", &e.LegalName, true}, {"vat_id", &e.VATID, true}, {"tax_number", &e.TaxNumber, false},
		{"register_number", &e.RegisterNumber, false}, {"customer_reference", &e.CustomerRef, true},
		{"creditor_account", &e.CreditorAccount, true}, {"external_id", &e.ExternalID, true},
	}
}

// entity is the entity as the form says it shall be; what cannot be read is
// noted as wrong.
func (f *entityForm) entity() entities.Entity {
	var e entities.Entity
	if f.stored != nil {
		e = *f.stored
	} else {
		e.Key = f.Text("key")
		f.About("entity", e.Key)
		f.checkKey(e.Key)
	}
	for name, field := range map[string]*string{
		"name": &e.Name, "street": &e.Street, "postcode": &e.Postcode, "city": &e.City,
		"reply_to": &e.ReplyTo, "phone": &e.Phone, "language": &e.Language, "layout": &e.Layout, "alternate": &e.AlternateCredit,
	} {
		*field = f.Text(name)
	}
	for _, one := range identityInputs(&e) {
		*one.value = f.Text(one.name)
	}
	if f.isOperator() {
		e.TimeZone = f.Text("time_zone")
	} else if e.Parent = f.Text("parent"); e.Parent == "" {
		f.Say("parent", "entity_parent_missing")
	}
	if e.Name == "" {
		f.Say("name", "entity_name_missing")
	}
	e.Country, e.Currency = strings.ToUpper(f.Text("country")), strings.ToUpper(f.Text("currency"))
	e.Emails = f.Lines("emails")
	e.SessionDetail = entities.SessionDetail(f.Text("session_detail"))
	e.ElectronicAddress = entities.ElectronicAddress(f.Text("electronic_address"))
	e.Active = f.Checked("active")
	e.Agreement = entities.Agreement{
		SignedOn: f.date("agreement_signed"), ValidFrom: f.date("agreement_from"), ValidUntil: f.date("agreement_until"),
		Reference: f.Text("agreement_reference"), BillingPeriod: f.period("agreement_period"),
	}
	if !f.isOperator() {
		limitsIn(f.FormState, &e.Limits)
		f.settlementIn(&e)
		f.deliveryIn(&e)
	}
	e.Taxes, e.FeeTaxes = f.treatmentIn("tax", e.Taxes), f.treatmentIn("fee_tax", e.FeeTaxes)
	e.Reseller = f.resellerIn(e.Reseller)
	return e
}

// limitsIn reads the limits of the rules of plausibility; an empty one is that of
// the settings.
func limitsIn(f *page.FormState, limits *sessions.Limits) {
	for _, rule := range sessions.Rules() {
		name := rule.LimitName()
		text := f.Text(name)
		if rule.Percent() {
			text = strings.ReplaceAll(text, ",", ".")
		}
		if limits[rule] = 0; text == "" {
			continue
		}
		limit, err := rule.Parse(text)
		if err != nil {
			f.Fail(fault.New(fault.Invalid, "setting_value", fault.Args{"key": name, "value": text, "expected": rule.Expected()}).At(name))
		}
		limits[rule] = limit
	}
}

// isOperator reports whether the form is that of the operator.
func (f *entityForm) isOperator() bool {
	if f.stored != nil {
		return f.stored.Parent == ""
	}
	return len(f.b.Config.Entities) == 0
}

// date reads a day.
func (f *entityForm) date(field string) entities.Date {
	text := f.Text(field)
	if text == "" {
		return ""
	}
	day, err := entities.ParseDate(text)
	if err != nil {
		f.Say(field, "entity_date_malformed")
	}
	return day
}

func (f *entityForm) checkKey(key string) {
	switch {
	case entities.CheckEntityKey(key) != nil:
		f.Say("key", "entity_key_malformed")
	case f.b.Network != nil && f.b.Network.Tree.Entity(key) != nil:
		f.Say("key", "entity_key_taken", "Key", key)
	}
}

// check looks for what makes the entity one that is not to be stored. What is
// wrong with its bank data is not looked at: they have a form of their own.
func (f *entityForm) check(e entities.Entity) {
	e.Bank = entities.Bank{}
	for _, found := range e.Check() {
		f.Blame(found)
	}
	if e.Language != "" && !f.v.Texts.Supports(e.Language) {
		f.Blame(fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": e.Language}).At("language"))
	}
	for field, addresses := range map[string][]string{"email": e.Emails, "reply_to": {e.ReplyTo}} {
		for _, a := range addresses {
			if parsed, err := mail.ParseAddress(a); a != "" && (err != nil || parsed.Address != a) {
				f.Blame(fault.New(fault.Invalid, field+"_malformed", fault.Args{"entity": e.Key, "email": a}).At(field))
			}
		}
	}
	tree, err := f.tree(e)
	if err == nil && e.AlternateCredit != "" {
		_, err = tree.Recipient(&e)
	}
	for _, found := range fault.Of(err) {
		if found.Field != "" { // saving finds the others
			f.Blame(found)
		}
	}
}

// tree is the tree as it would be with the entity.
func (f *entityForm) tree(e entities.Entity) (*entities.Tree, error) {
	list := slices.Clone(f.b.Config.Entities)
	at := slices.IndexFunc(list, func(have entities.Entity) bool { return have.Key == e.Key })
	if at < 0 {
		return entities.NewTree(append(list, e))
	}
	list[at] = e
	return entities.NewTree(list)
}
