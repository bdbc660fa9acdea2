package web

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// How long and how many previews are remembered: long enough to read one, few
// enough for those of large networks.
const (
	previewLasts = 10 * time.Minute
	mostPreviews = 4
)

// previewKey says which preview it is: a changed configuration makes another.
type previewKey struct {
	user    int64
	month   entities.Month
	date    entities.Date
	version int64
}

// preview is one that is being made or was made.
type preview struct {
	*work
	key     previewKey
	begun   time.Time
	stop    context.CancelFunc
	report  *creditnotes.Report
	changes *creditnotes.Comparison
}

// previews are the latest previews, the newest last.
type previews struct {
	mu   sync.Mutex
	list []*preview
}

// find returns a preview that is fresh enough, or makes one with begin. Of one
// person only one is being made at a time, for nobody reads two.
func (l *previews) find(key previewKey, now time.Time, begin func() *preview) *preview {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(func(p *preview) bool { return now.Sub(p.begun) > previewLasts })
	for _, p := range l.list {
		if p.key == key {
			return p
		}
	}
	l.drop(func(p *preview) bool { return p.key.user == key.user && !p.finished() })
	if len(l.list) >= mostPreviews {
		oldest := l.list[0]
		l.drop(func(p *preview) bool { return p == oldest })
	}
	p := begin()
	l.list = append(l.list, p)
	return p
}

// forget drops a preview, so that it is made anew.
func (l *previews) forget(key previewKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(func(p *preview) bool { return p.key == key })
}

// drop stops and forgets previews.
func (l *previews) drop(which func(*preview) bool) {
	l.list = slices.DeleteFunc(l.list, func(p *preview) bool {
		if !which(p) {
			return false
		}
		p.stop()
		return true
	})
}

// previewView is a preview, or the page that waits for it.
type previewView struct {
	Month entities.Month
	Date  entities.Date // empty: the day of issue
	Path  string        // of the preview
	Begun time.Time
	Ready bool
	Draft bool // the visitor may start a run
	Tabs  []runTab
	Part  string

	Totals  []creditnotes.NoteTotal
	Control sheetLine
	Held    []heldLine
	Failed  short[failedLine]

	Sheet   sheetView
	Notes   notesView
	Waiting heldView
	Changes changesView
}

// previewPage shows the run of a month without keeping it. What takes longer
// than a moment goes on in the background, and the page asks again.
func (v *visit) previewPage() error {
	p, path, err := v.preview()
	if err != nil {
		return err
	}
	view := previewView{
		Month: p.key.month, Date: p.key.date, Path: path, Begun: p.begun, Part: v.r.FormValue("part"), Draft: v.may(access.Draft),
		Tabs: tabs(path+"&", v.r.FormValue("part")),
	}
	title, err := v.text("preview_title", "Month", v.Texts.Month(v.lang, p.key.month))
	if err != nil {
		return err
	}
	if !p.finishes(answerWithin) {
		return v.show("run_preview", title, view)
	}
	if p.err != nil {
		v.previews.forget(p.key)
		return p.err
	}
	view.Ready = true
	if err := v.fillPreview(&view, p); err != nil {
		return err
	}
	return v.show("run_preview", title, view)
}

// preview finds or begins the preview that is asked for.
func (v *visit) preview() (*preview, string, error) {
	month := v.r.FormValue("month")
	if month == "" {
		month = string(entities.MonthOf(v.Now(), v.zone()).Prev())
	}
	q, err := v.request(month, v.r.FormValue("date"))
	if err != nil {
		return nil, "", err
	}
	b, err := v.network()
	if err != nil {
		return nil, "", err
	}
	key := previewKey{v.who.User.ID, q.Month, q.DocumentDate, b.Version}
	p := v.previews.find(key, v.Now(), func() *preview { return v.beginPreview(key, q) })
	return p, previewPath(q.Month, q.DocumentDate), nil
}

func (s *Server) beginPreview(key previewKey, q creditnotes.Request) *preview {
	ctx, stop := context.WithCancel(s.Background)
	p := &preview{key: key, begun: s.Now(), stop: stop}
	p.work = s.start("preview "+string(q.Month), func(context.Context) (err error) {
		defer stop()
		if p.report, err = s.Runner.Preview(ctx, q); err != nil {
			return err
		}
		p.changes, err = s.Runner.Compare(ctx, p.report)
		return err
	})
	return p
}

// refreshPreview makes a preview anew, for sessions may have arrived.
func (v *visit) refreshPreview() error {
	q, err := v.request(v.r.FormValue("month"), v.r.FormValue("date"))
	if err != nil {
		return err
	}
	b, err := v.network()
	if err != nil {
		return err
	}
	v.previews.forget(previewKey{v.who.User.ID, q.Month, q.DocumentDate, b.Version})
	return v.redirect(previewPath(q.Month, q.DocumentDate))
}

func (v *visit) fillPreview(view *previewView, p *preview) error {
	b, err := v.network()
	if err != nil {
		return err
	}
	l := v.partOfRun("/runs/preview", "month", string(view.Month), "date", string(view.Date))
	switch view.Part {
	case "":
		view.Totals = mainFirst(totalsOf(p.report.Notes), b.Currency(), currencyOf)
		view.Control = sheetTotal(b, p.report.Owners)
		view.Held = heldReasons(heldGroups(p.report.Held))
		view.Failed = v.failedLines(b, p.report.Owners)
	case "notes":
		view.Notes = previewNotes(b, p.report, l)
	case "owners":
		view.Sheet = sheets(b, p.report.Owners, l)
	case "held":
		view.Waiting = held(b, heldGroups(p.report.Held), l)
		view.Waiting.addBlockers(creditnotes.Blockers(p.report.Held))
		view.Waiting.addWarned(b, heldGroups(p.report.Warned))
	case "changes":
		view.Changes = v.changes(b, p.changes, l)
	default:
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	return errors.Join(err, l.Err())
}

func previewNotes(b *snapshot.Snapshot, report *creditnotes.Report, l *List) notesView {
	view := notesView{List: l, Totals: mainFirst(totalsOf(report.Notes), b.Currency(), currencyOf)}
	for _, n := range Rows(l, report.Notes, previewColumns(b)...) {
		view.Lines = append(view.Lines, previewNote(b, n))
	}
	for _, n := range report.Silent[:min(linesPerPage, len(report.Silent))] {
		view.Silent = append(view.Silent, previewNote(b, n))
	}
	return view
}

// totalsOf adds up notes by currency.
func totalsOf(notes []*creditnotes.Note) (totals []creditnotes.NoteTotal) {
	for _, n := range notes {
		i := slices.IndexFunc(totals, func(t creditnotes.NoteTotal) bool { return t.Currency == n.Currency })
		if i < 0 {
			i = len(totals)
			totals = append(totals, creditnotes.NoteTotal{Currency: n.Currency})
		}
		t := &totals[i]
		t.Notes, t.Net, t.Tax, t.Gross = t.Notes+1, t.Net+n.Net, t.Tax+n.Tax, t.Gross+n.Gross
	}
	slices.SortFunc(totals, func(x, y creditnotes.NoteTotal) int { return cmp.Compare(x.Currency, y.Currency) })
	return totals
}

// heldGroups counts held sessions by owner and reason.
func heldGroups(holds []creditnotes.Hold) (groups []creditnotes.HeldGroup) {
	type place struct {
		owner  string
		reason sessions.Reason
	}
	at := map[place]int{}
	for _, h := range holds {
		i, ok := at[place{h.Owner, h.Reason}]
		if !ok {
			i = len(groups)
			at[place{h.Owner, h.Reason}] = i
			groups = append(groups, creditnotes.HeldGroup{Owner: h.Owner, Reason: h.Reason})
		}
		groups[i].Sessions++
		groups[i].Energy += h.Energy
	}
	slices.SortFunc(groups, func(x, y creditnotes.HeldGroup) int {
		return cmp.Or(cmp.Compare(x.Owner, y.Owner), cmp.Compare(x.Reason, y.Reason))
	})
	return groups
}
