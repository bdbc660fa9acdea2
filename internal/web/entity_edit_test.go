package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
)

var (
	inputs    = regexp.MustCompile(`<input[^>]* name="([^"]*)"[^>]*>`)
	value     = regexp.MustCompile(` value="([^"]*)"`)
	areas     = regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>`)
	selects   = regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>`)
	chosen    = regexp.MustCompile(`<option value="([^"]*)" selected>`)
	firstForm = regexp.MustCompile(`(?s)<main.*?<form[^>]*method="post".*?</form>`)
)

// form is what a browser would send of the first form of a page.
func (p reply) form() url.Values {
	values := url.Values{}
	text := firstForm.FindString(p.body)
	for _, m := range inputs.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[0], "checkbox") && !strings.Contains(m[0], " checked") {
			continue
		}
		if v := value.FindStringSubmatch(m[0]); v != nil {
			values.Set(m[1], html.UnescapeString(v[1]))
		}
	}
	for _, m := range areas.FindAllStringSubmatch(text, -1) {
		values.Set(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range selects.FindAllStringSubmatch(text, -1) {
		values.Set(m[1], "")
		if c := chosen.FindStringSubmatch(m[2]); c != nil {
			values.Set(m[1], html.UnescapeString(c[1]))
		}
	}
	return values
}

// submit sends a form with some fields changed: names and values in turn.
func (b *browser) submit(path string, form url.Values, changes ...string) reply {
	var fields []string
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	for name, values := range form {
		fields = append(fields, name, values[0])
	}
	return b.post(path, fields...)
}

func TestEveryFieldOfAnEntityIsSaved(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.post("/layouts", "key", "winter", "name", "Winter")
		const path = "/entities/stadtwerke-wohnen/edit"
		before := w.entity("stadtwerke-wohnen")
		p := anna.submit(path, anna.get(path).form(),
			"name", "Wohnen", "legal_name", "Wohnen AG", "street", "Neuer Weg 2", "postcode", "1010", "city", "Wien", "country", "AT",
			"vat_id", "ATU12345675", "tax_number", "12/345", "register_number", "FN 1", "emails", "a@wohnen.example\r\n b@wohnen.example \r\na@wohnen.example\r\n",
			"reply_to", "r@wohnen.example", "phone", "+43 1", "language", "fr", "currency", "chf", "layout", "winter", "customer_reference", "K-9", "creditor_account", "70009", "external_id", "CRM 17",
			"session_detail", "none", "electronic_address", "0208:0123456749", "delivery", "Peppol\r\nportal", "capabilities", "peppol 2026-01-01 2027-12-31", "parent", "hotelgruppe", "alternate", "hotelgruppe", "tax_from", "2027-01-01", "tax_account", "reverse-charge",
			"agreement_signed", "2026-01-02", "agreement_from", "2026-02-01", "agreement_until", "2029-12-31", "agreement_reference", "X-1",
			"agreement_period", "quarterly", "frequency", "quarterly", "set_off", "false", "report_mail", "true", "net_days", "45", "payment_text", "Payable à 45 jours",
			"payout_hold_since", "2026-09-01", "payout_hold_reason", "Insolvency", "fee_tax_from", "2026-01-01", "fee_tax_account", "de-19",
			"reseller_from", "2026-01-01", "reseller_until", "2028-12-31", "reseller_certificate", "1 TH 17", "reseller_issued", "2025-12-10", "confirm_password", password)
		p.shows(t, "Wohnen is saved. Waiting for a second person: Alternate credit address.")
		waiting, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true, Subject: before.Key})
		must(t, err)
		must(t, w.store.Approve(t.Context(), "olga", waiting[0].ID))
		want := entities.Entity{
			ID: before.ID, Key: before.Key, Parent: "hotelgruppe", Name: "Wohnen", LegalName: "Wohnen AG", Street: "Neuer Weg 2", Postcode: "1010", City: "Wien",
			Country: "AT", VATID: "ATU12345675", TaxNumber: "12/345", RegisterNumber: "FN 1", Emails: []string{"a@wohnen.example", "b@wohnen.example"},
			ReplyTo: "r@wohnen.example", Phone: "+43 1", Language: "fr", Currency: "CHF", Layout: "winter", CustomerRef: "K-9", CreditorAccount: "70009", ExternalID: "CRM 17", Bank: before.Bank,
			Taxes:     append(slices.Clone(before.Taxes), entities.TaxTreatment{From: "2027-01-01", Account: "reverse-charge"}),
			Agreement: entities.Agreement{SignedOn: "2026-01-02", ValidFrom: "2026-02-01", ValidUntil: "2029-12-31", Reference: "X-1", BillingPeriod: entities.Quarterly}, AlternateCredit: "hotelgruppe",
			SessionDetail: entities.DetailNone, Active: true,
			ElectronicAddress: "0208:0123456749", Delivery: []entities.Channel{entities.ChannelPeppol, entities.ChannelPortal},
			Capabilities: []entities.Capability{{Channel: entities.ChannelPeppol, From: "2026-01-01", Until: "2027-12-31"}},
			FeeTaxes:     []entities.TaxTreatment{{From: "2026-01-01", Account: "de-19"}}, Frequency: entities.Quarterly, ReportMail: new(true),
			PaymentTerms: &entities.PaymentTerms{NetDays: 45, Text: map[string]string{"fr": "Payable à 45 jours"}},
			PayoutHold:   entities.PayoutHold{Since: "2026-09-01", Reason: "Insolvency"},
			Reseller:     []entities.ResellerPeriod{{From: "2026-01-01", Until: "2028-12-31", Certificate: "1 TH 17", IssuedOn: "2025-12-10"}},
		}
		if diff := cmp.Diff(want, w.entity(before.Key)); diff != "" {
			t.Error(diff)
		}
		form := anna.get(path).form()
		form.Del("active")
		anna.submit(path, form).shows(t, "Wohnen is saved.", "inactive")
		want.Active = false
		if diff := cmp.Diff(want, w.entity(before.Key)); diff != "" {
			t.Errorf("sending the form again changed more: %s", diff)
		}
	})
}

func TestWhatIsWrongStandsNextToItsFieldAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.change(func(e *entities.Entity) { e.Active = false }, "hotel-alpen")
	anna := w.as("anna")
	const key, path = "stadtwerke-wohnen", "/entities/stadtwerke-wohnen/edit"
	before := w.entity(key)
	for _, wrong := range []struct{ field, text, says string }{
		{"name", "", "Enter a name."},
		{"vat_id", "DE123456789", "VAT"},
		{"creditor_account", "K 70001", "at most 15 digits"},
		{"emails", "fine@x.example\nnot an address", "not an address"},
		{"emails", "Wohnen <a@x.example>", "a@x.example"},
		{"emails", "a[b@x.example", "a[b@x.example"},
		{"reply_to", "nobody", "nobody"},
		{"country", "XX", "XX"},
		{"currency", "EURO", "EURO"},
		{"language", "tlh", "tlh"},
		{"session_detail", "fax", "fax"},
		{"electronic_address", "0208:0123456789", "0208:0123456789"},
		{"delivery", "fax", "fax"},
		{"capabilities", "peppol soon", "one day or two"},
		{"capabilities", "pdf 2026-01-01", "pdf"},
		{"frequency", "weekly", "Choose one of the values offered."},
		{"net_days", "366", "whole number from 0 to 365"},
		{"payment_text", "Soon", "Enter the days for this text."},
		{"payout_hold_reason", "Insolvency", "since when nothing is paid out"},
		{"fee_tax_from", "2027-01-01", "Choose the tax account"},
		{"parent", "", "Enter the key of the entity above."},
		{"parent", "nobody", "nobody"},
		{"parent", "quartier-hafen", "own ancestors"},
		{"alternate", "nobody", "is no entity"},
		{"alternate", key, "is the entity itself"},
		{"alternate", "hotel-alpen", "is inactive"},
		{"tax_from", "2027-01-01", "Choose the tax account"},
		{"tax_account", "de-19", "Enter the day"},
		{"agreement_until", "2020-01-01", "before it begins"},
		{"agreement_signed", "soon", "This is no day."},
	} {
		p := anna.submit(path, anna.get(path).form(), wrong.field, wrong.text)
		p.refuses(t, http.StatusUnprocessableEntity, wrong.says)
		if !strings.Contains(p.body, `<span class="wrong">`) || !strings.Contains(p.body, `aria-invalid="true"`) {
			t.Errorf("%s %q is not said next to the field\n%s", wrong.field, wrong.text, p.body)
		}
		if got := p.form().Get(wrong.field); got != wrong.text && !strings.Contains(p.body, "<select") {
			t.Errorf("%s was %q and is shown as %q", wrong.field, wrong.text, got)
		}
		if diff := cmp.Diff(before, w.entity(key)); diff != "" {
			t.Fatalf("%s %q: %s", wrong.field, wrong.text, diff)
		}
	}
	form := anna.get(path).form()
	anna.submit(path, form, "tax_from", "2022-01-01", "tax_account", "reverse-charge").refuses(t, http.StatusUnprocessableEntity)
	anna.submit(path, form, "tax_from", "2027-01-01", "tax_account", "nowhere").refuses(t, http.StatusUnprocessableEntity, "nowhere")
	if diff := cmp.Diff(before, w.entity(key)); diff != "" {
		t.Error(diff)
	}
}

func TestTaxTreatmentsStayInOrder(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	const path = "/entities/stadtwerke-wohnen/edit"
	anna.submit(path, anna.get(path).form(), "tax_from", "2021-01-01", "tax_account", "small-business").shows(t, "is saved")
	want := []entities.TaxTreatment{{From: "2021-01-01", Account: "small-business"}, {From: "2022-01-01", Account: "de-19"}}
	if diff := cmp.Diff(want, w.entity("stadtwerke-wohnen").Taxes); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsInactiveCannotBeChosen(t *testing.T) {
	w := newWorld(t)
	w.change(func(e *entities.Entity) { e.Active = false }, "hotel-alpen")
	choices := w.as("anna").refresh("GET", "/entities/stadtwerke/choices?alternate=hotel", "")
	choices.shows(t, `value="hotelgruppe"`)
	choices.lacks(t, `value="hotel-alpen"`)
}

func TestUnusualPostcodeIsAWarningOnly(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	const path = "/entities/stadtwerke-wohnen/edit"
	anna.submit(path, anna.get(path).form(), "postcode", "1010").shows(t, "The postcode 1010 does not look like one of Germany")
	if got := w.entity("stadtwerke-wohnen").Postcode; got != "1010" {
		t.Errorf("postcode is %q", got)
	}
	anna.get(path).shows(t, "The postcode 1010 does not look like one of Germany")
}

func TestWhoHasNotSeenTheLatestChangeSavesNothing(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	const key, path = "stadtwerke-wohnen", "/entities/stadtwerke-wohnen/edit"
	seenByAnna, seenByOlga := anna.get(path).form(), olga.get(path).form()
	anna.submit(path, seenByAnna, "city", "Hamburg").shows(t, "is saved")
	olga.submit(path, seenByOlga, "phone", "0049 1").refuses(t, http.StatusConflict, "was changed by anna", "(city)", "0049 1")
	if e := w.entity(key); e.City != "Hamburg" || e.Phone != "" {
		t.Errorf("the later change was kept: %+v", e)
	}
	t.Run("a change of something else does not count", func(t *testing.T) {
		form := olga.get(path).form()
		w.change(func(e *entities.Entity) { e.City = "Kiel" }, "hotelgruppe")
		olga.submit(path, form, "phone", "0049 1").shows(t, "is saved")
	})
	t.Run("nor does new bank data, which stay", func(t *testing.T) {
		form := olga.get(path).form()
		w.change(func(e *entities.Entity) { e.Bank.IBAN = "DE00" }, key)
		olga.submit(path, form, "phone", "0049 2").shows(t, "is saved")
		if e := w.entity(key); e.Phone != "0049 2" || e.Bank.IBAN != "DE00" {
			t.Errorf("stored is %+v", e)
		}
	})
	t.Run("a form without what was seen is refused", func(t *testing.T) {
		form := olga.get(path).form()
		olga.submit(path, form, "seen", "").refuses(t, http.StatusConflict)
	})
}

func TestPreviewShowsWhereCreditNotesWouldGo(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	const path = "/entities/stadtwerke-wohnen/edit"
	before := w.entity("stadtwerke-wohnen")
	form := anna.get(path).form()
	form.Set("alternate", "hotelgruppe")
	form.Set("preview", "1")
	part := anna.refresh("POST", path, form.Encode())
	part.shows(t, "Hotelgruppe Muster AG", "Elbweg 1", "finance@hotelgruppe.example", "is not an ancestor of")
	part.lacks(t, "<title>")
	anna.submit(path, form, "alternate", "stadtwerke").shows(t, "<title>", "Stadtwerke Beispielstadt GmbH", "buchhaltung@stadtwerke.example")
	anna.submit(path, form, "alternate", "nobody").shows(t, "is no entity")
	if diff := cmp.Diff(before, w.entity("stadtwerke-wohnen")); diff != "" {
		t.Errorf("looking changed something: %s", diff)
	}
}

func TestNewEntityStandsBeneathAnother(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	page := anna.get("/entities/new?parent=stadtwerke")
	form := page.form()
	if form.Get("parent") != "stadtwerke" || form.Get("active") != "true" {
		t.Errorf("the form begins with %v", form)
	}
	for key, says := range map[string]string{"": "The key needs", "new": "The key needs", "a/b": "The key needs", "hotelgruppe": "already"} {
		anna.submit("/entities/new", form, "key", key, "name", "Neu").refuses(t, http.StatusUnprocessableEntity, says)
	}
	anna.submit("/entities/new", form, "key", "neu", "name", "Neu", "country", "DE").shows(t, "Neu is saved.")
	if e := w.entity("neu"); e.Parent != "stadtwerke" || e.Name != "Neu" || !e.Active {
		t.Errorf("stored is %+v", e)
	}
	w.as("vera").get("/entities/new").refuses(t, http.StatusForbidden)
}

func TestBankDataNeedASecondPerson(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const key, path = "stadtwerke", "/entities/stadtwerke"
		const iban = "DE02120300000000202051"
		before := w.entity(key)
		anna, olga := w.as("anna"), w.as("olga")
		anna.save(path+"/edit", path+"/bank", "iban", "DE02120300000000202052", "confirm_password", password).
			refuses(t, http.StatusUnprocessableEntity, "mistyped", `<span class="wrong">`, "1 field is wrong")
		anna.save(path+"/edit", path+"/bank", "iban", iban, "confirm_password", "wrong").refuses(t, http.StatusForbidden)
		if list, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{}); err != nil || len(list) != 0 {
			t.Fatalf("asked for: %v %v", list, err)
		}
		anna.save(path+"/edit", path+"/bank", "holder", "Werk", "iban", "de02 1203 0000 0000 2020 51", "bic", "BYLADEM1001", "confirm_password", password).
			shows(t, "wait for a second person", "DE02 1203 0000 0000 2020 51", "another person has to approve it")
		if diff := cmp.Diff(before, w.entity(key)); diff != "" {
			t.Fatalf("they apply already: %s", diff)
		}
		list, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true, Subject: key})
		must(t, err)
		decide := "/changes/" + idOf(list[0].ID)
		anna.get(path).lacks(t, "/approve")
		anna.post(decide+"/approve", "confirm_password", password).refuses(t, http.StatusForbidden, "may not approve")
		olga.get(path).shows(t, decide+"/approve", decide+"/reject")
		olga.post(decide+"/approve", "confirm_password", "wrong").refuses(t, http.StatusForbidden)
		olga.get("/entities").shows(t, "1 change waits for a second person")
		olga.get("/changes").shows(t, "DE02 1203 0000 0000 2020 51", decide+"/approve", "anna")
		w.as("felix").post(decide+"/approve", "confirm_password", password).refuses(t, http.StatusForbidden)
		w.as("paul").get(path).lacks(t, "DE02 1203", "/changes")
		if diff := cmp.Diff(before, w.entity(key)); diff != "" {
			t.Fatalf("they apply without a second person: %s", diff)
		}
		olga.post(decide+"/approve", "confirm_password", password).shows(t, "applies.", "Decided lately", "DE02 1203 0000 0000 2020 51")
		olga.get(path).shows(t, "DE02 1203 0000 0000 2020 51")
		if got, want := w.entity(key).Bank, (entities.Bank{Holder: "Werk", IBAN: iban, BIC: "BYLADEM1001"}); got != want {
			t.Errorf("bank is %+v", got)
		}
		anna.save(path+"/edit", path+"/bank", "holder", "Werk", "iban", iban, "bic", "BYLADEM1001", "confirm_password", password).shows(t, "has these bank data already")
	})
}

func TestNewBankDataCanBeRejected(t *testing.T) {
	w := newWorld(t)
	const path = "/entities/stadtwerke"
	before := w.entity("stadtwerke")
	anna := w.as("anna")
	anna.save(path+"/edit", path+"/bank", "iban", "DE02120300000000202051", "confirm_password", password).shows(t, "wait for a second person")
	list, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true})
	must(t, err)
	anna.post("/changes/"+idOf(list[0].ID)+"/reject").shows(t, "is rejected")
	w.as("olga").post("/changes/"+idOf(list[0].ID)+"/approve", "confirm_password", password).refuses(t, http.StatusConflict)
	if diff := cmp.Diff(before, w.entity("stadtwerke")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatMovesMoneyAsksForThePasswordOnTheForm(t *testing.T) {
	w := newWorld(t)
	const path = "/entities/hotelgruppe/edit"
	anna := w.as("anna")
	before := w.entity("hotelgruppe")
	for field, value := range map[string]string{"emails": "thief@example.com", "reply_to": "thief@example.com", "alternate": "stadtwerke"} {
		anna.submit(path, anna.get(path).form(), field, value).refuses(t, http.StatusForbidden, "decides where money goes")
		if diff := cmp.Diff(before, w.entity("hotelgruppe")); diff != "" {
			t.Fatalf("%s: %s", field, diff)
		}
	}
	anna.submit(path, anna.get(path).form(), "reply_to", "thief@example.com", "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password is wrong")
	w.mails(t)
	anna.submit(path, anna.get(path).form(), "phone", "4711").shows(t, "is saved.")
	anna.submit(path, anna.get(path).form(), "alternate", "stadtwerke", "reply_to", "new@example.com", "confirm_password", password).
		shows(t, "is saved. Waiting for a second person: Alternate credit address.", "Stadtwerke")
	if e := w.entity("hotelgruppe"); e.AlternateCredit != before.AlternateCredit || e.ReplyTo != "new@example.com" || e.Phone != "4711" {
		t.Errorf("%+v", e)
	}
	mails := w.mails(t)
	for _, address := range before.Emails {
		if got := subjectsTo(mails, address); len(got) != 2 {
			t.Errorf("%s is told %q", address, got)
		}
	}
}

func TestOwnerOfAStationAsksForThePassword(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	b, err := w.server.Snapshot(t.Context())
	must(t, err)
	station := b.Config.Stations[0]
	path := "/stations/" + station.Key
	anna.save(path, path+"/owners", "entity", "hotelgruppe", "from", "2026-09-01").refuses(t, http.StatusForbidden, "password")
	w.set("second_person", "backdated_owner")
	anna.save(path, path+"/owners", "entity", "hotelgruppe", "from", "2026-09-01", "confirm_password", password).
		shows(t, "Waiting for a second person: Owner of a station", "from 1 Sept 2026: Hotelgruppe")
}

func TestASettingThatTakesTheSecondPersonAwayWaits(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/settings").shows(t, `value="bank" checked`, `value="alternate_address" checked`, `value="reply_to">`)
	anna.post("/settings", "second_person", "", "second_person", "alternate_address", "was.second_person", "bank,alternate_address").
		shows(t, "Waiting for a second person: Setting")
	settings, err := w.store.Settings(t.Context())
	must(t, err)
	if got := settings.Values()["second_person"]; got != "bank,alternate_address" {
		t.Errorf("it is %q", got)
	}
	w.as("olga").get("/changes").shows(t, "Changes that wait for a second person", "Bank data, Alternate credit address")
	anna.post("/settings", "second_person", "", "second_person", "bank", "second_person", "alternate_address", "second_person", "reply_to", "was.second_person", "bank,alternate_address").
		shows(t, "1 setting")
}

func idOf(id int64) string { return strconv.FormatInt(id, 10) }
