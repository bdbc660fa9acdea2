package access

import (
	"strings"
	"time"
	"unicode"
)

// Actor is who does something.
type Actor struct {
	// Name is the name in the audit log: that of a user, or of a part of the
	// program such as the schedule.
	Name string
	// Server reports whether it is done on the server itself, on its command
	// line or by the program. Anyone who has that shell has the database as well:
	// what is done there ties no one to another, and all administrators are
	// told by mail instead.
	Server bool
}

// Hand is what a person did to the account of another person.
type Hand string

// What ties two people together for TiedFor.
const (
	Created Hand = "created" // added the user
	Invited Hand = "invited" // had a link to set a password sent
	Reset   Hand = "reset"   // took a second factor or a linked account away
	Reroled Hand = "roles"   // gave other roles or another entity
	Moved   Hand = "address" // changed the e-mail address
)

// gives reports whether it puts the account into the hands of who did it: the
// mailbox to which every link goes is of that person's choosing.
func (h Hand) gives() bool { return h == Created || h == Moved }

// TiedFor is how long two people count as one after one of them had a hand in
// the account of the other.
const TiedFor = 30 * 24 * time.Hour

// Tie is one thing that a person did to the account of another person. The names
// are those for the login, which never change and are never given twice.
type Tie struct {
	Actor, Subject string
	Hand           Hand
	At             time.Time
}

// OnePerson reports whether two users count as one person at a time, and until
// when the latest tie between them lasts: the zero time where that has no end.
// They do when they are the same, share an e-mail address, when either had a
// hand in the account of the other, or when the accounts of both are in the
// hands of a third one, also by way of others whose accounts that one has in
// hand: two accounts that the same person made are no second person.
func OnePerson(a, b User, ties []Tie, now time.Time) (until time.Time, one bool) {
	if plain(a.Name) == plain(b.Name) || a.Email != "" && strings.EqualFold(a.Email, b.Email) {
		return time.Time{}, true
	}
	var young []Tie
	for _, t := range ties {
		if end := t.At.Add(TiedFor); !end.After(now) {
			continue
		}
		young = append(young, t)
		if t.Actor == a.Name && t.Subject == b.Name || t.Actor == b.Name && t.Subject == a.Name {
			until, one = later(until, t.At.Add(TiedFor)), true
		}
	}
	ofA, ofB := hands(a.Name, young), hands(b.Name, young)
	for who, untilA := range ofA {
		if untilB, both := ofB[who]; both {
			until, one = later(until, earlier(untilA, untilB)), true
		}
	}
	return until, one
}

// plain is a name without what no one sees or tells apart: blanks, marks without a
// width, and capital letters.
func plain(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc) {
			return -1
		}
		return r
	}, name))
}

// never is the end of what a user has in hand anyway: the own account.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// hands are those in whose hands an account is, the user among them, and until
// when. Every step of the way there counts as long as its shortest one.
func hands(name string, ties []Tie) map[string]time.Time {
	held := map[string]time.Time{name: never}
	for again := true; again; {
		again = false
		for _, t := range ties {
			end, reached := held[t.Subject]
			if !t.Hand.gives() || !reached {
				continue
			}
			if end = earlier(end, t.At.Add(TiedFor)); end.After(held[t.Actor]) {
				held[t.Actor], again = end, true
			}
		}
	}
	return held
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
