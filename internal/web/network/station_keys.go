package network

import (
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/ocmf"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// keyForm is the form of the keys of meters at a station.
const keyForm = "key"

// meterKeyLine is the public key of a meter.
type meterKeyLine struct {
	Connector   string // EVSE/number
	Row         int    // among the keys of the connector
	Curve       string // empty: the records say it
	Short       string // the last digits, by which people compare keys
	From, Until string
	Current     bool
}

// meterKeyDigits is how many digits of a key are shown.
const meterKeyDigits = 16

// meterKeyLines lists the keys of the meters at a station.
func (v *Visit) meterKeyLines(places []*entities.Place) (list []meterKeyLine) {
	for _, p := range places {
		for i, k := range p.Connector.MeterKeys {
			line := meterKeyLine{Connector: placeName(p.Connector), Row: i, Short: k.Key[max(0, len(k.Key)-meterKeyDigits):],
				From: v.moment(k.From, p.Zone), Until: v.momentBefore(k.Until, p.Zone), Current: k.Covers(v.Now(), p.Zone)}
			if key, err := ocmf.ParseKey(k.Key); err == nil {
				line.Curve = key.Curve()
			}
			list = append(list, line)
		}
	}
	return list
}

// SaveMeterKey adds the public key of a meter to a connector from a day on, on
// which that of the meter before it ends, or removes one that is wrong.
func (v *Visit) SaveMeterKey() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.Form(keyForm)
	f.About("station", s.Key)
	c := v.connectorNamed(b, s, f.Text("connector"))
	switch {
	case c == nil:
		f.Say("connector", "meter_key_connector_missing")
	case f.Text("remove") != "":
		if row, err := strconv.Atoi(f.Text("remove")); err == nil && row >= 0 && row < len(c.MeterKeys) {
			c.MeterKeys = slices.Delete(c.MeterKeys, row, row+1)
		}
	default:
		v.addMeterKey(f, c)
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionStations, s.Key), false, &creditnotes.Configuration{Connectors: []entities.Connector{*c}})) {
		return v.showStation(b, s, stationForm{Connector: f.Text("connector"), Key: f.Text("key"), KeyFrom: f.Text("from")}, f)
	}
	return v.Done(page.StationPath(s.Key)+"#meters", "meter_key_saved", "Connector", placeName(c))
}

// connectorNamed finds a connector of a station, to be changed.
func (v *Visit) connectorNamed(b *snapshot.Snapshot, s *entities.Station, name string) *entities.Connector {
	for _, p := range b.Places()[s.Key] {
		if placeName(p.Connector) == name {
			c := *p.Connector
			c.MeterKeys = slices.Clone(c.MeterKeys)
			return &c
		}
	}
	return nil
}

// addMeterKey adds the key of the form.
func (v *Visit) addMeterKey(f *page.FormState, c *entities.Connector) {
	key, err := ocmf.ParseKey(f.Text("key"))
	if err != nil {
		f.Say("key", "meter_key_wrong")
		return
	}
	one := entities.MeterKey{Key: key.Hex()}
	if f.Text("from") != "" {
		one.From = entities.Moment(f.At("from", "station_from").Day())
		for i := range c.MeterKeys {
			if k := &c.MeterKeys[i]; k.Until.IsZero() && k.From < one.From {
				k.Until = one.From
			}
		}
	}
	c.MeterKeys = append(c.MeterKeys, one)
}

// CheckMeters checks the signed meter data of sessions at a station again that
// no note pays yet.
func (v *Visit) CheckMeters() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	var ids []int64
	for _, p := range b.Places()[s.Key] {
		ids = append(ids, p.Connector.ID)
	}
	since := v.Now().AddDate(0, -3, 0)
	checked, changed, err := v.Store.CheckSignedAgain(v.R.Context(), v.Name(), ids, since)
	if err != nil {
		return err
	}
	return v.Done(page.StationPath(s.Key)+"#meters", "meters_checked", "Count", checked, "Changed", changed)
}
