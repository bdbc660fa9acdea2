package network

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// rateView is one cost rate.
type rateView struct {
	Key      string
	Versions []versionLine // the last one first
	Uses     []tariffUse
	Chosen   int // version that is calculated
	Curve    curveView
	Overview bool
	Change   bool
	WhatIf   bool
	Delete   *deletion // nil: the visitor may not
}

// versionLine is one version in time.
type versionLine struct {
	*tariffs.CostRate
	From    string
	Prices  []string
	Current bool
	Hidden  bool // another version of the same date takes its place
}

// RatePage shows a cost rate with its versions and the calculator.
func (v *Visit) RatePage() error {
	b, versions, err := v.rateSeen()
	if err != nil {
		return err
	}
	key := versions[0].Key
	view := rateView{Key: key, Overview: v.Who.Operator, Change: v.Who.Operator && v.May(access.ChangeTariffs)}
	view.WhatIf = v.Who.Operator && v.May(access.Preview)
	current, err := b.Book.Rate(key, v.Now())
	if err != nil {
		current = versions[len(versions)-1] // none is in force yet
	}
	if v.Who.Operator {
		view.Uses = tariffsOf(b, key)
	}
	chosen := current
	for i, r := range versions {
		line := versionLine{CostRate: r, From: v.Message("rate_since_ever"), Prices: v.rateInWords(r), Current: r.Version == current.Version}
		if !r.ValidFrom.IsZero() {
			line.From = v.Instant(r.ValidFrom)
		}
		line.Hidden = slices.ContainsFunc(versions[i+1:], func(later *tariffs.CostRate) bool { return later.ValidFrom.Equal(r.ValidFrom) })
		view.Versions = append(view.Versions, line)
		if strconv.Itoa(r.Version) == v.R.FormValue("version") {
			chosen = r
		}
	}
	slices.Reverse(view.Versions)
	view.Chosen = chosen.Version
	view.Curve = v.curve(v.Form(calculatorForm), chosen)
	if view.Change {
		if view.Delete, err = v.deletionOf(creditnotes.SectionRates, key, "/tariffs/rates/"+url.PathEscape(key)); err != nil {
			return err
		}
	}
	return v.Show("rate", key, view)
}

// rateSeen finds the versions of a cost rate that the visitor may see, in the
// order of time.
func (v *Visit) rateSeen() (*snapshot.Snapshot, []*tariffs.CostRate, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	key, seen := v.R.PathValue("key"), b.TariffsSeen(v.Who)
	versions := versionsOf(b, key)
	if len(versions) == 0 || !seen.Rate(key) {
		return nil, nil, fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": key})
	}
	return b, versions, nil
}

// versionsOf lists the versions of a cost rate in the order of time.
func versionsOf(b *snapshot.Snapshot, key string) (versions []*tariffs.CostRate) {
	for i := range b.Config.Tariffs.CostRates {
		if r := &b.Config.Tariffs.CostRates[i]; r.Key == key {
			versions = append(versions, r)
		}
	}
	slices.SortStableFunc(versions, func(x, y *tariffs.CostRate) int {
		if n := x.ValidFrom.Compare(y.ValidFrom); n != 0 {
			return n
		}
		return x.Version - y.Version
	})
	return versions
}

// startOf reads the start of the calculator's session: now where it is empty.
func (v *Visit) startOf(f *page.FormState) (start time.Time, typed string) {
	typed = f.Text("start")
	if typed == "" {
		local := v.Now().In(v.Zone()).Truncate(time.Minute)
		return local, local.Format("2006-01-02T15:04")
	}
	if at, ok := page.LocalTime(typed, v.Zone()); ok {
		return at, typed
	}
	return f.At("start", "calc_start").Moment().In(v.Zone()), typed
}
