package month

import (
	"time"

	"creditrun/internal/inbox"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// inboxLine is what waits of one kind.
type inboxLine struct {
	Kind   inbox.Kind
	Count  int
	Since  time.Time // of the oldest
	Days   int       // its age
	Values []store.PileValue
	Link   string // empty: the visitor may not open the page
}

// inbox is what waits for the visitor.
func (v *Visit) inbox(b *snapshot.Snapshot) ([]inboxLine, error) {
	items, err := inbox.Of(v.R.Context(), inbox.Asked{Store: v.Store, Who: v.Who, Now: v.Now(), Snapshot: b})
	var lines []inboxLine
	for _, item := range items {
		days := max(0, int(v.Now().Sub(item.Oldest)/(24*time.Hour)))
		page.MainFirst(item.Values, b.Currency(), func(value store.PileValue) string { return value.Currency })
		lines = append(lines, inboxLine{item.Kind, item.Count, item.Oldest, days, item.Values, v.LinkIfAllowed(item.Link)})
	}
	return lines, err
}

// endingView lists certificates and agreements that end soon.
type endingView struct {
	List *page.List
	Rows []endingLine
}

// endingLine is one of them.
type endingLine struct {
	inbox.Paper
	Path string
}

var endingColumns = []page.Column[endingLine]{
	{Head: page.Head{Key: "entity", Message: "thread_entity"}, By: page.ByText(func(l endingLine) string { return l.Entity.Name })},
	{Head: page.Head{Key: "kind", Message: "ending_what"}, By: page.ByText(func(l endingLine) string { return string(l.Kind) })},
	{Head: page.Head{Key: "until", Message: "ending_until"}, By: page.By(func(l endingLine) string { return string(l.Until) })},
}

// Ending lists the certificates and agreements that end within 60 days and are
// not followed by others.
func (v *Visit) Ending() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/ending", Order: "until", Size: page.RowsPerPage, Empty: "ending_none"})
	var lines []endingLine
	for _, p := range inbox.Papers(b, v.Now()) {
		part := "/edit#agreement"
		if p.Kind == inbox.Certificate {
			part = "/edit#reseller"
		}
		lines = append(lines, endingLine{p, v.NearestAllowed(page.EntityPath(p.Entity.Key) + part)})
	}
	return v.ShowList("ending", "ending_title", endingView{l, page.Rows(l, lines, endingColumns...)}, l.Err())
}
