package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

func TestReadinessSaysWhereItIsFixed(t *testing.T) {
	w := newWorld(t)
	w.set("revenue_account", "", "number_range", "")
	p := w.as("anna").eventually("/", "stops the run") // it is computed beside the request
	p.shows(t, "No number range is chosen", `href="/settings#number_range"`, `href="/settings#revenue_account"`, "stops the run")
	for _, link := range regexp.MustCompile(`<a href="([^"]+)">Fix`).FindAllStringSubmatch(p.body, -1) {
		if p := w.as("anna").get(link[1]); p.status != 200 {
			t.Errorf("%s leads nowhere: status %d", link[1], p.status)
		}
	}
}

// TestEveryFixIsAPage looks at the pages that exist: where there is a list,
// there is a page of each thing in it, too.
func TestEveryFixIsAPage(t *testing.T) {
	w := newWorld(t)
	anna := w.visit(t, "anna")
	texts, err := locales.New()
	must(t, err)
	for key, target := range fixPages {
		if sentence := texts.Fault("en", &fault.Fault{Key: key, Args: allArgs}); strings.HasPrefix(sentence, key) {
			t.Errorf("there is no fault %s", key)
		}
		f := &fault.Fault{Key: key, Args: allArgs}
		path := anna.FixLink(f, snapshot.New(&creditnotes.Configuration{Entities: []entities.Entity{{Key: "op"}}}, 0))
		menu := "/" + strings.Split(target, "/")[1]
		menu, _, _ = strings.Cut(menu, "#")
		menu, _, _ = strings.Cut(menu, "?")
		if strings.ContainsAny(path, "{}") {
			t.Errorf("%s: %s names what the fault does not", key, path)
		}
		if u, err := url.Parse(path); err != nil || anna.CanOpen(menu) && (path == "" || !anna.CanOpen(u.Path)) {
			t.Errorf("%s: %q is no page", key, path)
		}
		if anna.CanOpen(menu) && strings.Contains(target, "/{") && path == menu {
			t.Errorf("%s: there is no page %s", key, target)
		}
	}
}

func TestFixLinksNameTheThing(t *testing.T) {
	w := newWorld(t)
	b, err := w.server.Snapshot(t.Context())
	must(t, err)
	for _, one := range []struct{ who, key, name, value, want string }{
		{"anna", "operator_incomplete", "field", "email", "/entities/musterstrom/edit#emails"},
		{"anna", "operator_incomplete", "field", "city", "/entities/musterstrom/edit#city"},
		{"anna", "range_missing", "type", "credit_note", "/settings#number_range"},
		{"anna", "range_missing", "type", "cancellation", "/settings#cancellation_range"},
		{"anna", "recipient_without_iban", "recipient", "a/b?c", "/entities/a%2Fb%3Fc/edit#iban"},
		{"vera", "recipient_without_iban", "recipient", "cafe", "/entities/cafe"},
		{"anna", "einvoice_tax_id_missing", "party", "Müller & Co", "/entities?q=M%C3%BCller+%26+Co"},
		{"anna", "no_such_fault", "", "", ""},
	} {
		f := fault.New(fault.NotReady, one.key, fault.Args{one.name: one.value})
		if got := w.visit(t, one.who).FixLink(f, b); got != one.want {
			t.Errorf("%s of %s is fixed at %q, want %q", one.key, one.value, got, one.want)
		}
	}
}

func TestLinksEndWhereThePagesEnd(t *testing.T) {
	w := newWorld(t)
	for _, one := range []struct{ who, target, want string }{
		{"anna", "/ranges/gs#next", "/ranges/gs#next"},
		{"vera", "/ranges/gs#next", "/ranges"},
		{"vera", "/settings#mail", "/settings#mail"},
		{"vera", "/settings/activate", "/settings"},
		{"paul", "/settings#mail", ""},
		{"anna", "/nowhere/at/all?x=1", ""},
	} {
		if got := w.visit(t, one.who).NearestAllowed(one.target); got != one.want {
			t.Errorf("%s to %s: %q, want %q", one.who, one.target, got, one.want)
		}
	}
}

func TestEveryRouteIsFoundByItsOwnAddress(t *testing.T) {
	w := newWorld(t)
	mux := http.NewServeMux()
	for _, rt := range w.server.routes {
		mux.Handle(rt.Pattern, http.NotFoundHandler())
	}
	own, _ := samplesOf(w)
	paths := []string{"/", "/no/such/page", "/entities/a%2Fb%3Fc/edit", "/entities/", "/tariffs/rates/new", "/tariffs/rates/newer", "/notes.csv"}
	for _, rt := range w.server.routes {
		if strings.HasPrefix(rt.Pattern, "GET ") {
			path, _, err := own.path(rt.Pattern, nil)
			must(t, err)
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		r, err := http.NewRequest(http.MethodGet, path, nil)
		must(t, err)
		want, got := "", ""
		if _, pattern := mux.Handler(r); strings.HasPrefix(pattern, "GET ") {
			want = pattern
		}
		if rt := page.RouteOf(w.server.routes, r.URL.EscapedPath()); rt != nil {
			got = rt.Pattern
		}
		if got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestFindingsAreGrouped(t *testing.T) {
	w := newWorld(t)
	v := w.visit(t, "anna")
	list := []creditnotes.Finding{{Severity: creditnotes.Warns, Fault: fault.New(fault.NotReady, "revenue_account_unset", nil)}}
	for range firstFindings + moreFindings + 7 {
		list = append(list, creditnotes.Finding{Severity: creditnotes.Fails, Fault: fault.New(fault.NotReady, "recipient_without_iban", fault.Args{"recipient": "a"})})
	}
	groups := v.Findings(list, snapshot.New(&creditnotes.Configuration{}, 0))
	if len(groups) != 2 || groups[0].Severity != creditnotes.Fails || len(groups[0].First) != firstFindings || len(groups[0].More) != moreFindings || groups[0].Left != 7 {
		t.Errorf("%d groups; the first: %+v", len(groups), groups[0])
	}
}

// allArgs are arguments for every fault.
var allArgs = fault.Args{
	"entity": "e", "recipient": "r", "owner": "o", "station": "s", "tariff": "t", "number": "n", "range": "gs", "account": "a",
	"party": "Company", "field": "street", "address": "b", "next": "c", "evse": "DE*E1", "connector": 1, "medium": "…C3D6", "value": "v",
	"session": "S-1", "start": "2026-11-01", "first": "purchase[1]", "second": "purchase[2]", "type": "credit_note", "count": 2,
	"country": "DE", "found": 21, "expected": 22, "zone": "z", "until": "2026-12-31", "date": "2026-11-30", "vat_id": "DE1", "bic": "B",
	"email": "x", "currency": "EUR", "from": "2026-01-01", "amount": "-1.00", "month": "2026-10", "before": "a 19 %", "after": "b 0 %",
	"contract": "c", "other": "d", "frequency": "yearly", "subject": "s", "since": "2026-11-01", "who": "anna", "reason": "full", "at": "2026-11-01",
	"iban": "…3000", "text": "long", "length": 80, "most": 70, "category": "S", "channel": "peppol", "name": "certificate.pdf", "certificate": "4711", "proposed": "AE", "days": 60,
}
