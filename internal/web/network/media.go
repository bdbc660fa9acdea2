package network

import (
	"net/url"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// mediaView lists the media that entities of the network issued.
type mediaView struct {
	List *page.List
	Rows []mediumLine
}

// mediumLine is one medium.
type mediumLine struct {
	entities.Medium
	Path, IssuerName string
	Ended            bool
}

var mediaColumns = []page.Column[mediumLine]{
	{Head: page.Head{Key: "uid", Message: "medium_uid"}, By: page.ByText(func(m mediumLine) string { return m.UID })},
	{Head: page.Head{Key: "issuer", Message: "medium_issuer"}, By: page.ByText(func(m mediumLine) string { return m.IssuerName })},
	{Head: page.Head{Key: "tariff", Message: "medium_tariff"}, By: page.ByText(func(m mediumLine) string { return m.SalesTariff })},
	{Head: page.Head{Key: "from", Message: "medium_from"}, By: page.ByText(func(m mediumLine) string { return string(m.BillingFrom) })},
}

func mediumPath(uid string) string { return "/media/" + url.PathEscape(uid) }

// Media lists the media; those that are no longer used only where one is searched.
func (v *Visit) Media() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/media", Fields: []string{"q"}, Order: "uid", Size: page.RowsPerPage, Empty: "media_none"})
	text := strings.ToUpper(l.Text("q"))
	var found []mediumLine
	for _, m := range b.Config.Media {
		line := mediumLine{m, mediumPath(m.UID), b.Name(m.Issuer), m.Until.Ended(entities.Date(v.Today()))}
		if (!line.Ended || text != "") && strings.Contains(strings.ToUpper(m.UID+"\n"+m.Issuer+"\n"+line.IssuerName), text) {
			found = append(found, line)
		}
	}
	return v.ShowList("media", "media_title", mediaView{l, page.Rows(l, found, mediaColumns...)}, l.Err())
}

// mediumView is the form of one medium.
type mediumView struct {
	*page.FormState
	Medium   entities.Medium
	New      bool
	Entities page.Offered
	Tariffs  []page.Choice
	Delete   *deletion
}

// mediumSeen finds the medium of the address; for "new" an empty one.
func (v *Visit) mediumSeen() (*snapshot.Snapshot, entities.Medium, error) {
	b, err := v.Network()
	if err != nil {
		return nil, entities.Medium{}, err
	}
	uid := v.R.PathValue("uid")
	if uid == "new" {
		return b, entities.Medium{BillingFrom: entities.Date(v.Today())}, nil
	}
	i := slices.IndexFunc(b.Config.Media, func(m entities.Medium) bool { return m.UID == uid })
	if i < 0 {
		return nil, entities.Medium{}, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": uid})
	}
	return b, b.Config.Media[i], nil
}

// MediumPage shows the form of a medium; "new" that of none yet.
func (v *Visit) MediumPage() error {
	b, m, err := v.mediumSeen()
	if err != nil {
		return err
	}
	return v.showMedium(b, v.Form(""), m)
}

func (v *Visit) showMedium(b *snapshot.Snapshot, f *page.FormState, m entities.Medium) error {
	isNew := v.R.PathValue("uid") == "new"
	if err := v.See(f, page.Record(creditnotes.SectionMedia, m.UID)); err != nil {
		return err
	}
	view := mediumView{FormState: f, Medium: m, New: isNew, Entities: v.Offer(b, page.OfferedEntities)}
	view.Tariffs = append([]page.Choice{{}}, salesChoices(b.Config.Tariffs.Sales, entities.Date(v.Today()), m.SalesTariff)...)
	for i := range view.Tariffs {
		view.Tariffs[i].Chosen = view.Tariffs[i].Value == m.SalesTariff
	}
	title := v.Message("medium_new")
	if !isNew {
		title = m.UID
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionMedia, m.UID, mediumPath(m.UID)); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "medium", title, view)
}

// SaveMedium stores a medium. Sessions that were credited stay as they are.
func (v *Visit) SaveMedium() error {
	b, m, err := v.mediumSeen()
	if err != nil {
		return err
	}
	f, isNew := v.Form(""), v.R.PathValue("uid") == "new"
	if isNew {
		m.UID = f.Text("uid")
	}
	m.Issuer, m.SalesTariff, m.BillingFrom = f.Text("issuer"), f.Text("sales_tariff"), ""
	if f.Text("billing_from") != "" {
		m.BillingFrom = f.At("billing_from", "medium_from").Day()
	}
	m.Until = untilIn(f)
	config := &creditnotes.Configuration{Media: []entities.Medium{m}}
	if !f.Ok() || f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionMedia, m.UID), isNew, config)) {
		return v.showMedium(b, f, m)
	}
	return v.Done("/media", "medium_saved", "Medium", m.UID)
}
