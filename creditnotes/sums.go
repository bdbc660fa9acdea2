package creditnotes

import (
	"cmp"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// sums adds up the lines of a shard: per owner the control sheet, per group and
// currency a note, per owner, station, month and correction the components.
type sums struct {
	zone   *time.Location
	month  entities.Month // the run's
	from   time.Time      // when it begins
	until  time.Time      // when it ends
	ids    *noteIDs
	sheets map[*entities.Entity]*Control
	notes  map[noteKey]*noteSums
	first  map[noteKey]int64 // the first id of a group in a currency
	// Sessions come connector by connector, so the last ones are asked first.
	lastSheetOf *entities.Entity
	lastSheet   *Control
	lastKey     sumKey
	lastSum     *sum
	lastPath    *tariffs.Path
	lastPrices  *pathPrices
	prices      map[*tariffs.Path]*pathPrices
	lastNote    *noteSums
}

// noteKey is what makes a note of its own: who gets it, the currency, and
// whether it is over supplies that are not subject to VAT.
type noteKey struct {
	group    *group
	currency string
	outside  bool
}

// noteSums is what becomes of one group's sessions in one currency.
type noteSums struct {
	id         int64
	first      time.Time // start of the first session
	last       time.Time // end of the last session
	sums       map[sumKey]*sum
	taxes      []treatment       // in the order in which they came: the slots
	credited   map[*owner]*Count // sessions that this note credits
	sumOfLines money.Micros
}

type sumKey struct {
	owner      *owner
	station    *entities.Station
	month      entities.Month
	currency   string
	correction bool
	tax        treatment
	contract   string // key; empty: none
	shared     bool   // by a share of the driver amount
	again      string // number of the cancelled document that credited the sessions before
}

// sum is what the positions of one station and month are made of.
type sum struct {
	slot     int // of its tax
	sessions int
	energy   money.Quantity
	nets     Nets
	later    bool // some were collected later
	parts    [len(lineComponents)]sumPart
	prices   partPrices
}

// sumPart is one component of a sum.
type sumPart struct {
	sessions int  // that count and have an amount in it
	has      bool // some line has an amount in it
}

// entry is what a line is added up under.
type entry struct {
	station        *entities.Station
	currency       string
	start, end     time.Time
	tax            treatment
	correction     bool
	contract       string // key of the contract that settles the session; empty: none
	shared         bool   // by a share of the driver amount
	later          bool   // it was collected later
	again          string // number of the cancelled document that credited it before
	path           *tariffs.Path
	seconds        int64 // its duration
	settlesSession bool  // the line decides what becomes of a session; a reversal does not
	of             int64 // the version of a session on whose behalf the line is
	counted        bool  // the line counts as a session of its positions; the old half of a correction does not
}

// noteIDs hands out the ids reserved for a shard's notes.
type noteIDs struct{ next int64 }

func (n *noteIDs) take() int64 {
	id := n.next
	n.next++
	return id
}

func newSums(zone *time.Location, run *Run, ids *noteIDs) *sums {
	from, until := run.Period(zone)
	return &sums{
		zone: zone, month: run.Month, from: from, until: until, ids: ids,
		sheets: map[*entities.Entity]*Control{}, notes: map[noteKey]*noteSums{}, first: map[noteKey]int64{},
		prices: map[*tariffs.Path]*pathPrices{},
	}
}

// sheet is the control sheet of an owner, nil for sessions without one.
func (s *sums) sheet(owner *entities.Entity) *Control {
	if s.lastSheet != nil && s.lastSheetOf == owner {
		return s.lastSheet
	}
	sheet := s.sheets[owner]
	if sheet == nil {
		sheet = &Control{}
		s.sheets[owner] = sheet
	}
	s.lastSheetOf, s.lastSheet = owner, sheet
	return sheet
}

// add adds a line up and gives it the id of its note.
func (s *sums) add(line *Line, o *owner, e entry) {
	key := s.key(o, e)
	if s.lastSum == nil || key != s.lastKey {
		s.lastNote = s.note(noteKey{o.group, e.currency, e.tax.outside()})
		s.lastSum = s.lastNote.sum(key)
		s.lastKey = key
	}
	line.NoteID, line.Tax, line.Correction = s.lastNote.id, s.lastSum.slot, e.correction
	s.lastNote.add(line, o, e)
	s.lastSum.add(line, e.counted)
	s.lastSum.later = s.lastSum.later || e.later
	s.pricesOf(e.path).add(&s.lastSum.prices, line, e.seconds)
}

// pricesOf are the prices of a path, which the lines of a connector share.
func (s *sums) pricesOf(path *tariffs.Path) *pathPrices {
	if path != s.lastPath {
		s.lastPath, s.lastPrices = path, s.prices[path]
		if s.lastPrices == nil {
			s.lastPrices = pricesOf(path)
			s.prices[path] = s.lastPrices
		}
	}
	return s.lastPrices
}

// key is what an entry is added up under.
func (s *sums) key(o *owner, e entry) sumKey {
	return sumKey{o, e.station, s.monthOf(e.end), e.currency, e.correction, e.tax, e.contract, e.shared, e.again}
}

// monthOf is the month a session belongs to (domain.md §3.3).
func (s *sums) monthOf(end time.Time) entities.Month {
	if !end.Before(s.from) && end.Before(s.until) {
		return s.month
	}
	return entities.MonthOf(end, s.zone)
}

func (s *sums) note(key noteKey) *noteSums {
	n := s.notes[key]
	if n == nil {
		n = &noteSums{id: s.id(key), sums: map[sumKey]*sum{}, credited: map[*owner]*Count{}}
		s.notes[key] = n
	}
	return n
}

// id is the id of a note: the notes of a group in a currency have two that
// follow each other, that of what is not subject to VAT being the second.
func (s *sums) id(key noteKey) int64 {
	first := noteKey{key.group, key.currency, false}
	id := s.first[first]
	if id == 0 {
		id = s.ids.take()
		s.ids.take()
		s.first[first] = id
	}
	if key.outside {
		id++
	}
	return id
}

func (n *noteSums) sum(key sumKey) *sum {
	found := n.sums[key]
	if found == nil {
		found = &sum{slot: n.slot(key.tax)}
		n.sums[key] = found
	}
	return found
}

// slot is the place of a treatment among those of the note.
func (n *noteSums) slot(t treatment) int {
	i := slices.Index(n.taxes, t)
	if i < 0 {
		i = len(n.taxes)
		n.taxes = append(n.taxes, t)
	}
	return i
}

func (n *noteSums) add(line *Line, o *owner, e entry) {
	if n.first.IsZero() || e.start.Before(n.first) {
		n.first = e.start
	}
	if e.end.After(n.last) {
		n.last = e.end
	}
	n.sumOfLines += line.Total()
	if !e.settlesSession {
		return
	}
	count := n.credited[o]
	if count == nil {
		count = &Count{}
		n.credited[o] = count
	}
	count.Add(line.Energy)
}

func (s *sum) add(line *Line, counted bool) {
	s.energy += line.Energy
	if counted {
		s.sessions++
	}
	into := s.nets.Parts()
	for i, part := range line.Parts() {
		if *part == 0 {
			continue
		}
		*into[i] += *part
		s.parts[i].has = true
		if counted {
			s.parts[i].sessions++
		}
	}
}

// positions makes the positions of a note, in no order.
func (n *noteSums) positions(runMonth entities.Month, digits int) []Position {
	var list []Position
	for key, s := range n.sums {
		list = append(list, s.positions(key, runMonth, digits)...)
	}
	return list
}

// sortPositions puts the positions of a note into the order in which they are
// printed (domain.md §6.3) and numbers them.
func (n *Note) sortPositions(rank func(key string) int) {
	slices.SortStableFunc(n.Positions, func(a, b Position) int {
		return cmp.Or(
			cmp.Compare(rank(a.Owner), rank(b.Owner)),
			compareBool(a.Component == CarriedForward, b.Component == CarriedForward),
			cmp.Compare(a.Month, b.Month),
			compareBool(a.Station == "", b.Station == ""),
			CompareNaturally(a.Station, b.Station),
			cmp.Compare(componentOrder[a.Component], componentOrder[b.Component]),
			cmp.Compare(a.Contract, b.Contract),
			compareBool(a.Correction, b.Correction),
			cmp.Compare(a.CreditedAgain, b.CreditedAgain),
			cmp.Compare(a.CarriedFrom, b.CarriedFrom),
			compareTaxes(n.TaxOf(&a), n.TaxOf(&b)),
		)
	})
	for i := range n.Positions {
		n.Positions[i].Ordinal = i + 1
	}
}

// componentOrder is the order in which positions of a station, and then those of
// none, are printed (settlement.md §3.4, §3.7).
var componentOrder = func() map[Component]int {
	order := map[Component]int{}
	for i, c := range append(lineComponents[:], MinimumGuarantee, VolumeBonus,
		MonthlyFee, FeePerStation, FeePerACEVSE, FeePerDCEVSE, OwnCharging, Custom, CarriedForward) {
		order[c] = i
	}
	return order
}()

// positions of one sum: the share or the energy always, the other components
// where a session has an amount in them.
func (s *sum) positions(key sumKey, runMonth entities.Month, digits int) (list []Position) {
	base := Position{
		Owner: key.owner.entity.Key, Station: key.station.Key, StationName: key.station.Name,
		Month: key.month, Late: key.month.Before(runMonth), Correction: key.correction, Tax: s.slot, Contract: key.contract,
		CollectedLater: s.later, CreditedAgain: key.again,
	}
	if key.tax.account != nil {
		base.TaxAccount = key.tax.account.Key
	}
	always := Energy
	if key.shared {
		always = Share
	}
	nets := s.nets.Parts()
	for i, c := range lineComponents {
		p := base
		p.Component, p.Sum = c, *nets[i]
		switch {
		case c == always:
			p.Sessions, p.Energy = s.sessions, s.energy
		case s.parts[i].has:
			p.Sessions = s.parts[i].sessions
		default:
			continue
		}
		p.Net = p.Sum.Round(digits)
		p.Prices, p.FurtherPrices = s.prices[i].frozen()
		list = append(list, p)
	}
	return list
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
