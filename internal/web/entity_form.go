package web

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// entityForm is the form of an entity's master data: what was typed, and what
// is wrong with it, field by field.
type entityForm struct {
	v      *visit
	b      *snapshot.Snapshot
	stored *entities.Entity // as it is stored; nil: a new one
	typed  url.Values       // nil: nothing was typed yet
	wrong  map[string][]string
	bank   entities.Bank // what the form of the bank data shows
}

// newEntityForm is the form before anything was typed.
func newEntityForm(v *visit, b *snapshot.Snapshot, stored *entities.Entity) *entityForm {
	f := &entityForm{v: v, b: b, stored: stored, wrong: map[string][]string{}}
	if stored != nil {
		f.bank = stored.Bank
	}
	return f
}

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
		{"creditor_account", &e.CreditorAccount, true},
	}
}

// entity is the entity as the form says it shall be; what cannot be read is
// noted as wrong.
func (f *entityForm) entity() entities.Entity {
	var e entities.Entity
	if f.stored != nil {
		e = *f.stored
	} else {
		e.Key = f.text("key")
		f.checkKey(e.Key)
	}
	for name, field := range map[string]*string{
		"name": &e.Name, "street": &e.Street, "postcode": &e.Postcode, "city": &e.City,
		"reply_to": &e.ReplyTo, "phone": &e.Phone, "language": &e.Language, "alternate": &e.AlternateCredit,
	} {
		*field = f.text(name)
	}
	for _, one := range identityInputs(&e) {
		*one.value = f.text(one.name)
	}
	if f.isOperator() {
		e.TimeZone = f.text("time_zone")
	} else if e.Parent = f.text("parent"); e.Parent == "" {
		f.say("parent", "entity_parent_missing")
	}
	if e.Name == "" {
		f.say("name", "entity_name_missing")
	}
	e.Country, e.Currency = strings.ToUpper(f.text("country")), strings.ToUpper(f.text("currency"))
	e.Emails = linesOf(f.typed.Get("emails"))
	e.SessionDetail = entities.SessionDetail(f.text("session_detail"))
	e.Active = f.text("active") == "true"
	e.Agreement = entities.Agreement{
		SignedOn: f.date("agreement_signed"), ValidFrom: f.date("agreement_from"), ValidUntil: f.date("agreement_until"),
		Reference: f.text("agreement_reference"),
	}
	if !f.isOperator() {
		f.setLimits(&e)
	}
	f.addTax(&e)
	return e
}

// setLimits reads the limits of the rules of plausibility; an empty one is that
// of the settings.
func (f *entityForm) setLimits(e *entities.Entity) {
	for _, rule := range sessions.Rules() {
		e.Limits[rule] = 0
		text := f.text(rule.LimitName())
		if rule.Percent() {
			text = strings.ReplaceAll(text, ",", ".")
		}
		if text == "" {
			continue
		}
		limit, err := rule.Parse(text)
		if err != nil {
			f.say(rule.LimitName(), "entity_limit_malformed", "Expected", rule.Expected())
		}
		e.Limits[rule] = limit
	}
}

// isOperator tells whether the form is that of the operator.
func (f *entityForm) isOperator() bool {
	if f.stored != nil {
		return f.stored.Parent == ""
	}
	return len(f.b.Config.Entities) == 0
}

func (f *entityForm) text(field string) string { return strings.TrimSpace(f.typed.Get(field)) }

// date reads a day.
func (f *entityForm) date(field string) entities.Date {
	text := f.text(field)
	if text == "" {
		return ""
	}
	day, err := entities.ParseDate(text)
	if err != nil {
		f.say(field, "entity_date_malformed")
	}
	return day
}

// addTax adds the tax treatment that was typed, if one was. Earlier ones stay.
func (f *entityForm) addTax(e *entities.Entity) {
	from, account := f.date("tax_from"), f.text("tax_account")
	switch {
	case from.IsZero() && account == "":
		return
	case account == "":
		f.say("tax_account", "entity_tax_account_missing")
	case from.IsZero():
		f.say("tax_from", "entity_tax_from_missing")
	default:
		e.Taxes = append(slices.Clone(e.Taxes), entities.TaxTreatment{From: from, Account: account})
		slices.SortStableFunc(e.Taxes, func(a, b entities.TaxTreatment) int { return strings.Compare(string(a.From), string(b.From)) })
	}
}

func (f *entityForm) checkKey(key string) {
	switch {
	case entities.CheckEntityKey(key) != nil:
		f.say("key", "entity_key_malformed")
	case f.b.Network != nil && f.b.Network.Tree.Entity(key) != nil:
		f.say("key", "entity_key_taken", "Key", key)
	}
}

// check looks for what makes the entity one that is not to be stored. What is
// wrong with its bank data is not looked at: they have a form of their own.
func (f *entityForm) check(e entities.Entity) {
	e.Bank = entities.Bank{}
	for _, found := range e.Check() {
		f.blame(found)
	}
	if e.Language != "" && !f.v.Texts.Supports(e.Language) {
		f.blame(fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": e.Language}))
	}
	for field, addresses := range map[string][]string{"email": e.Emails, "reply_to": {e.ReplyTo}} {
		for _, a := range addresses {
			if parsed, err := mail.ParseAddress(a); a != "" && (err != nil || parsed.Address != a) {
				f.blame(fault.New(fault.Invalid, field+"_malformed", fault.Args{"entity": e.Key, "email": a}))
			}
		}
	}
	tree, err := f.tree(e)
	if err == nil && e.AlternateCredit != "" {
		_, err = tree.Recipient(&e)
	}
	_ = f.blameAll(err) // saving finds what has no field here
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

// blamed is the field that a fault is about; other faults stand on top.
var blamed = map[string]string{
	"country_unknown": "country", "vat_id_malformed": "vat_id", "vat_id_check_digit": "vat_id",
	"email_malformed": "emails", "reply_to_malformed": "reply_to", "currency_unknown": "currency",
	"setting_language_unknown": "language", "session_detail_unknown": "session_detail",
	"tax_treatment_twice": "tax_from", "entity_tax_account_unknown": "tax_account",
	"agreement_ends_before_start": "agreement_until",
	"tree_cycle":                  "parent", "tree_orphan": "parent",
	"alternate_address_unknown": "alternate", "alternate_address_self": "alternate", "alternate_address_inactive": "alternate",
	"operator_zone_missing": "time_zone", "operator_zone_unknown": "time_zone",
	"bic_malformed": "bic", "creditor_account_malformed": "creditor_account",
}

// blame writes a fault next to its field; it tells whether it has one.
func (f *entityForm) blame(found *fault.Fault) bool {
	field := blamed[found.Key]
	if strings.HasPrefix(found.Key, "iban_") {
		field = "iban"
	}
	if field == "" {
		return false
	}
	sentence := f.v.Texts.Fault(f.v.lang, found)
	if !slices.Contains(f.wrong[field], sentence) {
		f.wrong[field] = append(f.wrong[field], sentence)
	}
	return true
}

// blameAll blames what can be blamed and returns the other faults, or the error
// when it is none of the visitor's.
func (f *entityForm) blameAll(err error) error {
	faults := fault.Of(err)
	if len(faults) == 0 {
		return err
	}
	var rest fault.List
	for _, found := range faults {
		if !f.blame(found) {
			rest = append(rest, found)
		}
	}
	return rest.Err()
}

// say writes a sentence of the pages next to a field.
func (f *entityForm) say(field, key string, args ...any) {
	sentence, err := f.v.text(key, args...)
	if err != nil {
		sentence = key // the test of the locales finds it
	}
	f.wrong[field] = append(f.wrong[field], sentence)
}

// linesOf splits a text with one thing a line; commas and semicolons part
// things, too.
func linesOf(text string) (lines []string) {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\r\n,;", r) }) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
