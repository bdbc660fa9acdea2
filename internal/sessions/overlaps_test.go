package sessions

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// at is a session at a connector from and to minutes after noon.
func at(id string, connector int64, from, to float64) *Session {
	minutes := func(m float64) time.Time { return noon.Add(time.Duration(m * float64(time.Minute))) }
	return &Session{ID: int64(len(id)+1)*1000 + int64(id[0]), ExternalID: id, ConnectorID: connector, Start: minutes(from), End: minutes(to), Status: Valid}
}

// overlapping returns the ids that are held, in order.
func overlapping(list ...*Session) []string {
	var o Overlaps
	var held []string
	for _, s := range list {
		if o.Check(s).By > time.Minute && !s.Released {
			held = append(held, s.ExternalID)
		}
	}
	return held
}

func TestASessionOverlapsWhenItStartsMoreThanAMinuteBeforeTheEndOfAnother(t *testing.T) {
	released := func(s *Session) *Session { s.Released = true; return s }
	invalid := func(s *Session) *Session { s.Status = Invalid; return s }
	reversed := func(s *Session) *Session { s.Reversed = true; return s }
	justOver := at("b", 1, 59, 90)
	justOver.Start = justOver.Start.Add(-time.Microsecond)
	cases := map[string]struct {
		list []*Session
		want []string
	}{
		"one after the other":         {[]*Session{at("a", 1, 0, 60), at("b", 1, 60, 90)}, nil},
		"exactly a minute":            {[]*Session{at("a", 1, 0, 60), at("b", 1, 59, 90)}, nil},
		"a microsecond over a minute": {[]*Session{at("a", 1, 0, 60), justOver}, []string{"b"}},
		"at two connectors":           {[]*Session{at("a", 1, 0, 60), at("b", 2, 10, 20)}, nil},
		"same start, the greater id":  {[]*Session{at("a", 1, 0, 60), at("b", 1, 0, 60)}, []string{"b"}},
		"beneath an earlier long one": {[]*Session{at("a", 1, 0, 600), at("b", 1, 10, 20), at("c", 1, 30, 40)}, []string{"b", "c"}},
		"an invalid one is no hindrance": {
			[]*Session{invalid(at("a", 1, 0, 60)), at("b", 1, 10, 20)}, nil,
		},
		"an invalid one that was released is": {
			[]*Session{invalid(released(at("a", 1, 0, 60))), at("b", 1, 10, 20)}, []string{"b"},
		},
		"one that was taken back is no hindrance": {
			[]*Session{reversed(at("a", 1, 0, 60)), at("b", 1, 0, 60)}, nil,
		},
		"a held one hinders the next": {
			[]*Session{at("a", 1, 0, 30), at("b", 1, 10, 60), at("c", 1, 50, 70)}, []string{"b", "c"},
		},
		"a released one is not held but hinders": {
			[]*Session{at("a", 1, 0, 30), released(at("b", 1, 10, 60)), at("c", 1, 50, 70)}, []string{"c"},
		},
		"one of 44 days hinders although it is too long": {
			[]*Session{at("a", 1, 0, 44*24*60), at("b", 1, 20*24*60, 20*24*60+30)}, []string{"b"},
		},
		"one that ends before it starts hinders nobody": {
			[]*Session{at("a", 1, 10, -60), at("b", 1, 10, 20)}, nil,
		},
		"zero connector": {[]*Session{at("a", 0, 0, 60), at("b", 0, 10, 20)}, []string{"b"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, overlapping(c.list...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNextForgetsTheConnector(t *testing.T) {
	var o Overlaps
	o.Next(1)
	o.Check(at("a", 1, 0, 60))
	o.Next(1)
	if o.Check(at("b", 1, 10, 20)) != (Clash{}) {
		t.Error("the session of before is remembered")
	}
}

func TestTheRunningEndAgreesWithComparingAllPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var list []*Session
		for i := range random.IntN(20) {
			from := float64(random.IntN(100))
			s := at(fmt.Sprint(i), int64(random.IntN(2)), from, from+float64(random.IntN(40)-5))
			s.Released = random.IntN(5) == 0
			if random.IntN(4) == 0 {
				s.Status = Invalid
			}
			list = append(list, s)
		}
		slices.SortFunc(list, ByStart)
		var want []string
		for i, s := range list {
			if slices.ContainsFunc(list[:i], func(e *Session) bool {
				return e.ConnectorID == s.ConnectorID && (e.Status == Valid || e.Released) && e.End.Sub(s.Start) > time.Minute
			}) && !s.Released {
				want = append(want, s.ExternalID)
			}
		}
		if diff := cmp.Diff(want, overlapping(list...)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestSessionsAreOrderedByConnectorStartAndID(t *testing.T) {
	a, b, c, d := at("z", 1, 5, 6), at("a", 2, 0, 1), at("b", 2, 0, 1), at("0", 2, 1, 2)
	list := []*Session{d, c, b, a}
	slices.SortFunc(list, ByStart)
	if diff := cmp.Diff([]*Session{a, b, c, d}, list); diff != "" {
		t.Error(diff)
	}
}
