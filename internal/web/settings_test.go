package web

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
)

// settings are the stored ones.
func (w *world) settings(t *testing.T) creditnotes.Settings {
	t.Helper()
	settings, err := w.store.Settings(t.Context())
	must(t, err)
	return settings
}

// upload sends a form with a file in it, as browsers do.
func (b *browser) upload(t *testing.T, path, field string, content []byte, fields ...string) reply {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		must(t, form.WriteField(fields[i], fields[i+1]))
	}
	file, err := form.CreateFormFile(field, field)
	must(t, err)
	_, err = file.Write(content)
	must(t, err)
	must(t, form.Close())
	r, err := http.NewRequest(http.MethodPost, b.w.http.URL+path, &body)
	must(t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := b.client.Do(r)
	must(t, err)
	defer answer.Body.Close()
	var shown bytes.Buffer
	_, err = shown.ReadFrom(answer.Body)
	must(t, err)
	return reply{answer.StatusCode, answer.Request.URL.Path, shown.String(), answer.Header}
}

func TestEverySettingIsOnThePage(t *testing.T) {
	w := newWorld(t)
	p, seen := w.as("anna").get("/settings"), w.as("vera").get("/settings")
	for _, key := range creditnotes.SettingKeys() {
		p.shows(t, `id="`+key+`"`)
		seen.shows(t, `id="`+key+`"`)
	}
	p.shows(t, "Discount in percent on COMMUNITY sessions", "10 kWh at 0.35 with 10 % give 3.15", "overrides COMMUNITY", "charged service", "alternate credit address")
	for _, lang := range w.server.Texts.Languages() {
		p.shows(t, `name="payment_terms.text.`+lang+`"`)
	}
	if strings.Contains(seen.body, `action="/settings`) || strings.Contains(seen.body, "<textarea") || strings.Contains(seen.body, `type="checkbox"`) {
		t.Error("a viewer has a form")
	}
	seen.shows(t, "Changes")
	if p := w.as("paul").get("/settings"); p.status != http.StatusForbidden {
		t.Errorf("a Sub-CPO: status %d, want 403", p.status)
	}
}

func TestSettingsAreSaved(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		w.set("layouts.winter.name", "Winter")
		values := map[string]string{
			"mail": "false", "create_zero_notes": "true", "community_discount_percent": "12.5", "community_choice": "COM-AC, COM-DC", "start_date": "2026-02-01",
			"max_session_days": "5", "language": "fr", "consolidate_by_recipient": "true", "require_agreement": "true",
			"cancellation_type": "384", "payment_terms.net_days": "21", "number_range": "gs", "cancellation_range": "st",
			"tax_account": "de-19", "revenue_account": "4711", "run_time": "22:15", "review_days": "2", "held_deadline_days": "30", "review_change_percent": "20", "review_change_amount": "500", "release": "approve", "second_person": "bank,alternate_address,billing_email",
			"max_future_hours": "48", "duration_tolerance_s": "90", "max_energy_kwh": "900", "meter_tolerance_percent": "2.5", "signed_tolerance_percent": "1.5", "overlap_tolerance_s": "300",
			"plausibility.in_the_future": "warn", "plausibility.too_long": "off", "plausibility.duration_mismatch": "warn", "plausibility.too_much_energy": "off",
			"plausibility.meter_mismatch": "off", "plausibility.signature_invalid": "warn", "plausibility.overlap": "warn",
			"einvoice_required": "DE 2027-01-01",
			"invoice_range":     "re", "fee_tax_account": "de-19", "fee_revenue_account": "8400", "fee_net_days": "30", "settlement_report_mail": "false", "joint_mail": "true",
			"minimum_payout": "CHF 20.00, EUR 10.00", "payout_addresses": "hybrid", "reminder_days": "5, 10, 20", "first_creditor_account": "70000",
			"bank_account": "1800", "clearing_account": "1460", "datev_consultant": "1001", "datev_mandant": "42",
			"fiscal_year_start": "04-01", "ledger_account_length": "5", "ledger_currency": "CHF",
			"color": "#123456", "layout": "winter", "payment_terms.text.de": "Zahlbar\nin Raten", "payment_terms.text.fi": "Heti",
		}
		fields := []string{"mail", "false", "settlement_report_mail", "false"}
		for key, value := range values {
			fields = append(fields, key, strings.ReplaceAll(value, "\n", "\r\n"))
		}
		if p := anna.post("/settings", fields...); p.path != "/settings" || !strings.Contains(p.body, "settings are changed") {
			t.Fatalf("%d %s", p.status, p.body)
		}
		stored := w.settings(t).Values()
		page := anna.get("/settings")
		for key, want := range values {
			if stored[key] != want {
				t.Errorf("%s is %q, want %q", key, stored[key], want)
			}
			page.shows(t, `name="was.`+key+`" value="`+html.EscapeString(want)+`"`)
		}
		for _, key := range creditnotes.SettingKeys() {
			if _, sent := values[key]; !sent && !slices.Contains([]string{"active", "credit_run", "logo"}, key) {
				t.Errorf("%s was not tried", key)
			}
		}
		if p := anna.post("/settings", "mail", "false", "mail", "true"); !strings.Contains(p.body, "1 setting is changed") || !w.settings(t).Mail {
			t.Error("a switch is not switched on")
		}
		if p := anna.post("/settings", fields[:2]...); !strings.Contains(p.body, "1 setting is changed") || w.settings(t).Mail {
			t.Error("a switch is not switched off")
		}
		if p := anna.post("/settings"); !strings.Contains(p.body, "0 settings are changed") {
			t.Errorf("an empty form changes settings\n%s", p.body)
		}
	})
}

func TestGermansWriteACommaInTheDiscount(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.post("/preferences", "language", "de")
	anna.post("/settings", "community_discount_percent", "7,5", "was.community_discount_percent", "10")
	if got := w.settings(t).CommunityDiscount.String(); got != "7.5" {
		t.Errorf("the discount is %s, want 7.5", got)
	}
	anna.get("/settings").shows(t, `value="7,5"`, "Rabatt in Prozent auf COMMUNITY-Ladevorgänge")
}

func TestBadSettingsChangeNothing(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.settings(t)
	for key, value := range map[string]string{
		"community_discount_percent": "101", "max_session_days": "0", "run_time": "25:00", "start_date": "2026-02-30",
		"number_range": "re", "cancellation_range": "gs", "tax_account": "gone", "release": "never", "color": "red", "layout": "gone",
		"cancellation_type": "380", "payment_terms.net_days": "-1", "review_days": "x", "held_deadline_days": "9999", "mail": "perhaps",
	} {
		p := anna.post("/settings", key, value, "revenue_account", "9999")
		if p.status != http.StatusUnprocessableEntity && p.status != http.StatusConflict || !strings.Contains(p.body, `id="`+key+`-fault"`) && key != "mail" {
			t.Errorf("%s = %s: status %d, fault at the field: %t", key, value, p.status, strings.Contains(p.body, `id="`+key+`-fault"`))
		}
		if strings.Count(p.body, `<span class="wrong">`) != 1 || !strings.Contains(p.body, `role="alert"`) || !strings.Contains(p.body, `value="9999"`) {
			t.Errorf("%s = %s: not one fault at one field and on top, with what was entered kept", key, value)
		}
	}
	if after := w.settings(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("settings are %+v, want %+v", after, before)
	}
	for _, key := range []string{"active", "credit_run"} {
		w.set(key, "true")
		anna.post("/settings", key, "false")
		if w.settings(t).Values()[key] != "true" {
			t.Errorf("%s is switched without being asked", key)
		}
	}
}

func TestOnlyUsableRangesAreOffered(t *testing.T) {
	w := newWorld(t)
	p := w.as("anna").get("/settings")
	_, ranges, _ := strings.Cut(p.body, `<select name="number_range"`)
	ranges, _, _ = strings.Cut(ranges, "</select>")
	if !strings.Contains(ranges, `value="gs" selected`) || strings.Contains(ranges, `value="st"`) || strings.Contains(ranges, `value="re"`) {
		t.Errorf("for credit notes there are %s", ranges)
	}
	_, ranges, _ = strings.Cut(p.body, `<select name="cancellation_range"`)
	ranges, _, _ = strings.Cut(ranges, "</select>")
	if !strings.Contains(ranges, `value="st" selected`) || strings.Contains(ranges, `value="gs"`) {
		t.Errorf("for cancellations there are %s", ranges)
	}
}

func TestViewersAndAccountantsChangeNoSettings(t *testing.T) {
	w := newWorld(t)
	before := w.settings(t)
	for _, name := range []string{"vera", "felix", "paul"} {
		b := w.as(name)
		for _, p := range []reply{
			b.post("/settings", "revenue_account", "9999"),
			b.get("/settings/activate"), b.post("/settings/activate", "charged", "true", "confirm_password", password),
			b.get("/settings/switch/credit_run"), b.post("/settings/switch/credit_run", "value", "false", "confirm_password", password),
		} {
			if p.status != http.StatusForbidden {
				t.Errorf("%s: %s: status %d, want 403", name, p.path, p.status)
			}
		}
	}
	if after := w.settings(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("settings are %+v, want %+v", after, before)
	}
}

func TestActivationAsksTwice(t *testing.T) {
	w := newWorld(t)
	w.set("active", "false", "number_range", "")
	anna := w.as("anna")
	anna.get("/settings").shows(t, `href="/settings/activate"`)
	anna.get("/settings/activate").shows(t, "This is a charged service.", "The first run starts on Monday, 30 November 2026", "No number range is chosen", `name="charged"`, `name="confirm_password"`)
	for name, fields := range map[string][]string{
		"nothing":                   nil,
		"the password alone":        {"confirm_password", password},
		"the confirmation alone":    {"charged", "true"},
		"with a wrong password":     {"charged", "true", "confirm_password", "wrong"},
		"without the charge agreed": {"charged", "no", "confirm_password", password},
	} {
		if p := anna.post("/settings/activate", fields...); p.status < 400 || w.settings(t).Active {
			t.Errorf("%s: status %d, active: %t", name, p.status, w.settings(t).Active)
		}
	}
	anna.post("/settings/activate", "charged", "true", "confirm_password", password).shows(t, "are switched on", "since 12 Nov 2026")
	if !w.settings(t).Active {
		t.Error("it is not active")
	}
	if p := anna.get("/settings/activate"); p.path != "/settings" {
		t.Errorf("what is on can be switched on: %s", p.path)
	}
	if p := anna.post("/settings/switch/active", "value", "false"); p.status != http.StatusForbidden || !w.settings(t).Active {
		t.Errorf("without a password: status %d", p.status)
	}
	anna.post("/settings/switch/active", "value", "false", "confirm_password", password).shows(t, "are switched off")
	if w.settings(t).Active {
		t.Error("it is still active")
	}
	if p := anna.post("/settings/switch/active", "value", "true", "confirm_password", password); p.status != http.StatusNotFound || w.settings(t).Active {
		t.Errorf("it is switched on without being asked about the charge: status %d", p.status)
	}
}

func TestTheLicenceRightIsWithdrawnAndGranted(t *testing.T) {
	w := newWorld(t)
	olga := w.as("olga")
	olga.get("/settings/switch/credit_run").shows(t, "Withdraw the license right", "confirm_password")
	if p := olga.post("/settings/switch/credit_run", "value", "false", "confirm_password", "wrong"); p.status != http.StatusForbidden || !w.settings(t).CreditRun {
		t.Errorf("with a wrong password: status %d", p.status)
	}
	olga.post("/settings/switch/credit_run", "value", "false", "confirm_password", password).shows(t, "is withdrawn")
	if w.settings(t).CreditRun {
		t.Error("it is not withdrawn")
	}
	if p := olga.post("/settings/switch/credit_run", "value", "false", "confirm_password", password); p.status != http.StatusConflict {
		t.Errorf("withdrawn twice: status %d, want 409", p.status)
	}
	olga.post("/settings/switch/credit_run", "value", "true", "confirm_password", password).shows(t, "is granted")
	if !w.settings(t).CreditRun {
		t.Error("it is not granted")
	}
	if p := olga.get("/settings/switch/mail"); p.status != http.StatusNotFound {
		t.Errorf("another setting: status %d, want 404", p.status)
	}
}

func TestWhatSomebodyElseChangedIsNotOverwritten(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	was := w.settings(t).RevenueAccount
	w.set("revenue_account", "7777", "review_days", "4") // another person, meanwhile
	p := anna.post("/settings",
		"revenue_account", "8888", "was.revenue_account", was,
		"review_days", "0", "was.review_days", "0",
		"max_session_days", "9", "was.max_session_days", "7")
	if p.status != http.StatusConflict || !strings.Contains(p.body, `id="revenue_account-fault"`) || !strings.Contains(p.body, `name="revenue_account" value="8888"`) || !strings.Contains(p.body, "was changed by") {
		t.Errorf("status %d\n%s", p.status, p.body)
	}
	p.shows409(t, `name="max_session_days" value="9"`, `name="was.max_session_days" value="7"`, `name="was.revenue_account" value="7777"`)
	if s := w.settings(t); s.RevenueAccount != "7777" || s.ReviewDays != 4 || s.Limits[sessions.RuleLength] != 7 {
		t.Errorf("settings are %+v", s)
	}
	anna.post("/settings",
		"revenue_account", "8888", "was.revenue_account", "7777",
		"review_days", "0", "was.review_days", "0", // as it was on the old form
		"max_session_days", "9", "was.max_session_days", "7").shows(t, "2 settings are changed")
	if s := w.settings(t); s.RevenueAccount != "8888" || s.ReviewDays != 4 || s.Limits[sessions.RuleLength] != 9 {
		t.Errorf("settings are %+v", s)
	}
	p = anna.post("/settings", "revenue_account", "8888", "was.revenue_account", "1")
	p.shows(t, "0 settings are changed") // both want the same
}

// shows409 is shows for a page that says that a person was quicker.
func (p reply) shows409(t *testing.T, texts ...string) {
	t.Helper()
	if p.status != http.StatusConflict {
		t.Errorf("status %d, want 409", p.status)
	}
	p.status = http.StatusOK
	p.shows(t, texts...)
}

func TestLogosAreChecked(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	logo := []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#0b5563"/></svg>`)
	p := anna.upload(t, "/settings", "logo", []byte("no picture"), "revenue_account", "9999")
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="logo-fault"`) || w.settings(t).RevenueAccount == "9999" {
		t.Errorf("status %d\n%s", p.status, p.body)
	}
	if p := anna.upload(t, "/settings", "logo", bytes.Repeat([]byte("x"), mostPicture+1)); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "larger than 4 MB") {
		t.Errorf("a huge file: status %d", p.status)
	}
	anna.upload(t, "/settings", "logo", logo, "was.logo", "").shows(t, "1 setting is changed", `src="/settings/logo/`+w.settings(t).Logo)
	shown := "/settings/logo/" + w.settings(t).Logo
	p = anna.get(shown)
	if p.body != string(logo) || p.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the logo is %q (%s)", p.body, p.header.Get("Content-Type"))
	}
	if p := anna.upload(t, "/settings", "logo", nil, "was.logo", w.settings(t).Logo); !strings.Contains(p.body, "0 settings are changed") {
		t.Error("a form without a file changes the logo")
	}
	anna.post("/settings", "logo_none", "true", "was.logo", w.settings(t).Logo).shows(t, "1 setting is changed")
	if got := w.settings(t).Logo; got != "" {
		t.Errorf("the logo is still %s", got)
	}
	if p := anna.get(shown); p.status != http.StatusNotFound {
		t.Errorf("no logo: status %d, want 404", p.status)
	}
	anna.post("/settings", "color", "#ABCDEF").shows(t, "1 setting is changed")
	anna.post("/settings", "color", "#0b5563", "color_standing", "true", "was.color", "#abcdef").shows(t, "1 setting is changed")
	if got := w.settings(t).Color; got != "" {
		t.Errorf("the colour is %s, want the standing one", got)
	}
}

func TestEveryChangeIsInTheHistory(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for i := range historyPerPage + 3 {
			w.set("payment_terms.net_days", fmt.Sprint(100+i))
		}
		anna := w.as("anna")
		anna.post("/settings", "community_discount_percent", "33", "mail", "false", "payment_terms.text.de", "Sofort")
		vera := w.as("vera")
		p := vera.get("/settings")
		p.shows(t, "12 Nov 2026 11:00", ">anna<", ">test<", "<td>33%</td>", "<td>on</td><td>off</td>", "Payment terms in words (German)", "<td>Sofort</td>", `rel="next"`)
		if got := strings.Count(p.body, `<td class="short">`); got != historyPerPage {
			t.Errorf("%d changes on a page, want %d", got, historyPerPage)
		}
		entries, err := w.store.Audit(t.Context(), store.AuditFilter{Action: "setting.changed"})
		must(t, err)
		older := vera.get(fmt.Sprintf("/settings?below=%d", entries[historyPerPage-1].ID))
		older.shows(t, `rel="prev"`, "<td>101</td><td>102</td>")
		p = vera.get("/settings?of=community_discount_percent")
		p.shows(t, "<td>33%</td>", "Show the changes of all settings")
		if strings.Contains(p.body, "<td>Sofort</td>") {
			t.Error("the history of one setting shows those of others")
		}
	})
}

func TestAStartDateThatKeepsSessionsFromBeingCreditedIsAskedFor(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.eventually("/overview/month", "sessions")    // the open month is known
		for _, sure := range []string{"", "2026-12-01"} { // the second is sure of another day
			anna.post("/settings", "start_date", "2027-01-01", "start_date_sure", sure).refuses(t, http.StatusUnprocessableEntity,
				"would never be credited", "until 1 Jan 2027 nothing is credited", `name="start_date_sure" value="2027-01-01"`)
			if got := w.settings(t).StartDate; got != "2025-01-01" {
				t.Errorf("start date %q", got)
			}
		}
		anna.post("/settings", "start_date", "2027-01-01", "start_date_sure", "2027-01-01")
		if got := w.settings(t).StartDate; got != "2027-01-01" {
			t.Errorf("start date %q", got)
		}
		anna.post("/settings", "start_date", "2026-01-01", "was.start_date", "2027-01-01")
		if got := w.settings(t).StartDate; got != "2026-01-01" {
			t.Errorf("a date that nothing ends before: %q", got)
		}
	})
}
