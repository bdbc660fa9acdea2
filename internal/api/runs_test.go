package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func TestARunIsStartedFollowedAndReported(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		felix.with("Content-Type", "text/csv").post("/sessions", records(9, false)).is(http.StatusOK)
		preview := read[creditnotes.ReportJSON](felix.get("/preview?month=2026-11").is(http.StatusOK))
		if len(preview.Notes) == 0 || preview.Notes[0].Number != nil {
			t.Fatalf("%+v", preview)
		}
		begun := felix.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
		run := read[Run](begun)
		if run.Run != "2026-11" || run.CreatedBy != "felix" || run.DocumentDate != "2026-11-12" || begun.header.Get("Location") != run.Report {
			t.Errorf("%s", begun.body)
		}
		w.api.Close()
		if p := read[Progress](felix.get(run.Progress).is(http.StatusOK)); p.Stage != creditnotes.StageIssued || p.NotesTotal == 0 || p.Taken {
			t.Errorf("%+v", p)
		}
		report := felix.get(run.Report).is(http.StatusOK)
		stored, err := w.store.RunByName(t.Context(), "2026-11")
		must(t, err)
		same, err := w.api.Runner.Report(t.Context(), stored)
		must(t, err)
		var want, got bytes.Buffer
		text, err := json.Marshal(same.JSON(func(f *fault.Fault) string { return w.api.Texts.Fault("en", f) }))
		must(t, err)
		must(t, json.Compact(&want, text))
		must(t, json.Compact(&got, report.body))
		if want.String() != got.String() {
			t.Errorf("the report is another one:\n%s\n%s", want.String(), got.String())
		}
		felix.get("/runs/1999-01").problem(http.StatusNotFound, "run_unknown")
		felix.get("/runs/1999-01/progress").problem(http.StatusNotFound, "run_unknown")
		felix.get("/preview").is(http.StatusUnprocessableEntity)
		felix.get("/preview?month=1").problem(http.StatusUnprocessableEntity, "run_month_invalid")
		felix.get("/preview?month=2026-11&date=1").problem(http.StatusUnprocessableEntity, "run_date_invalid")
		felix.get("/preview?month=2026-12").problem(http.StatusConflict, "run_month_not_begun")
	})
}

func TestARunningMonthIsConfirmedByAField(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	felix.post("/runs", object{"month": "2026-11"}).problem(http.StatusConflict, "run_month_running")
	felix.post("/runs", object{"month": "2026-12", "confirmed": true}).problem(http.StatusConflict, "run_month_not_begun")
	felix.post("/runs", object{"month": "2026-10", "document_date": "2026-10-30"}).problem(http.StatusUnprocessableEntity, "run_date_before_month_end")
	felix.post("/runs", object{"month": "2026-10", "document_date": "2026-11-13"}).problem(http.StatusUnprocessableEntity, "run_date_in_future")
	runs, err := w.store.Runs(t.Context())
	must(t, err)
	if len(runs) != 3 {
		t.Errorf("%d runs", len(runs))
	}
	felix.post("/runs", object{"month": "2026-10", "document_date": "2026-10-31"}).is(http.StatusAccepted)
	w.api.Close()
}

func TestTheReasonWhyARunFailedIsAnswered(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.api.Runner.Begin(t.Context(), creditnotes.Request{Month: "2026-11", Trigger: creditnotes.Schedule, Who: "schedule"})
	must(t, err)
	run, err := w.store.RunByName(t.Context(), "2026-11")
	must(t, err)
	_, err = w.store.FailRun(t.Context(), run.ID, fault.List{fault.New(fault.NotReady, "tax_account_unset", fault.Args{"account": "s"})})
	must(t, err)
	felix := w.as("felix")
	report := read[creditnotes.ReportJSON](felix.get("/runs/2026-11").is(http.StatusOK))
	if f := report.Failure; f == nil || len(f.Reasons) != 1 || f.Reasons[0].Reason != "tax_account_unset" || f.Reasons[0].Text == "" || f.At.IsZero() {
		t.Errorf("%+v", report.Failure)
	}
	list := read[Items[Run]](felix.get("/runs?limit=1").is(http.StatusOK))
	if f := list.Items[0].Failure; f == nil || f.Reasons[0].Reason != "tax_account_unset" {
		t.Errorf("%+v", list.Items)
	}
}

func TestAReleaseNeedsASecondPerson(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, felix := w.as("anna"), w.as("felix")
		anna.do(http.MethodPatch, "/settings", object{"release": "approve"}).is(http.StatusOK)
		felix.with("Content-Type", "text/csv").post("/sessions", records(9, false)).is(http.StatusOK)
		felix.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
		w.api.Close()
		felix.post("/runs/2026-11/discard", nil).is(http.StatusNoContent)
		name := read[Run](felix.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)).Run
		w.api.Close()
		felix.post("/runs/"+name+"/approve", nil).problem(http.StatusForbidden, "run_needs_second_person")
		approved := read[Run](anna.post("/runs/"+name+"/approve", nil).is(http.StatusOK))
		if approved.Stage != creditnotes.StageIssued || approved.ApprovedBy != "anna" {
			t.Errorf("%+v", approved)
		}
		anna.post("/runs/"+name+"/discard", nil).is(http.StatusConflict)
	})
}

func TestSettingsAreChangedAllOrNone(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		before := read[map[string]string](anna.get("/settings").is(http.StatusOK))
		anna.do(http.MethodPatch, "/settings", object{"community_discount_percent": "20", "run_time": "noon"}).
			problem(http.StatusUnprocessableEntity, "setting_value")
		anna.do(http.MethodPatch, "/settings", object{"nonsense": "1"}).is(http.StatusUnprocessableEntity)
		anna.do(http.MethodPatch, "/settings", object{"logo": "0000"}).problem(http.StatusNotFound, "asset_unknown")
		if now := read[map[string]string](anna.get("/settings")); now["community_discount_percent"] != before["community_discount_percent"] {
			t.Errorf("%v", now)
		}
		after := read[map[string]string](anna.do(http.MethodPatch, "/settings", object{"community_discount_percent": "12.5"}).is(http.StatusOK))
		if after["community_discount_percent"] != "12.5" {
			t.Errorf("%v", after)
		}
		entry := read[Items[AuditEntry]](anna.get("/audit?action=setting&limit=1").is(http.StatusOK)).Items[0]
		if entry.Who != "anna" || entry.Before != "10" || entry.After != "12.5" {
			t.Errorf("%+v", entry)
		}
	})
}

func TestReadinessTellsWhatWouldGoWrong(t *testing.T) {
	w := newWorld(t)
	ready := read[Readiness](w.as("vera").with("Accept-Language", "de").get("/readiness?month=2026-11").is(http.StatusOK))
	if !ready.Ready || ready.Month != "2026-11" || len(ready.Findings) == 0 || ready.Findings[0].Text == "" {
		t.Errorf("%+v", ready)
	}
}

func TestNotesAreListedWithTotals(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		first := vera.get("/credit-notes?limit=5").is(http.StatusOK)
		totals := read[struct {
			Items[Note]
			Totals []NoteTotal `json:"totals"`
		}](first)
		notes := all[Note](vera, "/credit-notes?limit=5")
		counted := 0
		for _, total := range totals.Totals {
			counted += total.Notes
		}
		if counted != len(notes) || len(notes) != 50 {
			t.Errorf("%d notes, %d in totals", len(notes), counted)
		}
		for query, holds := range map[string]func(Note) bool{
			"month=2026-10":                               func(n Note) bool { return n.Month == "2026-10" },
			"from_month=2026-09&until_month=2026-09":      func(n Note) bool { return n.Month == "2026-09" },
			"owner=cafe":                                  func(n Note) bool { return slices.Contains(n.Owners, "cafe") },
			"recipient=stadtwerke-wohnen&delivery=queued": func(n Note) bool { return n.Recipient == "stadtwerke-wohnen" },
			"run=2026-08&standing=issued&currency=EUR":    func(n Note) bool { return n.Run == "2026-08" && n.Currency == "EUR" },
			"text=00007&range=gs":                         func(n Note) bool { return strings.HasSuffix(n.Number, "00007") },
		} {
			some := read[Items[Note]](vera.get("/credit-notes?" + query).is(http.StatusOK)).Items
			if len(some) == 0 || slices.ContainsFunc(some, func(n Note) bool { return !holds(n) }) {
				t.Errorf("%s: %+v", query, some)
			}
		}
		vera.get("/credit-notes?month=x").problem(http.StatusUnprocessableEntity, "run_month_invalid")
	})
}

func TestANoteHasItsFilesAndSessions(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		path := "/credit-notes/GS-2026-00001"
		note := read[ShownNote](vera.get(path).is(http.StatusOK))
		if note.Number == nil || *note.Number != "GS-2026-00001" || len(note.Deliveries) != 1 || len(note.Objections) != 0 {
			t.Errorf("%+v", note)
		}
		files := read[Items[StoredFile]](vera.get(path + "/files").is(http.StatusOK)).Items
		if !slices.ContainsFunc(files, func(f StoredFile) bool { return f.Kind == creditnotes.FilePDF }) {
			t.Fatalf("%+v", files)
		}
		for _, f := range files {
			a := vera.get(f.Address).is(http.StatusOK)
			sum := sha256.Sum256(a.body)
			if hex.EncodeToString(sum[:]) != f.SHA256 || a.header.Get("ETag") != `"`+f.SHA256+`"` || a.header.Get("Content-Type") != f.MediaType || len(a.body) != f.Bytes {
				t.Errorf("%+v %v", f, a.header)
			}
			if again := vera.with("If-None-Match", a.header.Get("ETag")).get(f.Address).is(http.StatusNotModified); len(again.body) != 0 {
				t.Errorf("%d bytes", len(again.body))
			}
		}
		vera.get(path + "/files/ubl").is(map[bool]int{true: 200, false: 404}[slices.ContainsFunc(files, func(f StoredFile) bool { return f.Kind == "cii" })])
		if a := vera.get(path + "/files/xlsx").is(http.StatusOK); !bytes.HasPrefix(a.body, []byte("PK")) || !strings.Contains(a.header.Get("Content-Disposition"), "GS-2026-00001.xlsx") {
			t.Errorf("workbook: %v", a.header)
		}
		vera.get(path + "/files/exe").is(http.StatusUnprocessableEntity)
		lines := strings.Split(strings.TrimSpace(string(vera.get(path+"/sessions").is(http.StatusOK).body)), "\n")
		sessions := 0
		for _, p := range note.Positions {
			if p.Component == creditnotes.Energy {
				sessions += p.Sessions
			}
		}
		if len(lines) != sessions {
			t.Errorf("%d lines, %d sessions", len(lines), sessions)
		}
		var one NoteSession
		must(t, json.Unmarshal([]byte(lines[0]), &one))
		if one.Session == "" || one.Owner != note.Owner || strings.Trim(one.Medium, "*") == one.Medium && one.Medium != "" {
			t.Errorf("%+v", one)
		}
		vera.get("/credit-notes/GS-1").problem(http.StatusNotFound, "note_unknown")
	})
}

func TestNotesAreCancelledSentAgainAndObjectedTo(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix, paul := w.as("felix"), w.as("paul")
		mine := read[Items[Note]](paul.get("/credit-notes?month=2026-10&limit=1").is(http.StatusOK)).Items[0].Number
		path := "/credit-notes/" + mine
		objection := read[Objection](paul.post(path+"/objections", object{"text": "one session is missing"}).is(http.StatusCreated))
		if objection.State != creditnotes.ObjectionOpen || objection.RaisedBy != "paul" {
			t.Errorf("%+v", objection)
		}
		paul.post(path+"/objections", object{"text": "again"}).problem(http.StatusConflict, "objection_twice")
		if got := read[Objection](felix.post(path+"/objections/withdraw", object{"answer": "it is there"}).is(http.StatusOK)); got.State != creditnotes.ObjectionWithdrawn {
			t.Errorf("%+v", got)
		}
		copied := read[Delivery](felix.post(path+"/resend", nil).is(http.StatusAccepted))
		if copied.Copy != 1 || copied.Number != mine {
			t.Errorf("%+v", copied)
		}
		if elsewhere := read[Delivery](felix.post(path+"/resend", object{"to": []string{"tax@x.example"}}).is(http.StatusAccepted)); elsewhere.Copy != 2 || elsewhere.To[0] != "tax@x.example" {
			t.Errorf("%+v", elsewhere)
		}
		felix.post(path+"/resend", object{"to": []string{"x"}}).problem(http.StatusUnprocessableEntity, "resend_address_invalid")
		felix.post(path+"/resend", object{"addresses": "present", "to": []string{"tax@x.example"}}).problem(http.StatusUnprocessableEntity, "request_invalid")
		copied = read[Delivery](felix.post(path+"/resend", object{"addresses": "stored"}).is(http.StatusAccepted))
		if latest := read[Items[Delivery]](felix.get("/deliveries?state=queued&limit=1").is(http.StatusOK)).Items[0]; latest.ID != copied.ID || latest.Recipient == "" {
			t.Errorf("%+v", latest)
		}
		if list := all[Delivery](felix, "/deliveries?limit=10"); len(list) != 53 {
			t.Errorf("%d deliveries", len(list))
		}
		a := felix.post(path+"/cancel", object{"reason": "wrong station", "date": "2026-11-10"}).is(http.StatusCreated)
		cancellation := read[creditnotes.NoteJSON](a)
		if cancellation.Cancels != mine || cancellation.Date != "2026-11-10" || !strings.HasSuffix(a.header.Get("Location"), *cancellation.Number) {
			t.Errorf("%s", a.body)
		}
		if now := read[ShownNote](felix.get(path)); now.CancelledBy != *cancellation.Number || len(now.Deliveries) != 4 || len(now.Objections) != 1 {
			t.Errorf("%+v", now)
		}
		felix.post(path+"/cancel", object{"reason": ""}).is(http.StatusUnprocessableEntity)
	})
}

func TestMailsOfARunAreSentAgain(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		number := read[Items[Note]](felix.get("/credit-notes?month=2026-10&limit=1").is(http.StatusOK)).Items[0].Number
		end := func(state creditnotes.RecipientState, reply string) {
			shown := read[ShownNote](felix.get("/credit-notes/" + number))
			last := shown.Deliveries[len(shown.Deliveries)-1]
			a := creditnotes.Attempt{Reply: reply, At: w.clock()}
			for _, to := range last.To {
				a.Recipients = append(a.Recipients, creditnotes.DeliveryRecipient{Address: to, State: state, Reply: reply})
			}
			if err := w.store.Finish(t.Context(), last.ID, a); err != nil {
				t.Fatal(err)
			}
		}
		if none := read[ResentRun](felix.post("/runs/2026-10/resend", nil).is(http.StatusAccepted)); len(none.Deliveries) != 0 || len(none.Skipped) != 0 {
			t.Errorf("before anything failed: %+v", none)
		}
		end(creditnotes.RecipientRefused, "550 no")
		if shown := read[ShownNote](felix.get("/credit-notes/" + number)); len(shown.Deliveries[0].Recipients) != 1 || shown.Deliveries[0].Recipients[0].Reply != "550 no" {
			t.Errorf("%+v", shown.Deliveries)
		}
		if again := read[ResentRun](felix.post("/runs/2026-10/resend", object{"addresses": "stored"}).is(http.StatusAccepted)); len(again.Deliveries) != 1 || again.Deliveries[0].Number != number {
			t.Errorf("%+v", again)
		}
		end(creditnotes.RecipientParked, "")
		if left := read[ResentRun](felix.post("/runs/2026-10/resend", nil).is(http.StatusAccepted)); len(left.Skipped) != 1 || left.Skipped[0].Reason != "resend_parked" || left.Skipped[0].Text == "" {
			t.Errorf("%+v", left)
		}
		w.as("paul").post("/runs/2026-10/resend", nil).is(http.StatusForbidden)
		open := read[Items[OpenDelivery]](felix.get("/open-deliveries?run=2026-10&limit=1").is(http.StatusOK))
		if len(open.Items) != 1 || open.Items[0].Run != "2026-10" || open.Items[0].Address == "" {
			t.Errorf("%+v", open)
		}
		felix.post("/credit-notes/"+number+"/settle-mail", object{"outcome": "arrived"}).is(http.StatusNoContent)
		felix.post("/credit-notes/"+number+"/settle-mail", object{"outcome": "again"}).is(http.StatusConflict)
		w.as("paul").post("/credit-notes/"+number+"/settle-mail", object{"outcome": "arrived"}).is(http.StatusForbidden)
	})
}

func TestTheAuditLogIsReadAndProven(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		olga := w.as("olga")
		entries := all[AuditEntry](olga, "/audit?limit=50")
		for i := range entries[1:] {
			if entries[i].PreviousHash != entries[i+1].Hash {
				t.Fatalf("entry %d does not follow %d", entries[i].ID, entries[i+1].ID)
			}
		}
		proof := read[AuditProof](olga.post("/audit/verify", nil).is(http.StatusOK))
		if !proof.Sound || proof.Checked != int64(len(entries)) {
			t.Errorf("%+v, %d entries", proof, len(entries))
		}
	})
}

func TestWebhooksAreAddedChangedAndDeleted(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		olga := w.as("olga")
		spec := object{"url": "https://example.com/hook", "events": []string{"run.completed"}}
		a := olga.post("/webhooks", spec).is(http.StatusCreated)
		hook := read[Webhook](a)
		if !strings.HasPrefix(hook.Secret, "whsec_") || !*hook.Active || hook.CreatedBy != "olga" {
			t.Errorf("%s", a.body)
		}
		path := a.header.Get("Location")
		spec["active"] = false
		if got := read[Webhook](olga.put(path, spec).is(http.StatusOK)); *got.Active || got.Secret != "" {
			t.Errorf("%+v", got)
		}
		spec["url"] = "http://example.com/"
		olga.put(path, spec).problem(http.StatusUnprocessableEntity, "webhook_url")
		if list := all[Webhook](olga, "/webhooks?limit=1"); len(list) != 1 {
			t.Errorf("%+v", list)
		}
		olga.do(http.MethodDelete, path, nil).is(http.StatusNoContent)
		olga.get(path).problem(http.StatusNotFound, "webhook_unknown")
	})
}
