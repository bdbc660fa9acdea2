package network

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/internal/web/page"
)

// partnersView lists the roaming partners with the limits of their own.
type partnersView struct {
	List     *page.List
	Partners []partnerLine
	New      string // address of the form of another one; empty: the visitor may not
}

// partnerLine is one partner with the limits that it has.
type partnerLine struct {
	entities.Partner
	Path string // empty: the visitor may not change it
	Own  []limitLine
}

var partnerColumns = []page.Column[partnerLine]{
	{Head: page.Head{Key: "id", Message: "session_partner"}, By: page.ByText(func(p partnerLine) string { return p.ID() })},
	{Head: page.Head{Key: "name", Message: "partner_name"}, By: page.ByText(func(p partnerLine) string { return p.Name })},
	{Head: page.Head{Key: "limits", Message: "entity_limits"}, By: page.By(func(p partnerLine) int { return len(p.Own) })},
}

// limitLine is the limit of a rule: its name in the network file and its value.
type limitLine struct{ Name, Value string }

// partnerView is the form of a partner's limits.
type partnerView struct {
	*page.FormState
	Partner entities.Partner
	Path    string
	New     bool
	Limits  []partnerLimit
	Delete  *deletion
}

// partnerLimit is one field of the form; Standard is the limit of the settings.
type partnerLimit struct {
	limitLine
	Standard string
}

// partnerPath is the address of a partner, whose id has nothing to be escaped.
func partnerPath(id string) string { return "/partners/" + id }

// Partners lists the roaming partners.
func (v *Visit) Partners() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/partners", Order: "id", Size: page.RowsPerPage, Empty: "partners_none"})
	var lines []partnerLine
	for _, p := range b.Config.Partners {
		line := partnerLine{Partner: p, Path: v.LinkIfAllowed(partnerPath(p.ID()))}
		for _, rule := range sessions.Rules() {
			if p.Limits[rule] != 0 {
				line.Own = append(line.Own, limitLine{rule.LimitName(), rule.Format(p.Limits[rule])})
			}
		}
		lines = append(lines, line)
	}
	lines = page.Rows(l, lines, partnerColumns...)
	return v.ShowList("partners", "partners_title", partnersView{l, lines, v.LinkIfAllowed(partnerPath("new"))}, l.Err())
}

// partnerOfID finds the partner of the address; for "new" an empty one.
func (v *Visit) partnerOfID() (*entities.Partner, sessions.Limits, error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return nil, sessions.Limits{}, err
	}
	if v.newPartner() {
		return &entities.Partner{}, b.Config.Settings.Limits, nil
	}
	for i := range b.Config.Partners {
		if p := b.Config.Partners[i]; p.ID() == v.R.PathValue("id") {
			return &p, b.Config.Settings.Limits, nil
		}
	}
	return nil, sessions.Limits{}, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": v.R.PathValue("id")})
}

func (v *Visit) newPartner() bool { return v.R.PathValue("id") == "new" }

// PartnerPage shows the form of a partner; "new" that of none yet.
func (v *Visit) PartnerPage() error {
	p, standard, err := v.partnerOfID()
	if err != nil {
		return err
	}
	return v.showPartner(v.Form(""), p, standard)
}

func (v *Visit) showPartner(f *page.FormState, p *entities.Partner, standard sessions.Limits) error {
	if err := v.See(f, page.Record(creditnotes.SectionPartners, p.ID())); err != nil {
		return err
	}
	view := partnerView{FormState: f, Partner: *p, New: v.newPartner(), Path: partnerPath(v.R.PathValue("id"))}
	for _, rule := range sessions.Rules() {
		limit := partnerLimit{limitLine{rule.LimitName(), rule.Format(p.Limits[rule])}, rule.Format(standard[rule])}
		if !f.Ok() {
			limit.Value = f.Text(limit.Name)
		}
		view.Limits = append(view.Limits, limit)
	}
	title := p.ID()
	if view.New {
		title = v.Message("partner_new")
	} else {
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionPartners, p.ID(), view.Path); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "partner", title, view)
}

// SavePartner stores a partner; an empty limit is that of the entity or of the
// settings.
func (v *Visit) SavePartner() error {
	p, standard, err := v.partnerOfID()
	if err != nil {
		return err
	}
	f := v.Form("")
	if v.newPartner() {
		p.CountryCode, p.PartyID = strings.ToUpper(f.Text("country_code")), strings.ToUpper(f.Text("party_id"))
	}
	p.Name = f.Text("name")
	limitsIn(f, &p.Limits)
	config := &creditnotes.Configuration{Partners: []entities.Partner{*p}}
	if !f.Ok() || f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionPartners, p.ID()), v.newPartner(), config)) {
		return v.showPartner(f, p, standard)
	}
	return v.Done("/partners", "partner_saved", "Partner", p.ID())
}
