package notes

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// announcementsView lists what the operator announces.
type announcementsView struct {
	*page.FormState
	List     *page.List
	Rows     []announcementLine
	Entities []page.Choice
	Add      bool
	Open     bool // the form
	Entity   string
	Title    string
	Text     string
	Until    string
}

// announcementLine is one of them.
type announcementLine struct {
	creditnotes.Announcement
	For   string // name of the Sub-CPO; empty: all
	Shown bool   // today
}

// Announcements lists what was announced, the latest first; a Sub-CPO sees what
// it is shown.
func (v *Visit) Announcements() error { return v.showAnnouncements(v.Form("")) }

func (v *Visit) showAnnouncements(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/announcements", Size: page.RowsPerPage, Empty: "announcements_none"})
	day := entities.Date(v.Today())
	view := announcementsView{FormState: f, List: l, Entities: v.EntitiesOffered(b), Add: v.May(access.SettleObjections), Open: !f.Ok()}
	var list []creditnotes.Announcement
	if v.Who.Operator {
		if list, err = v.Store.Announcements(v.R.Context(), l.Below(), page.RowsPerPage+1); err != nil {
			return err
		}
		list = page.More(l, list, page.ParamBelow, func(a creditnotes.Announcement) string { return page.FormatID(a.ID) })
	} else if list, err = v.Store.ShownAnnouncements(v.R.Context(), snapshot.Scope(v.Who), day); err != nil {
		return err
	}
	for _, a := range list {
		line := announcementLine{Announcement: a, Shown: a.WithdrawnAt.IsZero() && (a.Until == "" || !a.Until.Before(day))}
		if a.Entity != "" {
			line.For = b.Names(a.Entity)
		}
		view.Rows = append(view.Rows, line)
	}
	if !f.Ok() {
		view.Entity, view.Title, view.Text, view.Until = f.Text("entity"), f.Text("title"), f.Text("text"), f.Text("until")
	}
	f.Fail(l.Err())
	return v.ShowForm(f, "announcements", v.Message("announcements_title"), view)
}

// Announce announces something to one Sub-CPO or to all.
func (v *Visit) Announce() error {
	f := v.Form("")
	_, err := v.Store.Announce(v.R.Context(), v.Name(), creditnotes.Announcement{Entity: f.Text("entity"), Title: f.Text("title"), Text: f.Text("text"), Until: entities.Date(f.Text("until"))})
	if f.Fail(err) {
		return v.showAnnouncements(f)
	}
	return v.Done("/announcements", "announcement_made")
}

// WithdrawAnnouncement ends an announcement.
func (v *Visit) WithdrawAnnouncement() error {
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return v.Nowhere()
	}
	f := v.Form("")
	if f.Fail(v.Store.WithdrawAnnouncement(v.R.Context(), v.Name(), id)) {
		return v.showAnnouncements(f)
	}
	return v.Done("/announcements", "announcement_withdrawn")
}
