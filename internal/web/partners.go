package web

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// partnersView lists the roaming partners with the limits of their own.
type partnersView struct {
	List     *List
	Partners []partnerLine
}

// partnerLine is one partner with the limits that it has.
type partnerLine struct {
	entities.Partner
	Path string // empty: the visitor may not change it
	Own  []limitLine
}

var partnerColumns = []Column[partnerLine]{
	{Head{Key: "id", Message: "session_partner"}, ByText(func(p partnerLine) string { return p.ID() })},
	{Head{Key: "name", Message: "partner_name"}, ByText(func(p partnerLine) string { return p.Name })},
	{Head{Key: "limits", Message: "entity_limits"}, By(func(p partnerLine) int { return len(p.Own) })},
}

// limitLine is the limit of a rule: its name in the network file and its value.
type limitLine struct{ Name, Value string }

// partnerView is the form of a partner's limits.
type partnerView struct {
	*form
	Partner entities.Partner
	Path    string
	Limits  []partnerLimit
}

// partnerLimit is one field of the form; Standard is the limit of the settings.
type partnerLimit struct {
	limitLine
	Standard string
}

// partnerPath is the address of a partner, whose id has nothing to be escaped.
func partnerPath(id string) string { return "/partners/" + id }

// partners lists the roaming partners.
func (v *visit) partners() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/partners", Order: "id", Size: rowsPerPage, Empty: "partners_none"})
	var lines []partnerLine
	for _, p := range b.Config.Partners {
		line := partnerLine{Partner: p, Path: v.linkIfAllowed(partnerPath(p.ID()))}
		for _, rule := range sessions.Rules() {
			if p.Limits[rule] != 0 {
				line.Own = append(line.Own, limitLine{rule.LimitName(), rule.Format(p.Limits[rule])})
			}
		}
		lines = append(lines, line)
	}
	lines = Rows(l, lines, partnerColumns...)
	return v.showList("partners", "partners_title", partnersView{l, lines}, l.Err())
}

// partnerOfID finds the partner of the address.
func (v *visit) partnerOfID() (*entities.Partner, sessions.Limits, error) {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return nil, sessions.Limits{}, err
	}
	for i := range b.Config.Partners {
		if p := b.Config.Partners[i]; p.ID() == v.r.PathValue("id") {
			return &p, b.Config.Settings.Limits, nil
		}
	}
	return nil, sessions.Limits{}, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": v.r.PathValue("id")})
}

// partnerPage shows the form of a partner's limits.
func (v *visit) partnerPage() error {
	p, standard, err := v.partnerOfID()
	if err != nil {
		return err
	}
	return v.showPartner(v.form(""), p, standard)
}

func (v *visit) showPartner(f *form, p *entities.Partner, standard sessions.Limits) error {
	if err := v.see(f, record(creditnotes.SectionPartners, p.ID())); err != nil {
		return err
	}
	view := partnerView{form: f, Partner: *p, Path: partnerPath(p.ID())}
	for _, rule := range sessions.Rules() {
		limit := partnerLimit{limitLine{rule.LimitName(), rule.Format(p.Limits[rule])}, rule.Format(standard[rule])}
		if !f.ok() {
			limit.Value = f.text(limit.Name)
		}
		view.Limits = append(view.Limits, limit)
	}
	return v.showForm(f, "partner", p.ID(), view)
}

// savePartner stores the limits of a partner; an empty one is that of the entity
// or of the settings.
func (v *visit) savePartner() error {
	p, standard, err := v.partnerOfID()
	if err != nil {
		return err
	}
	f := v.form("")
	f.limits(&p.Limits)
	config := &creditnotes.Configuration{Partners: []entities.Partner{*p}}
	if !f.ok() || f.fail(v.saveRecord(f, record(creditnotes.SectionPartners, p.ID()), false, config)) {
		return v.showPartner(f, p, standard)
	}
	return v.done("/partners", "partner_saved", "Partner", p.ID())
}
