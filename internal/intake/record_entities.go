package intake

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// Entity is the operator or a Sub-CPO.
type Entity struct {
	Key               string                     `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Parent            string                     `json:"parent,omitempty" file:"word,required,only=entities" doc:"key of the entity above; the operator has none"`
	Name              string                     `json:"name"`
	LegalName         string                     `json:"legal_name,omitempty"`
	Street            string                     `json:"street,omitempty"`
	Postcode          string                     `json:"postcode,omitempty"`
	City              string                     `json:"city,omitempty"`
	Country           string                     `json:"country" file:"country" example:"DE" doc:"ISO 3166-1 alpha-2"`
	VATID             string                     `json:"vat_id,omitempty" file:"word"`
	TaxNumber         string                     `json:"tax_number,omitempty" file:"word"`
	RegisterNumber    string                     `json:"register_number,omitempty"`
	Emails            []string                   `json:"email,omitempty" file:"email" nullable:"false" doc:"where credit notes are mailed to"`
	ReplyTo           string                     `json:"reply_to,omitempty" file:"email"`
	Phone             string                     `json:"phone,omitempty"`
	Language          string                     `json:"language,omitempty" file:"language"`
	Currency          string                     `json:"currency,omitempty" file:"currency"`
	TimeZone          string                     `json:"time_zone,omitempty" file:"zone,required,only=operator" doc:"of the operator only: months are cut in it"`
	Layout            string                     `json:"layout,omitempty" file:"word,only=entities" doc:"key of the layout of its documents; that of the settings when left out"`
	CustomerRef       string                     `json:"customer_reference,omitempty"`
	CreditorAccount   string                     `json:"creditor_account,omitempty" pattern:"^[0-9]{0,15}$" patternDescription:"at most 15 digits" example:"70001" doc:"account of the creditor in the ledger"`
	ExternalID        string                     `json:"external_id,omitempty" pattern:"^([!-~]([ -~]{0,98}[!-~])?)?$" patternDescription:"at most 100 characters of ASCII without spaces at either end" example:"0013t00001AbCdE" doc:"its key in another system; unlike that of any other entity"`
	Bank              *Bank                      `json:"bank,omitempty" doc:"other data than now wait until a second person approves them; left out, they stay"`
	Taxes             []TaxTreatment             `json:"tax,omitempty" nullable:"false"`
	FeeTaxes          []TaxTreatment             `json:"fee_tax,omitempty" nullable:"false" doc:"of what the operator charges it; that of the settings when left out"`
	Reseller          []ResellerPeriod           `json:"reseller,omitempty" nullable:"false" doc:"times in which it is a reseller of electricity"`
	Agreement         *Agreement                 `json:"agreement,omitempty"`
	AlternateCredit   string                     `json:"alternate_credit_address,omitempty" file:"word,only=entities" doc:"key of the entity that gets this one's credit notes"`
	SessionDetail     entities.SessionDetail     `json:"session_detail,omitempty" file:",unless=csv" enum:"csv,xlsx,pdf,none" doc:"csv when left out"`
	ElectronicAddress entities.ElectronicAddress `json:"electronic_address,omitempty" file:"word,quoted" example:"0208:0123456749" doc:"scheme (EAS) and id in a network for e-invoices"`
	Delivery          []entities.Channel         `json:"delivery,omitempty" file:",only=entities" nullable:"false" enum:"pdf,xrechnung,peppol,france,portal" doc:"how its documents reach it; the PDF by mail when left out"`
	Capabilities      []Capability               `json:"capabilities,omitempty" file:",only=entities" nullable:"false" doc:"what it was found able to receive, and since when"`
	Frequency         entities.Frequency         `json:"frequency,omitempty" file:",unless=monthly" enum:"monthly,quarterly,half_yearly,yearly" doc:"how often it is settled; monthly when left out"`
	SetOff            *bool                      `json:"set_off,omitempty" file:",unless=true" doc:"its fee invoices are set off against its credit notes; true when left out"`
	ReportMail        *bool                      `json:"settlement_report_mail,omitempty" file:",unset" doc:"settlement reports are mailed; the setting decides when left out"`
	PaymentTerms      *PaymentTerms              `json:"payment_terms,omitempty" doc:"those of the settings when left out"`
	PayoutHold        *PayoutHold                `json:"payout_hold,omitempty" doc:"nothing is paid out since a day"`
	ReminderStop      *ReminderStop              `json:"reminder_stop,omitempty" doc:"no reminders are sent since a day"`
	Limits            *Limits                    `json:"limits,omitempty" file:",only=entities" doc:"of the rules of plausibility at its stations, instead of those of the settings"`
	Active            *bool                      `json:"active,omitempty" file:",unless=true" doc:"true when left out"`
}

// Capability says since when a receiver is known to take documents by a network.
type Capability struct {
	Channel entities.Channel `json:"channel" enum:"peppol,france"`
	From    entities.Date    `json:"from" file:"date" example:"2026-01-01"`
	Until   entities.Date    `json:"until,omitempty" file:"date" example:"2027-12-31"`
}

// Bank is the account the money goes to.
type Bank struct {
	Holder string `json:"holder,omitempty"`
	IBAN   string `json:"iban,omitempty" file:"bank"`
	BIC    string `json:"bic,omitempty" file:"bank"`
}

// TaxTreatment names the tax account that applies from a day on.
type TaxTreatment struct {
	From    entities.Date `json:"from,omitempty" file:"date" example:"2026-01-01"`
	Account string        `json:"account" file:"word" doc:"key of a tax account"`
}

// ResellerPeriod is a time in which an entity is a reseller of electricity, with
// the certificate that shows it.
type ResellerPeriod struct {
	From        entities.Date `json:"from" file:"date" example:"2026-01-01"`
	Until       entities.Date `json:"until,omitempty" file:"date" example:"2028-12-31" doc:"the last day; required with a certificate"`
	Certificate string        `json:"certificate,omitempty" example:"USt 1 TH 27/123/45678" doc:"reference of the certificate of the tax office; only with one are the days those of a certified reseller"`
	IssuedOn    entities.Date `json:"issued_on,omitempty" file:"date" example:"2025-12-10"`
}

func (p *ResellerPeriod) check(in *mapping) {
	switch {
	case !p.Until.IsZero() && p.Until.Before(p.From):
		in.d.add(in.line, in.at("until"), "a day not before from", string(p.Until))
	case p.Until.IsZero() && p.Certificate != "":
		in.d.add(in.line, in.at("until"), "the last day of the certificate", "")
	}
}

// PaymentTerms says when documents of the operator are due.
type PaymentTerms struct {
	NetDays int               `json:"net_days" minimum:"0" maximum:"365" doc:"days after the date of the document"`
	Text    map[string]string `json:"text,omitempty" doc:"by language"`
}

// ReminderStop says since when no reminders are sent, and why.
type ReminderStop struct {
	Since  entities.Date `json:"since" file:"date" example:"2026-09-01"`
	Reason string        `json:"reason,omitempty"`
}

// PayoutHold says since when nothing is paid out, and why.
type PayoutHold struct {
	Since  entities.Date `json:"since" file:"date" example:"2026-09-01"`
	Reason string        `json:"reason,omitempty"`
}

// Agreement is the self-billing agreement.
type Agreement struct {
	SignedOn      entities.Date      `json:"signed_on,omitempty" file:"date" example:"2026-01-01"`
	ValidFrom     entities.Date      `json:"valid_from,omitempty" file:"date" example:"2026-01-01"`
	ValidUntil    entities.Date      `json:"valid_until,omitempty" file:"date" example:"2027-12-31"`
	Reference     string             `json:"reference,omitempty"`
	BillingPeriod entities.Frequency `json:"billing_period,omitempty" enum:"monthly,quarterly,half_yearly,yearly" doc:"the longest period of credit notes that it names"`
}

func (t *PaymentTerms) check(in *mapping) {
	if t.NetDays > 365 {
		in.d.add(in.lines["net_days"], in.at("net_days"), "a whole number from 0 to 365", strconv.Itoa(t.NetDays))
	}
}

func (a *Agreement) check(in *mapping) {
	if !a.ValidUntil.IsZero() && a.ValidUntil.Before(a.ValidFrom) {
		in.d.add(in.line, in.at("valid_until"), "a day not before valid_from", string(a.ValidUntil))
	}
}

// check remembers the operator, in whose zone dates are meant.
func (e *Entity) check(in *mapping) {
	if in.path != "operator" {
		return
	}
	in.d.operator, in.d.zoneName = e.Key, e.TimeZone
	in.d.zone = zoneOf(e.TimeZone, time.UTC)
}

// zoneOf is the time zone of a name, or fallback where there is none.
func zoneOf(name string, fallback *time.Location) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return fallback
	}
	return zone
}

func (e *Entity) domain() entities.Entity {
	out := domainOf[entities.Entity](e)
	for _, list := range [][]entities.TaxTreatment{out.Taxes, out.FeeTaxes} {
		slices.SortStableFunc(list, func(a, b entities.TaxTreatment) int { return strings.Compare(string(a.From), string(b.From)) })
	}
	slices.SortStableFunc(out.Reseller, func(a, b entities.ResellerPeriod) int { return strings.Compare(string(a.From), string(b.From)) })
	return out
}

// Limits are the limits of the rules by which sessions are held.
type Limits struct {
	FutureHours       int    `json:"max_future_hours,omitempty" file:"limit" minimum:"1" maximum:"8784" doc:"a session may end so long after it was received"`
	SessionDays       int    `json:"max_session_days,omitempty" file:"limit" minimum:"1" maximum:"366"`
	DurationTolerance int    `json:"duration_tolerance_s,omitempty" file:"limit" minimum:"1" maximum:"86400" doc:"a stated duration may be so much above end minus start"`
	EnergyKWh         string `json:"max_energy_kwh,omitempty" file:"limit" doc:"1 … 1000000, where the power of the connector is unknown"`
	MeterTolerance    string `json:"meter_tolerance_percent,omitempty" file:"limit" example:"1" doc:"the meter may be so much off the energy"`
	SignedTolerance   string `json:"signed_tolerance_percent,omitempty" file:"limit" example:"1" doc:"the energy that the meter signed may be so much off the energy"`
	OverlapTolerance  int    `json:"overlap_tolerance_s,omitempty" file:"limit" minimum:"1" maximum:"86400" doc:"sessions at one connector may overlap for so long"`
}

func (l *Limits) domain() (out sessions.Limits) {
	out[sessions.RuleFuture], out[sessions.RuleLength] = l.FutureHours, l.SessionDays
	out[sessions.RuleDuration], out[sessions.RuleOverlap] = l.DurationTolerance, l.OverlapTolerance
	out[sessions.RuleEnergy] = parsed(sessions.RuleEnergy.Parse, l.EnergyKWh)
	out[sessions.RuleMeter] = parsed(sessions.RuleMeter.Parse, l.MeterTolerance)
	out[sessions.RuleSignature] = parsed(sessions.RuleSignature.Parse, l.SignedTolerance)
	return out
}

func limitsOf(l sessions.Limits) Limits {
	return Limits{
		FutureHours: l[sessions.RuleFuture], SessionDays: l[sessions.RuleLength],
		DurationTolerance: l[sessions.RuleDuration], OverlapTolerance: l[sessions.RuleOverlap],
		EnergyKWh:       sessions.RuleEnergy.Format(l[sessions.RuleEnergy]),
		MeterTolerance:  sessions.RuleMeter.Format(l[sessions.RuleMeter]),
		SignedTolerance: sessions.RuleSignature.Format(l[sessions.RuleSignature]),
	}
}

// TaxAccount is a rate of tax with its category and ledger account.
type TaxAccount struct {
	Key             string                  `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Name            map[string]string       `json:"name" doc:"by language"`
	Category        creditnotes.TaxCategory `json:"category" enum:"S,Z,E,AE,K,G,O" doc:"UNCL5305"`
	Country         string                  `json:"country,omitempty" file:"country" example:"DE"`
	LedgerAccount   string                  `json:"ledger_account,omitempty" file:"word"`
	DATEVKey        string                  `json:"datev_key,omitempty" file:"word" doc:"tax key of DATEV, one to four digits; 0: booked without one; 9/3: the second for fee invoices"`
	ExemptionCode   string                  `json:"exemption_code,omitempty" file:"word"`
	ExemptionReason map[string]string       `json:"exemption_reason,omitempty" doc:"by language"`
	Rates           []TaxRate               `json:"rates" nullable:"false"`
}

// TaxRate is the percentage from a day on.
type TaxRate struct {
	From    entities.Date `json:"from,omitempty" file:"date" example:"2026-01-01"`
	Percent string        `json:"percent" file:"percent" example:"19"`
}

func (a *TaxAccount) domain() creditnotes.TaxAccount {
	out := domainOf[creditnotes.TaxAccount](a)
	slices.SortStableFunc(out.Rates, func(x, y creditnotes.TaxRate) int { return strings.Compare(string(x.From), string(y.From)) })
	return out
}

// NumberRange is a series of document numbers.
type NumberRange struct {
	Key      string                   `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Name     string                   `json:"name"`
	Pattern  string                   `json:"pattern" file:"word,quoted" example:"GS-{YYYY}-{SEQ:5}"`
	Next     int64                    `json:"next,omitempty" minimum:"1" doc:"the first number of a counter"`
	Reset    numbering.Reset          `json:"reset,omitempty" file:",absent=never" enum:"never,yearly,monthly"`
	ValidFor []numbering.DocumentType `json:"valid_for" nullable:"false" enum:"credit_note,cancellation,invoice"`
	Scope    numbering.Scope          `json:"scope,omitempty" file:",absent=issuer" enum:"issuer,recipient"`
	Active   *bool                    `json:"active,omitempty" file:",unless=true" doc:"true when left out"`
}
