package network

import (
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// communityForm is the form by whose name a Sub-CPO chooses a COMMUNITY tariff.
const communityForm = "community"

// communityChoice is what a Sub-CPO chooses among for its connectors.
type communityChoice struct {
	*page.FormState
	Offers    []communityOffer
	From      string // first possible day
	Chosen    string
	Day       string
	Connector string
}

// communityOffer is a COMMUNITY tariff that may be chosen, with its prices from
// the first possible day on.
type communityOffer struct {
	Key, Name string
	Prices    []string
}

// communityChoice is the form at a station of the visitor, or nil where the operator
// lets no one choose, or the station is no longer the visitor's.
func (v *Visit) communityChoice(b *snapshot.Snapshot, s *entities.Station, f *page.FormState) *communityChoice {
	first := v.firstDay(b, s)
	if !v.May(access.ChooseCommunity) || !v.ownsOn(b, s, first) {
		return nil
	}
	c := &communityChoice{FormState: f, From: string(first), Chosen: f.Text("community"), Day: f.Text("from"), Connector: f.Text("connector")}
	if c.Day == "" {
		c.Day = c.From
	}
	for _, t := range b.Config.Tariffs.Community {
		if b.Config.Settings.OffersCommunity(t.Key) && !t.Until.Ended(first) {
			c.Offers = append(c.Offers, communityOffer{Key: t.Key, Name: t.Name, Prices: v.communityPrices(b, &t, entities.Moment(first).In(b.Network.StationZone(s.Key)))})
		}
	}
	if len(c.Offers) == 0 {
		return nil
	}
	return c
}

// communityPrices are the prices of a COMMUNITY tariff at a moment, in words.
func (v *Visit) communityPrices(b *snapshot.Snapshot, t *tariffs.CommunityTariff, at time.Time) []string {
	i := communityAt(t, at, at.Location())
	if i < 0 {
		return nil
	}
	return v.pricesAt(b, t.Versions[i].Purchase, at)
}

// firstDay is the day from which a choice can apply: tomorrow at the station.
func (v *Visit) firstDay(b *snapshot.Snapshot, s *entities.Station) entities.Date {
	return entities.DateOf(v.Now(), b.Network.StationZone(s.Key)).AddDays(1)
}

// ownsOn reports whether the station is of the visitor's entities when a day begins.
func (v *Visit) ownsOn(b *snapshot.Snapshot, s *entities.Station, day entities.Date) bool {
	owner := b.Network.StationOwner(s.Key, entities.Moment(day).In(b.Network.StationZone(s.Key)))
	return owner != nil && v.Who.Sees(owner.Key)
}

// ChooseCommunity gives connectors of the visitor's station another COMMUNITY tariff
// from a day on, tomorrow at the earliest, until the station changes hands.
func (v *Visit) ChooseCommunity() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.Form(communityForm)
	f.About("station", s.Key)
	if v.communityChoice(b, s, f) == nil {
		return v.Nowhere()
	}
	day, tariff := f.At("from", "station_from").Day(), f.Text("community")
	switch {
	case !b.Config.Settings.OffersCommunity(tariff) || !slices.ContainsFunc(b.Config.Tariffs.Community, func(t tariffs.CommunityTariff) bool { return t.Key == tariff }):
		f.Fail(fault.New(fault.Invalid, "community_not_offered", fault.Args{"tariff": tariff}).At("community"))
	case f.Ok() && (day.Before(v.firstDay(b, s)) || !v.ownsOn(b, s, day)):
		f.Fail(fault.New(fault.Invalid, "community_from", fault.Args{"from": string(v.firstDay(b, s))}).At("from"))
	}
	if !f.Ok() {
		return v.showStation(b, s, stationForm{}, f)
	}
	entry := entities.ConnectorTariff{From: entities.Moment(day), To: v.handedOver(b, s, day), ChargePoint: asBefore, Community: tariff}
	config := assigned(b, s, f.Text("connector"), entry)
	if len(config.Connectors) == 0 {
		return v.Nowhere()
	}
	if f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionStations, s.Key), false, config)) {
		return v.showStation(b, s, stationForm{}, f)
	}
	return v.Done(page.StationPath(s.Key), "community_chosen", "Count", len(config.Connectors), "Tariff", tariff, "Day", v.Texts.Date(v.Lang, day))
}

// handedOver is when a station passes to an owner whom the visitor does not see, after
// a day; zero: never.
func (v *Visit) handedOver(b *snapshot.Snapshot, s *entities.Station, day entities.Date) entities.Moment {
	zone := b.Network.StationZone(s.Key)
	begins := entities.Moment(day).In(zone)
	var first entities.Moment
	for _, o := range s.Owners {
		if at := o.From.In(zone); at.After(begins) && !v.Who.Sees(o.Entity) && (first.IsZero() || at.Before(first.In(zone))) {
			first = o.From
		}
	}
	return first
}
