package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
)

// fills opens the page of a form and sends the form with some fields changed.
func (b *browser) fills(t *testing.T, page, action string, fields ...string) {
	t.Helper()
	if p := b.submit(action, b.get(page).form(), fields...); p.status != http.StatusOK {
		t.Fatalf("%s: %d\n%s", page, p.status, p.body)
	}
}

func TestAnEmptyDatabaseHasNoErrorPages(t *testing.T) {
	w := emptyWorld(t)
	admin := w.as("admin")
	for _, rt := range w.server.routes {
		path, isPage := strings.CutPrefix(rt.Pattern, "GET ")
		if !isPage || strings.Contains(path, "{key}") || strings.Contains(path, "{id}") || strings.Contains(path, "{number}") || strings.Contains(path, "/login") || !admin.w.server.opens(rt.Right) || rt.Right == access.InviteColleagues {
			continue
		}
		path = strings.ReplaceAll(path, "{$}", "")
		if strings.Contains(path, "{") {
			continue
		}
		if p := admin.get(path); p.status >= http.StatusBadRequest {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	admin.get("/stations").shows(t, "There is nothing here yet", `href="/"`)
}

// opens reports whether the administrator of an empty database has a right.
func (s *Server) opens(r access.Right) bool {
	for _, have := range access.RightsOf(access.Admin) {
		if have == r {
			return true
		}
	}
	return false
}

// monthOfSessions are sessions at the stations of the story.
const monthOfSessions = `id;evse_id;start;end;energy_kwh
S-1;DE*VLT*E1001;2026-10-03T08:00:00+02:00;2026-10-03T09:30:00+02:00;20
S-2;DE*VLT*E2001;2026-10-11T08:00:00+02:00;2026-10-11T09:30:00+02:00;30
S-3;DE*VLT*E3001;2026-10-24T08:00:00+02:00;2026-10-24T09:30:00+02:00;50
`

func TestANetworkIsSetUpInTheBrowserAloneAndItsMonthIsRun(t *testing.T) {
	w := emptyWorld(t)
	hash, err := access.HashPassword(t.Context(), password)
	must(t, err)
	user, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{Name: "maria", Active: true, Roles: []access.Role{access.Admin, access.Finance}})
	must(t, err)
	must(t, w.store.SetPassword(t.Context(), access.Actor{Name: "test", Server: true}, user.ID, hash))
	b := w.as("maria")
	b.get("/").shows(t, "Set up creditrun", "0 of 14 done", `href="/entities/new"`)

	b.fills(t, "/entities/new", "/entities/new", "key", "voltnetz", "name", "Voltnetz GmbH", "street", "Hafenstraße 12", "postcode", "20457", "city", "Hamburg",
		"country", "DE", "vat_id", "DE123456788", "emails", "billing@voltnetz.example", "language", "de", "currency", "EUR", "time_zone", "Europe/Berlin")
	b.fills(t, "/taxes/new", "/taxes/new", "key", "de-19", "name_en", "VAT 19 %", "rate_from", "2021-01-01", "rate_percent", "19")
	b.fills(t, "/ranges/new", "/ranges/new", "key", "gs", "pattern", "GS-{YYYY}-{SEQ:5}", "valid_for", "credit_note", "active", "true")
	b.fills(t, "/ranges/new", "/ranges/new", "key", "st", "pattern", "ST-{YYYY}-{SEQ:5}", "valid_for", "cancellation", "active", "true")
	b.get("/").shows(t, "documents of the type Credit notes")
	b.post("/settings", "number_range", "gs", "cancellation_range", "st", "tax_account", "de-19", "start_date", "2026-01-01", "revenue_account", "3125", "release", "automatic").shows(t, "settings are changed")
	for _, key := range []string{"hotel", "parkhaus"} {
		b.fills(t, "/entities/new", "/entities/new", "key", key, "name", strings.ToUpper(key), "street", "Seeweg 5", "postcode", "20354", "city", "Hamburg", "country", "DE",
			"tax_number", "27/555/01234", "emails", key+"@example.com", "language", "de", "parent", "voltnetz", "tax_from", "2026-01-01", "tax_account", "de-19")
		b.post("/entities/"+key+"/bank", append(b.hidden("/entities/"+key+"/edit", "/entities/"+key+"/bank"), "holder", key, "iban", "DE02120300000000202051", "confirm_password", password)...).shows(t, "bank")
	}
	b.post("/tariffs/rates/new", "key", "ac", "currency", "EUR", "own_energy_up", "", "own_energy_price", "0.50", "entries", "0").shows(t, "Cost rate ac is saved")
	b.fills(t, "/tariffs/community/new", "/tariffs/community/new", "key", "COM-AC", "name", "COMMUNITY AC", "from", "2026-01-01", "rate", "ac")
	b.get("/").shows(t, "7 of 14 done")
	for i, owner := range []string{"hotel", "parkhaus", "parkhaus"} {
		n := string(rune('1' + i))
		b.fills(t, "/stations/new", "/stations/new", "key", "ST-"+n, "name", "Station "+n, "owner", owner, "from", "2026-01-01")
		path := "/stations/ST-" + n
		b.fills(t, path+"/connectors", path+"/connectors", "c0_evse", "DE*VLT*E"+n+"001", "c0_type", "IEC_62196_T2", "c0_power", "AC", "c0_max", "22")
		if i == 0 {
			b.get("/").shows(t, "1 missing")
		}
		b.save(path, path+"/tariffs", "charge_point", "=", "community", "COM-AC", "from", "2026-01-01").shows(t, "COM-AC")
	}
	file := b.checked(t, monthOfSessions, "Take in")
	b.post(file + "/apply")
	b.eventually(file, "The file was taken in.")
	b.post("/settings/activate", "charged", "true", "confirm_password", password).shows(t, "are switched on")
	b.get("/").shows(t, "13 of 14 done")

	w.works()
	b.post("/runs/new", "month", "2026-10", "confirmed", "2026-10 ", "confirm_password", password).shows(t, "2026-10")
	for range 400 {
		if runs, err := w.store.Runs(t.Context()); err == nil && len(runs) == 1 && runs[0].Stage == creditnotes.StageCompleted {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.get("/notes").shows(t, "GS-2026-00001", "GS-2026-00002", "HOTEL", "PARKHAUS")
	b.get("/").lacks(t, "Set up creditrun")
}

func TestRecordsOfTheNetworkHaveForms(t *testing.T) {
	w := newWorld(t)
	olga, felix := w.as("olga"), w.as("felix")
	felix.get("/stations/new").refuses(t, http.StatusForbidden)
	felix.get("/media").refuses(t, http.StatusForbidden)
	olga.fills(t, "/tariffs/sales/new/edit", "/tariffs/sales/new/edit", "key", "STAFF", "name", "Staff", "sales_0_rate", "com-ac")
	olga.get("/tariffs/sales/STAFF").shows(t, "Staff", "com-ac", "/tariffs/sales/STAFF/edit")
	olga.fills(t, "/media/new", "/media/new", "uid", "04FFEE01", "issuer", "stadtwerke", "sales_tariff", "STAFF")
	olga.get("/media?q=ffee").shows(t, "04FFEE01", "STAFF")
	olga.submit("/media/new", olga.get("/media/new").form(), "uid", "04FFEE01", "issuer", "stadtwerke").refuses(t, http.StatusConflict, "taken")
	olga.submit("/media/04FFEE01", olga.get("/media/04FFEE01").form(), "issuer", "gone").refuses(t, http.StatusUnprocessableEntity)
	olga.fills(t, "/partners/new", "/partners/new", "country_code", "de", "party_id", "qqq", "name", "Q Mobility")
	olga.get("/partners/DE*QQQ").shows(t, "Q Mobility")
	olga.fills(t, "/stations/new", "/stations/new", "key", "NEW-1", "name", "New")
	olga.submit("/stations/NEW-1/edit", olga.get("/stations/NEW-1/edit").form(), "time_zone", "Mars/Base").refuses(t, http.StatusUnprocessableEntity, "Mars/Base")
	olga.fills(t, "/stations/NEW-1/edit", "/stations/NEW-1/edit", "name", "Newer", "city", "Kiel")
	olga.get("/stations/NEW-1").shows(t, "Newer", "Kiel", "no connectors")
	form := olga.get("/stations/NEW-1/connectors").form()
	olga.submit("/stations/NEW-1/connectors", form).refuses(t, http.StatusUnprocessableEntity, "at least one connector")
	olga.submit("/stations/NEW-1/connectors", form, "c0_evse", "DE*NEW*E1", "c0_max", "much").refuses(t, http.StatusUnprocessableEntity, "much")
	olga.fills(t, "/stations/NEW-1/connectors", "/stations/NEW-1/connectors", "c0_evse", "DE*NEW*E1", "c0_number", "1", "c0_max", "11", "c1_evse", "DE*NEW*E1", "c1_number", "2")
	olga.get("/stations/NEW-1").shows(t, "11 kW", "DE*NEW*E1")
}

// deletes sends the form of a page that deletes its record.
func (b *browser) deletes(page, record string) reply {
	b.w.t.Helper()
	return b.post(record+"/delete", b.hidden(page, record+"/delete")...)
}

func TestRecordsThatNothingRefersToAreDeleted(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		olga := w.as("olga")
		sales := func(key string) {
			olga.fills(t, "/tariffs/sales/new/edit", "/tariffs/sales/new/edit", "key", key, "sales_0_rate", "com-ac")
		}
		sales("STAFF")
		olga.fills(t, "/media/new", "/media/new", "uid", "04FFEE01", "issuer", "stadtwerke", "sales_tariff", "STAFF")
		olga.fills(t, "/stations/new", "/stations/new", "key", "NEW-1", "owner", "stadtwerke", "from", "2026-01-01")
		olga.fills(t, "/stations/NEW-1/connectors", "/stations/NEW-1/connectors", "c0_evse", "DE*NEW*E1")
		olga.post("/tariffs/rates/new", "key", "spare", "currency", "EUR", "own_energy_up", "", "own_energy_price", "0.50", "entries", "0")
		olga.fills(t, "/ranges/new", "/ranges/new", "key", "spare", "pattern", "XX-{YYYY}-{SEQ:5}", "valid_for", "invoice")
		olga.fills(t, "/entities/new", "/entities/new", "key", "brief", "name", "Brief", "parent", "musterstrom", "country", "DE")

		olga.fills(t, "/partners/new", "/partners/new", "country_code", "de", "party_id", "qqq")
		olga.deletes("/partners/DE*QQQ", "/partners/DE*QQQ").shows(t, "is deleted")
		olga.deletes("/taxes/de-19", "/taxes/de-19").refuses(t, http.StatusConflict, "refer")

		olga.deletes("/tariffs/sales/STAFF", "/tariffs/sales/STAFF").refuses(t, http.StatusConflict, "refer to it: 04FFEE01")
		olga.deletes("/tariffs/rates/com-ac", "/tariffs/rates/com-ac").refuses(t, http.StatusConflict, "refer")
		olga.deletes("/ranges/gs", "/ranges/gs").refuses(t, http.StatusConflict, "number_range")
		olga.deletes("/entities/stadtwerke/edit", "/entities/stadtwerke").refuses(t, http.StatusConflict)
		used := w.configured().Stations[0].Key
		olga.deletes("/stations/"+used+"/edit", "/stations/"+used).refuses(t, http.StatusConflict)
		old := olga.hidden("/stations/NEW-1/edit", "/stations/NEW-1/delete")
		olga.fills(t, "/stations/NEW-1/edit", "/stations/NEW-1/edit", "name", "Newer")
		olga.post("/stations/NEW-1/delete", old...).refuses(t, http.StatusConflict, "olga")
		w.as("felix").post("/stations/NEW-1/delete").refuses(t, http.StatusForbidden)

		before := w.configured()
		for page, record := range map[string]string{
			"/media/04FFEE01": "/media/04FFEE01", "/stations/NEW-1/edit": "/stations/NEW-1", "/tariffs/rates/spare": "/tariffs/rates/spare",
			"/ranges/spare": "/ranges/spare", "/entities/brief/edit": "/entities/brief",
		} {
			olga.deletes(page, record).shows(t, "is deleted")
		}
		olga.deletes("/tariffs/sales/STAFF", "/tariffs/sales/STAFF").shows(t, "is deleted")
		after := w.configured()
		gone := len(before.Media) - len(after.Media) + len(before.Stations) - len(after.Stations) + len(before.Connectors) - len(after.Connectors) +
			len(before.Tariffs.CostRates) - len(after.Tariffs.CostRates) + len(before.NumberRanges) - len(after.NumberRanges) +
			len(before.Entities) - len(after.Entities) + len(before.Tariffs.Sales) - len(after.Tariffs.Sales)
		if gone != 7 {
			t.Errorf("%d records are gone, want 7", gone)
		}
		olga.get("/audit").shows(t, "Station deleted", "Entity deleted")
	})
}

func TestWhatSessionsAndChangesRememberIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	olga := w.as("olga")
	c := w.configured()
	uid := ""
	for _, m := range c.Media {
		if list, err := w.store.ListSessions(t.Context(), creditnotes.SessionFilter{Medium: m.UID}, creditnotes.Page{Limit: 1}); err == nil && len(list.Sessions) > 0 {
			uid = m.UID
		}
	}
	olga.deletes("/media/"+uid, "/media/"+uid).refuses(t, http.StatusConflict, "sessions, documents, users or changes")

	var stripped []entities.Connector
	tariff := ""
	for _, connector := range c.Connectors {
		connector.Tariffs = slices.Clone(connector.Tariffs)
		for i := range connector.Tariffs {
			if tariff == "" {
				tariff = connector.Tariffs[i].ChargePoint
			}
			if connector.Tariffs[i].ChargePoint == tariff {
				connector.Tariffs[i].ChargePoint = ""
			}
		}
		stripped = append(stripped, connector)
	}
	_, err := w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Connectors: stripped}, nil)
	must(t, err)
	if by := w.configured().Referring(creditnotes.Record{Section: creditnotes.SectionChargePoint, Key: tariff}); len(by) > 0 {
		t.Fatalf("%s is still assigned at %v", tariff, by)
	}
	olga.deletes("/tariffs/charge-point/"+tariff, "/tariffs/charge-point/"+tariff).refuses(t, http.StatusConflict, "sessions, documents, users or changes")

	w.set("second_person", "bank")
	olga.fills(t, "/entities/new", "/entities/new", "key", "brief", "name", "Brief", "parent", "musterstrom", "country", "DE")
	olga.post("/entities/brief/bank", append(olga.hidden("/entities/brief/edit", "/entities/brief/bank"), "holder", "Brief", "iban", "DE02120300000000202051", "confirm_password", password)...)
	olga.deletes("/entities/brief/edit", "/entities/brief").refuses(t, http.StatusConflict, "changes that wait")
}
