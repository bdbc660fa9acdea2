package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store/storetest"
	"creditrun/internal/web/page"
)

func TestHomeSaysWhatIsNext(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.as("anna").get("/")
		p.shows(t, "Monday, 30 November 2026, 23:30", "in 18 days 12 hours", "It credits November 2026.", "2026-10", "completed")
		totals, err := w.store.NoteTotals(t.Context(), creditnotes.NoteFilter{Run: "2026-10"})
		must(t, err)
		for _, total := range totals {
			p.shows(t, w.server.Texts.Amount("en", total.Currency, total.Gross))
		}
		w.set("review_days", "3", "release", "approve")
		w.as("anna").get("/overview/next").shows(t, "Thursday, 3 December 2026, 23:30", "It credits November 2026.", "another person approves")
		w.set("active", "false")
		w.as("anna").get("/").shows(t, "switched off", `href="/settings/activate"`)
		if p := w.as("vera").get("/"); strings.Contains(p.body, "/settings/activate") {
			t.Error("a viewer is told to switch the feature on")
		}
		w.set("credit_run", "false")
		w.as("anna").get("/").shows(t, "license right for credit notes is withdrawn")
	})
}

func TestHomeSaysWhatIsDue(t *testing.T) {
	w := newWorld(t)
	b, err := w.server.Snapshot(t.Context())
	must(t, err)
	runs, err := w.store.Runs(t.Context())
	must(t, err)
	w.later(19 * 24 * time.Hour) // the first of December
	due, err := creditnotes.Due(b.Config, runs, w.clock())
	must(t, err)
	if !slices.Contains(due, "2026-11") {
		t.Errorf("due is %s", due)
	}
	p := w.as("anna").get("/")
	p.shows(t, "It credits December 2026.")
	for _, month := range due {
		p.shows(t, w.server.Texts.Month("en", month))
	}
}

func TestHomeCountsTheMonthSoFar(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		month, err := w.server.Runner.MonthSoFar(t.Context(), "2026-11")
		must(t, err)
		if month.Total.Sessions == 0 || len(month.Held) == 0 {
			t.Fatal("there is nothing to be shown")
		}
		texts := w.server.Texts
		p := w.as("vera").eventually("/", "as of ")
		p.shows(t, "November 2026 so far", texts.Number("en", month.Total.Sessions, 0), texts.Quantity("en", month.Total.Energy)+" kWh", "as of 11:00:00", "<svg", "<desc")
		for currency, owed := range month.Total.Owed {
			p.shows(t, texts.Amount("en", currency, owed.Round(2)))
		}
		for _, day := range month.Days {
			for currency, owed := range day.Owed {
				p.shows(t, texts.Date("en", day.Day)+": "+texts.Amount("en", currency, owed.Round(2)))
			}
		}
		for _, held := range month.Held {
			reason, err := texts.Text("en", "reason_"+string(held.Reason), nil)
			must(t, err)
			p.shows(t, reason, texts.Quantity("en", held.Energy))
		}
	})
}

func TestHomeShowsFailedMails(t *testing.T) {
	w := newWorld(t)
	notes, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{Run: "2026-10", Delivery: creditnotes.DeliveryQueued}, creditnotes.Page{})
	must(t, err)
	deliveries, err := w.store.Deliveries(t.Context(), notes.Notes[0].ID)
	must(t, err)
	must(t, w.store.Finish(t.Context(), deliveries[0].ID, ended(deliveries[0], creditnotes.RecipientRefused, "no such mailbox", w.clock())))
	_, _, err = w.store.PauseMail(t.Context(), "mail_server_unreachable", "the server does not answer", false)
	must(t, err)
	w.as("felix").get("/").shows(t, ">failed</span>", "1 document<", "/mails/open", "No mail has been sent since", "the server does not answer")
	w.as("vera").get("/mails/open").shows(t, notes.Notes[0].Number, "no such mailbox", "Correct the address", "the server does not answer")
}

func TestAParkedMailIsSettledOnItsPage(t *testing.T) {
	w := newWorld(t)
	notes, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{Run: "2026-10", Delivery: creditnotes.DeliveryQueued}, creditnotes.Page{})
	must(t, err)
	deliveries, err := w.store.Deliveries(t.Context(), notes.Notes[0].ID)
	must(t, err)
	must(t, w.store.Finish(t.Context(), deliveries[0].ID, ended(deliveries[0], creditnotes.RecipientParked, "", w.clock())))
	path := "/notes/" + notes.Notes[0].Number
	w.as("vera").get(path).lacks(t, "It arrived")
	w.as("felix").get(path).shows(t, "It arrived", "Send again")
	w.as("felix").post(path+"/settle-mail", "outcome", "arrived").shows(t, "counts as arrived")
	w.as("felix").get(path).lacks(t, "It arrived")
}

func TestAnEmptyDatabaseSaysHowToBegin(t *testing.T) {
	w := emptyWorld(t)
	w.as("admin").get("/").shows(t, "Set up creditrun", `href="/entities/new"`, "creditrun demo --serve")
	w.as("admin").get("/settings").shows(t, "Discount in percent on COMMUNITY sessions")
}

func TestAPortalShowsTheOwnFiguresOnly(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		month, err := w.server.Runner.MonthSoFar(t.Context(), "2026-11")
		must(t, err)
		p := w.as("paul").eventually("/", "as of ")
		own := map[string]bool{"stadtwerke": true, "stadtwerke-parken": true, "stadtwerke-wohnen": true, "quartier-hafen": true}
		var sum creditnotes.Tally
		for _, o := range month.Owners {
			if o.Owner == "" {
				continue
			}
			e := networkOf(t, w).Tree.Entity(o.Owner)
			switch energy := w.server.Texts.Quantity("en", o.Energy); {
			case own[o.Owner]:
				p.shows(t, e.Name, energy, "<td>"+e.Name+"</td>") // the last one at a credit note
				sum.Sessions += o.Sessions
				sum.Energy += o.Energy
			case strings.Contains(p.body, e.Name), o.Energy > 0 && strings.Contains(p.body, ">"+energy+"<"):
				t.Errorf("the portal shows figures of %s", o.Owner)
			}
		}
		p.shows(t, w.server.Texts.Quantity("en", sum.Energy)+" kWh")
		for _, secret := range []string{"Readiness", "Sessions held", "<svg class=\"chart", "Next run", "Last run"} {
			if strings.Contains(p.body, secret) {
				t.Errorf("the portal shows %q", secret)
			}
		}
		if part := w.as("paul").get("/overview/month"); strings.Contains(part.body, "Readiness") || strings.Contains(part.body, "Sessions held") {
			t.Error("the part that renews the portal shows what the operator sees")
		}
		if part := w.as("paul").get("/overview/next"); part.status != 404 {
			t.Errorf("the countdown of the operator: status %d, want 404", part.status)
		}
		list, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{Scope: page.SortedKeys(own)}, creditnotes.Page{Limit: 5})
		must(t, err)
		for _, n := range list.Notes {
			p.shows(t, n.Number)
		}
		if len(list.Notes) != 5 || strings.Count(p.body, `<a href="/notes/`) != 5 {
			t.Errorf("%d of %d credit notes", strings.Count(p.body, `<a href="/notes/`), len(list.Notes))
		}
		totals, err := w.store.NoteTotals(t.Context(), creditnotes.NoteFilter{Scope: page.SortedKeys(own)})
		must(t, err)
		p.shows(t, w.server.Texts.Amount("en", totals[0].Currency, totals[0].Gross))
	})
}

func networkOf(t *testing.T, w *world) *entities.Network {
	t.Helper()
	b, err := w.server.Snapshot(t.Context())
	must(t, err)
	return b.Network
}

// emptyWorld has pages on a database without a network, and an administrator.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	w := openWorld(t, storetest.SQLite(t))
	hash, err := access.HashPassword(t.Context(), password)
	must(t, err)
	user, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{Name: "admin", Active: true, Roles: []access.Role{access.Admin}})
	must(t, err)
	must(t, w.store.SetPassword(t.Context(), access.Actor{Name: "test", Server: true}, user.ID, hash))
	return w
}

// visitorNamed is what a user of the tests may do and see.
func visitorNamed(t *testing.T, w *world, name string) *access.Visitor {
	t.Helper()
	user, err := w.store.UserByName(t.Context(), name)
	must(t, err)
	return access.NewVisitor(*user, networkOf(t, w).Tree, true)
}

// Visit makes a visit of a user of the tests.
func (w *world) visit(t *testing.T, name string) *page.Visit {
	t.Helper()
	return &page.Visit{Site: w.server.Site, R: httptest.NewRequest(http.MethodGet, "/", nil), Who: visitorNamed(t, w, name), Lang: "en"}
}
