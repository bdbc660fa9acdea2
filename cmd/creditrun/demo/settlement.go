package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
)

// File is a CSV file that is delivered beside the sessions (formats.md §2).
type File struct {
	Name    string // such as collections-2026-10.csv
	CSV     []byte
	Records int // without the header
}

// settled are the kinds of stations whose owners have contracts, and what
// charging there is like. The odd sessions of the other places are not made here.
var settled = [...]string{"SON", "GIT", "WBB"}

// contracted reports whether the owner of the place has a contract.
func (p *place) contracted() bool { return slices.Contains(settled[:], p.kind()) }

// driveByContract says who charges at a place whose owner has a contract, and
// when the money of the driver arrives: at once where someone pays at the place,
// weeks later where a partner or the issuer of a card is billed, and of one
// charge in eight not as far as the story goes.
func (s *scene) driveByContract(random *rand.Rand, r *record) {
	later := r.end.Add(time.Duration(9+random.IntN(25)) * 24 * time.Hour)
	if random.IntN(8) == 0 {
		later = time.Time{}
	}
	switch draw := random.IntN(100); {
	case draw < 30:
		r.auth, r.medium, r.money = "WHITELIST", s.own[random.IntN(len(s.own))], later
	case draw < 38:
		r.auth, r.medium, r.money = "WHITELIST", s.media[random.IntN(len(s.media))], later
	case draw < 68:
		r.auth, r.partner, r.medium, r.money = "AUTH_REQUEST", foreign[random.IntN(len(foreign))], card(random), later
		r.cents = (r.wh*r.place.centsPerKWh() + 500) / 1000
	default:
		r.auth, r.class = "COMMAND", "community"
		r.cents = (r.wh*r.place.centsPerKWh() + 500) / 1000
	}
}

// plantUnknown makes sessions at places with a contract that wait: one whose
// driver amount no one states, and one that its station calls invalid.
func (s *scene) plantUnknown(m entities.Month) {
	s.change(m, 7, func(r *record) bool { return r.place.station == "SON-01" && r.partner != "" }, func(r *record) {
		r.cents, r.money = 0, time.Time{}
	})
	s.change(m, 13, func(r *record) bool { return r.place.station == "SON-01" && r.cents > 0 }, func(r *record) {
		r.status = "invalid"
	})
}

// beside are the files of a month that are delivered with its sessions: the
// collections since the delivery before, top-ups, and custom records.
func (s *scene) beside(m entities.Month, since, until time.Time) (files []File) {
	for _, f := range []struct {
		name, header string
		lines        []string
	}{
		{"collections", "id,source,collected_at,amount", s.collections(since, until)},
		{"top-ups", "id,entity,user,amount,currency,at", topUps(m, s.zone, until)},
		{"records", "id,owner,month,date,text,net,currency,tax_account,direction", customRecords(m, s.zone, until)},
	} {
		if len(f.lines) > 0 {
			csv := f.header + "\n" + strings.Join(f.lines, "\n") + "\n"
			files = append(files, File{f.name + "-" + string(m) + ".csv", []byte(csv), len(f.lines)})
		}
	}
	return files
}

// collections are the payments of drivers that arrived in (since, until].
func (s *scene) collections(since, until time.Time) (lines []string) {
	for _, r := range s.records {
		if r.money.After(since) && !r.money.After(until) && !r.arrives.After(until) {
			lines = append(lines, fmt.Sprintf("%s,,%s,%s", r.id, r.local(r.money), r.amount()))
		}
	}
	slices.Sort(lines)
	return lines
}

// topUps are what Sonnenpark grants its drivers in a month.
func topUps(m entities.Month, zone *time.Location, until time.Time) (lines []string) {
	for i, one := range [...]struct {
		day    int
		user   string
		amount string
	}{{3, "Fahrerkarte 1", "25.00"}, {12, "Fahrerkarte 2", "40.00"}, {19, "Fahrerkarte 1", "-5.00"}} {
		at := m.FirstDay().AddDays(one.day - 1).In(zone).Add(9 * time.Hour)
		if !at.After(until) {
			lines = append(lines, fmt.Sprintf("topup-%s-%d,sonnenpark,%s,%s,EUR,%s", m, i+1, one.user, one.amount, at.Format(time.RFC3339)))
		}
	}
	return lines
}

// customRecords are amounts beside sessions and contracts: what the operator did
// for a place, and what an owner did for the operator.
func customRecords(m entities.Month, zone *time.Location, until time.Time) (lines []string) {
	for _, one := range [...]struct {
		day                     int
		id, owner, text, net, d string
	}{
		{10, "lecteur", "gite-modele", "Remplacement du lecteur RFID", "49.00", "debit"},
		{15, "wartung", "sonnenpark", "Wartung im Auftrag des Betreibers", "120.00", "credit"},
	} {
		day := m.FirstDay().AddDays(one.day - 1)
		if !day.In(zone).After(until) {
			lines = append(lines, fmt.Sprintf("%s-%s,%s,%s,%s,%s,%s,EUR,,%s", one.id, m, one.owner, m, day, one.text, one.net, one.d))
		}
	}
	return lines
}
