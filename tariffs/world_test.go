package tariffs

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// world is a small network with its tariffs and sessions, read from text that
// an accountant can read: one thing a line, the indented ones belong to the
// one above. See testdata/cases.
type world struct {
	t          *testing.T
	line       string
	cfg        Config
	entities   []entities.Entity
	stations   []entities.Station
	connectors []entities.Connector
	media      []entities.Medium
	partners   []entities.Partner
	discount   money.Percent
	sessions   []*sessions.Session
	prices     *Prices // that the next band belongs to
}

// readWorld reads the text; the operator "cpo" is always there.
func readWorld(t *testing.T, text string) *world {
	t.Helper()
	w := &world{t: t, entities: []entities.Entity{{Key: "cpo", Name: "CPO", Country: "DE", TimeZone: "Europe/Berlin", Active: true}}}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			w.line = line
			w.read(words[0], words[1:])
		}
	}
	return w
}

func (w *world) read(what string, v []string) {
	switch what {
	case "discount":
		w.discount = must(w, money.ParsePercent, v[0])
	case "entity":
		w.entities = append(w.entities, entities.Entity{Key: v[0], Name: v[0], Parent: "cpo", Country: "DE", Active: true})
	case "rate", "step", "energy", "time", "fee", "in", "starting":
		w.rate(what, v)
	case "community":
		c := CommunityTariff{Key: v[0]}
		for _, version := range v[1:] {
			rate, from, _ := strings.Cut(version, "@")
			c.Versions = append(c.Versions, CommunityVersion{entities.Moment(from), rate})
		}
		w.cfg.Community = append(w.cfg.Community, c)
	case "tariff":
		w.cfg.ChargePoint = append(w.cfg.ChargePoint, ChargePointTariff{Key: v[0]})
	case "purchase":
		t := &w.cfg.ChargePoint[len(w.cfg.ChargePoint)-1]
		t.Purchase = append(t.Purchase, w.condition(v))
	case "sales":
		t := &w.cfg.ChargePoint[len(w.cfg.ChargePoint)-1]
		t.Sales = append(t.Sales, w.condition(v))
	case "station", "connector", "assigned":
		w.site(what, v)
	case "medium":
		w.media = append(w.media, entities.Medium{UID: v[0], Issuer: v[1]})
	case "partner":
		country, party, _ := strings.Cut(v[0], "*")
		w.partners = append(w.partners, entities.Partner{CountryCode: country, PartyID: party})
	case "session":
		w.session(v)
	default:
		w.t.Fatalf("what is %q?", w.line)
	}
}

func (w *world) rate(what string, v []string) {
	if what == "rate" { // rate com144 EUR [2026-01-01T00:00:00+01:00]
		r := CostRate{Key: v[0], Currency: v[1], Version: 1}
		for _, other := range w.cfg.CostRates {
			if other.Key == r.Key {
				r.Version = other.Version + 1
			}
		}
		if len(v) > 2 {
			r.ValidFrom = w.instant(v[2])
		}
		w.cfg.CostRates = append(w.cfg.CostRates, r)
	}
	r := &w.cfg.CostRates[len(w.cfg.CostRates)-1]
	switch what {
	case "rate":
		w.prices = &r.Prices
	case "step":
		r.EnergyStepWh = w.number(v[0])
	case "in": // in 1,2,3 22:00 06:00
		r.Schedule = append(r.Schedule, ScheduleEntry{Window: w.window(v[0], v[1]+"-"+v[2])})
		w.prices = &r.Schedule[len(r.Schedule)-1].Prices
	case "starting":
		r.Schedule = append(r.Schedule, ScheduleEntry{Starting: w.instant(v[0])})
		w.prices = &r.Schedule[len(r.Schedule)-1].Prices
	case "energy": // energy 200:0 300:0.90
		for _, band := range v {
			bound, price, _ := strings.Cut(band, ":")
			w.prices.Energy = append(w.prices.Energy, EnergyBand{w.number(bound), must(w, money.ParseRate, price)})
		}
	case "time":
		for _, band := range v {
			bound, price, _ := strings.Cut(band, ":")
			w.prices.Time = append(w.prices.Time, TimeBand{w.number(bound), must(w, money.ParseRate, price)})
		}
	case "fee": // fee 1.30 grace 50 threshold 600
		w.prices.SessionFee = &SessionFee{must(w, money.ParseRate, v[0]), w.number(v[2]), w.number(v[4])}
	}
}

// condition reads a rate and words like those Condition.String writes.
func (w *world) condition(v []string) Condition {
	c := Condition{Rate: v[0]}
	var days, hours string
	for _, word := range v[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "from":
			c.From = entities.Moment(value)
		case "to":
			c.To = entities.Moment(value)
		case "position":
			c.Position = int(w.number(value))
		case "evse_id":
			c.When.EVSEID = value
		case "station":
			c.When.Station = value
		case "connector_type":
			c.When.ConnectorType = value
		case "power_type":
			c.When.PowerType = entities.PowerType(value)
		case "operating_company":
			c.When.OperatingCompany = value
		case "weekdays":
			days = value
		case "hours":
			hours = value
		default:
			w.t.Fatalf("what is %q in %q?", word, w.line)
		}
	}
	c.When.Window = w.window(days, hours)
	return c
}

func (w *world) window(days, hours string) Window {
	var window Window
	for _, d := range strings.Split(days, ",") {
		if d != "" && d != "daily" {
			window.Weekdays = append(window.Weekdays, int(w.number(d)))
		}
	}
	from, to, _ := strings.Cut(hours, "-")
	window.From, window.To = ClockTime(from), ClockTime(to)
	return window
}

func (w *world) site(what string, v []string) {
	switch what {
	case "station": // station ST-1 Europe/Berlin a@2022-01-01 b@2026-06-01
		s := entities.Station{Key: v[0], Name: v[0], TimeZone: v[1]}
		for _, owner := range v[2:] {
			key, from, _ := strings.Cut(owner, "@")
			s.Owners = append(s.Owners, entities.Ownership{From: entities.Moment(from), Entity: key})
		}
		w.stations = append(w.stations, s)
	case "connector": // connector DE*E1 IEC_62196_T2 AC
		w.connectors = append(w.connectors, entities.Connector{
			ID: int64(len(w.connectors) + 1), EVSEID: v[0], Number: 1,
			Station: w.stations[len(w.stations)-1].Key, Type: v[1], PowerType: entities.PowerType(v[2]),
		})
	case "assigned": // assigned charge_point=lp community=C from=2022-01-01
		var a entities.ConnectorTariff
		for _, word := range v {
			name, value, _ := strings.Cut(word, "=")
			switch name {
			case "charge_point":
				a.ChargePoint = value
			case "community":
				a.Community = value
			case "from":
				a.From = entities.Moment(value)
			case "to":
				a.To = entities.Moment(value)
			}
		}
		c := &w.connectors[len(w.connectors)-1]
		c.Tariffs = append(c.Tariffs, a)
	}
}

// session S-1 community DE*E1 2026-10-03T10:00:00+02:00 10kWh 1h [reversed]
func (w *world) session(v []string) {
	start := w.instant(v[3])
	duration, err := time.ParseDuration(v[5])
	if err != nil {
		w.t.Fatalf("%q: %v", w.line, err)
	}
	s := &sessions.Session{
		ExternalID: v[0], EVSEID: v[2], Connector: 1, Start: start, End: start.Add(duration),
		Duration: int64(duration / time.Second), Energy: must(w, money.ParseQuantity, strings.TrimSuffix(v[4], "kWh")),
		Status: sessions.Valid, Reversed: len(v) > 6,
	}
	switch kind, value, _ := strings.Cut(v[1], ":"); kind {
	case "medium":
		s.MediumUID = value
	case "partner":
		s.Partner = value
	default:
		s.Class = sessions.Class(kind)
	}
	w.sessions = append(w.sessions, s)
}

func (w *world) network() *entities.Network {
	w.t.Helper()
	n, err := entities.NewNetwork(w.entities, w.stations, w.connectors, w.media, w.partners)
	if err != nil {
		w.t.Fatalf("network: %v", err)
	}
	return n
}

func (w *world) book() *Book {
	w.t.Helper()
	b, err := NewBook(w.cfg, w.network(), w.discount)
	if err != nil {
		w.t.Fatalf("book: %v", err)
	}
	return b
}

func (w *world) number(s string) int64 {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		w.t.Fatalf("%q: %v", w.line, err)
	}
	return v
}

func (w *world) instant(s string) time.Time {
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		w.t.Fatalf("%q: %v", w.line, err)
	}
	return v
}

func must[T any](w *world, parse func(string) (T, error), s string) T {
	v, err := parse(s)
	if err != nil {
		w.t.Fatalf("%q: %v", w.line, err)
	}
	return v
}

// tell writes what a session is worth and why.
func tell(b *strings.Builder, s *sessions.Session, d *Decision, err error) {
	owner := "nobody"
	if d.Owner != nil {
		owner = d.Owner.Key
	}
	fmt.Fprintf(b, "%s %s of %s: ", s.ExternalID, d.Class, owner)
	switch {
	case err != nil:
		fmt.Fprintf(b, "%v\n", err)
	case !d.Priced:
		fmt.Fprintf(b, "held unpriced\n")
	default:
		rate := fmt.Sprintf("%s v%d", d.Rate.Key, d.Rate.Version)
		if n := d.Path.Prices.Schedule; n > 0 {
			rate += fmt.Sprintf(" schedule[%d]", n)
		}
		fmt.Fprintf(b, "%s %s by %s, discount %s %%: energy %s + time %s + fee %s = %s\n",
			d.Total, d.Currency, rate, d.Discount, d.Energy, d.Time, d.Fee, d.Total)
	}
	if d.Path == nil {
		return
	}
	for _, t := range d.Path.Tried {
		words := []string{"   ", string(t.Rule), t.Tariff, t.CostRate, t.Condition}
		if t.Count > 0 {
			words = append(words, fmt.Sprintf("(%d conditions)", t.Count))
		}
		fmt.Fprintf(b, "%s → %s: %s\n", strings.Join(nonEmpty(words), " "), t.Result, t.Why)
	}
}

func nonEmpty(words []string) (kept []string) {
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}
