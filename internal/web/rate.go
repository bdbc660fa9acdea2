package web

import (
	"slices"
	"strconv"
	"time"

	"creditrun/internal/snapshot"

	"creditrun/internal/access"
	"creditrun/internal/fault"
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
}

// versionLine is one version in time.
type versionLine struct {
	*tariffs.CostRate
	From    string
	Prices  []string
	Current bool
	Hidden  bool // another version of the same date takes its place
}

// ratePage shows a cost rate with its versions and the calculator.
func (v *visit) ratePage() error {
	b, versions, err := v.rateSeen()
	if err != nil {
		return err
	}
	key := versions[0].Key
	view := rateView{Key: key, Overview: v.who.Operator, Change: v.who.Operator && v.may(access.ChangeTariffs)}
	view.WhatIf = v.who.Operator && v.may(access.Preview)
	current, err := b.Book.Rate(key, v.Now())
	if err != nil {
		current = versions[len(versions)-1] // none is in force yet
	}
	if v.who.Operator {
		view.Uses = tariffsOf(b, key)
	}
	chosen := current
	for i, r := range versions {
		line := versionLine{CostRate: r, From: v.message("rate_since_ever"), Prices: v.rateInWords(r), Current: r.Version == current.Version}
		if !r.ValidFrom.IsZero() {
			line.From = v.instant(v.lang, r.ValidFrom)
		}
		line.Hidden = slices.ContainsFunc(versions[i+1:], func(later *tariffs.CostRate) bool { return later.ValidFrom.Equal(r.ValidFrom) })
		view.Versions = append(view.Versions, line)
		if strconv.Itoa(r.Version) == v.r.FormValue("version") {
			chosen = r
		}
	}
	slices.Reverse(view.Versions)
	view.Chosen = chosen.Version
	view.Curve = v.curve(v.form(calculatorForm), chosen)
	return v.show("rate", key, view)
}

// rateSeen finds the versions of a cost rate that the visitor may see, in the
// order of time.
func (v *visit) rateSeen() (*snapshot.Snapshot, []*tariffs.CostRate, error) {
	b, err := v.network()
	if err != nil {
		return nil, nil, err
	}
	key, seen := v.r.PathValue("key"), b.TariffsSeen(v.who)
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
func (v *visit) startOf(f *form) (start time.Time, typed string) {
	typed = f.text("start")
	if typed == "" {
		local := v.Now().In(v.zone()).Truncate(time.Minute)
		return local, local.Format("2006-01-02T15:04")
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, typed, v.zone()); err == nil {
			return at, typed
		}
	}
	return f.at("start", "calc_start").moment().In(v.zone()), typed
}
