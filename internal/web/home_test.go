package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/store/storetest"
	compiled "creditrun/internal/web/books"
	"creditrun/locales"
)

// eventually opens a page until it shows a text: figures of the month are
// computed beside the requests.
func (b *browser) eventually(path, text string) page {
	b.w.t.Helper()
	var p page
	for range 200 {
		if p = b.get(path); strings.Contains(p.body, text) {
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.w.t.Fatalf("%s never shows %q\n%s", path, text, p.body)
	return p
}

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
		w.as("anna").get("/overview/next").shows(t, "Thursday, 3 December 2026, 23:30", "It credits November 2026.", "somebody approves")
		w.set("active", "false")
		w.as("anna").get("/").shows(t, "switched off", `href="/settings/activate"`)
		if p := w.as("vera").get("/"); strings.Contains(p.body, "/settings/activate") {
			t.Error("a viewer is told to switch the feature on")
		}
		w.set("credit_run", "false")
		w.as("anna").get("/").shows(t, "licence right for credit notes is withdrawn")
	})
}

func TestHomeSaysWhatIsDue(t *testing.T) {
	w := newWorld(t)
	b, err := w.server.books(t.Context())
	must(t, err)
	runs, err := w.store.Runs(t.Context())
	must(t, err)
	w.later(19 * 24 * time.Hour) // the first of December
	next, err := w.visit(t, "anna").nextRun(b, runs)
	must(t, err)
	due, err := creditnotes.Due(b.Config, runs, w.clock())
	must(t, err)
	if diff := cmp.Diff(due, next.Due); diff != "" || next.Month != "2026-12" || !slices.Contains(due, "2026-11") {
		t.Errorf("due is %s, next comes %s: %s", next.Due, next.Month, diff)
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
	must(t, w.store.Finish(t.Context(), deliveries[0].ID, creditnotes.DeliveryFailed, "no such mailbox", w.clock()))
	w.as("felix").get("/").shows(t, ">failed</span>", "1 document<")
}

func TestAnEmptyDatabaseSaysHowToBegin(t *testing.T) {
	w := emptyWorld(t)
	w.as("admin").get("/").shows(t, "creditrun import network.yaml")
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
				p.shows(t, e.Name, energy)
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
		list, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{Scope: sortedKeys(own)}, creditnotes.Page{Limit: 5})
		must(t, err)
		for _, n := range list.Notes {
			p.shows(t, n.Number)
		}
		if len(list.Notes) != 5 || strings.Count(p.body, `<a href="/notes/`) != 5 {
			t.Errorf("%d of %d credit notes", strings.Count(p.body, `<a href="/notes/`), len(list.Notes))
		}
		totals, err := w.store.NoteTotals(t.Context(), creditnotes.NoteFilter{Scope: sortedKeys(own)})
		must(t, err)
		p.shows(t, w.server.Texts.Amount("en", totals[0].Currency, totals[0].Gross))
	})
}

func networkOf(t *testing.T, w *world) *entities.Network {
	t.Helper()
	b, err := w.server.books(t.Context())
	must(t, err)
	return b.Network
}

// counter is a computation that counts how often it was begun and ends when it
// may.
type counter struct {
	mu    sync.Mutex
	begun int
	end   chan struct{}
}

func (c *counter) compute(ctx context.Context, _ entities.Month) *monthNow {
	c.mu.Lock()
	c.begun++
	c.mu.Unlock()
	select {
	case <-c.end:
	case <-ctx.Done():
	}
	return &monthNow{}
}

func (c *counter) times() int { c.mu.Lock(); defer c.mu.Unlock(); return c.begun }

func TestTheMonthIsCountedBesideTheRequests(t *testing.T) {
	var (
		mu    sync.Mutex
		clock = today
		group sync.WaitGroup
	)
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	later := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); clock = clock.Add(d) }
	background, stop := context.WithCancel(t.Context())
	c := &counter{end: make(chan struct{})}
	l := &live{compute: c.compute, now: now}
	look := func(month entities.Month, patience time.Duration) *monthNow {
		last, _ := l.look(t.Context(), background, &group, month, patience)
		return last
	}

	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			if look("2026-11", time.Millisecond) != nil {
				t.Error("there is a result before it was computed")
			}
		})
	}
	crowd.Wait()
	if c.times() != 1 {
		t.Errorf("%d computations at once, want 1", c.times())
	}
	later(2 * time.Second) // it took two seconds
	c.end <- struct{}{}
	first := look("2026-11", time.Minute)
	if first == nil || !first.At.Equal(today) || first.Took != 2*time.Second {
		t.Fatalf("the first result is %+v", first)
	}
	later(19 * time.Second)
	if look("2026-11", time.Minute) != first || c.times() != 1 {
		t.Error("it was computed again before ten times as long had gone by")
	}
	later(2 * time.Second)
	if look("2026-11", 0) != first {
		t.Error("the last result is not shown while a newer one is computed")
	}
	c.end <- struct{}{}
	group.Wait()
	if second := look("2026-11", time.Minute); second == first || c.times() != 2 {
		t.Errorf("computed %d times, want twice", c.times())
	}
	later(4 * time.Second)
	if look("2026-11", 0); c.times() != 2 {
		t.Error("a quick computation is repeated within five seconds")
	}
	if look("2026-12", 0) != nil {
		t.Error("the figures of another month are shown")
	}
	stop()
	group.Wait() // would wait for ever if it went on
	if last := look("2026-12", 0); last != nil {
		t.Errorf("what was cut short is kept: %+v", last)
	}
	if c.times() != 3 {
		t.Errorf("computed %d times, want three times: none after the end", c.times())
	}
}

func TestABrokenComputationIsAnError(t *testing.T) {
	var group sync.WaitGroup
	l := &live{now: func() time.Time { return today }, log: slog.New(slog.DiscardHandler), compute: func(context.Context, entities.Month) *monthNow { panic("broken") }}
	last, _ := l.look(t.Context(), t.Context(), &group, "2026-11", time.Minute)
	if last == nil || last.Err == nil {
		t.Fatalf("got %+v", last)
	}
	w := newWorld(t)
	w.server.live.compute = func(context.Context, entities.Month) *monthNow { return &monthNow{Err: errors.New("out of reach")} }
	w.as("vera").eventually("/", "The cause is in the log")
	w.later(time.Minute)
	w.server.live.compute = func(context.Context, entities.Month) *monthNow {
		return &monthNow{Err: fault.New(fault.Invalid, "tree_no_root", nil)}
	}
	w.as("vera").eventually("/", "every entity names a parent")
}

func TestReadinessSaysWhereItIsMended(t *testing.T) {
	w := newWorld(t)
	w.set("revenue_account", "", "number_range", "")
	p := w.as("anna").eventually("/", "as of ")
	p.shows(t, "No number range is chosen", `href="/settings#number_range"`, `href="/settings#revenue_account"`, "stops the run")
	for _, link := range regexp.MustCompile(`<a href="([^"]+)">Mend`).FindAllStringSubmatch(p.body, -1) {
		if p := w.as("anna").get(link[1]); p.status != 200 {
			t.Errorf("%s leads nowhere: status %d", link[1], p.status)
		}
	}
}

// TestEveryMendIsAPage looks at the pages that exist: where there is a list,
// there is a page of each thing in it, too.
func TestEveryMendIsAPage(t *testing.T) {
	w := newWorld(t)
	anna := w.visit(t, "anna")
	texts, err := locales.New()
	must(t, err)
	for key, target := range mends {
		if sentence := texts.Fault("en", &fault.Fault{Key: key, Args: allArgs}); strings.HasPrefix(sentence, key) {
			t.Errorf("there is no fault %s", key)
		}
		f := &fault.Fault{Key: key, Args: allArgs}
		path := anna.mendedAt(f, &books{Books: &compiled.Books{Config: &creditnotes.Configuration{Entities: []entities.Entity{{Key: "op"}}}}})
		menu := "/" + strings.Split(target, "/")[1]
		menu, _, _ = strings.Cut(menu, "#")
		menu, _, _ = strings.Cut(menu, "?")
		if strings.ContainsAny(path, "{}") {
			t.Errorf("%s: %s names what the fault does not", key, path)
		}
		if u, err := url.Parse(path); err != nil || anna.opens(menu) && (path == "" || !anna.opens(u.Path)) {
			t.Errorf("%s: %q is no page", key, path)
		}
		if anna.opens(menu) && strings.Contains(target, "/{") && path == menu {
			t.Errorf("%s: there is no page %s", key, target)
		}
	}
}

func TestMendsNameTheThing(t *testing.T) {
	w := newWorld(t)
	b, err := w.server.books(t.Context())
	must(t, err)
	for _, one := range []struct{ who, key, name, value, want string }{
		{"anna", "operator_incomplete", "field", "email", "/entities/musterstrom/edit#emails"},
		{"anna", "operator_incomplete", "field", "city", "/entities/musterstrom/edit#city"},
		{"anna", "range_missing", "type", "credit_note", "/settings#number_range"},
		{"anna", "range_missing", "type", "cancellation", "/settings#cancellation_range"},
		{"anna", "recipient_without_iban", "recipient", "a/b?c", "/entities/a%2Fb%3Fc/edit#iban"},
		{"vera", "recipient_without_iban", "recipient", "cafe", "/entities/cafe"},
		{"anna", "einvoice_tax_id_missing", "party", "Müller & Co", "/entities?q=M%C3%BCller+%26+Co"},
		{"anna", "no_such_fault", "", "", ""},
	} {
		f := fault.New(fault.NotReady, one.key, fault.Args{one.name: one.value})
		if got := w.visit(t, one.who).mendedAt(f, b); got != one.want {
			t.Errorf("%s of %s is mended at %q, want %q", one.key, one.value, got, one.want)
		}
	}
}

func TestWaysEndWhereThePagesEnd(t *testing.T) {
	w := newWorld(t)
	for _, one := range []struct{ who, target, want string }{
		{"anna", "/ranges/gs#next", "/ranges/gs#next"},
		{"vera", "/ranges/gs#next", "/ranges"},
		{"vera", "/settings#mail", "/settings#mail"},
		{"vera", "/settings/activate", "/settings"},
		{"paul", "/settings#mail", ""},
		{"anna", "/nowhere/at/all?x=1", ""},
	} {
		if got := w.visit(t, one.who).way(one.target); got != one.want {
			t.Errorf("%s to %s: %q, want %q", one.who, one.target, got, one.want)
		}
	}
}

func TestFindingsAreGrouped(t *testing.T) {
	w := newWorld(t)
	v := w.visit(t, "anna")
	list := []creditnotes.Finding{{Severity: creditnotes.Warns, Fault: fault.New(fault.NotReady, "revenue_account_unset", nil)}}
	for range firstFindings + moreFindings + 7 {
		list = append(list, creditnotes.Finding{Severity: creditnotes.Fails, Fault: fault.New(fault.NotReady, "recipient_without_iban", fault.Args{"recipient": "a"})})
	}
	groups := v.findings(list, &books{Books: &compiled.Books{Config: &creditnotes.Configuration{}}})
	if len(groups) != 2 || groups[0].Severity != creditnotes.Fails || len(groups[0].First) != firstFindings || len(groups[0].More) != moreFindings || groups[0].Left != 7 {
		t.Errorf("%d groups; the first: %+v", len(groups), groups[0])
	}
}

func TestChartsAreInScale(t *testing.T) {
	days := make([]creditnotes.DayTally, 30)
	for i, euros := range map[int]money.Micros{0: 100, 1: 50, 2: -20} {
		days[i].Owed = map[string]money.Micros{"EUR": euros * money.PerUnit}
	}
	c := newDayChart(days, "EUR")
	var bars [][4]int
	for _, b := range c.Bars {
		bars = append(bars, [4]int{b.X, b.Y, b.Width, b.Height})
	}
	want := [][4]int{{80, 12, 10, 93}, {93, 58, 10, 47}, {106, 105, 10, 19}}
	if diff := cmp.Diff(want, bars); diff != "" {
		t.Error(diff)
	}
	var ticks []money.Amount
	for _, tick := range c.Ticks {
		ticks = append(ticks, tick.Amount)
	}
	if diff := cmp.Diff([]money.Amount{-5000, 0, 5000, 10000}, ticks); diff != "" {
		t.Error(diff)
	}
	if newDayChart(days, "USD") != nil {
		t.Error("there is a chart of nothing")
	}
	days[0].Owed["JPY"] = 1 << 62
	if c := newDayChart(days, "JPY"); c.Bars[0].Height > chartPlot || c.Bars[0].Height < chartPlot/2 {
		t.Errorf("a huge amount is %d high", c.Bars[0].Height)
	}
}

func TestCountdownSaysTwoUnits(t *testing.T) {
	w := newWorld(t)
	v := &visit{Server: w.server, lang: "en"}
	for left, want := range map[time.Duration]string{
		18*24*time.Hour + 12*time.Hour + 29*time.Minute: "18 days 12 hours",
		24*time.Hour + 10*time.Minute:                   "1 day",
		3*time.Hour + 20*time.Minute:                    "3 hours 20 minutes",
		59*time.Second + time.Millisecond:               "1 minute",
		0:                                               "0 minutes",
	} {
		if got, err := v.countdown(left); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", left, got, want, err)
		}
	}
}

func TestAPageThatRenewsItselfKeepsNobodyLoggedIn(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	for range 5 {
		w.later(30 * time.Minute)
		anna.renew("/overview/next")
	}
	if p := anna.get("/"); p.path != "/login" {
		t.Errorf("after two and a half hours nobody was there, the browser is at %s", p.path)
	}
}

// renew asks for a part of a page as htmx does.
func (b *browser) renew(path string) page {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.w.http.URL+path, nil)
	must(b.w.t, err)
	r.Header.Set("HX-Request", "true")
	answer, err := b.client.Do(r)
	must(b.w.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(b.w.t, err)
	return page{answer.StatusCode, answer.Request.URL.Path, string(content), answer.Header}
}

// emptyWorld has pages on a database without a network, and an administrator.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	w := openWorld(t, storetest.SQLite(t))
	hash, err := access.HashPassword(t.Context(), password)
	must(t, err)
	user, err := w.store.AddUser(t.Context(), "test", access.User{Name: "admin", Active: true, Roles: []access.Role{access.Admin}})
	must(t, err)
	must(t, w.store.SetPassword(t.Context(), "test", user.ID, hash))
	return w
}

// visitorNamed is what a user of the tests may do and see.
func visitorNamed(t *testing.T, w *world, name string) *access.Visitor {
	t.Helper()
	user, err := w.store.UserByName(t.Context(), name)
	must(t, err)
	return access.NewVisitor(*user, networkOf(t, w).Tree, true)
}

// visit makes a visit of a user of the tests.
func (w *world) visit(t *testing.T, name string) *visit {
	t.Helper()
	return &visit{Server: w.server, r: httptest.NewRequest(http.MethodGet, "/", nil), who: visitorNamed(t, w, name), lang: "en"}
}

// allArgs are arguments for every fault.
var allArgs = fault.Args{
	"entity": "e", "recipient": "r", "owner": "o", "station": "s", "tariff": "t", "number": "n", "range": "gs", "account": "a",
	"party": "Company", "field": "street", "address": "b", "next": "c", "evse": "DE*E1", "connector": 1, "medium": "…C3D6", "value": "v",
	"session": "S-1", "start": "2026-11-01", "first": "purchase[1]", "second": "purchase[2]", "type": "credit_note", "count": 2,
	"country": "DE", "found": 21, "expected": 22, "zone": "z", "until": "2026-12-31", "date": "2026-11-30", "vat_id": "DE1", "bic": "B",
	"email": "x", "currency": "EUR", "from": "2026-01-01",
}

func TestTheBrowserFetchesTheFiguresWhenTheyAreThere(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.charged()
		counted := make(chan struct{})
		c.w.server.live.compute = func(ctx context.Context, month entities.Month) *monthNow {
			<-counted
			return c.w.server.countMonth(ctx, month)
		}
		c.as("anna")
		c.open("/")
		c.untilShown("The sessions are being priced")
		close(counted)
		c.untilShown("Owed, net")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
		c.press("form[action='/logout'] button")
		c.until("anna has gone", "location.pathname == '/login'")
		c.as("paul")
		c.untilShown("Under review")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
	})
}

func TestTheMainCurrencyComesFirst(t *testing.T) {
	sums := sumsOf(map[string]money.Micros{"CHF": 1, "EUR": 16_835_000, "USD": 3}, "EUR")
	want := []sum{{"EUR", 1684}, {"CHF", 0}, {"USD", 0}}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Error(diff)
	}
}
