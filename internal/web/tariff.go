package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
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

// chargePointPage shows a charge-point tariff.
func (v *visit) chargePointPage() error {
	b, t, err := v.chargePointSeen()
	if err != nil {
		return err
	}
	view := tariffView{Tab: chargePointTab, Key: t.Key, Name: t.Name, ShowSales: v.who.Operator, Overview: v.who.Operator}
	view.Change = v.who.Operator && v.may(access.ChangeTariffs)
	view.Purchase = v.conditionLines(b, t.Purchase, false)
	if v.who.Operator {
		view.Sales = v.conditionLines(b, t.Sales, true)
		used, _ := usedTariffs(b, v.Now())
		view.Used = used[t.Key]
		for _, f := range v.ambiguities(b)[t.Key] {
			view.Ambiguous = append(view.Ambiguous, v.Texts.Fault(v.lang, f))
			for i := range view.Purchase {
				name := fmt.Sprintf("purchase[%d]", view.Purchase[i].Number)
				if f.Args["first"] == name || f.Args["second"] == name {
					view.Purchase[i].Ambiguous = true
				}
			}
		}
	}
	return v.show("tariff", cmp.Or(t.Name, t.Key), view)
}

// chargePointSeen finds a charge-point tariff that the visitor may see.
func (v *visit) chargePointSeen() (*snapshot.Snapshot, *tariffs.ChargePointTariff, error) {
	b, err := v.network()
	if err != nil {
		return nil, nil, err
	}
	key, seen := v.r.PathValue("key"), b.TariffsSeen(v.who)
	list := b.Config.Tariffs.ChargePoint
	i := slices.IndexFunc(list, func(t tariffs.ChargePointTariff) bool { return t.Key == key })
	if i < 0 || !seen.ChargePoint(key) {
		return nil, nil, v.nowhere()
	}
	return b, &list[i], nil
}

// conditionLines writes conditions in the order in which they are tried, as
// far as they concern the visitor.
func (v *visit) conditionLines(b *snapshot.Snapshot, list []tariffs.Condition, sales bool) (lines []conditionLine) {
	zone, turns := v.zone(), map[int]int{}
	ranked := tariffs.Ranking(list, zone)
	for _, c := range ranked {
		turns[c.Turn]++
	}
	for _, c := range ranked {
		if !b.Concerns(v.who, &c.When) {
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

// salesPage shows a sales tariff.
func (v *visit) salesPage() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	for _, t := range b.Config.Tariffs.Sales {
		if t.Key == v.r.PathValue("key") {
			view := tariffView{Tab: salesTab, Key: t.Key, Name: t.Name, ShowSales: true, Overview: true, Sales: v.conditionLines(b, t.Sales, true)}
			for _, m := range b.Config.Media {
				if m.SalesTariff == t.Key {
					view.Used++
				}
			}
			return v.show("tariff", cmp.Or(t.Name, t.Key), view)
		}
	}
	return v.nowhere()
}

// communityView is one COMMUNITY tariff.
type communityView struct {
	*form
	Key, Name string
	New       bool
	Versions  []communityLine // the last one first
	Used      int
	Overview  bool
	Change    bool
	Rates     []choice
	From      string // of the form
	Discount  string
}

// communityLine is one version in time.
type communityLine struct {
	From, Until string
	Rate        string
	Prices      []string
	Current     bool
}

// communityPage shows a COMMUNITY tariff; the key "new" the form of none yet.
func (v *visit) communityPage() error {
	b, t, err := v.communitySeen()
	if err != nil {
		return err
	}
	return v.showCommunity(b, v.form(""), t)
}

// communitySeen finds a COMMUNITY tariff that the visitor may see; for the key
// "new" an empty one for those who may add it.
func (v *visit) communitySeen() (*snapshot.Snapshot, *tariffs.CommunityTariff, error) {
	b, err := v.network()
	if err != nil {
		return nil, nil, err
	}
	key, seen := v.r.PathValue("key"), b.TariffsSeen(v.who)
	if key == "new" && v.who.Operator && v.may(access.ChangeTariffs) {
		return b, &tariffs.CommunityTariff{}, nil
	}
	list := b.Config.Tariffs.Community
	i := slices.IndexFunc(list, func(t tariffs.CommunityTariff) bool { return t.Key == key })
	if i < 0 || !seen.Community(key) {
		return nil, nil, v.nowhere()
	}
	return b, &list[i], nil
}

func (v *visit) showCommunity(b *snapshot.Snapshot, f *form, t *tariffs.CommunityTariff) error {
	if err := v.see(f, record(creditnotes.SectionCommunity, t.Key)); err != nil {
		return err
	}
	view := communityView{
		form: f, Key: t.Key, Name: t.Name, New: v.r.PathValue("key") == "new", From: f.text("from"), Overview: v.who.Operator,
		Change: v.who.Operator && v.may(access.ChangeTariffs), Rates: rateChoices(b, f.text("rate")),
		Discount: v.Texts.Percent(v.lang, b.Config.Settings.CommunityDiscount),
	}
	_, used := usedTariffs(b, v.Now())
	view.Used = used[t.Key]
	view.Versions = v.communityVersions(b, t)
	title := cmp.Or(t.Name, t.Key)
	if view.New {
		title = v.message("tariff_new_community")
	}
	return v.showForm(f, "community", title, view)
}

func (v *visit) communityVersions(b *snapshot.Snapshot, t *tariffs.CommunityTariff) (lines []communityLine) {
	zone := v.zone()
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
func rateChoices(b *snapshot.Snapshot, chosen string) []choice {
	list := []choice{{}}
	for _, r := range b.Config.Tariffs.CostRates {
		if list[len(list)-1].Value != r.Key {
			list = append(list, choice{Value: r.Key, Text: r.Key + " (" + r.Currency + ")", Chosen: r.Key == chosen})
		}
	}
	return list
}

// saveCommunity adds a version to a COMMUNITY tariff, or replaces the one of
// that date; a new tariff begins with it.
func (v *visit) saveCommunity() error {
	b, t, err := v.communitySeen()
	if err != nil {
		return err
	}
	f := v.form("")
	f.input = func(field string) string { return field[strings.LastIndex(field, ".")+1:] } // of the version that is added
	changed, isNew := *t, v.r.PathValue("key") == "new"
	if isNew {
		changed.Key = f.text("key")
	}
	f.about("tariff", changed.Key)
	changed.Name = f.text("name")
	added := tariffs.CommunityVersion{From: entities.Moment(f.at("from", "tariff_from").day()), Purchase: f.text("rate")}
	changed.Versions = slices.DeleteFunc(slices.Clone(t.Versions), func(have tariffs.CommunityVersion) bool { return have.From == added.From })
	changed.Versions = append(changed.Versions, added)
	zone := v.zone()
	slices.SortStableFunc(changed.Versions, func(x, y tariffs.CommunityVersion) int { return x.From.In(zone).Compare(y.From.In(zone)) })
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{Community: []tariffs.CommunityTariff{changed}}}
	if !f.ok() || f.fail(v.saveRecord(f, record(creditnotes.SectionCommunity, changed.Key), isNew, config)) {
		changed.Versions = t.Versions
		return v.showCommunity(b, f, &changed)
	}
	return v.done("/tariffs/community/"+url.PathEscape(changed.Key), "tariff_saved", "Tariff", changed.Key)
}
