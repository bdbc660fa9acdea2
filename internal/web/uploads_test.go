package web

import (
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/intake"
)

// checked uploads a file and waits until it has been looked at.
func (b *browser) checked(t *testing.T, content, want string) string {
	t.Helper()
	p := b.upload(t, "/uploads", "file", []byte(content))
	if !strings.HasPrefix(p.path, "/uploads/") {
		t.Fatalf("%d at %s: %s", p.status, p.path, p.body)
	}
	b.eventually(p.path, want)
	return p.path
}

const uploadedSessions = `id;evse_id;start;end;energy_kwh
U-1;DE*MST*E0101;2026-11-03T08:00:00+01:00;2026-11-03T09:00:00+01:00;11.5
U-2;DE*MST*E0101;2026-11-04T08:00:00+01:00;2026-11-04T09:00:00+01:00;much
U-3;DE*MST*E0101;2026-11-05T08:00:00+01:00;2026-11-05T09:00:00+01:00;12.5
`

func TestSessionsAreCheckedThenTakenIn(t *testing.T) {
	w := newWorld(t)
	felix, olga, vera := w.as("felix"), w.as("olga"), w.as("vera")
	vera.get("/uploads").refuses(t, http.StatusForbidden, "right")
	vera.get("/formats").shows(t, "evse_id", "sessions.csv", "direction")
	if p := felix.upload(t, "/uploads", "file", nil); p.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty file: %d", p.status)
	}
	felix.upload(t, "/uploads", "file", []byte("a picture")).refuses(t, http.StatusUnprocessableEntity, "does not show in this file")
	felix.upload(t, "/uploads", "file", []byte("<Document/>")).refuses(t, http.StatusUnprocessableEntity, "a file of a bank")
	felix.upload(t, "/uploads", "file", []byte("entities: []")).refuses(t, http.StatusForbidden, "right")

	path := felix.checked(t, uploadedSessions, "What the file would do")
	felix.get(path).shows(t, "1 record was rejected", "line 3, energy_kwh", "Take in the others")
	olga.get(path).refuses(t, http.StatusNotFound, "another person uploaded it")
	olga.post(path+"/apply").refuses(t, http.StatusNotFound, "another person uploaded it")
	if felix.found("U-1") {
		t.Error("the check stored a session")
	}
	felix.post(path + "/apply")
	felix.post(path + "/apply") // a second click
	felix.eventually(path, "The file was taken in.").shows(t, "What the file did", "Rejected records as a file")
	if !felix.found("U-1") || felix.found("U-2") || !felix.found("U-3") {
		t.Error("the good sessions are not stored, or the bad one is")
	}
	rejected := felix.get(path + "/rejected")
	if want := "id;evse_id;start;end;energy_kwh;rejected_because\nU-2;"; !strings.HasPrefix(rejected.body, want) || strings.Count(rejected.body, "\n") != 2 {
		t.Errorf("rejected: %s", rejected.body)
	}
	again := felix.checked(t, strings.Replace(rejected.body, "much", "7.5", 1), "Take in")
	felix.post(again + "/apply")
	felix.eventually(again, "The file was taken in.")
	if !felix.found("U-2") {
		t.Error("the session that was put right is not stored")
	}
	felix.get(felix.checked(t, uploadedSessions, "says nothing new")).lacks(t, again+"/apply")
}

// found reports whether the list has a session.
func (b *browser) found(id string) bool {
	b.w.t.Helper()
	return strings.Contains(b.get("/sessions?month=2026-11&text="+id).body, ">"+id+"</a>")
}

func TestANetworkIsCheckedThenTakenIn(t *testing.T) {
	w := newWorld(t)
	olga := w.as("olga")
	olga.get(olga.checked(t, "entities:\n  - {key: bad, parent: unknown, name: Bad, country: DE}\n", "Nothing of this file was taken in.")).shows(t, "unknown", "Line 2")
	const file = "entities:\n  - {key: new-owner, parent: musterstrom, name: New owner, country: DE}\n"
	path := olga.checked(t, file, "What the file would do")
	olga.get(path).shows(t, "Operator and Sub-CPOs", "new-owner")
	olga.get(olga.checked(t, "settings: {start_date: 2025-01-01}\n", "What the file would do")).lacks(t, "start_date")
	olga.post(path+"/apply", "confirm_password", "wrong").refuses(t, http.StatusForbidden, "What the file would do")
	late := olga.checked(t, strings.ReplaceAll(file, "new-owner", "late"), "What the file would do")
	olga.post(path+"/apply", "confirm_password", password)
	olga.eventually(path, "The file was taken in.")
	olga.post(late+"/apply", "confirm_password", password)
	olga.eventually(late, "Nothing of this file was taken in.") // was compared with another configuration
	for _, e := range w.configured().Entities {
		if e.Key == "late" {
			t.Error("a file was applied to a configuration that it was not compared with")
		}
	}
	olga.post(late + "/check")
	olga.eventually(late, "What the file would do")
	if _, err := w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{}, []creditnotes.Setting{{Key: "second_person", Value: "bank"}}); err != nil {
		t.Fatal(err)
	}
	bank := olga.checked(t, "entities:\n  - {key: new-owner, parent: musterstrom, name: New owner, country: DE, bank: {holder: New, iban: DE02120300000000202051}}\n", "would wait for a second person")
	olga.post(bank+"/apply", "confirm_password", password)
	olga.eventually(bank, "This waits for a second person")
	if list, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true}); err != nil || len(list) != 1 {
		t.Errorf("%d changes wait, %v", len(list), err)
	}
}

func TestExamplesOfFilesFitTogether(t *testing.T) {
	w := emptyWorld(t)
	admin := w.as("admin")
	for _, f := range intake.Formats()[:2] {
		content, _ := intake.Example(f.Example)
		path := admin.checked(t, string(content), "What the file would do")
		admin.get(path).lacks(t, "rejected")
		admin.post(path+"/apply", "confirm_password", password)
		admin.eventually(path, "The file was taken in.")
	}
	if c := w.configured(); len(c.Stations) != 3 || len(c.Entities) != 3 {
		t.Errorf("%d stations, %d entities", len(c.Stations), len(c.Entities))
	}
}

// A person knows that the file is right: it takes the place of what is stored,
// though that is newer.
func TestSessionsAreTakenInAsCorrections(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	const head = "id;evse_id;start;end;energy_kwh;updated_at\n"
	newer := head + "U-9;DE*MST*E0101;2026-11-03T08:00:00+01:00;2026-11-03T09:00:00+01:00;11.5;2026-11-04T08:00:00+01:00\n"
	older := head + "U-9;DE*MST*E0101;2026-11-03T08:00:00+01:00;2026-11-03T09:00:00+01:00;12.5;2026-11-03T10:00:00+01:00\n"
	path := felix.checked(t, newer, "What the file would do")
	felix.post(path + "/apply")
	felix.eventually(path, "The file was taken in.")
	felix.checked(t, older, "says nothing new")

	p := felix.upload(t, "/uploads", "file", []byte(older), "as_correction", "true")
	felix.eventually(p.path, "take the place of stored ones").lacks(t, "says nothing new")
	felix.post(p.path + "/apply")
	felix.eventually(p.path, "The file was taken in.")
	if row := w.aSession(creditnotes.SessionFilter{Name: "U-9"}); row.Session.Energy != 12_500_000 {
		t.Errorf("the session has %v", row.Session.Energy)
	}
}

// The lists that files fill lead to the page that takes files, for those who may.
func TestListsLeadToTheUploads(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/sessions", "/entities", "/custom-records", "/top-ups"} {
		w.as("felix").get(path).shows(t, `href="/uploads">Upload a file`)
		w.as("paul").get(path).lacks(t, "Upload a file")
	}
}
