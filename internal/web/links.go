package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// pathsOf knows the pages of the site map.
func pathsOf(routes []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range routes {
		mux.Handle(rt.pattern, http.NotFoundHandler())
	}
	return mux
}

// opens tells whether an address of ours leads to a page that the visitor may
// open.
func (v *visit) opens(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	_, pattern := v.paths.Handler(&http.Request{Method: http.MethodGet, URL: u, Host: v.r.Host})
	for _, rt := range v.routes {
		if rt.pattern == pattern {
			return v.admits(rt)
		}
	}
	return false
}

// way is the address itself where the visitor may open it, else that of the
// nearest page above it, else nothing.
func (v *visit) way(target string) string {
	for target != "" && target != "/" && target != "." {
		if v.opens(target) {
			return target
		}
		target, _, _ = strings.Cut(target, "#")
		target, _, _ = strings.Cut(target, "?")
		target = path.Dir(target)
	}
	return ""
}

// mends is where each fault of the readiness check is mended: a page and the
// field on it. Words in braces are arguments of the fault.
var mends = map[string]string{
	// The settings.
	"licence_withdrawn":     "/settings#credit_run",
	"feature_inactive":      "/settings/activate",
	"restore_unconfirmed":   "/restore",
	"range_missing":         "/settings#number_range",
	"range_inactive":        "/ranges/{range}",
	"range_wrong_type":      "/ranges/{range}",
	"tax_account_unset":     "/settings#tax_account",
	"revenue_account_unset": "/settings#revenue_account",

	// Changes that wait.
	"proposal_waits": "/changes",

	// Tax accounts.
	"tax_account_missing": "/entities/{recipient}/edit#taxes",
	"tax_rate_missing":    "/taxes/{account}#rates",

	// The operator and the recipients.
	"operator_missing":              "/entities",
	"operator_incomplete":           "/entities/{operator}/edit#{field}",
	"operator_zone_missing":         "/entities/{entity}/edit#time_zone",
	"operator_zone_unknown":         "/entities/{entity}/edit#time_zone",
	"recipient_without_email":       "/entities/{recipient}/edit#emails",
	"recipient_without_country":     "/entities/{recipient}/edit#country",
	"recipient_without_address":     "/entities/{recipient}/edit#street",
	"recipient_without_tax_id":      "/entities/{recipient}/edit#vat_id",
	"recipient_without_iban":        "/entities/{recipient}/edit#iban",
	"carried_sum_waits":             "/entities/{recipient}",
	"tax_treatment_changes":         "/entities/{recipient}/edit#taxes",
	"tax_treatment_unknown":         "/entities/{recipient}/edit#taxes",
	"reverse_charge_without_vat_id": "/entities/{recipient}/edit#vat_id",
	"agreement_missing":             "/entities/{recipient}/edit#agreement",
	"agreement_running_out":         "/entities/{recipient}/edit#agreement",
	"einvoice_tax_id_missing":       "/entities?q={party}",
	"recipient_inactive":            "/entities/{entity}/edit#active",
	"alternate_address_unknown":     "/entities/{entity}/edit#alternate",
	"alternate_address_self":        "/entities/{entity}/edit#alternate",
	"alternate_address_inactive":    "/entities/{entity}/edit#alternate",
	"alternate_address_no_ancestor": "/entities/{entity}/edit#alternate",
	"alternate_address_operator":    "/entities/{entity}/edit#alternate",
	"alternate_address_not_chained": "/entities/{entity}/edit#alternate",
	"country_unknown":               "/entities/{entity}/edit#country",
	"vat_id_malformed":              "/entities/{entity}/edit#vat_id",
	"vat_id_check_digit":            "/entities/{entity}/edit#vat_id",
	"iban_malformed":                "/entities/{entity}/edit#iban",
	"iban_length":                   "/entities/{entity}/edit#iban",
	"iban_check_digits":             "/entities/{entity}/edit#iban",
	"bic_malformed":                 "/entities/{entity}/edit#bic",
	"email_malformed":               "/entities/{entity}/edit#emails",
	"address_bounced":               "/entities/{entity}",
	"address_complained":            "/entities/{entity}",
	"reply_to_malformed":            "/entities/{entity}/edit#reply_to",
	"currency_unknown":              "/entities/{entity}/edit#currency",
	"tax_treatment_twice":           "/entities/{entity}/edit#taxes",
	"agreement_ends_before_start":   "/entities/{entity}/edit#agreement",
	"session_detail_unknown":        "/entities/{entity}/edit#session_detail",
	"media_without_sales_tariff":    "/entities/{entity}",
	"medium_sales_tariff_unknown":   "/entities/{entity}",
	"objection_open":                "/notes/{number}#objections",

	// Stations and tariffs.
	"station_without_owner":            "/stations/{station}#owners",
	"connector_without_tariff":         "/stations/{station}#tariffs",
	"connector_without_purchase_price": "/stations/{station}#tariffs",
	"condition_company_unknown":        "/tariffs/charge-point/{tariff}",
	"condition_station_unknown":        "/tariffs/charge-point/{tariff}",
	"condition_evse_unknown":           "/tariffs/charge-point/{tariff}",
	"conditions_may_be_ambiguous":      "/tariffs/charge-point/{tariff}",
	"ambiguous_conditions":             "/tariffs/charge-point/{tariff}",
}

// mendedAt is where a fault is mended; empty where nobody knows, or the visitor
// may not open it.
func (v *visit) mendedAt(f *fault.Fault, b *snapshot.Snapshot) string {
	target := mends[f.Key]
	switch {
	case f.Key == "range_missing" && f.Args["type"] == "cancellation":
		target = "/settings#cancellation_range"
	case f.Key == "operator_incomplete" && f.Args["field"] == "email":
		target = strings.ReplaceAll(target, "{field}", "emails")
	}
	escape := url.PathEscape
	if strings.Contains(target, "?") {
		escape = url.QueryEscape
	}
	for name, value := range f.Args {
		if text, ok := value.(string); ok {
			target = strings.ReplaceAll(target, "{"+name+"}", escape(text))
		}
	}
	if operator := b.Operator(); operator != nil {
		target = strings.ReplaceAll(target, "{operator}", url.PathEscape(operator.Key))
	}
	return v.way(target)
}

// findingGroup are findings of one kind.
type findingGroup struct {
	Severity creditnotes.Severity
	First    []findingLine
	More     []findingLine // folded away
	Left     int           // how many more there are
}

// findingLine is a finding in words, with the page that mends it.
type findingLine struct {
	Text string
	Mend string
}

// How many findings of one kind are shown, and how many folded away.
const (
	firstFindings = 3
	moreFindings  = 100
)

// findings puts what the readiness check found into words, what stops the run
// on top, by kind.
func (v *visit) findings(list []creditnotes.Finding, b *snapshot.Snapshot) (groups []*findingGroup) {
	for _, severity := range []creditnotes.Severity{creditnotes.Stops, creditnotes.Fails, creditnotes.Warns} {
		byKey := map[string]*findingGroup{}
		for _, f := range list {
			if f.Severity != severity {
				continue
			}
			group := byKey[f.Fault.Key]
			if group == nil {
				group = &findingGroup{Severity: severity}
				byKey[f.Fault.Key] = group
				groups = append(groups, group)
			}
			group.add(v, f.Fault, b)
		}
	}
	return groups
}

func (g *findingGroup) add(v *visit, f *fault.Fault, b *snapshot.Snapshot) {
	switch {
	case len(g.First) < firstFindings:
		g.First = append(g.First, findingLine{v.Texts.Fault(v.lang, f), v.mendedAt(f, b)})
	case len(g.More) < moreFindings:
		g.More = append(g.More, findingLine{v.Texts.Fault(v.lang, f), v.mendedAt(f, b)})
	default:
		g.Left++
	}
}
