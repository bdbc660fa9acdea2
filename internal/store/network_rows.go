package store

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// entityRow is a row of entities.
type entityRow struct {
	ID                int64    `gorm:"column:id;autoIncrement:false" json:"-"`
	Key               string   `gorm:"column:key;primaryKey" json:"key"`
	Parent            nullText `gorm:"column:parent_key" json:"parent,omitempty"`
	Name              string   `gorm:"column:name" json:"name"`
	LegalName         string   `gorm:"column:legal_name" json:"legal_name,omitempty"`
	Street            string   `gorm:"column:street" json:"street,omitempty"`
	Postcode          string   `gorm:"column:postcode" json:"postcode,omitempty"`
	City              string   `gorm:"column:city" json:"city,omitempty"`
	Country           string   `gorm:"column:country" json:"country,omitempty"`
	VATID             string   `gorm:"column:vat_id" json:"vat_id,omitempty"`
	TaxNumber         string   `gorm:"column:tax_number" json:"tax_number,omitempty"`
	RegisterNumber    string   `gorm:"column:register_number" json:"register_number,omitempty"`
	Emails            jsonText `gorm:"column:emails" json:"email"`
	ReplyTo           string   `gorm:"column:reply_to" json:"reply_to,omitempty"`
	Phone             string   `gorm:"column:phone" json:"phone,omitempty"`
	Language          string   `gorm:"column:language" json:"language,omitempty"`
	Currency          string   `gorm:"column:currency" json:"currency,omitempty"`
	TimeZone          string   `gorm:"column:time_zone" json:"time_zone,omitempty"`
	Layout            string   `gorm:"column:layout" json:"layout,omitempty"`
	CustomerRef       string   `gorm:"column:customer_ref" json:"customer_reference,omitempty"`
	CreditorAccount   string   `gorm:"column:creditor_account" json:"creditor_account,omitempty"`
	ExternalID        string   `gorm:"column:external_id" json:"external_id,omitempty"`
	BankHolder        string   `gorm:"column:bank_holder" json:"bank_holder,omitempty"`
	BankIBAN          string   `gorm:"column:bank_iban" json:"bank_iban,omitempty"`
	BankBIC           string   `gorm:"column:bank_bic" json:"bank_bic,omitempty"`
	Taxes             jsonText `gorm:"column:taxes" json:"tax"`
	FeeTaxes          jsonText `gorm:"column:fee_taxes" json:"fee_tax"`
	Reseller          jsonText `gorm:"column:reseller" json:"reseller"`
	Agreement         jsonText `gorm:"column:agreement" json:"agreement"`
	AlternateCredit   nullText `gorm:"column:alternate_credit" json:"alternate_credit_address,omitempty"`
	SessionDetail     string   `gorm:"column:session_detail" json:"session_detail"`
	ElectronicAddress string   `gorm:"column:electronic_address" json:"electronic_address,omitempty"`
	Delivery          jsonText `gorm:"column:delivery" json:"delivery"`
	Capabilities      jsonText `gorm:"column:capabilities" json:"capabilities"`
	Frequency         string   `gorm:"column:frequency" json:"frequency"`
	SetOff            bool     `gorm:"column:set_off" json:"set_off"`
	ReportMail        jsonText `gorm:"column:report_mail" json:"settlement_report_mail"`
	PaymentTerms      jsonText `gorm:"column:payment_terms" json:"payment_terms"`
	PayoutHold        jsonText `gorm:"column:payout_hold" json:"payout_hold"`
	ReminderStop      jsonText `gorm:"column:reminder_stop" json:"reminder_stop"`
	Limits            jsonText `gorm:"column:limits" json:"limits"`
	Active            bool     `gorm:"column:active" json:"active"`
}

// TableName implements schema.Tabler.
func (entityRow) TableName() string { return "entities" }

func entityRowOf(e *entities.Entity) entityRow {
	return entityRow{
		ID: e.ID, Key: e.Key, Parent: nullText(e.Parent), Name: e.Name, LegalName: e.LegalName,
		Street: e.Street, Postcode: e.Postcode, City: e.City, Country: e.Country,
		VATID: e.VATID, TaxNumber: e.TaxNumber, RegisterNumber: e.RegisterNumber,
		Emails: jsonOf(e.Emails), ReplyTo: e.ReplyTo, Phone: e.Phone,
		Language: e.Language, Currency: e.Currency, TimeZone: e.TimeZone, Layout: e.Layout, CustomerRef: e.CustomerRef, CreditorAccount: e.CreditorAccount, ExternalID: e.ExternalID,
		BankHolder: e.Bank.Holder, BankIBAN: e.Bank.IBAN, BankBIC: e.Bank.BIC,
		Taxes: jsonOf(e.Taxes), FeeTaxes: jsonOf(e.FeeTaxes), Reseller: jsonOf(e.Reseller), Agreement: jsonOf(e.Agreement), AlternateCredit: nullText(e.AlternateCredit),
		Frequency: cmp.Or(string(e.Frequency), string(entities.Monthly)), SetOff: e.SetOff, ReportMail: jsonOf(e.ReportMail),
		PaymentTerms: jsonOf(e.PaymentTerms), PayoutHold: jsonOf(e.PayoutHold), ReminderStop: jsonOf(e.ReminderStop),
		ElectronicAddress: string(e.ElectronicAddress), Delivery: jsonOf(e.Delivery), Capabilities: jsonOf(e.Capabilities),
		SessionDetail: cmp.Or(string(e.SessionDetail), string(entities.DetailCSV)), Limits: jsonOf(e.Limits), Active: e.Active,
	}
}

func (r *entityRow) domain() (entities.Entity, error) {
	e := entities.Entity{
		ID: r.ID, Key: r.Key, Parent: string(r.Parent), Name: r.Name, LegalName: r.LegalName,
		Street: r.Street, Postcode: r.Postcode, City: r.City, Country: r.Country,
		VATID: r.VATID, TaxNumber: r.TaxNumber, RegisterNumber: r.RegisterNumber,
		ReplyTo: r.ReplyTo, Phone: r.Phone,
		Language: r.Language, Currency: r.Currency, TimeZone: r.TimeZone, Layout: r.Layout, CustomerRef: r.CustomerRef, CreditorAccount: r.CreditorAccount, ExternalID: r.ExternalID,
		Bank:            entities.Bank{Holder: r.BankHolder, IBAN: r.BankIBAN, BIC: r.BankBIC},
		AlternateCredit: string(r.AlternateCredit), SessionDetail: entities.SessionDetail(r.SessionDetail), Active: r.Active,
		Frequency: entities.Frequency(r.Frequency), SetOff: r.SetOff, ElectronicAddress: entities.ElectronicAddress(r.ElectronicAddress),
	}
	err := cmp.Or(
		r.Emails.read("emails", &e.Emails),
		r.Taxes.read("taxes", &e.Taxes),
		r.FeeTaxes.read("fee_taxes", &e.FeeTaxes),
		r.Reseller.read("reseller", &e.Reseller),
		r.Agreement.read("agreement", &e.Agreement),
		r.ReportMail.read("report_mail", &e.ReportMail),
		r.PaymentTerms.read("payment_terms", &e.PaymentTerms),
		r.PayoutHold.read("payout_hold", &e.PayoutHold),
		r.ReminderStop.read("reminder_stop", &e.ReminderStop),
		r.Delivery.read("delivery", &e.Delivery),
		r.Capabilities.read("capabilities", &e.Capabilities),
		r.Limits.read("limits", &e.Limits),
	)
	return e, err
}

// stationRow is a row of stations, with its owners.
type stationRow struct {
	Key      string `gorm:"column:key;primaryKey" json:"key"`
	Name     string `gorm:"column:name" json:"name"`
	Kind     string `gorm:"column:kind" json:"kind"`
	TimeZone string `gorm:"column:time_zone" json:"time_zone"`
	Street   string `gorm:"column:street" json:"street,omitempty"`
	Postcode string `gorm:"column:postcode" json:"postcode,omitempty"`
	City     string `gorm:"column:city" json:"city,omitempty"`
	Country  string `gorm:"column:country" json:"country,omitempty"`
	Until    string `gorm:"column:until" json:"until,omitempty"`
	// Owners are sorted by the text of their beginnings.
	Owners []ownerRow `gorm:"foreignKey:StationKey" json:"owners"`
}

// TableName implements schema.Tabler.
func (stationRow) TableName() string { return "stations" }

// ownerRow is a row of station_owners.
type ownerRow struct {
	StationKey string `gorm:"column:station_key;primaryKey" json:"-"`
	ValidFrom  string `gorm:"column:valid_from;primaryKey" json:"from"`
	EntityKey  string `gorm:"column:entity_key" json:"entity"`
}

// TableName implements schema.Tabler.
func (ownerRow) TableName() string { return "station_owners" }

func stationRowOf(s *entities.Station) stationRow {
	r := stationRow{
		Key: s.Key, Name: s.Name, Kind: cmp.Or(string(s.Kind), string(entities.Charging)), TimeZone: s.TimeZone,
		Street: s.Street, Postcode: s.Postcode, City: s.City, Country: s.Country, Until: string(s.Until),
	}
	for _, o := range s.Owners {
		r.Owners = append(r.Owners, ownerRow{StationKey: s.Key, ValidFrom: string(o.From), EntityKey: o.Entity})
	}
	slices.SortStableFunc(r.Owners, func(a, b ownerRow) int { return strings.Compare(a.ValidFrom, b.ValidFrom) })
	return r
}

// sameStation reports whether two stations and their owners are alike.
func sameStation(a, b *stationRow) bool {
	x, y := *a, *b
	x.Owners, y.Owners = nil, nil
	return reflect.DeepEqual(x, y) && slices.Equal(a.Owners, b.Owners)
}

func (r *stationRow) domain() entities.Station {
	s := entities.Station{
		Key: r.Key, Name: r.Name, Kind: entities.StationKind(r.Kind), TimeZone: r.TimeZone,
		Street: r.Street, Postcode: r.Postcode, City: r.City, Country: r.Country, Until: entities.Date(r.Until),
	}
	for _, o := range r.Owners {
		s.Owners = append(s.Owners, entities.Ownership{From: entities.Moment(o.ValidFrom), Entity: o.EntityKey})
	}
	return s
}

// connectorRow is a row of connectors, with its tariffs.
type connectorRow struct {
	ID         int64    `gorm:"column:id;primaryKey;autoIncrement:false" json:"-"`
	EVSEID     string   `gorm:"column:evse_id" json:"evse_id"`
	Number     int      `gorm:"column:number" json:"connector"`
	StationKey nullText `gorm:"column:station_key" json:"station"`
	Type       string   `gorm:"column:type" json:"type,omitempty"`
	PowerType  string   `gorm:"column:power_type" json:"power_type,omitempty"`
	MaxPower   int64    `gorm:"column:max_power" json:"max_power"` // millionths of a kW
	OCPIID     string   `gorm:"column:ocpi_id" json:"ocpi_id,omitempty"`
	MeterKeys  jsonText `gorm:"column:meter_keys" json:"meter_keys"`
	// Tariffs are sorted by the text of their beginnings and ends.
	Tariffs []connectorTariffRow `gorm:"foreignKey:ConnectorID" json:"tariffs"`
}

// TableName implements schema.Tabler.
func (connectorRow) TableName() string { return "connectors" }

// connectorTariffRow is a row of connector_tariffs.
type connectorTariffRow struct {
	ConnectorID int64  `gorm:"column:connector_id;primaryKey;autoIncrement:false" json:"-"`
	ValidFrom   string `gorm:"column:valid_from;primaryKey" json:"from"`
	ValidTo     string `gorm:"column:valid_to;primaryKey" json:"to,omitempty"`
	ChargePoint string `gorm:"column:charge_point" json:"charge_point,omitempty"`
	Community   string `gorm:"column:community" json:"community,omitempty"`
}

// TableName implements schema.Tabler.
func (connectorTariffRow) TableName() string { return "connector_tariffs" }

func connectorRowOf(c *entities.Connector) connectorRow {
	r := connectorRow{
		ID: c.ID, EVSEID: c.EVSEID, Number: c.Number, StationKey: nullText(c.Station),
		Type: c.Type, PowerType: string(c.PowerType), MaxPower: int64(c.MaxPowerKW), MeterKeys: jsonOf(c.MeterKeys),
	}
	for _, t := range c.Tariffs {
		r.Tariffs = append(r.Tariffs, connectorTariffRow{
			ConnectorID: c.ID, ValidFrom: string(t.From), ValidTo: string(t.To), ChargePoint: t.ChargePoint, Community: t.Community,
		})
	}
	slices.SortStableFunc(r.Tariffs, func(a, b connectorTariffRow) int {
		return cmp.Or(strings.Compare(a.ValidFrom, b.ValidFrom), strings.Compare(a.ValidTo, b.ValidTo))
	})
	return r
}

// identify gives the connector and its tariffs an id.
func (r *connectorRow) identify(id int64) {
	r.ID = id
	for i := range r.Tariffs {
		r.Tariffs[i].ConnectorID = id
	}
}

// sameConnector reports whether two connectors and their tariffs are alike.
func sameConnector(a, b *connectorRow) bool {
	x, y := *a, *b
	x.Tariffs, y.Tariffs = nil, nil
	return reflect.DeepEqual(x, y) && slices.Equal(a.Tariffs, b.Tariffs)
}

func (r *connectorRow) domain() entities.Connector {
	c := entities.Connector{
		ID: r.ID, EVSEID: r.EVSEID, Number: r.Number, Station: string(r.StationKey),
		Type: r.Type, PowerType: entities.PowerType(r.PowerType), MaxPowerKW: money.Quantity(r.MaxPower),
	}
	for _, t := range r.Tariffs {
		c.Tariffs = append(c.Tariffs, entities.ConnectorTariff{
			From: entities.Moment(t.ValidFrom), To: entities.Moment(t.ValidTo), ChargePoint: t.ChargePoint, Community: t.Community,
		})
	}
	_ = r.MeterKeys.read("meter_keys", &c.MeterKeys)
	return c
}

// mediumRow is a row of media.
type mediumRow struct {
	UID         string `gorm:"column:uid;primaryKey" json:"uid"`
	IssuerKey   string `gorm:"column:issuer_key" json:"issuer"`
	SalesTariff string `gorm:"column:sales_tariff" json:"sales_tariff,omitempty"`
	BillingFrom string `gorm:"column:billing_from" json:"billing_from,omitempty"`
	Until       string `gorm:"column:until" json:"until,omitempty"`
}

// TableName implements schema.Tabler.
func (mediumRow) TableName() string { return "media" }

func mediumRowOf(m *entities.Medium) mediumRow {
	return mediumRow{UID: m.UID, IssuerKey: m.Issuer, SalesTariff: m.SalesTariff, BillingFrom: string(m.BillingFrom), Until: string(m.Until)}
}

func (r *mediumRow) domain() entities.Medium {
	return entities.Medium{UID: r.UID, Issuer: r.IssuerKey, SalesTariff: r.SalesTariff, BillingFrom: entities.Date(r.BillingFrom), Until: entities.Date(r.Until)}
}

// partnerRow is a row of partners.
type partnerRow struct {
	CountryCode string   `gorm:"column:country_code;primaryKey" json:"country_code"`
	PartyID     string   `gorm:"column:party_id;primaryKey" json:"party_id"`
	Name        string   `gorm:"column:name" json:"name"`
	Limits      jsonText `gorm:"column:limits" json:"limits"`
}

// TableName implements schema.Tabler.
func (partnerRow) TableName() string { return "partners" }

func partnerRowOf(p *entities.Partner) partnerRow {
	return partnerRow{CountryCode: p.CountryCode, PartyID: p.PartyID, Name: p.Name, Limits: jsonOf(p.Limits)}
}

func (r *partnerRow) domain() (entities.Partner, error) {
	p := entities.Partner{CountryCode: r.CountryCode, PartyID: r.PartyID, Name: r.Name}
	return p, r.Limits.read("limits", &p.Limits)
}

// taxAccountRow is a row of tax_accounts.
type taxAccountRow struct {
	Key             string   `gorm:"column:key;primaryKey" json:"key"`
	Name            jsonText `gorm:"column:name" json:"name"`
	Category        string   `gorm:"column:category" json:"category"`
	Country         string   `gorm:"column:country" json:"country,omitempty"`
	LedgerAccount   string   `gorm:"column:ledger_account" json:"ledger_account,omitempty"`
	DATEVKey        string   `gorm:"column:datev_key" json:"datev_key,omitempty"`
	ExemptionCode   string   `gorm:"column:exemption_code" json:"exemption_code,omitempty"`
	ExemptionReason jsonText `gorm:"column:exemption_reason" json:"exemption_reason"`
	Rates           jsonText `gorm:"column:rates" json:"rates"`
}

// TableName implements schema.Tabler.
func (taxAccountRow) TableName() string { return "tax_accounts" }

func taxAccountRowOf(a *creditnotes.TaxAccount) taxAccountRow {
	return taxAccountRow{
		Key: a.Key, Name: jsonOf(a.Name), Category: string(a.Category), Country: a.Country, LedgerAccount: a.LedgerAccount, DATEVKey: a.DATEVKey,
		ExemptionCode: a.ExemptionCode, ExemptionReason: jsonOf(a.ExemptionReason), Rates: jsonOf(a.Rates),
	}
}

func (r *taxAccountRow) domain() (creditnotes.TaxAccount, error) {
	a := creditnotes.TaxAccount{
		Key: r.Key, Category: creditnotes.TaxCategory(r.Category), Country: r.Country,
		LedgerAccount: r.LedgerAccount, DATEVKey: r.DATEVKey, ExemptionCode: r.ExemptionCode,
	}
	err := cmp.Or(
		r.Name.read("name", &a.Name),
		r.ExemptionReason.read("exemption_reason", &a.ExemptionReason),
		r.Rates.read("rates", &a.Rates),
	)
	slices.SortStableFunc(a.Rates, func(x, y creditnotes.TaxRate) int { return cmp.Compare(x.From, y.From) })
	return a, err
}

// rangeRow is a row of number_ranges.
type rangeRow struct {
	Key      string   `gorm:"column:key;primaryKey" json:"key"`
	Name     string   `gorm:"column:name" json:"name"`
	Pattern  string   `gorm:"column:pattern" json:"pattern"`
	Next     int64    `gorm:"column:next" json:"next"`
	Reset    string   `gorm:"column:reset" json:"reset"`
	ValidFor jsonText `gorm:"column:valid_for" json:"valid_for"`
	Scope    string   `gorm:"column:scope" json:"scope"`
	Active   bool     `gorm:"column:active" json:"active"`
}

// TableName implements schema.Tabler.
func (rangeRow) TableName() string { return "number_ranges" }

func rangeRowOf(r *numbering.Range) rangeRow {
	return rangeRow{
		Key: r.Key, Name: r.Name, Pattern: r.Pattern, Next: r.Next, Reset: string(r.Reset),
		ValidFor: jsonOf(r.ValidFor), Scope: cmp.Or(string(r.Scope), string(numbering.ScopeIssuer)), Active: r.Active,
	}
}

func (r *rangeRow) domain() (numbering.Range, error) {
	n := numbering.Range{
		Key: r.Key, Name: r.Name, Pattern: r.Pattern, Next: r.Next,
		Reset: numbering.Reset(r.Reset), Scope: numbering.Scope(r.Scope), Active: r.Active,
	}
	return n, r.ValidFor.read("valid_for", &n.ValidFor)
}

// contractRow is a row of contracts.
type contractRow struct {
	Key        string   `gorm:"column:key;primaryKey" json:"key"`
	Definition jsonText `gorm:"column:definition" json:"definition"` // a settlement.Contract
	Unread     bool     `gorm:"column:unread" json:"unread,omitempty"`
}

// contractRowOf is the row of a contract that is saved, and so is read.
func contractRowOf(c *settlement.Contract) contractRow {
	return contractRow{Key: c.Key, Definition: jsonOf(c)}
}

func (r *contractRow) domain() (settlement.Contract, error) {
	c := settlement.Contract{}
	err := r.Definition.read("definition", &c)
	c.Key, c.Unread = r.Key, r.Unread
	return c, err
}

// TableName implements schema.Tabler.
func (contractRow) TableName() string { return "contracts" }
