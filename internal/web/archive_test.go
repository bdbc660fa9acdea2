package web

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/tariffs"
)

// auditor logs a person in who checks the books and changes nothing.
func (w *world) auditor() *browser {
	w.t.Helper()
	server := access.Actor{Name: "test", Server: true}
	u, err := w.store.AddUser(w.t.Context(), server, access.User{Name: "arno", FullName: "Arno Auditor", Email: "arno@example.com", Entity: operator, Roles: []access.Role{access.Auditor}, Active: true})
	must(w.t, err)
	must(w.t, w.store.SetPassword(w.t.Context(), server, u.ID, w.user(w.t, "vera").PasswordHash))
	return w.as("arno")
}

// ended reloads the page of a task until it has a text.
func (b *browser) ended(path, text string) reply {
	b.w.t.Helper()
	for range 200 {
		p := b.get(path)
		if p.status != http.StatusOK || strings.Contains(p.body, text) {
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.w.t.Fatalf("%s never says %q", path, text)
	return reply{}
}

func TestAnAuditorMakesAndReadsAnArchive(t *testing.T) {
	w := newWorld(t)
	arno, anna := w.auditor(), w.as("anna")
	arno.get("/archive").shows(t, "Archive for an audit", "No archive has been made", `value="2025"`)
	arno.post("/archive", "year", "26").refuses(t, http.StatusUnprocessableEntity, "Give a year such as 2026")
	begun := arno.post("/archive", "year", "2026")
	done := arno.ended(begun.path, "The archive is ready")
	done.shows(t, "/archive/1/archive.zip", "SHA-256")
	file := arno.get("/archive/1/archive.zip")
	unpacked, err := zip.NewReader(strings.NewReader(file.body), int64(len(file.body)))
	must(t, err)
	files := map[string]string{}
	for _, f := range unpacked.File {
		if !strings.HasSuffix(f.Name, ".pdf") {
			in, err := f.Open()
			must(t, err)
			content, err := io.ReadAll(in)
			must(t, err)
			files[f.Name] = string(content)
		}
	}
	for name, says := range map[string]string{
		"index.xml": "Ausgestellte Belege: Gutschriften", "verfahrensdokumentation.txt": "Unveränderbarkeit", "procedure-documentation.txt": "Nothing issued changes",
		"tables/documents.csv": "credit_note", "tables/payouts.csv": "payout;batch", "tables/bank_entries.csv": "end_to_end_id", "tables/reprices.csv": "approved_by", "SHA256SUMS": "index.xml",
	} {
		if !strings.Contains(files[name], says) {
			t.Errorf("%s does not say %q: %.200s", name, says, files[name])
		}
	}
	arno.get("/archive").shows(t, "archive-2026.zip", "arno")
	if p := arno.post("/archive/1/delete"); p.status != http.StatusForbidden {
		t.Errorf("an auditor deletes an archive: %d", p.status)
	}
	anna.post("/archive/1/delete").shows(t, "The archive of 2026 was deleted", "No archive has been made")
	arno.get("/archive/1/archive.zip").refuses(t, http.StatusNotFound, "no archive 1")
	arno.get("/procedure").shows(t, "Procedure documentation", "Number ranges", "GS-")
	if p := arno.get("/procedure.txt?language=de"); !strings.Contains(p.body, "Nummernkreise") || !strings.Contains(p.body, "\r\n") {
		t.Errorf("%.300s", p.body)
	}
	arno.get("/procedure.txt?language=fr").refuses(t, http.StatusNotFound)
}

func TestTheQuotaListIsFiltered(t *testing.T) {
	w := newWorld(t)
	arno := w.auditor()
	all := arno.get("/quota?year=2026")
	all.shows(t, "Energy in MWh", "charge points", "/quota.xlsx?year=2026")
	rows, err := w.store.Quota(t.Context(), 2026, time.UTC)
	must(t, err)
	if len(rows) == 0 {
		t.Fatal("no charge points")
	}
	one := rows[0]
	arno.get("/quota?year=2026&station="+one.EVSEID).shows(t, one.EVSEID, "1 charge point")
	arno.get("/quota?year=1").refuses(t, http.StatusUnprocessableEntity, "1")
	arno.get("/quota?year=2020").shows(t, "No energy was delivered")
	csv := arno.get("/quota.csv?year=2026&station=" + one.EVSEID)
	if n := strings.Count(csv.body, one.EVSEID); n != 1 || !strings.Contains(csv.body, "Energy in MWh") {
		t.Errorf("%s", csv.body)
	}
	if book := arno.get("/quota.xlsx?year=2026"); !bytes.HasPrefix([]byte(book.body), []byte("PK")) {
		t.Errorf("%.100s", book.body)
	}
}

func TestARepriceIsPreviewedAndCarriedOut(t *testing.T) {
	w := newWorld(t)
	felix, anna, arno := w.as("felix"), w.as("anna"), w.auditor()
	arno.get("/reprices").shows(t, "Reprices", "Nothing has been priced anew")
	if p := arno.post("/reprices/preview", "rate", "com-ac", "from", "2026-10-01"); p.status != http.StatusForbidden {
		t.Errorf("an auditor previews: %d", p.status)
	}
	felix.get("/reprices?rate=com-ac").shows(t, `value="com-ac" selected`)
	felix.post("/reprices/preview", "from", "2026-10-01").refuses(t, http.StatusUnprocessableEntity, "not both")
	felix.post("/reprices/preview", "rate", "com-ac", "from", "soon").refuses(t, http.StatusUnprocessableEntity, "soon")
	ask := func() string {
		return felix.post("/reprices/preview", "rate", "com-ac", "from", "2026-10-01").path
	}
	felix.ended(ask(), "No session comes to another price").shows(t, "Net so far")
	_, err := w.store.SaveConfiguration(t.Context(), "olga", &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: []tariffs.CostRate{{
		Key: "com-ac", ValidFrom: time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), Currency: "EUR", Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 450_000}}},
	}}}}, nil)
	must(t, err)
	set := func(key, value string) {
		_, err := w.store.SetSettings(t.Context(), "olga", []creditnotes.Setting{{Key: key, Value: value}})
		must(t, err)
	}
	set("release", "approve")
	preview := ask()
	felix.ended(preview, "come to another price").shows(t, "Difference", "second person", "Ask for the reprice")
	felix.post(preview+"/discard").shows(t, "The preview was discarded")
	felix.post(preview+"/apply", "reason", "late").shows(t, "no longer there")
	preview = ask()
	felix.ended(preview, "come to another price")
	felix.post(preview+"/apply").refuses(t, http.StatusUnprocessableEntity, "Give the reason")
	felix.ended(felix.post(preview+"/apply", "reason", "rate of October was late").path, "waits for a second person")
	waiting, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true, Matter: creditnotes.MatterReprice})
	must(t, err)
	anna.get("/changes").shows(t, "com-ac", "rate of October was late")
	approve := "/changes/" + strconv.FormatInt(waiting[0].ID, 10) + "/approve"
	anna.post(approve, "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password")
	anna.ended(anna.post(approve, "confirm_password", password).path, "The reprice was carried out")
	felix.get("/reprices").shows(t, "rate of October was late", "felix, anna")
	felix.ended(ask(), "No session comes to another price") // the next run corrects them
}
