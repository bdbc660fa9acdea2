package demo

import (
	"bytes"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/intake"
)

// scene is the network as a stage: its places, who may charge there, and what
// has happened so far.
type scene struct {
	zone    *time.Location // the operator's
	places  []*place
	media   []string // uids of the network
	house   []string // those of the operator
	own     []string // those of owners with contracts
	partner []string // bilateral
	records []*record
	taken   map[*record]bool // the ones something odd was done to
}

// place is a connector on the stage.
type place struct {
	number     int // in the network file, from 1
	station    string
	evse       string
	plug       int // number of the connector at the EVSE
	watts      int64
	dc         bool
	zone       *time.Location
	currency   string // in which drivers pay
	habits     *habits
	allClasses bool // a charge-point tariff has a purchase price for every class
	free       bool // the price is nothing
}

func newScene() (*scene, error) {
	n, err := intake.ReadNetwork(NetworkName, bytes.NewReader(network))
	if err != nil {
		return nil, err
	}
	s := &scene{taken: map[*record]bool{}}
	if s.zone, err = time.LoadLocation(n.Operator.TimeZone); err != nil {
		return nil, err
	}
	contracts := map[string]bool{}
	for i := range n.Contracts {
		contracts[n.Contracts[i].Owner] = true
	}
	for _, m := range n.Media {
		if contracts[m.Issuer] {
			s.own = append(s.own, m.UID)
			continue
		}
		s.media = append(s.media, m.UID)
		if m.Issuer == n.Operator.Key {
			s.house = append(s.house, m.UID)
		}
	}
	for _, p := range n.Partners {
		s.partner = append(s.partner, p.ID())
	}
	return s, s.build(n)
}

func (s *scene) build(n *intake.Network) error {
	stations := map[string]*entities.Station{}
	for i := range n.Stations {
		stations[n.Stations[i].Key] = &n.Stations[i]
	}
	purchase := map[string]string{} // by charge-point tariff: the rate of its first purchase condition
	for _, t := range n.Tariffs.ChargePoint {
		if len(t.Purchase) > 0 {
			purchase[t.Key] = t.Purchase[0].Rate
		}
	}
	for i, c := range n.Connectors {
		st := stations[c.Station]
		zone, err := time.LoadLocation(st.TimeZone)
		if err != nil {
			return err
		}
		rate := purchase[c.Tariffs[len(c.Tariffs)-1].ChargePoint]
		p := &place{
			number: i + 1, station: c.Station, evse: c.EVSEID, plug: c.Number,
			watts: int64(c.MaxPowerKW) / 1000, dc: c.PowerType == entities.DC,
			zone: zone, currency: "EUR", allClasses: rate != "", free: rate == "free",
		}
		if st.Country == "CH" {
			p.currency = "CHF"
		}
		p.habits = habitsOf(p)
		s.places = append(s.places, p)
	}
	return nil
}

// kind is what the key of a station begins with: SWB of SWB-01.
func (p *place) kind() string {
	kind, _, _ := strings.Cut(p.station, "-")
	return kind
}

// tail is the part of an EVSE id behind its operator: E0101 of DE*MST*E0101.
func (p *place) tail() string { return p.evse[strings.LastIndexByte(p.evse, '*')+1:] }
