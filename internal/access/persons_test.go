package access_test

import (
	"testing"
	"time"

	"creditrun/internal/access"
)

func TestTwoPeopleCountAsOne(t *testing.T) {
	now := time.Date(2026, 11, 12, 10, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	tie := func(actor string, hand access.Hand, subject string, days int) access.Tie {
		return access.Tie{Actor: actor, Subject: subject, Hand: hand, At: now.Add(-time.Duration(days) * day)}
	}
	for claim, one := range map[string]struct {
		a, b  access.User
		ties  []access.Tie
		one   bool
		lasts int // days from now; 0: no end
	}{
		"a user and the same user":       {a: access.User{Name: "anna"}, b: access.User{Name: "anna"}, one: true},
		"a blank more":                   {a: access.User{Name: "anna"}, b: access.User{Name: "anna "}, one: true},
		"a mark without a width":         {a: access.User{Name: "anna"}, b: access.User{Name: "\u200bAn\u00adna"}, one: true},
		"two with one mailbox":           {a: access.User{Name: "anna", Email: "finance@example.com"}, b: access.User{Name: "max", Email: "Finance@example.com"}, one: true},
		"not two without a mailbox":      {},
		"who created and was created":    {ties: []access.Tie{tie("anna", access.Created, "max", 10)}, one: true, lasts: 20},
		"also the other way round":       {ties: []access.Tie{tie("max", access.Created, "anna", 10)}, one: true, lasts: 20},
		"who invited":                    {ties: []access.Tie{tie("anna", access.Invited, "max", 1)}, one: true, lasts: 29},
		"who reset":                      {ties: []access.Tie{tie("anna", access.Reset, "max", 1)}, one: true, lasts: 29},
		"who gave other roles":           {ties: []access.Tie{tie("max", access.Reroled, "anna", 1)}, one: true, lasts: 29},
		"who changed the address":        {ties: []access.Tie{tie("anna", access.Moved, "max", 1)}, one: true, lasts: 29},
		"the last tie counts":            {ties: []access.Tie{tie("anna", access.Created, "max", 20), tie("anna", access.Invited, "max", 5)}, one: true, lasts: 25},
		"not after thirty days":          {ties: []access.Tie{tie("anna", access.Created, "max", 30)}},
		"not by what happened to others": {ties: []access.Tie{tie("anna", access.Created, "olga", 1), tie("felix", access.Created, "max", 1)}},
		"two whom a third created": {
			ties: []access.Tie{tie("root", access.Created, "anna", 3), tie("root", access.Created, "max", 9)}, one: true, lasts: 21},
		"who created by way of another": {
			ties: []access.Tie{tie("anna", access.Created, "olga", 3), tie("olga", access.Created, "max", 9)}, one: true, lasts: 21},
		"two whom a third holds by way of others": {
			ties: []access.Tie{tie("root", access.Created, "anna", 1), tie("root", access.Moved, "olga", 1), tie("olga", access.Created, "max", 2)}, one: true, lasts: 28},
		"not two whom a third merely reset": {ties: []access.Tie{tie("root", access.Reset, "anna", 1), tie("root", access.Invited, "max", 1)}},
		"not two who had a hand in a third": {ties: []access.Tie{tie("anna", access.Created, "olga", 1), tie("max", access.Moved, "olga", 1)}},
		"not when a link of the chain is old": {
			ties: []access.Tie{tie("anna", access.Created, "olga", 31), tie("olga", access.Created, "max", 2)}},
		"and circles end": {
			ties: []access.Tie{tie("anna", access.Moved, "olga", 1), tie("olga", access.Moved, "anna", 1)}},
	} {
		t.Run(claim, func(t *testing.T) {
			a, b := one.a, one.b
			if a.Name == "" {
				a.Name, b.Name = "anna", "max"
			}
			until, same := access.OnePerson(a, b, one.ties, now)
			var want time.Time
			if one.lasts > 0 {
				want = now.Add(time.Duration(one.lasts) * day)
			}
			if same != one.one || !until.Equal(want) {
				t.Errorf("%v until %v, expected %v until %v", same, until, one.one, want)
			}
			if back, sameBack := access.OnePerson(b, a, one.ties, now); sameBack != same || !back.Equal(until) {
				t.Errorf("the other way round %v until %v", sameBack, back)
			}
		})
	}
}
