package network

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// tariffView is one charge-point or sales tariff.
type tariffView struct {
	Tab       string // in which the overview lists it
	Key, Name string
	Purchase  []conditionLine // in the order in which they are tried
	Sales     []conditionLine
	Ambiguous []string
	Used      int // connectors now, or media
	ShowSales bool
	Overview  bool // the visitor may open it
	Change    bool
	Delete    *deletion // nil: the visitor may not
}

// conditionLine is one condition and when it is tried.
type conditionLine struct {
	Turn, Number int
	Filters      []string
	Rate         string
	Prices       []string
	From, Until  string
	Position     int
	Equal        bool // another one shares the turn
	Ambiguous    bool // and may match the same session
	Over         bool // not valid any more
}

// ChargePointPage shows a charge-point tariff.
func (v *Visit) ChargePointPage() error {
	b, t, err := v.chargePointSeen()
	if err != nil {
		return err
	}
	view := tariffView{Tab: chargePointTab, Key: t.Key, Name: t.Name, ShowSales: v.Who.Operator, Overview: v.Who.Operator}
	view.Change = v.Who.Operator && v.May(access.ChangeTariffs)
	view.Purchase = v.conditionLines(b, t.Purchase, false)
	if v.Who.Operator {
		view.Sales = v.conditionLines(b, t.Sales, true)
		used, _ := usedTariffs(b, v.Now())
		view.Used = used[t.Key]
		if err := v.addDeletion(&view, creditnotes.SectionChargePoint); err != nil {
			return err
		}
		for _, f := range v.ambiguities(b)[t.Key] {
			view.Ambiguous = append(view.Ambiguous, v.Texts.PageFault(v.Lang, f))
			for i := range view.Purchase {
				name := fmt.Sprintf("purchase[%d]", view.Purchase[i].Number)
				if f.Args["first"] == name || f.Args["second"] == name {
					view.Purchase[i].Ambiguous = true
				}
			}
		}
	}
	return v.Show("tariff", cmp.Or(t.Name, t.Key), view)
}

// addDeletion adds the form that deletes a tariff, for those who may.
func (v *Visit) addDeletion(view *tariffView, section string) (err error) {
	if view.Change {
		view.Delete, err = v.deletionOf(section, view.Key, "/tariffs/"+view.Tab+"/"+url.PathEscape(view.Key))
	}
	return err
}

// chargePointSeen finds a charge-point tariff that the visitor may see.
func (v *Visit) chargePointSeen() (*snapshot.Snapshot, *tariffs.ChargePointTariff, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	key, seen := v.R.PathValue("key"), b.TariffsSeen(v.Who)
	list := b.Config.Tariffs.ChargePoint
	i := slices.IndexFunc(list, func(t tariffs.ChargePointTariff) bool { return t.Key == key })
	if i < 0 || !seen.ChargePoint(key) {
		return nil, nil, v.Nowhere()
	}
	return b, &list[i], nil
}

// conditionLines writes conditions in the order in which they are tried, as
// far as they concern the visitor.
func (v *Visit) conditionLines(b *snapshot.Snapshot, list []tariffs.Condition, sales bool) (lines []conditionLine) {
	zone, turns := v.Zone(), map[int]int{}
	ranked := tariffs.Ranking(list, zone)
	for _, c := range ranked {
		turns[c.Turn]++
	}
	for _, c := range ranked {
		if !b.Concerns(v.Who, &c.When) {
			continue
		}
		until := c.To.In(zone)
		lines = append(lines, conditionLine{
			Turn: c.Turn, Number: c.Number, Filters: v.filterInWords(c.When, sales), Rate: c.Rate, Prices: v.pricesAt(b, c.Rate, v.Now()),
			From: v.moment(c.From, zone), Until: v.momentBefore(c.To, zone), Position: c.Position,
			Equal: turns[c.Turn] > 1, Over: !c.To.IsZero() && !until.After(v.Now()),
		})
	}
	return lines
}

// SalesPage shows a sales tariff.
func (v *Visit) SalesPage() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	for _, t := range b.Config.Tariffs.Sales {
		if t.Key == v.R.PathValue("key") {
			view := tariffView{Change: v.May(access.ChangeTariffs), Tab: salesTab, Key: t.Key, Name: t.Name, ShowSales: true, Overview: true, Sales: v.conditionLines(b, t.Sales, true)}
			for _, m := range b.Config.Media {
				if m.SalesTariff == t.Key {
					view.Used++
				}
			}
			if err := v.addDeletion(&view, creditnotes.SectionSales); err != nil {
				return err
			}
			return v.Show("tariff", cmp.Or(t.Name, t.Key), view)
		}
	}
	return v.Nowhere()
}

// communityView is one COMMUNITY tariff.
type communityView struct {
	*page.FormState
	Key, Name string
	New       bool
	Versions  []communityLine // the last one first
	Used      int
	Overview  bool
	Change    bool
	Rates     []page.Choice
	From      string // of the form
	Discount  string
	Delete    *deletion
	Until     entities.Date // its last day
}

// communityLine is one version in time.
type communityLine struct {
	From, Until string
	Rate        string
	Prices      []string
	Current     bool
}

// CommunityPage shows a COMMUNITY tariff; the key "new" the form of none yet.
func (v *Visit) CommunityPage() error {
	b, t, err := v.communitySeen()
	if err != nil {
		return err
	}
	return v.showCommunity(b, v.Form(""), t)
}

// communitySeen finds a COMMUNITY tariff that the visitor may see; for the key
// "new" an empty one for those who may add it.
func (v *Visit) communitySeen() (*snapshot.Snapshot, *tariffs.CommunityTariff, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	key, seen := v.R.PathValue("key"), b.TariffsSeen(v.Who)
	if key == "new" && v.Who.Operator && v.May(access.ChangeTariffs) {
		return b, &tariffs.CommunityTariff{}, nil
	}
	list := b.Config.Tariffs.Community
	i := slices.IndexFunc(list, func(t tariffs.CommunityTariff) bool { return t.Key == key })
	if i < 0 || !seen.Community(key) {
		return nil, nil, v.Nowhere()
	}
	return b, &list[i], nil
}

func (v *Visit) showCommunity(b *snapshot.Snapshot, f *page.FormState, t *tariffs.CommunityTariff) error {
	if err := v.See(f, page.Record(creditnotes.SectionCommunity, t.Key)); err != nil {
		return err
	}
	view := communityView{
		FormState: f, Key: t.Key, Name: t.Name, New: v.R.PathValue("key") == "new", From: f.Text("from"), Overview: v.Who.Operator,
		Change: v.Who.Operator && v.May(access.ChangeTariffs), Rates: rateChoices(b, f.Text("rate")),
		Discount: v.Texts.Percent(v.Lang, b.Config.Settings.CommunityDiscount),
	}
	_, used := usedTariffs(b, v.Now())
	view.Used = used[t.Key]
	view.Versions = v.communityVersions(b, t)
	view.Until = t.Until
	title := v.Message("title_edit", "What", cmp.Or(t.Name, t.Key))
	switch {
	case view.New:
		title = v.Message("tariff_new_community")
	case view.Change:
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionCommunity, t.Key, "/tariffs/community/"+url.PathEscape(t.Key)); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "community", title, view)
}

func (v *Visit) communityVersions(b *snapshot.Snapshot, t *tariffs.CommunityTariff) (lines []communityLine) {
	zone := v.Zone()
	list := slices.Clone(t.Versions)
	slices.SortStableFunc(list, func(x, y tariffs.CommunityVersion) int { return x.From.In(zone).Compare(y.From.In(zone)) })
	current := communityAt(&tariffs.CommunityTariff{Versions: list}, v.Now(), zone)
	for i, version := range list {
		line := communityLine{From: v.moment(version.From, zone), Rate: version.Purchase, Current: i == current}
		moment := v.Now()
		if from := version.From.In(zone); from.After(moment) {
			moment = from
		}
		line.Prices = v.pricesAt(b, version.Purchase, moment)
		if i+1 < len(list) {
			line.Until = v.momentBefore(list[i+1].From, zone)
		}
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

// rateChoices offers the cost rates by key.
func rateChoices(b *snapshot.Snapshot, chosen string) []page.Choice {
	list := []page.Choice{{}}
	for _, r := range b.Config.Tariffs.CostRates {
		if list[len(list)-1].Value != r.Key {
			list = append(list, page.Choice{Value: r.Key, Text: r.Key + " (" + r.Currency + ")", Chosen: r.Key == chosen})
		}
	}
	return list
}

// SaveCommunity adds a version to a COMMUNITY tariff, or replaces the one of
// that date; a new tariff begins with it.
func (v *Visit) SaveCommunity() error {
	b, t, err := v.communitySeen()
	if err != nil {
		return err
	}
	f := v.Form("")
	f.Input = func(field string) string { return field[strings.LastIndex(field, ".")+1:] } // of the version that is added
	changed, isNew := *t, v.R.PathValue("key") == "new"
	if isNew {
		changed.Key = f.Text("key")
	}
	f.About("tariff", changed.Key)
	changed.Name, changed.Until = f.Text("name"), untilIn(f)
	adds := isNew || f.Text("rate") != "" || changed.Until == t.Until // else it is its end that changes
	var added tariffs.CommunityVersion
	if adds {
		added = tariffs.CommunityVersion{From: entities.Moment(f.At("from", "tariff_from").Day()), Purchase: f.Text("rate")}
		changed.Versions = withVersion(t.Versions, added, v.Zone())
	}
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{Community: []tariffs.CommunityTariff{changed}}}
	record := page.Record(creditnotes.SectionCommunity, changed.Key)
	if f.Text("do") == "edit" {
		changed.Versions = t.Versions
		return v.showCommunity(b, v.Form(""), &changed)
	}
	if f.Ok() && adds {
		a := v.affectedByVersion(b, t, added)
		a.record, a.isNew, a.config, a.title = record, isNew, config, v.Message("community_tariff")+" "+changed.Key
		if asked, err := v.asksFirst(b, f, a); asked || err != nil {
			return err
		}
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, record, isNew, config)) {
		changed.Versions = t.Versions
		return v.showCommunity(b, f, &changed)
	}
	return v.Done("/tariffs/community/"+url.PathEscape(changed.Key), "tariff_saved", "Tariff", changed.Key)
}

// affectedByVersion says what a new version of a COMMUNITY tariff changes from its
// beginning on.
func (v *Visit) affectedByVersion(b *snapshot.Snapshot, t *tariffs.CommunityTariff, added tariffs.CommunityVersion) *affected {
	a := &affected{since: added.From.In(v.Zone())}
	a.reprice = rateAt(t, a.since, v.Zone())
	for _, line := range v.pricesAt(b, a.reprice, a.since) {
		a.change = append(a.change, v.Message("affects_prices_before", "Price", line))
	}
	for _, line := range v.pricesAt(b, added.Purchase, a.since) {
		a.change = append(a.change, v.Message("affects_prices", "Price", line))
	}
	return a
}

// withVersion are versions of a COMMUNITY tariff with one more, which takes the
// place of one from the same moment on.
func withVersion(list []tariffs.CommunityVersion, added tariffs.CommunityVersion, zone *time.Location) []tariffs.CommunityVersion {
	list = slices.DeleteFunc(slices.Clone(list), func(have tariffs.CommunityVersion) bool { return have.From == added.From })
	list = append(list, added)
	slices.SortStableFunc(list, func(x, y tariffs.CommunityVersion) int { return x.From.In(zone).Compare(y.From.In(zone)) })
	return list
}
