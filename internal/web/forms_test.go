package web

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	browserPage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"creditrun/internal/store"
)

// wrongForm is a form with one field that is wrong.
type wrongForm struct {
	page, action string // page: empty where the form needs nothing of it
	fields       []string
	status       int
	at           string // id of the input
	field        string // that is wrong, where it is not the id
	says         string
}

func wrongForms() map[string]wrongForm {
	password := []string{"confirm_password", password}
	const invalid, conflict, forbidden = http.StatusUnprocessableEntity, http.StatusConflict, http.StatusForbidden
	return map[string]wrongForm{
		"settings":                  {"", "/settings", []string{"review_days", "99", "was.review_days", "0"}, invalid, "review_days", "", "“99” is no value"},
		"setting of a range":        {"", "/settings", []string{"number_range", "re", "was.number_range", "gs"}, conflict, "number_range", "", "re"},
		"activation":                {"", "/settings/switch/active", []string{"value", "false", "confirm_password", "x"}, forbidden, "confirm_password", "", "Your password is wrong"},
		"number range":              {"", "/ranges/new", []string{"key", "x", "pattern", "GS", "next", "1", "reset", "never", "scope", "issuer", "valid_for", "credit_note"}, invalid, "pattern", "", "GS"},
		"number range without use":  {"", "/ranges/new", []string{"key", "x", "pattern", "X-{SEQ:5}", "next", "1", "reset", "never", "scope", "issuer"}, invalid, "valid_for", "", "x"},
		"number range, key taken":   {"", "/ranges/new", []string{"key", "gs", "pattern", "X-{SEQ:5}", "next", "1", "reset", "never", "scope", "issuer", "valid_for", "credit_note"}, conflict, "key", "", "gs is taken"},
		"tax account":               {"/taxes/de-19", "/taxes/de-19", []string{"category", "S", "country", "XX", "name_en", "x", "rate_from", "2024-01-01", "rate_percent", "19"}, invalid, "country", "", "XX"},
		"tax account, second rate":  {"/taxes/de-19", "/taxes/de-19", []string{"category", "S", "name_en", "x", "rate_from", "2024-01-01", "rate_percent", "19", "rate_from", "2020-01-01", "rate_percent", "1,5"}, invalid, "rates[1].percent", "", "1,5"},
		"tax account without name":  {"/taxes/de-19", "/taxes/de-19", []string{"category", "S", "rate_from", "2024-01-01", "rate_percent", "19"}, invalid, "name_en", "", "Name is missing"},
		"tax account, no percent":   {"/taxes/de-19", "/taxes/de-19", []string{"category", "S", "name_en", "x", "rate_from", "2024-01-01", "rate_percent", ""}, invalid, "rates[1].percent", "", "Percent is missing"},
		"tax account, key taken":    {"", "/taxes/new", []string{"key", "de-19", "category", "S", "name_en", "x", "rate_from", "2024-01-01", "rate_percent", "19"}, conflict, "key", "", "de-19 is taken"},
		"cost rate":                 {"", "/tariffs/rates/new", []string{"key", "x", "currency", "XXQ"}, invalid, "currency", "", "XXQ"},
		"cost rate, band":           {"", "/tariffs/rates/new", []string{"key", "x", "currency", "EUR", "own_energy_up", "5", "own_energy_price", "1", "own_energy_up", "5", "own_energy_price", "2"}, invalid, "own_energy", "", "two bands in energy"},
		"cost rate, price":          {"", "/tariffs/rates/new", []string{"key", "x", "currency", "EUR", "own_energy_up", "5", "own_energy_price", "1", "own_energy_up", "6", "own_energy_price", "?"}, invalid, "own_energy_price[2]", "", "“?” is not a valid number"},
		"cost rate, schedule":       {"", "/tariffs/rates/new", []string{"key", "x", "currency", "EUR", "entries", "1", "e0_kind", "window", "e0_fee", "-1", "e0_start", "08:00"}, invalid, "e0_fee", "", "the price -1"},
		"cost rate, key taken":      {"", "/tariffs/rates/new", []string{"key", "com-ac", "currency", "EUR", "own_energy_up", "1", "own_energy_price", "1"}, conflict, "key", "", "com-ac is taken"},
		"condition":                 {"/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", conditionFields("rate=flat from=2022-01-01", "from=2022-01-01 station=SWB-07"), invalid, "purchase_1_rate", "", "no cost rate is named"},
		"COMMUNITY tariff":          {"/tariffs/community/COM-AC", "/tariffs/community/COM-AC", []string{"name", "x", "from", "2027-01-01", "rate", "none"}, invalid, "rate", "", "none"},
		"owner of a station":        {"/stations/SWB-01", "/stations/SWB-01/owners", append([]string{"entity", "hotelgruppe", "from", "soon"}, password...), invalid, "from", "", "“soon” is not a date"},
		"tariff of a station":       {"/stations/SWB-01", "/stations/SWB-01/tariffs", []string{"from", "2027-01-01", "charge_point", "none", "community", "="}, invalid, "charge_point", "", "none"},
		"tariff of a station, from": {"/stations/SWB-01", "/stations/SWB-01/tariffs", []string{"from", "soon", "charge_point", "LP-FLAT", "community", "="}, invalid, "from-2", "from", "“soon” is not a date"},
		"entity":                    {"/entities/hotelgruppe/edit", "/entities/hotelgruppe/edit", []string{"name", "x", "parent", operator, "country", "DE", "vat_id", "DE1", "active", "true"}, invalid, "vat_id", "", "DE1"},
		"entity, key taken":         {"", "/entities/new", []string{"key", "hotelgruppe", "name", "x", "parent", operator, "country", "DE"}, invalid, "key", "", "hotelgruppe"},
		"limit of an entity":        {"/entities/hotelgruppe/edit", "/entities/hotelgruppe/edit", []string{"name", "x", "parent", operator, "country", "DE", "max_energy_kwh", "much"}, invalid, "max_energy_kwh", "", "“much” is no value"},
		"bank data":                 {"/entities/hotelgruppe/edit", "/entities/hotelgruppe/bank", append([]string{"holder", "x", "iban", "DE12"}, password...), invalid, "iban", "", "IBAN"},
		"password of bank data":     {"/entities/hotelgruppe/edit", "/entities/hotelgruppe/bank", []string{"holder", "x", "confirm_password", "x"}, forbidden, "confirm_password-2", "confirm_password", "Your password is wrong"},
		"roaming partner":           {"/partners/DE*MOB", "/partners/DE*MOB", []string{"max_energy_kwh", "x"}, invalid, "max_energy_kwh", "", "“x” is no value"},
		"user":                      {"/users/vera", "/users/vera", append([]string{"email", "nobody", "roles", "viewer"}, password...), invalid, "email", "", "nobody"},
		"new user":                  {"", "/users", append([]string{"name", "vera", "roles", "viewer", "email", "v@example.com"}, password...), conflict, "name", "", "vera"},
		"new user without a role":   {"", "/users", append([]string{"name", "verena", "email", "v@example.com"}, password...), invalid, "roles", "", "viewer"},
		"action on a user":          {"", "/users/vera/invite", []string{"confirm_password", "x"}, forbidden, "confirm_password", "", "Your password is wrong"},
		"webhook":                   {"/webhooks/1", "/webhooks/1", append([]string{"url", "ftp://x", "events", "run.drafted"}, password...), invalid, "url", "", "https"},
		"new webhook":               {"", "/webhooks", append([]string{"url", "https://example.com/x"}, password...), invalid, "events", "", "run.drafted"},
		"token":                     {"", "/account/tokens", append([]string{"token_name", "x", "days", "999", "scopes", "read"}, password...), invalid, "days", "", "365"},
		"own password":              {"", "/account/password", append([]string{"password", "something else 1", "repeated", "another"}, password...), invalid, "repeated", "", ""},
		"what if":                   {"", "/tariffs/what-if", []string{"kind", "discount", "month", "2026-10", "discount", "x"}, invalid, "discount", "", "“x” is not a valid number"},
	}
}

// focused finds the input that has the focus when a page is shown.
var focused = regexp.MustCompile(`<[^>]* id="([^"]*)"[^>]* autofocus[^>]*>`)

func TestEveryFormSaysAtTheFieldWhatIsWrongWithIt(t *testing.T) {
	w := newWorld(t)
	_, err := w.store.AddWebhook(t.Context(), "test", store.Webhook{URL: "https://example.com/hook", Events: []store.HookEvent{store.RunDrafted}, Active: true})
	must(t, err)
	anna, before := w.as("anna"), w.state()
	for name, f := range wrongForms() {
		t.Run(name, func(t *testing.T) {
			var p reply
			if f.page != "" {
				p = anna.save(f.page, f.action, f.fields...)
			} else {
				p = anna.post(f.action, f.fields...)
			}
			p.refuses(t, f.status)
			field := f.field
			if field == "" {
				field = f.at
			}
			if found := focused.FindStringSubmatch(p.body); found == nil || html.UnescapeString(found[1]) != f.at {
				t.Errorf("the focus is at %v", found)
			}
			_, at, _ := strings.Cut(html.UnescapeString(p.body), `id="`+field+`-fault">`)
			if said, _, _ := strings.Cut(at, "</span></span>"); !strings.HasPrefix(at, `<span class="wrong">`) || !strings.Contains(said, f.says) {
				t.Errorf("at the field it says %q", said)
			}
			if !strings.Contains(strings.NewReplacer("%5b", "[", "%5d", "]").Replace(p.body), `<a href="#`+f.at+`">`) {
				t.Error("on top nothing leads to the field")
			}
			if t.Failed() {
				t.Log(p.body)
			}
		})
	}
	if w.state() != before {
		t.Error("a wrong form changed something")
	}
}

// Nothing that was typed is lost without a question.
func TestUnsavedInputIsNotLostWithoutAQuestion(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		asks := func(when string, want bool) {
			t.Helper()
			const leave = "(() => { const e = new Event('beforeunload', {cancelable: true}); window.dispatchEvent(e); return e.defaultPrevented })()"
			if ask[bool](c, leave) != want {
				t.Errorf("%s: the page asks: %t", when, !want)
			}
		}
		c.as("anna")
		asks("home", false)
		for path, field := range map[string]string{
			"/ranges/gs": "name", "/taxes/de-19": "ledger_account", "/users/vera": "full_name", "/entities/hotelgruppe/edit": "phone", "/settings": "revenue_account",
			"/tariffs/rates/com-ac/edit": "step", "/tariffs/charge-point/LP-FLAT/edit": "name", "/tariffs/community/COM-AC": "name", "/partners/DE*MOB": "max_energy_kwh",
		} {
			c.open(path)
			asks(path, false)
			selector := `main form[method=post] [name=` + field + `]`
			c.fill(selector, "typed")
			asks(path+" after typing", true)
			ask[bool](c, `(() => { const f = document.querySelector('`+selector+`'); f.value = f.defaultValue; return true })()`)
			asks(path+" as it was", false)
		}

		// Another language would lose it: the browser asks, and stays where it is told to.
		c.open("/ranges/gs")
		c.fill("[name=name]", "Typed")
		answers := make(chan browserPage.DialogType, 1)
		dialogs := chromedp.Events(c.ctx, browserPage.JavascriptDialogOpening)
		go func() {
			for dialog, err := range dialogs {
				if err != nil {
					return
				}
				_, _ = chromedp.Call(c.ctx, browserPage.HandleJavaScriptDialog, browserPage.HandleJavaScriptDialogParams{Accept: false})
				answers <- dialog.Type
			}
		}()
		ask[bool](c, `(() => { setTimeout(() => document.querySelector('.preferences button').click(), 0); return true })()`)
		select {
		case kind := <-answers:
			if kind != browserPage.DialogTypeBeforeunload {
				t.Errorf("the browser asks by %s", kind)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the browser does not ask")
		}
		c.until("what was typed is there", "document.querySelector('[name=name]').value === 'Typed' && document.documentElement.lang === 'en'")

		// What is saved is not asked about, and what was refused is not saved.
		time.Sleep(3100 * time.Millisecond) // the button of the language may be pressed again
		c.press("main form button")
		c.untilShown("gs is saved")
		c.open("/ranges/gs")
		c.fill("[name=pattern]", "GS")
		c.press("main form button")
		c.until("it is refused", "document.querySelector('[aria-invalid]')")
		asks("after a refusal", true)
		if got := ask[string](c, "document.activeElement.name"); got != "pattern" {
			t.Errorf("the focus is at %q", got)
		}
	})
}
