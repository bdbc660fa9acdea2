package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/document"
	"creditrun/internal/pdf/pdftest"
)

// drafted makes a draft of November that waits for a second person.
func (w *world) drafted() *creditnotes.Run {
	w.t.Helper()
	renderer, err := document.New(w.api.Texts)
	must(w.t, err)
	w.api.Runner.Printer = renderer
	_, err = w.store.SaveConfiguration(w.t.Context(), "test", &creditnotes.Configuration{}, []creditnotes.Setting{{Key: "release", Value: "approve"}})
	must(w.t, err)
	felix := w.as("felix")
	felix.with("Content-Type", "text/csv").post("/sessions", records(9, false)).is(http.StatusOK)
	felix.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
	w.api.Close()
	run, err := w.store.RunByName(w.t.Context(), "2026-11")
	must(w.t, err)
	if run.Stage != creditnotes.StageDrafted {
		w.t.Fatal(run.Stage)
	}
	return run
}

func TestDraftsAreReadWithTheirPositionsAndSessions(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.drafted()
		felix := w.as("felix")
		list := read[Items[Draft]](felix.get("/runs/2026-11/drafts").is(http.StatusOK)).Items
		if len(list) == 0 {
			t.Fatal("no drafts")
		}
		d := list[0]
		path := fmt.Sprintf("/runs/2026-11/drafts/%d", d.ID)
		if own := read[Items[Draft]](felix.get("/runs/2026-11/drafts?owner=" + d.Owners[0]).is(http.StatusOK)).Items; len(own) == 0 || own[0].ID != d.ID {
			t.Errorf("%+v", own)
		}
		note := read[creditnotes.NoteJSON](felix.get(path).is(http.StatusOK))
		if note.Number != nil || note.Gross != d.Gross || len(note.Positions) == 0 {
			t.Errorf("%+v", note)
		}
		file := felix.get(path + "/document").is(http.StatusOK)
		if kind := file.header.Get("Content-Type"); kind != "application/pdf" || pdftest.Pages(t, file.body) == 0 {
			t.Errorf("the document is %s", kind)
		}
		lines := func(query string) (n int) {
			decoder := json.NewDecoder(bytes.NewReader(felix.get(path + "/sessions" + query).is(http.StatusOK).body))
			for decoder.More() {
				var s NoteSession
				must(t, decoder.Decode(&s))
				n++
			}
			return n
		}
		if n := lines("?position=1"); n != note.Positions[0].Sessions || n > lines("") {
			t.Errorf("%d sessions below a position of %d, %d in all", n, note.Positions[0].Sessions, lines(""))
		}
		felix.get(path+"/sessions?position=99").problem(http.StatusNotFound, "run_draft_unknown")
		felix.get("/runs/2026-10/drafts/1").problem(http.StatusNotFound, "run_draft_unknown")
	})
}

func TestADraftIsReviewedAndChanged(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.drafted()
		felix := w.as("felix")
		review := read[Items[creditnotes.OwnerReviewJSON]](felix.get("/runs/2026-11/review").is(http.StatusOK)).Items
		if len(review) == 0 || review[0].Changes == nil {
			t.Fatalf("%+v", review)
		}
		owner := read[Items[Draft]](felix.get("/runs/2026-11/drafts").is(http.StatusOK)).Items[0].Owners[0]
		felix.post("/runs/2026-11/left-out", object{"owner": owner, "reason": "being checked"}).is(http.StatusAccepted)
		w.api.Close()
		left := read[Items[LeftOutOwner]](felix.get("/runs/2026-11/left-out").is(http.StatusOK)).Items
		if len(left) != 1 || left[0].Owner != owner || left[0].Who != "felix" || left[0].UndoneBy != "" {
			t.Errorf("%+v", left)
		}
		only := read[Items[creditnotes.OwnerReviewJSON]](felix.get("/runs/2026-11/review?change=left_out").is(http.StatusOK)).Items
		if len(only) == 0 || only[0].Owner != owner || only[0].Failed == "" {
			t.Errorf("%+v", only)
		}
		felix.post("/runs/2026-11/left-out", object{"owner": owner, "reason": "again"}).problem(http.StatusConflict, "run_owner_is_left_out")
		felix.post("/runs/2026-11/take-back", object{"owner": owner}).is(http.StatusAccepted)
		w.api.Close()
		if drafts := read[Items[Draft]](felix.get("/runs/2026-11/drafts?owner=" + owner).is(http.StatusOK)).Items; len(drafts) == 0 {
			t.Error("no draft for the owner that is back in")
		}
		remarks := read[Items[creditnotes.Remark]](felix.post("/runs/2026-11/remarks", object{"text": "all is well"}).is(http.StatusCreated)).Items
		if len(remarks) != 1 || remarks[0].Who != "felix" {
			t.Errorf("%+v", remarks)
		}
		compared := read[Items[ComparedNet]](felix.get("/run-comparison?before=2026-10&run=2026-11").is(http.StatusOK)).Items
		if len(compared) == 0 || compared[0].Owner == "" {
			t.Errorf("%+v", compared)
		}
		w.as("vera").post("/runs/2026-11/remarks", object{"text": "x"}).is(http.StatusForbidden)
		w.as("paul").get("/runs/2026-11/review").is(http.StatusForbidden)
	})
}
