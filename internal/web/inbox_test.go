package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/inbox"
	"creditrun/internal/web/page"
)

// A question of a Sub-CPO is on the overview of who answers it, goes back and
// forth, and is gone once it is answered.
func TestAQuestionIsInTheInboxUntilItIsAnswered(t *testing.T) {
	w := newWorld(t)
	own := w.aSession(creditnotes.SessionFilter{Owned: mustBooks(t, w).Network.Holdings(subCPO)})
	paul, felix, vera, path := w.as("paul"), w.as("felix"), w.as("vera"), page.SessionPath(own.Session.ID)
	felix.get("/").lacks(t, "Questions about sessions")
	paul.post(path+"/questions", "reason", "price", "text", "why so little?").shows(t, "why so little?", "Price")
	thread := "/questions/1"
	felix.get("/").shows(t, "Questions about sessions", `href="`+thread+`"`)
	vera.get("/").lacks(t, "Questions about sessions") // may not answer
	felix.get("/questions?state=waiting&kind=question").shows(t, own.Session.ExternalID, "waits for you")
	felix.get(thread).shows(t, "why so little?", "Answer the question", `href="`+path+`"`)
	if p := vera.post(thread+"/answer", "answer", "x"); p.status != http.StatusForbidden {
		t.Errorf("a viewer answered: %d", p.status)
	}
	if p := vera.post(thread+"/reply", "text", "x"); p.status != http.StatusForbidden {
		t.Errorf("a viewer replied for the operator: %d", p.status)
	}
	felix.post(thread+"/reply", "text", "Which price?").shows(t, "Which price?", "waits for the Sub-CPO")
	felix.get("/").lacks(t, "Questions about sessions")
	paul.get("/").shows(t, "The operator waits for your answer")
	paul.post(thread+"/reply", "text", "Of the night.").shows(t, "Of the night.")
	if p := felix.post(thread+"/answer", "answer", ""); p.status == http.StatusOK || !strings.Contains(p.body, "needs an answer with a text") {
		t.Errorf("an answer without a text: %d", p.status)
	}
	felix.post(thread+"/answer", "answer", "23 cents").shows(t, "23 cents", "settled")
	felix.get("/").lacks(t, "Questions about sessions")
	paul.get(path).shows(t, "23 cents", `href="`+thread+`"`)
	paul.get("/questions?state=settled").shows(t, own.Session.ExternalID)
	paul.get("/questions?state=open").lacks(t, own.Session.ExternalID)

	// A conversation with another Sub-CPO is none of its business.
	felix.post("/questions/new", "entity", "frischmarkt", "title", "New meter", "text", "When?").shows(t, "New meter", "When?")
	if p := paul.get("/questions/2"); p.status != http.StatusNotFound {
		t.Errorf("a foreign thread: %d", p.status)
	}
	if p := paul.post("/questions/2/reply", "text", "x"); p.status != http.StatusNotFound {
		t.Errorf("a reply in a foreign thread: %d", p.status)
	}
	paul.get("/questions").lacks(t, "New meter")
	felix.post("/announcements", "entity", "frischmarkt", "title", "Only you", "text", "x").shows(t, "Only you")
	felix.post("/announcements", "until", "2099-12-31", "title", "Everyone", "text", "New prices").shows(t, "Everyone")
	home := paul.get("/")
	home.shows(t, "Everyone", "New prices")
	home.lacks(t, "Only you")
}

// What waits depends on rights and on who asked for it.
func TestTheInboxIsThatOfThePerson(t *testing.T) {
	w := newWorld(t)
	note := w.issuedNotes()[0]
	must(t, w.store.Object(t.Context(), "paul", note.Number, "amount", "Too little."))
	w.change(func(e *entities.Entity) {
		e.Agreement = entities.Agreement{ValidFrom: "2026-01-01", ValidUntil: "2026-11-30", Reference: "SBA-9"}
	}, subCPO)
	felix := w.as("felix").get("/")
	felix.shows(t, "Objections to credit notes", `href="/questions/1"`)
	felix.lacks(t, "Agreements and certificates that end soon")
	olga := w.as("olga").get("/")
	olga.shows(t, "Agreements and certificates that end soon", `href="/ending"`)
	olga.lacks(t, "Objections to credit notes")
	w.as("anna").get("/ending").shows(t, "Agreement on self-billing", "30 Nov 2026")
	if kinds := inbox.Kinds(); len(kinds) < 12 {
		t.Errorf("%v", kinds)
	}
}

// A user is mailed what waits once a day, or once for each time that something
// new waits, or never.
func TestDigests(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	all, err := w.store.DigestUsers(ctx)
	must(t, err)
	for _, u := range all {
		must(t, w.store.SetDigest(ctx, "anna", u.ID, access.DigestOff))
	}
	for name, digest := range map[string]access.Digest{"felix": access.DigestAtOnce, "anna": access.DigestOff, "paul": access.DigestOff, "vera": access.DigestDaily} {
		u, err := w.store.UserByName(ctx, name)
		must(t, err)
		must(t, w.store.ChangeUser(ctx, access.Actor{Name: "anna"}, withEmail(*u)))
		must(t, w.store.SetDigest(ctx, name, u.ID, digest))
	}
	mails := func(want int, what string) {
		t.Helper()
		b, err := w.server.Snapshot(ctx)
		must(t, err)
		n, err := inbox.Digests(ctx, w.store, b, w.clock(), "https://example.org")
		must(t, err)
		if n != want {
			t.Errorf("%s: %d mails, want %d", what, n, want)
		}
	}
	mails(0, "nothing waits")
	own := w.aSession(creditnotes.SessionFilter{Owned: mustBooks(t, w).Network.Holdings(subCPO)})
	w.later(time.Minute)
	id, err := w.store.AskAboutSession(ctx, "paul", own.Session.Source, own.Session.ExternalID, "price", "why?")
	must(t, err)
	w.later(time.Minute)
	mails(1, "a question at once")
	mails(0, "the same question")
	must(t, w.store.AnswerSessionQuery(ctx, "felix", id, "because"))
	w.later(time.Minute)
	mails(0, "an answer")
	must(t, w.store.SetDigest(ctx, "felix", mustUser(t, w, "felix").ID, access.DigestDaily))
	_, err = w.store.AskAboutSession(ctx, "paul", own.Session.Source, own.Session.ExternalID, "price", "and now?")
	must(t, err)
	w.later(24 * time.Hour)
	mails(1, "a question by day")
	w.later(time.Hour)
	mails(0, "the same day")
	w.later(24 * time.Hour)
	mails(1, "the next day")
	counts, err := w.store.NoticeCounts(ctx)
	must(t, err)
	if counts[creditnotes.DeliveryQueued] < 3 {
		t.Errorf("%v", counts)
	}
}

func withEmail(u access.User) access.User {
	u.Email = strings.ToLower(u.Name) + "@example.org"
	return u
}

func mustUser(t *testing.T, w *world, name string) *access.User {
	t.Helper()
	u, err := w.store.UserByName(t.Context(), name)
	must(t, err)
	return u
}
