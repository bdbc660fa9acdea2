package network

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
	"creditrun/internal/web/page"
)

// mostNetDays bounds how late documents may be due.
const mostNetDays = 365

// settlementIn reads how the entity is settled.
func (f *entityForm) settlementIn(e *entities.Entity) {
	e.Frequency = f.period("frequency")
	e.SetOff = f.Text("set_off") != "false"
	e.ReportMail = nil
	if mail := f.Text("report_mail"); mail != "" {
		e.ReportMail = new(mail == "true")
	}
	e.PaymentTerms = f.paymentTerms(e)
	e.PayoutHold = entities.PayoutHold{Since: f.date("payout_hold_since"), Reason: f.Text("payout_hold_reason")}
	if e.PayoutHold.Since.IsZero() && e.PayoutHold.Reason != "" {
		f.Say("payout_hold_since", "entity_payout_hold_since_missing")
	}
	e.ReminderStop = entities.ReminderStop{Since: f.date("reminder_stop_since"), Reason: f.Text("reminder_stop_reason")}
	if e.ReminderStop.Since.IsZero() && e.ReminderStop.Reason != "" {
		f.Say("reminder_stop_since", "entity_reminder_stop_since_missing")
	}
}

// period reads a frequency; an empty one is none.
func (f *entityForm) period(field string) entities.Frequency {
	frequency := entities.Frequency(f.Text(field))
	if !frequency.Valid() {
		f.Say(field, "entity_choose")
		return ""
	}
	return frequency
}

// paymentTerms reads the payment terms: without days there are none. The text is
// in the language of the entity's documents; those in others stay.
func (f *entityForm) paymentTerms(e *entities.Entity) *entities.PaymentTerms {
	days, text := f.Text("net_days"), f.Text("payment_text")
	if days == "" {
		if text != "" {
			f.Say("net_days", "entity_net_days_missing")
		}
		return nil
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > mostNetDays {
		f.Say("net_days", "entity_net_days_malformed", "Most", mostNetDays)
		return nil
	}
	terms := &entities.PaymentTerms{NetDays: n}
	if e.PaymentTerms != nil {
		terms.Text = maps.Clone(e.PaymentTerms.Text)
	}
	if terms.Text == nil {
		terms.Text = map[string]string{}
	}
	if terms.Text[f.documentLanguage(e)] = text; text == "" {
		delete(terms.Text, f.documentLanguage(e))
	}
	if len(terms.Text) == 0 {
		terms.Text = nil
	}
	return terms
}

// documentLanguage is the language of the documents of an entity.
func (f *entityForm) documentLanguage(e *entities.Entity) string {
	return cmp.Or(e.Language, f.b.Config.Settings.Language)
}

// settlementFields are the fields of how the entity is settled.
func (f *entityForm) settlementFields(e *entities.Entity) []formField {
	days, text := "", ""
	if e.PaymentTerms != nil {
		days, text = strconv.Itoa(e.PaymentTerms.NetDays), e.PaymentTerms.Text[f.documentLanguage(e)]
	}
	mail := ""
	if e.ReportMail != nil {
		mail = strconv.FormatBool(*e.ReportMail)
	}
	frequency := cmp.Or(e.Frequency, entities.Monthly)
	return []formField{
		f.choose("frequency", string(frequency), true, f.periods()),
		f.choose("set_off", strconv.FormatBool(e.SetOff), true, f.truths("")),
		f.choose("report_mail", mail, false, f.truths("entity_as_settings")),
		f.field("net_days", "text", days, true), f.field("payment_text", "text", text, true),
		f.field("payout_hold_since", "date", string(e.PayoutHold.Since), true), f.field("payout_hold_reason", "text", e.PayoutHold.Reason, false),
		f.field("reminder_stop_since", "date", string(e.ReminderStop.Since), true), f.field("reminder_stop_reason", "text", e.ReminderStop.Reason, false),
	}
}

func (f *entityForm) periods() (choices []page.Choice) {
	for _, period := range entities.Frequencies() {
		choices = append(choices, page.Choice{Value: string(period), Text: f.v.Message("frequency_" + string(period))})
	}
	return choices
}

// truths are yes and no, and before them what an empty one says.
func (f *entityForm) truths(empty string) (choices []page.Choice) {
	if empty != "" {
		choices = append(choices, page.Choice{Text: f.v.Message(empty)})
	}
	return append(choices, page.Choice{Value: "true", Text: f.v.Message("yes")}, page.Choice{Value: "false", Text: f.v.Message("no")})
}

// treatmentIn adds the tax treatment that was typed, if one was, to those there
// are. The inputs are named after prefix: that from which day, and that with
// which account.
func (f *entityForm) treatmentIn(prefix string, list []entities.TaxTreatment) []entities.TaxTreatment {
	from, account := f.date(prefix+"_from"), f.Text(prefix+"_account")
	switch {
	case from.IsZero() && account == "":
		return list
	case account == "":
		f.Say(prefix+"_account", "entity_tax_account_missing")
		return list
	case from.IsZero():
		f.Say(prefix+"_from", "entity_tax_from_missing")
		return list
	}
	list = append(slices.Clone(list), entities.TaxTreatment{From: from, Account: account})
	slices.SortStableFunc(list, func(a, b entities.TaxTreatment) int { return strings.Compare(string(a.From), string(b.From)) })
	return list
}
