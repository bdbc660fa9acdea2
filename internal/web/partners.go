package web

import (
	"strings"

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
	Partner entities.Partner
	Path    string
	Seen    string
	Limits  []partnerLimit
}

// partnerLimit is one field of the form; Standard is the limit of the settings.
type partnerLimit struct {
	limitLine
	Standard string
	Wrong    string
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
	return v.showPartner(p, partnerLimits(p, standard), nil)
}

// partnerLimits are the fields of the form as they are stored.
func partnerLimits(p *entities.Partner, standard sessions.Limits) (list []partnerLimit) {
	for _, rule := range sessions.Rules() {
		list = append(list, partnerLimit{
			limitLine: limitLine{rule.LimitName(), rule.Format(p.Limits[rule])}, Standard: rule.Format(standard[rule]),
		})
	}
	return list
}

// showPartner shows the form, with what was wrong on top.
func (v *visit) showPartner(p *entities.Partner, limits []partnerLimit, problem error) error {
	seen, err := v.seen(record(creditnotes.SectionPartners, p.ID()), problem)
	if err != nil {
		return err
	}
	view := partnerView{Partner: *p, Path: partnerPath(p.ID()), Seen: seen, Limits: limits}
	if problem != nil {
		return v.retry(problem, "partner", p.ID(), view)
	}
	return v.show("partner", p.ID(), view)
}

// savePartner stores the limits of a partner; an empty one is that of the entity
// or of the settings.
func (v *visit) savePartner() error {
	p, standard, err := v.partnerOfID()
	if err != nil {
		return err
	}
	var faults fault.List
	limits := partnerLimits(p, standard)
	for i, rule := range sessions.Rules() {
		text := strings.TrimSpace(v.r.PostFormValue(rule.LimitName()))
		limits[i].Value, p.Limits[rule] = text, 0
		if rule.Percent() {
			text = strings.ReplaceAll(text, ",", ".")
		}
		if text == "" {
			continue
		}
		limit, err := rule.Parse(text)
		if err != nil {
			limits[i].Wrong = v.message("entity_limit_malformed", "Expected", rule.Expected())
			faults = append(faults, fault.New(fault.Invalid, "setting_value", fault.Args{"key": rule.LimitName(), "value": text, "expected": rule.Expected()}))
			continue
		}
		p.Limits[rule] = limit
	}
	err = faults.Err()
	if err == nil {
		err = v.saveRecord(record(creditnotes.SectionPartners, p.ID()), false, &creditnotes.Configuration{Partners: []entities.Partner{*p}})
	}
	if err != nil {
		return v.showPartner(p, limits, err)
	}
	return v.done("/partners", "partner_saved", "Partner", p.ID())
}
