package web

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// listPage is a list that people see.
type listPage struct {
	path   string   // without a query
	filter []string // parameters and values of its filter in turn
	orders []string // keys of the columns that it can be sorted by
	bad    []string // queries that ask for something it does not have
}

// listPages are the lists of all pages.
func listPages(w *world) []listPage {
	own, _ := samplesOf(w)
	note, _, err := own.path("GET /notes/{number}/positions/{ordinal}", nil)
	must(w.t, err)
	run := "/runs/2026-10"
	return []listPage{
		{"/notes", []string{"from", "2026-08", "standing", "issued", "text", "0"}, []string{"date"}, []string{"from=October", "until=x", "standing=x", "delivery=x", "owner=x", "recipient=x", "after=x", "before=x", "sort=net"}},
		{"/sessions", []string{"month", "2026-10", "state", "credited"}, []string{"end"}, []string{"month=x", "state=x", "reason=x", "class=x", "owner=x", "station=x", "after=x", "sort=name"}},
		{"/runs", nil, []string{"name", "month", "stage", "trigger", "created", "approved"}, []string{"page=x", "sort=x"}},
		{"/stations", []string{"q", "s", "type", "AC"}, []string{"key", "name", "owner", "connectors"}, []string{"state=x", "page=x", "sort=x"}},
		{"/entities", []string{"q", "a"}, []string{"name", "key", "city"}, []string{"q=a&page=x", "q=a&sort=x", "beneath=x"}},
		{"/tariffs", []string{"tab", "charge-point"}, []string{"key", "name", "purchase", "sales", "used"}, []string{"page=x", "sort=x"}},
		{"/tariffs", []string{"tab", "community"}, []string{"key", "name", "rate", "versions", "used"}, []string{"tab=community&sort=purchase"}},
		{"/tariffs", []string{"tab", "sales"}, []string{"key", "name", "sales", "used"}, []string{"tab=sales&sort=rate"}},
		{"/tariffs", []string{"tab", "rates"}, []string{"key", "currency", "versions", "used"}, []string{"tab=rates&sort=name"}},
		{"/ranges", nil, []string{"key", "name", "pattern", "reset", "scope"}, []string{"page=x", "sort=x"}},
		{"/taxes", nil, []string{"key", "name", "category", "rate", "country", "ledger", "treated"}, []string{"page=x", "sort=x"}},
		{"/users", []string{"text", "a"}, []string{"name", "full_name", "entity", "state", "last_login"}, []string{"page=x", "sort=password"}},
		{"/users/vera", nil, []string{"name", "created", "expires", "last_used", "state"}, []string{"sort=x"}},
		{"/webhooks", nil, []string{"url", "description", "events", "state", "created"}, []string{"page=x", "sort=secret"}},
		{"/webhooks/1", nil, nil, []string{"below=x", "below=-1", "sort=x"}},
		{"/audit", []string{"who", "test", "since", "2020-01-01"}, nil, []string{"since=x", "until=x", "below=x", "sort=at"}},
		{"/settings", []string{"of", "mail"}, nil, []string{"below=x", "sort=x"}},
		{"/partners", nil, []string{"id", "name", "limits"}, []string{"page=x", "sort=x"}},
		{"/mails/open", nil, nil, []string{"after=x", "after=x~y", "sort=x"}},
		{"/changes", nil, []string{"subject", "matter", "asked", "decided"}, []string{"page=x", "sort=x"}},
		{run, []string{"part", "notes"}, []string{"number"}, []string{"part=notes&after=x", "part=notes&sort=net"}},
		{run, []string{"part", "owners"}, []string{"owner", "received", "credited", "held", "zero", "excluded", "withdrawn"}, []string{"part=owners&page=x", "part=owners&sort=x"}},
		{run, []string{"part", "held"}, []string{"owner", "reason", "sessions", "energy"}, []string{"part=held&page=x", "part=held&sort=x"}},
		{run, []string{"part", "changes"}, []string{"owner", "before", "now", "difference", "changed"}, []string{"part=changes&page=x", "part=changes&sort=x"}},
		{note, nil, nil, []string{"page=x", "sort=x"}},
		{"/issuers", []string{"month", "2026-10"}, []string{"name", "media", "payer"}, []string{"month=x", "page=x", "sort=x"}},
		{"/issuers/sonnenpark", []string{"month", "2026-10", "finding", "all"}, nil, []string{"month=x", "finding=x", "after=x", "sort=x"}},
		{"/analysis", []string{"by", "owner", "until", "2026-10"}, []string{"name", "sessions", "energy", "driver", "share", "operator", "beside", "fees", "still", "held"},
			[]string{"by=x", "from=x", "until=x", "owner=x", "currency=x", "page=x", "sort=x"}},
	}
}

// headLinks are the links in the heads of columns, by the order they ask for,
// and pagerLinks those to other pages.
var (
	headLinks  = regexp.MustCompile(`<th scope="col"[^>]*><a href="([^"]+)">`)
	pagerLinks = regexp.MustCompile(`<a [^>]*href="([^"]+)"`)
	sortedHead = regexp.MustCompile(`<th scope="col"[^>]* aria-sort="(\w+)"><a`)
)

// said finds what was wrong: on top of the page, or on a page of its own.
var said = regexp.MustCompile(`role="alert"|<section class="card narrow">\s*<h1>`)

// pagers finds the links to other pages.
var pagers = regexp.MustCompile(`(?s)<nav class="pager".*?</nav>`)

func linksOn(p reply, links *regexp.Regexp) (found []*url.URL) {
	body := p.body
	if links == pagerLinks {
		body = pagers.FindString(body)
	}
	for _, link := range links.FindAllStringSubmatch(body, -1) {
		if u, err := url.Parse(html.UnescapeString(link[1])); err == nil {
			found = append(found, u)
		}
	}
	return found
}

// TestEveryListKeepsItsFilterAndSaysWhatIsWrong walks through all lists: heads
// and pages lead to the same filter, each order is one that the page has, and
// what the address asks for and there is not is a fault in words.
func TestEveryListKeepsItsFilterAndSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	lists, anna := listPages(w), w.as("anna")
	const path = "/entities/stadtwerke"
	anna.save(path+"/edit", path+"/bank", "iban", "DE02120300000000202051", "confirm_password", password)
	waiting, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true})
	must(t, err)
	anna.post("/changes/"+idOf(waiting[0].ID)+"/reject").shows(t, "is rejected") // there is a change to be listed
	for _, l := range lists {
		t.Run(strings.Join(append([]string{l.path}, l.filter...), " "), func(t *testing.T) {
			query := url.Values{}
			for i := 0; i+1 < len(l.filter); i += 2 {
				query.Set(l.filter[i], l.filter[i+1])
			}
			p := anna.get(l.path + "?" + query.Encode())
			p.shows(t)
			heads := linksOn(p, headLinks)
			if len(heads) != len(l.orders) {
				t.Errorf("%d columns link to an order, want %v", len(heads), l.orders)
			}
			for _, link := range append(heads, linksOn(p, pagerLinks)...) {
				for name := range query {
					if link.Path != l.path || link.Query().Get(name) != query.Get(name) {
						t.Errorf("%s loses the filter %s=%s", link, name, query.Get(name))
					}
				}
			}
			for _, order := range l.orders {
				for order, says := range map[string]string{order: "ascending", "-" + order: "descending"} {
					query.Set("sort", order)
					p := anna.get(l.path + "?" + query.Encode())
					p.shows(t)
					if found := sortedHead.FindStringSubmatch(p.body); found == nil || found[1] != says {
						t.Errorf("sort=%s: the head says %v, want %s", order, found, says)
					}
				}
			}
			for _, bad := range l.bad {
				if p := anna.get(l.path + "?" + bad); p.status < 400 || p.status >= 500 || !said.MatchString(p.body) {
					t.Errorf("%s: status %d", bad, p.status)
				}
			}
		})
	}
}

// TestALinkOfAPageBelongsToItsFilter follows the pages of a long list.
func TestALinkOfAPageBelongsToItsFilter(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	first := vera.get("/sessions?month=2026-10&sort=end")
	next := linksOn(first, pagerLinks)
	if len(next) != 1 {
		t.Fatalf("%d links to other pages", len(next))
	}
	second := vera.get(next[0].RequestURI())
	second.shows(t, `value="2026-10"`, `aria-sort="ascending"`, `<input type="hidden" name="sort" value="end">`, "sort=end", "/sessions.csv?month=2026-10")
	back := linksOn(second, pagerLinks)
	if again := vera.get(back[0].RequestURI()); !cmp.Equal(sessionsOn(again), sessionsOn(first)) {
		t.Errorf("%s does not lead back to the first page", back[0])
	}
	newest := vera.get("/sessions?month=2026-10")
	if a, b := sessionsOn(first), sessionsOn(newest); len(a) == 0 || a[0] == b[0] {
		t.Error("the oldest session is the newest")
	}
}

var sessionLink = regexp.MustCompile(`<th scope="row"><a href="(/sessions/\d+)">`)

func sessionsOn(p reply) (paths []string) {
	for _, found := range sessionLink.FindAllStringSubmatch(p.body, -1) {
		paths = append(paths, found[1])
	}
	return paths
}

// TestListsAreSortedWithTheKeyboard sorts a list in a browser: the head of a
// column is a link like any other, with and without scripts.
func TestListsAreSortedWithTheKeyboard(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.as("anna")
		c.open("/stations?q=e")
		ask[bool](c, "document.querySelector('th a[href*=\"sort=name\"]').focus(); true")
		c.do(chromedp.KeyEvent(kb.Enter))
		c.until("the list is sorted by name", "document.querySelector('th[aria-sort=ascending] a[href*=\"sort=-name\"]')")
		if got := ask[string](c, "document.querySelector('main input[name=q]').value"); got != "e" {
			t.Errorf("the filter is %q", got)
		}
		sorted := ask[bool](c, `(() => { const names = [...document.querySelectorAll('tbody td:nth-child(2)')].map(d => d.firstChild.textContent.trim().toLowerCase());
			return names.length > 1 && names.every((n, i) => i === 0 || names[i-1] <= n) })()`)
		if !sorted {
			t.Error("the rows are not in the order of their names")
		}
		ask[bool](c, "document.querySelector('th[aria-sort] a').focus(); true")
		c.do(chromedp.KeyEvent(kb.Enter))
		c.until("the list is sorted backwards", "document.querySelector('th[aria-sort=descending]')")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
	})
}
