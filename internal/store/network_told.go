package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
)

// contact is where and how an entity is written to.
type contact struct {
	emails   []string
	replyTo  string
	language string
}

// contacts are those of all entities before a change: what a person makes of an
// address must not decide who is told of it.
type contacts struct {
	of     map[string]contact
	names  map[string]string // of entities
	owners map[string]string // the present owner of each station
	zones  map[string]*time.Location
}

func contactsOf(t *tables) (*contacts, error) {
	c := &contacts{of: map[string]contact{}, names: map[string]string{}, owners: map[string]string{}, zones: map[string]*time.Location{}}
	for i := range t.entities {
		row := &t.entities[i]
		one := contact{replyTo: row.ReplyTo, language: row.Language}
		if err := row.Emails.read("emails", &one.emails); err != nil {
			return nil, err
		}
		c.of[row.Key], c.names[row.Key] = one, cmp.Or(row.LegalName, row.Name)
	}
	for i := range t.stations {
		row := &t.stations[i]
		if n := len(row.Owners); n > 0 {
			c.owners[row.Key] = row.Owners[n-1].EntityKey
		}
		if zone, err := time.LoadLocation(row.TimeZone); err == nil {
			c.zones[row.Key] = zone
		}
	}
	return c, nil
}

// concerned are the entities whose money a change moves.
func (c *contacts) concerned(m moves) []string {
	var keys []string
	switch m.matter {
	case creditnotes.MatterBank, creditnotes.MatterAlternate, creditnotes.MatterEmail, creditnotes.MatterReplyTo:
		keys = []string{m.subject}
		if m.matter == creditnotes.MatterAlternate {
			var former string
			_ = json.Unmarshal([]byte(m.before), &former) // is ours
			keys = append(keys, former)
		}
	case creditnotes.MatterOwner:
		zone := c.zones[m.subject]
		if zone == nil {
			zone = time.UTC
		}
		for _, l := range losers(m, zone) {
			keys = append(keys, l.entity)
		}
	case creditnotes.MatterConnector:
		var station string
		_ = json.Unmarshal([]byte(m.before), &station)
		keys = []string{c.owners[station]}
	}
	slices.Sort(keys)
	return slices.DeleteFunc(slices.Compact(keys), func(key string) bool { return key == "" })
}

// mostItems is how many changes one mail lists.
const mostItems = 20

// tellOfMoves mails who has to know of changes that decide where money goes:
// those whose money it is, at their former addresses, and all administrators of
// what waits, of bank data, of what was approved, and of all that was done on
// the command line of the server.
func (tx *Tx) tellOfMoves(who string, asked, moved []moves, c *contacts, how saving) error {
	onServer := how.guard == nil && how.askedBy == ""
	if how.askedBy != "" {
		who = how.askedBy + ", " + who
	}
	if !onServer {
		for _, one := range []struct {
			kind creditnotes.NoticeKind
			list []moves
		}{{creditnotes.NoticeEntityAsked, asked}, {creditnotes.NoticeEntityDone, moved}} {
			if err := tx.tellConcerned(one.kind, who, one.list, c); err != nil {
				return err
			}
		}
	}
	if how.guard != nil {
		moved = slices.DeleteFunc(slices.Clone(moved), func(m moves) bool { return m.matter != creditnotes.MatterBank })
	}
	for _, one := range []struct {
		kind creditnotes.NoticeKind
		list []moves
	}{{creditnotes.NoticeAsked, asked}, {creditnotes.NoticeChanged, moved}} {
		if len(one.list) == 0 {
			continue
		}
		facts := c.facts(who, one.list)
		facts.Server = onServer
		if err := tx.tellAdministrators(one.kind, facts); err != nil {
			return err
		}
	}
	return nil
}

// tellConcerned mails those whose money it is.
func (tx *Tx) tellConcerned(kind creditnotes.NoticeKind, who string, list []moves, c *contacts) error {
	byEntity := map[string][]moves{}
	var order []string
	for _, m := range list {
		for _, key := range c.concerned(m) {
			if byEntity[key] == nil {
				order = append(order, key)
			}
			byEntity[key] = append(byEntity[key], m)
		}
	}
	var notices []creditnotes.Notice
	for _, key := range order {
		to, facts := c.of[key], c.facts(who, byEntity[key])
		addresses := slices.Clone(to.emails)
		for _, m := range byEntity[key] {
			if m.matter == creditnotes.MatterReplyTo && to.replyTo != "" {
				addresses = append(addresses, to.replyTo)
			}
		}
		slices.Sort(addresses)
		for _, address := range slices.Compact(addresses) {
			notices = append(notices, creditnotes.Notice{Kind: kind, To: address, Language: to.language, Facts: facts})
		}
	}
	return tx.notify(notices...)
}

// facts are the changes as a notice tells them.
func (c *contacts) facts(who string, list []moves) creditnotes.NoticeFacts {
	facts := creditnotes.NoticeFacts{Who: who}
	for i, m := range list {
		if i == mostItems {
			facts.More = len(list) - mostItems
			break
		}
		facts.Items = append(facts.Items, creditnotes.NoticeItem{
			Matter: string(m.matter), Subject: m.subject, Name: named(c.names, m.subject),
			Before: m.shown(m.before, c.names), After: m.shown(m.after, c.names),
		})
	}
	return facts
}

// guard is what guards a change that a person makes on the pages or by the API.
func (tx *Tx) guard(confirmed bool) (*guard, error) {
	settings, _, err := loadSettings(tx.db)
	if err != nil {
		return nil, fmt.Errorf("second person: %w", err)
	}
	return &guard{settings: settings, confirmed: confirmed, now: tx.now(), zones: map[string]*time.Location{}}, nil
}
