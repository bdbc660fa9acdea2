package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
	"creditrun/internal/web/page"
)

// drafted makes a draft of November that waits for a second person, and returns
// one of its notes.
func (w *world) drafted() *creditnotes.Note {
	w.t.Helper()
	w.charged()
	w.set("release", "approve")
	w.as("felix").post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ")
	w.reaches("2026-11", creditnotes.StageDrafted)
	notes, err := w.store.RunNotes(w.t.Context(), w.runNamed("2026-11").ID)
	must(w.t, err)
	for _, n := range notes {
		if n.State == creditnotes.Draft && len(n.Positions) > 0 && n.Positions[0].Sessions > 0 {
			return n
		}
	}
	w.t.Fatal("the draft has no document")
	return nil
}

// says reports whether a PDF prints a text.
func says(list []pdftest.Printed, text string) bool {
	for _, m := range list {
		if strings.Contains(m.Text, text) {
			return true
		}
	}
	return false
}

func TestADraftOpensAsThePDFToCome(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		note := w.drafted()
		vera, path := w.as("vera"), page.DraftPath("2026-11", note.ID)
		vera.get("/runs/2026-11?part=notes").shows(t, path+"/draft.pdf")
		vera.get(path).shows(t, path+"/draft.pdf", "Open as PDF")
		got := vera.get(path + "/draft.pdf")
		if kind := got.header.Get("Content-Type"); got.status != http.StatusOK || kind != page.TypePDF {
			t.Fatalf("%d %s", got.status, kind)
		}
		printed, texts := pdftest.Read(t, []byte(got.body)), w.server.Texts
		for _, text := range []string{
			texts.AmountPlain(note.Language, note.Document.CurrencyDigits, note.Gross), note.Document.Recipient.Name,
			texts.Date(note.Language, "2026-11-12"), // the day on which it would be issued
		} {
			if !says(printed, text) {
				t.Errorf("the draft does not print %q", text)
			}
		}
		if word, err := texts.Text(note.Language, "title_draft", nil); err != nil || !says(printed, word) {
			t.Errorf("it does not say %q: %v", word, err)
		}
		if infos, err := w.store.FileInfos(t.Context(), note.ID); err != nil || len(infos) > 0 {
			t.Errorf("it was stored: %v %v", infos, err)
		}
		vera.get("/runs/2026-10/drafts/"+strconv.FormatInt(note.ID, 10)+"/draft.pdf").refuses(t, http.StatusNotFound)
		vera.get("/runs/2026-11/drafts/0/draft.pdf").refuses(t, http.StatusNotFound)
		w.as("paul").get(path+"/draft.pdf").refuses(t, http.StatusForbidden)
	})
}

func TestADraftLeadsToPositionsAndTheirSessions(t *testing.T) {
	w := newWorld(t)
	note := w.drafted()
	vera, path := w.as("vera"), page.DraftPath("2026-11", note.ID)
	vera.get(path).shows(t, path+"/positions/1", note.Positions[0].StationName)
	below := vera.get(path + "/positions/1")
	below.shows(t, note.Positions[0].StationName, `href="/sessions/`, "nov-")
	listed := 0
	for d, err := range note.DetailsOf(&note.Positions[0], w.store.Details(t.Context(), note)) {
		must(t, err)
		if listed++; listed <= page.LinesPerPage {
			below.shows(t, d.Session.ExternalID)
		}
	}
	if listed != note.Positions[0].Sessions {
		t.Errorf("%d sessions below a position of %d", listed, note.Positions[0].Sessions)
	}
	vera.get(path+"/positions/0").refuses(t, http.StatusNotFound)
	vera.get(path+"/positions/999").refuses(t, http.StatusNotFound)
	w.as("paul").get(path+"/positions/1").refuses(t, http.StatusForbidden)
}

func TestADraftSaysWhatIsOtherThanBefore(t *testing.T) {
	w := newWorld(t)
	note := w.drafted()
	review, err := w.server.Runner.Review(t.Context(), w.runNamed("2026-11"))
	must(t, err)
	felix := w.as("felix")
	shown := felix.get("/runs/2026-11?part=changes")
	shown.shows(t, "What is different from last time", "October 2026", "November 2026", review.Owners[0].Last, "change=amount")
	o := review.Owners[0]
	shown.shows(t, w.server.Texts.Amount("en", o.Currency, o.Difference))
	narrowed := felix.get("/runs/2026-11?part=changes&change=bank")
	narrowed.lacks(t, `<th scope="row"><a href="/entities/`+note.Owners[0])
	w.as("anna").get("/runs/2026-11/approve").shows(t, "What is different from last time", "change=amount&amp;part=changes")
	w.as("paul").get("/runs/2026-11?part=changes").refuses(t, http.StatusForbidden)
}

func TestAnOwnerIsLeftOutOfADraftAndTakenBackIn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		note := w.drafted()
		owner := note.Owners[0]
		felix, path := w.as("felix"), page.DraftPath("2026-11", note.ID)
		felix.get(path).shows(t, "out of this run", `action="/runs/2026-11/left-out"`)
		w.as("vera").get(path).lacks(t, "/left-out")
		w.as("vera").post("/runs/2026-11/left-out", "owner", owner, "reason", "x").refuses(t, http.StatusForbidden)
		felix.post("/runs/2026-11/left-out", "owner", owner, "reason", " ").refuses(t, http.StatusUnprocessableEntity, "needs a reason")
		felix.post("/runs/2026-11/left-out", "owner", owner, "reason", "the bank account is being checked")
		w.reaches("2026-11", creditnotes.StageDrafted)
		felix.get("/runs/2026-11").shows(t, "Left out of this run", "the bank account is being checked", "/runs/2026-11/take-back")
		felix.get("/runs/2026-11?part=changes&change=left_out").shows(t, "left out", "/entities/"+owner)
		if left, err := w.store.Notes(t.Context(), creditnotes.NoteFilter{Run: "2026-11", Owner: owner, State: creditnotes.Draft}); err != nil || len(left) > 0 {
			t.Errorf("%d drafts for the owner that is left out, %v", len(left), err)
		}
		felix.post("/runs/2026-11/remarks", "text", "please look at the others").shows(t, "please look at the others", "felix")
		w.as("vera").post("/runs/2026-11/remarks", "text", "x").refuses(t, http.StatusForbidden)
		w.as("anna").get("/runs/2026-11/approve").shows(t, "Left out of this run", "the bank account is being checked", "please look at the others")
		felix.post("/runs/2026-11/take-back", "owner", owner)
		w.reaches("2026-11", creditnotes.StageDrafted)
		felix.get("/runs/2026-11").lacks(t, "Left out of this run")
		w.as("anna").post("/runs/2026-11/approve", "seen", "1", "confirm_password", password).refuses(t, http.StatusConflict, "made anew since you saw it")
		w.as("anna").get("/runs/2026-11/approve").shows(t, `name="seen" value="2"`)
		if back, err := w.store.Notes(t.Context(), creditnotes.NoteFilter{Run: "2026-11", Owner: owner, State: creditnotes.Draft}); err != nil || len(back) == 0 {
			t.Errorf("no drafts for the owner that is back in, %v", err)
		}
	})
}

func TestAnyTwoRunsAreCompared(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	vera.get("/runs").shows(t, "/runs/compare")
	vera.get("/runs/compare").shows(t, `name="before"`, `<option value="2026-08">`)
	c, err := w.server.Runner.CompareRuns(t.Context(), w.runNamed("2026-08"), w.runNamed("2026-10"))
	must(t, err)
	shown := vera.get("/runs/compare?before=2026-08&run=2026-10")
	shown.shows(t, "Net per owner", w.server.Texts.Amount("en", c.Totals[0].Currency, c.Totals[0].Difference), "/entities/"+c.Owners[0].Owner)
	vera.get("/runs/compare?before=2026-08&run=1999-01").refuses(t, http.StatusNotFound, "There is no run 1999-01")
	w.as("paul").get("/runs/compare").refuses(t, http.StatusForbidden)
}
