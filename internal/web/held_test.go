package web

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// opened brings the open month up to date.
func (w *world) opened() {
	w.t.Helper()
	_, err := (&creditnotes.OpenMonth{Runner: w.server.Runner, Store: w.store}).Refresh(w.t.Context())
	must(w.t, err)
}

// held is how many sessions the next run would hold for a reason.
func (w *world) held(reason sessions.Reason) int {
	w.t.Helper()
	n, _, err := w.store.CountSessions(w.t.Context(), creditnotes.SessionFilter{Next: creditnotes.SessionHeld, Reason: reason}, 10_000)
	must(w.t, err)
	return n
}

// heldBoxes are the connectors that can be chosen on the page of held sessions.
var heldBoxes = regexp.MustCompile(`name="connector" value="([^"]*)"`)

// What the overview, the preview and the held sessions count is what the lists
// show that they lead to, and a tariff for all connectors without a price leaves
// none of them.
func TestHeldSessionsAreFixedTogether(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.opened()
		anna := w.as("anna")
		unpriced := w.held(sessions.Unpriced)
		if unpriced == 0 {
			t.Fatal("proves nothing")
		}
		link := `href="/sessions?next=held&amp;reason=unpriced"`
		anna.get("/").shows(t, link)
		page := anna.get("/sessions/held")
		page.shows(t, link, fmt.Sprintf(">%d</a>", unpriced), "Longer than 60 days")
		if got := strings.Count(anna.get("/sessions?next=held&reason=unpriced").body, `<th scope="row"><a href="/sessions/`); got != min(unpriced, rowsPerPage) {
			t.Errorf("the list has %d rows of %d", got, unpriced)
		}
		from := regexp.MustCompile(`name="from" value="([^"]*)"`).FindStringSubmatch(page.body)
		form := []string{"from", from[1], "charge_point", "LP-FLAT"}
		anna.post("/sessions/held/tariffs", form...).refuses(t, 422, "Choose at least one connector.")
		for _, box := range heldBoxes.FindAllStringSubmatch(page.body, -1) {
			form = append(form, "connector", html.UnescapeString(box[1]))
		}
		anna.sure(anna.post("/sessions/held/tariffs", form...)).shows(t, "have the tariff now")
		w.opened()
		if left := w.held(sessions.Unpriced); left != 0 {
			t.Errorf("%d sessions are still without a price", left)
		}
		anna.post("/sessions/held/tariffs", form...).lacks(t, "have the tariff now") // as it was seen before
	})
}
