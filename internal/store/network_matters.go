package store

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// Changes that decide where money goes are found where rows are compared, so
// that no page, no part of the API and no section of a file goes around them.

// matterOf is one matter as part of the rows of a section.
type matterOf[R any] struct {
	matter creditnotes.Matter
	// get is the matter as JSON; of a row of nothing, for a row that is new.
	get func(*R) jsonText
	// keep gives a row the matter of another one.
	keep func(to, from *R)
	// first reports whether the first value there ever is counts, too: the
	// bank account of a new entity decides where its money goes, while no one
	// loses a station that is new.
	first bool
}

var (
	entityMatters = []matterOf[entityRow]{
		{matter: creditnotes.MatterBank, first: true,
			get:  func(r *entityRow) jsonText { return jsonOf(r.bank()) },
			keep: func(to, from *entityRow) { to.setBank(from.bank()) }},
		{matter: creditnotes.MatterAlternate, first: true,
			get:  func(r *entityRow) jsonText { return jsonOf(string(r.AlternateCredit)) },
			keep: func(to, from *entityRow) { to.AlternateCredit = from.AlternateCredit }},
		{matter: creditnotes.MatterEmail,
			get:  func(r *entityRow) jsonText { return r.Emails },
			keep: func(to, from *entityRow) { to.Emails = from.Emails }},
		{matter: creditnotes.MatterReplyTo,
			get:  func(r *entityRow) jsonText { return jsonOf(r.ReplyTo) },
			keep: func(to, from *entityRow) { to.ReplyTo = from.ReplyTo }},
	}
	stationMatters = []matterOf[stationRow]{{matter: creditnotes.MatterOwner,
		get:  func(r *stationRow) jsonText { return jsonOf(r.domain().Owners) },
		keep: func(to, from *stationRow) { to.Owners = slices.Clone(from.Owners) },
	}}
	connectorMatters = []matterOf[connectorRow]{{matter: creditnotes.MatterConnector,
		get:  func(r *connectorRow) jsonText { return jsonOf(string(r.StationKey)) },
		keep: func(to, from *connectorRow) { to.StationKey = from.StationKey },
	}}
)

func (r *entityRow) bank() entities.Bank {
	return entities.Bank{Holder: r.BankHolder, IBAN: r.BankIBAN, BIC: r.BankBIC}
}

func (r *entityRow) setBank(b entities.Bank) {
	r.BankHolder, r.BankIBAN, r.BankBIC = b.Holder, b.IBAN, b.BIC
}

// moves is a change that decides where money goes.
type moves struct {
	matter        creditnotes.Matter
	subject       string
	before, after jsonText
}

// nothing reports whether JSON holds no value.
func nothing(j jsonText) bool { return slices.Contains([]jsonText{"", `""`, "null", "[]", "{}"}, j) }

// guard decides what becomes of changes that decide where money goes. Without
// one, on the command line of the server and where a second person approves,
// they apply.
type guard struct {
	settings  creditnotes.Settings // as they are stored
	confirmed bool                 // the password was asked for
	now       time.Time
	zones     map[string]*time.Location // of stations
}

// withholds reports whether a change waits for a second person. A change for
// which no one was asked the password is a fault.
func (m *merger) withholds(c moves) bool {
	if m.guard == nil {
		m.moved = append(m.moved, c)
		return false
	}
	if !m.guard.confirmed {
		m.add(fault.New(fault.Forbidden, "matter_unconfirmed", fault.Args{"subject": c.subject}))
	}
	if c.matter == creditnotes.MatterBank {
		var bank entities.Bank
		_ = json.Unmarshal([]byte(c.after), &bank) // is ours
		m.faults = append(m.faults, bank.Check(c.subject)...)
	}
	if m.guard.settings.NeedsSecondPerson(c.matter, m.guard.past(c)) {
		m.asked = append(m.asked, c)
		return true
	}
	m.moved = append(m.moved, c)
	return false
}

// past reports whether a change says anew whose sessions of the past were. To
// which station a connector belongs has no date: it always does.
func (g *guard) past(c moves) bool {
	if c.matter != creditnotes.MatterOwner {
		return c.matter == creditnotes.MatterConnector
	}
	for _, l := range losers(c, g.zone(c.subject)) {
		if l.from.Before(g.now) {
			return true
		}
	}
	return false
}

func (g *guard) zone(station string) *time.Location {
	if zone := g.zones[station]; zone != nil {
		return zone
	}
	return time.UTC
}

// loser is an owner who loses a station, or a part of the time it was its own.
type loser struct {
	entity string
	from   time.Time
}

// losers are the owners who lose something by a change of the owners of a
// station.
func losers(c moves, zone *time.Location) (list []loser) {
	var before, after entities.Station
	_ = json.Unmarshal([]byte(c.before), &before.Owners) // are ours
	_ = json.Unmarshal([]byte(c.after), &after.Owners)
	for _, o := range slices.Concat(before.Owners, after.Owners) {
		at := o.From.In(zone)
		if was := before.OwnerAt(at, zone); was != after.OwnerAt(at, zone) {
			list = append(list, loser{was, at})
		}
	}
	return list
}

// apply looks at the matters of a row that is about to be written: what has to
// wait stays as it is stored.
func applyMatters[R any](m *merger, s section[R], key string, stored, listed *R) {
	fresh := stored == nil
	if fresh {
		stored = new(R)
	}
	for _, one := range s.matters {
		c := moves{matter: one.matter, subject: key, before: one.get(stored), after: one.get(listed)}
		if c.before == c.after || nothing(c.before) && nothing(c.after) {
			continue
		}
		if !one.first && (fresh || nothing(c.before) && one.matter != creditnotes.MatterReplyTo) {
			continue
		}
		if m.withholds(c) {
			one.keep(listed, stored)
		}
	}
}

// guardSettings takes out of the changes of settings those that take a second
// person away: they wait.
func (m *merger) guardSettings() {
	if m.guard == nil {
		return
	}
	m.settings = slices.DeleteFunc(m.settings, func(c settingChange) bool {
		if !creditnotes.Weakens(c.key, c.before, c.after) {
			return false
		}
		m.asked = append(m.asked, moves{creditnotes.MatterSetting, c.key, jsonOf(c.before), jsonOf(c.after)})
		return true
	})
}

// shown is what was or will be, in words that need no translation. Of bank data
// the IBAN is masked where they leave the program.
func (c moves) shown(value jsonText, names map[string]string) string {
	switch c.matter {
	case creditnotes.MatterBank:
		var b entities.Bank
		_ = json.Unmarshal([]byte(value), &b)
		return strings.Join(slices.DeleteFunc([]string{b.Holder, masked(b.IBAN), b.BIC}, func(s string) bool { return s == "" }), " · ")
	case creditnotes.MatterOwner:
		var owners []entities.Ownership
		_ = json.Unmarshal([]byte(value), &owners)
		var parts []string
		for _, o := range owners {
			parts = append(parts, string(o.From)+" "+named(names, o.Entity))
		}
		return strings.Join(parts, "; ")
	case creditnotes.MatterEmail:
		var list []string
		_ = json.Unmarshal([]byte(value), &list)
		return strings.Join(list, ", ")
	case creditnotes.MatterAlternate:
		var key string
		_ = json.Unmarshal([]byte(value), &key)
		return named(names, key)
	}
	var text string
	_ = json.Unmarshal([]byte(value), &text)
	return text
}

// named is the name of an entity with its key.
func named(names map[string]string, key string) string {
	if name := names[key]; name != "" && name != key {
		return name + " (" + key + ")"
	}
	return key
}

// masked is an IBAN of which the first and the last four characters are kept.
func masked(iban string) string {
	if len(iban) < 9 {
		return iban
	}
	return iban[:4] + " … " + iban[len(iban)-4:]
}
