package month

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
	"creditrun/tariffs"
)

// setupView is the checklist of what a network needs before its first run.
type setupView struct {
	Steps  []setupStep
	Done   int
	Upload string // where files are uploaded; empty: the visitor may not
}

// setupStep is one thing to do. What it says is the message setup_<Name>.
type setupStep struct {
	Name string
	Done bool
	Left int    // things that it still lacks, where that can be counted
	Path string // where it is done; empty: the visitor may not
}

// setup is the checklist until the first run has issued documents; nil after
// that.
func (v *Visit) setup(b *snapshot.Snapshot, runs []creditnotes.Run) (*setupView, error) {
	if slices.ContainsFunc(runs, func(r creditnotes.Run) bool {
		return r.Stage == creditnotes.StageIssued || r.Stage == creditnotes.StageCompleted
	}) {
		return nil, nil
	}
	has, err := v.Store.HasSessions(v.R.Context())
	if err != nil {
		return nil, err
	}
	view := setupView{Steps: setupSteps(b, v.lacking(b), has, len(runs) > 0), Upload: v.LinkIfAllowed("/uploads")}
	for i := range view.Steps {
		step := &view.Steps[i]
		step.Path = v.NearestAllowed(step.Path)
		if step.Done {
			view.Done++
		}
	}
	return &view, nil
}

// welcome is the first page while there is no network.
func (v *Visit) welcome(b *snapshot.Snapshot) error {
	view, err := v.setup(b, nil)
	if err != nil {
		return err
	}
	return v.ShowAs("welcome", "welcome_title", view)
}

// lackingOf counts what stations and connectors lack.
type lackingOf struct{ owner, connectors, tariff int }

func (v *Visit) lacking(b *snapshot.Snapshot) (l lackingOf) {
	if b.Network == nil {
		return l
	}
	places := b.Places()
	for i := range b.Config.Stations {
		key := b.Config.Stations[i].Key
		if b.Network.StationOwner(key, v.Now()) == nil {
			l.owner++
		}
		if len(places[key]) == 0 {
			l.connectors++
		}
		l.tariff += countOf(places[key], func(p *entities.Place) bool {
			a := tariffs.AssignedAt(p, v.Now())
			return a == nil || a.ChargePoint == "" && a.Community == ""
		})
	}
	return l
}

func countOf[T any](list []T, is func(T) bool) (n int) {
	for _, one := range list {
		if is(one) {
			n++
		}
	}
	return n
}

// setupSteps are the steps in the order in which one builds on the other.
func setupSteps(b *snapshot.Snapshot, lacking lackingOf, sessions, begun bool) []setupStep {
	c, s := b.Config, &b.Config.Settings
	stations := len(c.Stations) > 0
	return []setupStep{
		{Name: "operator", Done: b.Operator() != nil, Path: "/entities/new"},
		{Name: "taxes", Done: len(c.TaxAccounts) > 0, Path: "/taxes/new"},
		{Name: "ranges", Done: len(c.NumberRanges) > 0, Path: "/ranges/new"},
		{Name: "settings", Done: s.NumberRange != "" && s.CancellationRange != "" && s.TaxAccount != "", Path: "/settings#number_range"},
		{Name: "entities", Done: len(c.Entities) > 1, Path: "/entities/new"},
		{Name: "rates", Done: len(c.Tariffs.CostRates) > 0, Path: "/tariffs/rates/new"},
		{Name: "tariffs", Done: len(c.Tariffs.Community)+len(c.Tariffs.ChargePoint) > 0, Path: "/tariffs/community/new"},
		{Name: "stations", Done: stations, Path: "/stations/new"},
		{Name: "owners", Done: stations && lacking.owner == 0, Left: lacking.owner, Path: "/stations?state=no_owner"},
		{Name: "connectors", Done: stations && lacking.connectors == 0, Left: lacking.connectors, Path: "/stations?sort=connectors"},
		{Name: "assigned", Done: len(c.Connectors) > 0 && lacking.tariff == 0, Left: lacking.tariff, Path: "/stations?state=no_tariff"},
		{Name: "sessions", Done: sessions, Path: "/uploads"},
		{Name: "active", Done: s.Active, Path: "/settings/activate"},
		{Name: "run", Done: begun, Path: "/runs/new"},
	}
}
