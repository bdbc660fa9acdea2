package intake

import (
	"maps"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Contract is an agreement of shares and fees that takes the place of purchase
// prices (settlement.md §3).
type Contract struct {
	Key                      string
	Owner                    string // entity key
	From                     string // month such as 2026-01
	To                       string // last month; empty: open
	AutoRenew                bool
	ShareAC                  money.Percent
	ShareDC                  money.Percent
	ExcludeConnectionFee     bool
	DeductElectricityCost    bool
	ReimburseElectricityCost bool
	ElectricityCostPerKWh    money.Rate
	FeePerSessionAC          money.Rate
	FeePerSessionDC          money.Rate
	FeePerKWhAC              money.Rate
	FeePerKWhDC              money.Rate
	HandlingFee              money.Percent // of the driver amount
	MonthlyFeePerStation     money.Rate
	MonthlyFeePerACEVSE      money.Rate
	MonthlyFeePerDCEVSE      money.Rate
	MinimumGuarantee         money.Rate // per month
	Active                   bool
}

func contract(m *mapping) Contract {
	m.require("owner", "from")
	month := matching[string](monthSyntax)
	rate := func(key string) money.Rate { return decimal(m, key, expRate, parsePriceRate) }
	percent := func(key string) money.Percent { return decimal(m, key, expPercent, parsePercentage) }
	c := Contract{
		Key: m.word("key"), Owner: m.word("owner"),
		From: read(m, "from", expMonth, month), To: read(m, "to", expMonth, month),
		AutoRenew: m.truth("auto_renew", false),
		ShareAC:   percent("share_percent_ac"), ShareDC: percent("share_percent_dc"),
		ExcludeConnectionFee:     m.truth("exclude_connection_fee", false),
		DeductElectricityCost:    m.truth("deduct_electricity_cost", false),
		ReimburseElectricityCost: m.truth("reimburse_electricity_cost", false),
		ElectricityCostPerKWh:    rate("electricity_cost_per_kwh"),
		FeePerSessionAC:          rate("fixed_fee_per_session_ac"), FeePerSessionDC: rate("fixed_fee_per_session_dc"),
		FeePerKWhAC: rate("fee_per_kwh_ac"), FeePerKWhDC: rate("fee_per_kwh_dc"),
		HandlingFee:          percent("handling_fee_percent"),
		MonthlyFeePerStation: rate("monthly_fee_per_station"),
		MonthlyFeePerACEVSE:  rate("monthly_fee_per_ac_evse"), MonthlyFeePerDCEVSE: rate("monthly_fee_per_dc_evse"),
		MinimumGuarantee: rate("minimum_guarantee"),
		Active:           m.truth("active", true),
	}
	if c.To != "" && c.To < c.From {
		m.d.add(m.line, m.at("to"), "a month not before from", c.To)
	}
	return c
}

// The settings that have parts, each of which is a setting of its own.
const (
	paymentTerms = "payment_terms"
	plausibility = "plausibility"
)

// hasParts reports whether a setting is written as a part of another one.
func hasParts(key string) bool { return strings.Contains(key, ".") }

// settings decodes the settings that the file mentions. Each value is tried on
// fresh settings, so what is accepted here is accepted there.
func settings(m *mapping) []Setting {
	known := creditnotes.SettingKeys()
	var list []Setting
	for _, key := range m.order {
		switch {
		case key == paymentTerms:
			if in, ok := m.nested(key); ok {
				list = append(list, terms(in)...)
			}
		case key == plausibility:
			if in, ok := m.nested(key); ok {
				list = append(list, rules(in)...)
			}
		case slices.Contains(known, key) && !hasParts(key):
			list = appendSetting(list, m, key, key)
		}
	}
	for _, key := range known { // for the list of fields in a fault
		if !hasParts(key) {
			m.asked = append(m.asked, key)
		}
	}
	m.asked = append(m.asked, paymentTerms, plausibility)
	slices.Sort(m.asked)
	m.asked = slices.Compact(m.asked)
	return list
}

func terms(m *mapping) []Setting {
	list := appendSetting(nil, m, "net_days", paymentTerms+".net_days")
	texts := m.byLanguage("text")
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		list = append(list, Setting{Key: paymentTerms + ".text." + language, Value: texts[language], Line: m.value("text").Line})
	}
	m.done()
	return list
}

// rules decodes what the rules of plausibility do, by reason.
func rules(m *mapping) (list []Setting) {
	for _, rule := range sessions.Rules() {
		reason := string(rule.Reason())
		list = appendSetting(list, m, reason, creditnotes.RulePrefix+reason)
	}
	m.done()
	return list
}

func appendSetting(list []Setting, m *mapping, field, key string) []Setting {
	text, n, ok := m.scalar(field, "a plain value")
	if !ok {
		return list
	}
	if strings.HasSuffix(key, "_percent") && n.Tag != "!!str" {
		m.d.add(n.Line, m.at(field), expPercent, text+" without quotes")
		return list
	}
	var try creditnotes.Settings
	if err := try.Set(key, text); err != nil {
		m.d.add(n.Line, m.at(field), settingExpected(err), text)
		return list
	}
	return append(list, Setting{Key: key, Value: try.Values()[key], Line: n.Line})
}

func settingExpected(err error) string {
	for _, f := range fault.Of(err) {
		if expected, ok := f.Args["expected"].(string); ok {
			return expected
		}
	}
	return "a valid value"
}
