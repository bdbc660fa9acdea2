package intake

import (
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
	"creditrun/tariffs"
)

func entityObject(e *entities.Entity) object {
	o := newObject()
	o.text("key", e.Key)
	o.text("parent", e.Parent)
	o.text("name", e.Name)
	o.text("legal_name", e.LegalName)
	o.text("street", e.Street)
	o.text("postcode", e.Postcode)
	o.text("city", e.City)
	o.text("country", e.Country)
	o.text("vat_id", e.VATID)
	o.text("tax_number", e.TaxNumber)
	o.text("register_number", e.RegisterNumber)
	inline(o, "email", e.Emails, textNode)
	o.text("reply_to", e.ReplyTo)
	o.text("phone", e.Phone)
	o.text("language", e.Language)
	o.text("currency", e.Currency)
	o.text("time_zone", e.TimeZone)
	o.text("customer_reference", e.CustomerRef)
	bank := newObject()
	bank.text("holder", e.Bank.Holder)
	bank.text("iban", e.Bank.IBAN)
	bank.text("bic", e.Bank.BIC)
	o.nested("bank", bank)
	rows(o, "tax", e.Taxes, func(t *entities.TaxTreatment) object {
		in := newObject()
		in.date("from", t.From)
		in.text("account", t.Account)
		return in
	})
	agreement := newObject()
	agreement.date("signed_on", e.Agreement.SignedOn)
	agreement.date("valid_from", e.Agreement.ValidFrom)
	agreement.date("valid_until", e.Agreement.ValidUntil)
	agreement.text("reference", e.Agreement.Reference)
	o.nested("agreement", agreement)
	o.text("alternate_credit_address", e.AlternateCredit)
	if e.SessionDetail != entities.DetailCSV {
		o.text("session_detail", string(e.SessionDetail))
	}
	writeLimits(o, e.Limits)
	o.truthUnless("active", e.Active, true)
	return o
}

func writeLimits(o object, l sessions.Limits) {
	in := newObject().flow()
	for _, rule := range sessions.Rules() {
		switch {
		case l[rule] == 0:
		case rule.Percent() || rule == sessions.RuleEnergy:
			in.quoted(rule.LimitName(), rule.Format(l[rule]))
		default:
			in.whole(rule.LimitName(), int64(l[rule]))
		}
	}
	o.nested("limits", in)
}

func taxAccountObject(a *creditnotes.TaxAccount) object {
	o := newObject()
	o.text("key", a.Key)
	o.byLanguage("name", a.Name)
	o.text("category", string(a.Category))
	o.text("country", a.Country)
	o.text("ledger_account", a.LedgerAccount)
	o.text("exemption_code", a.ExemptionCode)
	o.byLanguage("exemption_reason", a.ExemptionReason)
	rows(o, "rates", a.Rates, func(r *creditnotes.TaxRate) object {
		in := newObject()
		in.date("from", r.From)
		in.quoted("percent", r.Percent.String())
		return in
	})
	return o
}

func rangeObject(r *numbering.Range) object {
	o := newObject()
	o.text("key", r.Key)
	o.text("name", r.Name)
	o.quoted("pattern", r.Pattern)
	o.whole("next", r.Next)
	o.text("reset", string(r.Reset))
	inline(o, "valid_for", r.ValidFor, func(t numbering.DocumentType) *yaml.Node { return textNode(string(t)) })
	o.text("scope", string(r.Scope))
	o.truthUnless("active", r.Active, true)
	return o.flow()
}

func costRateObject(zone *time.Location) func(*tariffs.CostRate) object {
	return func(r *tariffs.CostRate) object {
		o := newObject()
		o.text("key", r.Key)
		o.instant("valid_from", r.ValidFrom, zone)
		o.text("currency", r.Currency)
		o.wholeUnless("energy_step_wh", r.EnergyStepWh, 0)
		writePrices(o, &r.Prices)
		rows(o, "schedule", r.Schedule, func(e *tariffs.ScheduleEntry) object {
			in := newObject()
			writeWindow(in, e.Window)
			in.instant("starting", e.Starting, zone)
			writePrices(in, &e.Prices)
			return in
		})
		return o
	}
}

func writePrices(o object, p *tariffs.Prices) {
	rows(o, "energy", p.Energy, func(b *tariffs.EnergyBand) object {
		in := newObject()
		in.whole("up_to_wh", b.UpToWh)
		in.quoted("per_kwh", b.PerKWh.String())
		return in
	})
	rows(o, "time", p.Time, func(b *tariffs.TimeBand) object {
		in := newObject()
		in.whole("up_to_min", b.UpToMin)
		in.quoted("per_hour", b.PerHour.String())
		return in
	})
	if p.SessionFee != nil {
		in := newObject()
		in.quoted("amount", p.SessionFee.Amount.String())
		in.wholeUnless("grace_s", p.SessionFee.GraceSeconds, 0)
		in.wholeUnless("threshold_wh", p.SessionFee.ThresholdWh, 0)
		o.nested("session_fee", in)
	}
}

func writeWindow(o object, w tariffs.Window) {
	inline(o, "weekdays", w.Weekdays, func(day int) *yaml.Node { return scalarNode("!!int", strconv.Itoa(day), 0) })
	o.quoted("from", string(w.From))
	o.quoted("to", string(w.To))
}

func communityObject(t *tariffs.CommunityTariff) object {
	o := newObject()
	o.text("key", t.Key)
	o.text("name", t.Name)
	rows(o, "versions", t.Versions, func(v *tariffs.CommunityVersion) object {
		in := newObject()
		in.moment("from", v.From)
		in.text("purchase", v.Purchase)
		return in
	})
	return o
}

func chargePointObject(t *tariffs.ChargePointTariff) object {
	o := newObject()
	o.text("key", t.Key)
	o.text("name", t.Name)
	rows(o, "purchase", t.Purchase, conditionObject)
	rows(o, "sales", t.Sales, conditionObject)
	return o
}

func salesObject(t *tariffs.SalesTariff) object {
	o := newObject()
	o.text("key", t.Key)
	o.text("name", t.Name)
	rows(o, "sales", t.Sales, conditionObject)
	return o
}

func conditionObject(c *tariffs.Condition) object {
	o := newObject()
	o.text("rate", c.Rate)
	o.moment("from", c.From)
	o.moment("to", c.To)
	when := newObject()
	when.text("evse_id", c.When.EVSEID)
	when.text("station", c.When.Station)
	when.text("connector_type", c.When.ConnectorType)
	when.text("power_type", string(c.When.PowerType))
	when.text("operating_company", c.When.OperatingCompany)
	writeWindow(when, c.When.Window)
	o.nested("when", when)
	o.wholeUnless("position", int64(c.Position), 0)
	return o
}

func partnerObject(p *entities.Partner) object {
	o := newObject()
	o.text("country_code", p.CountryCode)
	o.text("party_id", p.PartyID)
	o.text("name", p.Name)
	writeLimits(o, p.Limits)
	return o.flow()
}

func stationObject(connectors []entities.Connector) func(*entities.Station) object {
	at := map[string][]entities.Connector{}
	for i := range connectors {
		at[connectors[i].Station] = append(at[connectors[i].Station], connectors[i])
	}
	return func(s *entities.Station) object {
		o := newObject()
		o.text("key", s.Key)
		o.text("name", s.Name)
		o.text("time_zone", s.TimeZone)
		address := newObject()
		address.text("street", s.Street)
		address.text("postcode", s.Postcode)
		address.text("city", s.City)
		address.text("country", s.Country)
		o.nested("address", address)
		rows(o, "owners", s.Owners, func(w *entities.Ownership) object {
			in := newObject()
			in.moment("from", w.From)
			in.text("entity", w.Entity)
			return in
		})
		section(o, "connectors", at[s.Key], connectorObject)
		return o
	}
}

func connectorObject(c *entities.Connector) object {
	o := newObject()
	o.text("evse_id", c.EVSEID)
	o.whole("connector", int64(c.Number))
	o.text("type", c.Type)
	o.text("power_type", string(c.PowerType))
	if c.MaxPowerKW != 0 {
		o.quoted("max_power_kw", c.MaxPowerKW.String())
	}
	rows(o, "tariffs", c.Tariffs, func(t *entities.ConnectorTariff) object {
		in := newObject()
		in.moment("from", t.From)
		in.moment("to", t.To)
		in.text("charge_point", t.ChargePoint)
		in.text("community", t.Community)
		return in
	})
	return o
}

func mediumObject(m *entities.Medium) object {
	o := newObject()
	o.text("uid", m.UID)
	o.text("issuer", m.Issuer)
	o.text("sales_tariff", m.SalesTariff)
	o.date("billing_from", m.BillingFrom)
	return o.flow()
}

func contractObject(c *Contract) object {
	o := newObject()
	o.text("key", c.Key)
	o.text("owner", c.Owner)
	o.text("from", c.From)
	o.text("to", c.To)
	rate := func(key string, r money.Rate) {
		if r != 0 {
			o.quoted(key, r.String())
		}
	}
	percent := func(key string, p money.Percent) {
		if p != 0 {
			o.quoted(key, p.String())
		}
	}
	o.truthUnless("auto_renew", c.AutoRenew, false)
	percent("share_percent_ac", c.ShareAC)
	percent("share_percent_dc", c.ShareDC)
	o.truthUnless("exclude_connection_fee", c.ExcludeConnectionFee, false)
	o.truthUnless("deduct_electricity_cost", c.DeductElectricityCost, false)
	o.truthUnless("reimburse_electricity_cost", c.ReimburseElectricityCost, false)
	rate("electricity_cost_per_kwh", c.ElectricityCostPerKWh)
	rate("fixed_fee_per_session_ac", c.FeePerSessionAC)
	rate("fixed_fee_per_session_dc", c.FeePerSessionDC)
	rate("fee_per_kwh_ac", c.FeePerKWhAC)
	rate("fee_per_kwh_dc", c.FeePerKWhDC)
	percent("handling_fee_percent", c.HandlingFee)
	rate("monthly_fee_per_station", c.MonthlyFeePerStation)
	rate("monthly_fee_per_ac_evse", c.MonthlyFeePerACEVSE)
	rate("monthly_fee_per_dc_evse", c.MonthlyFeePerDCEVSE)
	rate("minimum_guarantee", c.MinimumGuarantee)
	o.truthUnless("active", c.Active, true)
	return o
}

// settingsObject writes settings in their order; the parts of one come together
// where the first of them stands.
func settingsObject(list []Setting) object {
	o, terms, texts, rules := newObject(), newObject().flow(), newObject().flow(), newObject()
	for _, s := range list {
		if reason, ok := strings.CutPrefix(s.Key, creditnotes.RulePrefix); ok {
			if len(rules.node.Content) == 0 {
				o.put(plausibility, rules.node)
			}
			rules.put(reason, textNode(s.Value))
			continue
		}
		field, ok := strings.CutPrefix(s.Key, paymentTerms+".")
		if !ok {
			o.put(s.Key, settingNode(s.Key, s.Value))
			continue
		}
		if len(terms.node.Content)+len(texts.node.Content) == 0 {
			o.put(paymentTerms, terms.node)
		}
		if language, ok := strings.CutPrefix(field, "text."); ok {
			texts.put(language, textNode(s.Value))
		} else {
			terms.put(field, settingNode(field, s.Value))
		}
	}
	if len(texts.node.Content) > 0 {
		terms.put("text", texts.node)
	}
	return o
}

// settingNode writes true, false and counts plain, dates as dates, the rest as
// text.
func settingNode(key, value string) *yaml.Node {
	switch {
	case value == "true" || value == "false":
		return scalarNode("!!bool", value, 0)
	case strings.HasSuffix(key, "_days") || strings.HasSuffix(key, "_hours") || strings.HasSuffix(key, "_tolerance_s"):
		return scalarNode("!!int", value, 0)
	case strings.HasSuffix(key, "_date") && value != "":
		return scalarNode("!!timestamp", value, 0)
	case strings.HasSuffix(key, "_percent") || strings.HasSuffix(key, "_kwh") || strings.HasSuffix(key, "_time"):
		return scalarNode("!!str", value, yaml.DoubleQuotedStyle)
	}
	return textNode(value)
}
