// Package demo makes a believable network and three months of charging for a
// first look at creditrun. All of it is made up, and made up in the same way
// every time: the same day gives the same bytes. It knows no database and runs
// no month; what it makes comes in like every other file.
package demo

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
)

// NetworkName is what the network file is called in messages.
const NetworkName = "network.yaml"

//go:embed network.yaml
var network []byte

// Network returns the network file (formats.md §1).
func Network() []byte { return bytes.Clone(network) }

// Months returns the last three months that are over on a day, the earliest
// first. The day is the one that today shows in its own zone.
func Months(today time.Time) [3]entities.Month {
	m := entities.MonthOf(today, today.Location())
	return [3]entities.Month{m.AddMonths(-3), m.AddMonths(-2), m.AddMonths(-1)}
}

// Batch is what the stations reported between two month ends: the sessions of
// a month and what is late from before.
type Batch struct {
	Month     entities.Month
	Name      string    // of the file: sessions-2026-10.csv
	CSV       []byte    // formats.md §2
	Records   int       // without the header
	Beside    []File    // collections, top-ups and custom records, to be imported after the sessions
	Delivered time.Time // UntilRun before the run of the month
}

// UntilRun is how long after a batch was delivered its month is run.
const UntilRun = 30 * time.Minute

// beforeMonthEnd is when a batch closes: sessions of the last hour of a month
// are late, as they are where the run is at 23:30.
const beforeMonthEnd = time.Hour

// Batches returns the sessions of Months(today), one batch for each month in
// this order. Each is to be imported and its month to be run before the next
// one. What would arrive after the third is left out. The network is made for
// days from January 2026 on. The error is for the log: the embedded network is
// read in a test.
func Batches(today time.Time) ([3]Batch, error) {
	var batches [3]Batch
	s, err := newScene()
	if err != nil {
		return batches, err
	}
	months := Months(today)
	rest := s.play(months[:])
	var since time.Time
	for i, m := range months {
		b := Batch{Month: m, Name: "sessions-" + string(m) + ".csv", Delivered: m.End(s.zone).Add(-beforeMonthEnd)}
		n := slices.IndexFunc(rest, func(r *record) bool { return r.arrives.After(b.Delivered) })
		if n < 0 {
			n = len(rest)
		}
		b.CSV, b.Records = writeCSV(rest[:n]), n
		b.Beside = s.beside(m, since, b.Delivered)
		since = b.Delivered
		batches[i], rest = b, rest[n:]
	}
	return batches, nil
}

// SoFar returns what arrived since the last of Batches(now): the month that has
// begun, and what is late from before.
func SoFar(now time.Time) (Batch, error) {
	s, err := newScene()
	if err != nil {
		return Batch{}, err
	}
	months := Months(now)
	running := months[2].Next()
	since := months[2].End(s.zone).Add(-beforeMonthEnd)
	arrived := slices.DeleteFunc(slices.Clone(s.play(append(months[:], running))), func(r *record) bool {
		return !r.arrives.After(since) || r.arrives.After(now)
	})
	return Batch{
		Month: running, Name: "sessions-" + string(running) + ".csv", CSV: writeCSV(arrived), Records: len(arrived), Delivered: now,
		Beside: s.beside(running, since, now),
	}, nil
}

// play makes everything that is reported of the months, in the order in which
// it arrives.
func (s *scene) play(months []entities.Month) []*record {
	last := months[len(months)-1]
	begin, end := months[0].Start(s.zone), last.End(s.zone)
	for day := months[0].FirstDay().AddDays(-1); !last.LastDay().Before(day); day = day.AddDays(1) {
		for _, p := range s.places {
			for _, r := range p.day(s, day) {
				if !r.end.Before(begin) && r.end.Before(end) {
					s.records = append(s.records, r)
				}
			}
		}
	}
	slices.SortFunc(s.records, byStart)
	for i, m := range months {
		s.plantImplausible(m)
		s.plantHeld(m)
		s.plantAgain(m, i < len(months)-1)
		s.plantUnknown(m)
	}
	s.plantOld(months[0])
	slices.SortStableFunc(s.records, byArrival)
	return s.records
}

func byStart(a, b *record) int {
	if c := a.start.Compare(b.start); c != 0 {
		return c
	}
	return strings.Compare(a.id, b.id)
}

func byArrival(a, b *record) int {
	if c := a.arrives.Compare(b.arrives); c != 0 {
		return c
	}
	return strings.Compare(a.id, b.id)
}
