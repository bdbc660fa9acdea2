package web

import (
	"net/url"
	"path"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// Links to pages: where a visitor may follow one, and where a fault is fixed.

// routeOf finds the route of the page at an escaped path: of those that match
// the one with the fewest wildcards, as http.ServeMux does. It is nil where
// there is no page.
func routeOf(routes []route, path string) (found *route) {
	asked, fewest := strings.Split(path, "/"), 0
	for i := range routes {
		pattern, isPage := strings.CutPrefix(routes[i].pattern, "GET ")
		if !isPage {
			continue
		}
		if wildcards, ok := matchPath(strings.Split(strings.TrimSuffix(pattern, "{$}"), "/"), asked); ok && (found == nil || wildcards < fewest) {
			found, fewest = &routes[i], wildcards
		}
	}
	return found
}

// matchPath reports whether the segments of a path are those of a pattern, and
// how many of them are wildcards.
func matchPath(pattern, path []string) (wildcards int, ok bool) {
	if len(pattern) != len(path) {
		return 0, false
	}
	for i, segment := range pattern {
		switch {
		case strings.HasPrefix(segment, "{") && path[i] != "":
			wildcards++
		case segment != path[i]:
			return 0, false
		}
	}
	return wildcards, true
}

// canOpen reports whether an address of ours leads to a page that the visitor
// may open.
func (v *visit) canOpen(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	rt := routeOf(v.routes, u.EscapedPath())
	return rt != nil && v.admits(*rt)
}

// linkIfAllowed is an address of ours where the visitor may open it, else
// nothing.
func (v *visit) linkIfAllowed(target string) string {
	if v.canOpen(target) {
		return target
	}
	return ""
}

// nearestAllowed is the address itself where the visitor may open it, else that
// of the nearest page above it, else nothing.
func (v *visit) nearestAllowed(target string) string {
	for target != "" && target != "/" && target != "." {
		if v.canOpen(target) {
			return target
		}
		target, _, _ = strings.Cut(target, "#")
		target, _, _ = strings.Cut(target, "?")
		target = path.Dir(target)
	}
	return ""
}

// fixPages is where each fault of the readiness check is fixed: a page and the
// field on it. Words in braces are arguments of the fault.
var fixPages = map[string]string{
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

// fixLink is the page on which a fault is fixed, or the nearest page above it
// that the visitor may open; empty where there is none.
func (v *visit) fixLink(f *fault.Fault, b *snapshot.Snapshot) string {
	target := fixPages[f.Key]
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
	return v.nearestAllowed(target)
}

// The addresses of pages.

// numberPath is the page of a note with a number.
func numberPath(number string) string { return "/notes/" + url.PathEscape(number) }

// notePath is the page of a note; a draft is a part of its run.
func notePath(n *creditnotes.NoteEntry) string {
	if n.Number == "" {
		return draftPath(n.Run, n.ID)
	}
	return numberPath(n.Number)
}

// draftPath is the address of a note without a number.
func draftPath(run string, id int64) string { return runPath(run) + "/drafts/" + formatID(id) }

// runPath is the page of a run.
func runPath(name string) string { return "/runs/" + url.PathEscape(name) }

// sessionPath is the page of a session.
func sessionPath(id int64) string { return "/sessions/" + formatID(id) }

// entityPath is the page of an entity, and beneath the tree below it.
func entityPath(key string) string { return "/entities/" + url.PathEscape(key) }

func beneath(key string) string { return "/entities?beneath=" + url.QueryEscape(key) }

// userPath is the page of a user.
func userPath(name string) string { return "/users/" + url.PathEscape(name) }

// webhookPath is the page of a webhook.
func webhookPath(id int64) string { return "/webhooks/" + formatID(id) }
