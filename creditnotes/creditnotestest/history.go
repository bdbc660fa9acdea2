package creditnotestest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// history is a made-up operation of five months: sessions that come late, are
// corrected, moved to the station of another owner, taken back or invalid; rates
// and treatments that change; recipients that are consolidated or not; months
// that are run again, and notes that are cancelled.
type history struct {
	*World
	dice    *rand.Rand
	known   []sessions.Session // as they were reported last, by their number
	journal []string
}

var (
	historyMonths   = []entities.Month{"2026-10", "2026-11", "2026-12", "2027-01", "2027-02"}
	historyStations = []string{"ST-1", "ST-9", "ST-c"}
)

// historyNetwork is one in which every kWh is worth whole cents, so that sums
// are exact: three owners, two of which go to h; a rate that rises in December,
// and treatments that change inside months.
func historyNetwork(c *creditnotes.Configuration) {
	SubCPO(c, "c")
	SubCPO(c, "h")
	Station(c, "ST-c", "c", "COM")
	c.TaxAccounts = append(c.TaxAccounts, Account("private", creditnotes.OutsideScope, 0))
	c.TaxAccounts[0].Rates = append(c.TaxAccounts[0].Rates, creditnotes.TaxRate{From: "2026-12-01", Percent: 2100})
	EntityIn(c, "a").AlternateCredit, EntityIn(c, "b").AlternateCredit = "h", "h"
	EntityIn(c, "h").Taxes = []entities.TaxTreatment{{From: "2026-11-15", Account: "small"}, {From: "2026-12-10", Account: "s19"}}
	EntityIn(c, "c").Taxes = []entities.TaxTreatment{{From: "2026-10-20", Account: "private"}, {From: "2026-11-20", Account: "s19"}}
}

func (h *history) log(format string, args ...any) {
	h.journal = append(h.journal, fmt.Sprintf(format, args...))
}

// begun is the last month of the history that has begun.
func (h *history) begun() int {
	for i, m := range slices.Backward(historyMonths) {
		if h.Now.After(m.Start(time.UTC).Add(24 * time.Hour)) {
			return i
		}
	}
	return 0
}

// ended is a session of the last weeks. Each has its own time of the day, so
// that none overlap.
func (h *history) ended(n int) sessions.Session {
	day := h.Now.AddDate(0, 0, -1-h.dice.IntN(45))
	if first := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC); day.Before(first) {
		day = first
	}
	s := Charge(fmt.Sprintf("S-%03d", n), historyStations[h.dice.IntN(3)], day.Format(time.DateOnly)+" 01:00", fmt.Sprint(h.dice.IntN(40)))
	s.Start = s.Start.Add(time.Duration(n) * 20 * time.Minute)
	s.End, s.Duration = s.Start.Add(20*time.Minute), 1200
	return s
}

func (h *history) reported(s sessions.Session) {
	h.Now = h.Now.Add(time.Minute)
	h.log("import %s at %s %s %s reversed=%t", s.ExternalID, s.EVSEID, s.Start.Format(time.DateOnly), s.Energy, s.Reversed)
	if s.Status != sessions.Valid {
		h.journal[len(h.journal)-1] += " invalid"
	}
	h.Corrected(s)
}

func (h *history) arrive() {
	s := h.ended(len(h.known))
	h.known = append(h.known, s)
	h.reported(s)
}

func (h *history) correct() {
	if len(h.known) == 0 {
		return
	}
	i := h.dice.IntN(len(h.known))
	s := &h.known[i]
	if s.Reversed {
		return
	}
	switch h.dice.IntN(6) {
	case 0:
		Reversed(s)
	case 1:
		s.EVSEID = "DE*VLT*E" + historyStations[h.dice.IntN(3)]
	case 2:
		s.Status = map[sessions.Status]sessions.Status{sessions.Valid: sessions.Invalid, sessions.Invalid: sessions.Valid}[s.Status]
	default:
		s.Energy = money.Quantity(h.dice.IntN(40)) * money.PerWattHour * 1000
	}
	h.reported(*s)
}

func (h *history) step() {
	switch n := h.dice.IntN(20); {
	case n < 7:
		h.arrive()
	case n < 12:
		h.correct()
	case n < 13:
		on := fmt.Sprint(h.dice.IntN(2) == 0)
		h.log("consolidate %s", on)
		h.Set("consolidate_by_recipient", on)
	case n < 14:
		a := h.Entity("a")
		a.AlternateCredit = map[string]string{"h": "", "": "h"}[a.AlternateCredit]
		h.log("a gets its notes at %q", a.AlternateCredit)
		h.Save()
	case n < 17:
		m := historyMonths[h.dice.IntN(h.begun()+1)]
		h.log("run %s", m)
		h.journal = append(h.journal, Story(h.Month(m)))
	case n < 18:
		h.cancelOne()
	default:
		later := h.Now.Add(time.Duration(1+h.dice.IntN(9)) * 24 * time.Hour)
		if later.Before(time.Date(2027, 2, 27, 0, 0, 0, 0, time.UTC)) {
			h.Now = later
		}
	}
}

// cancelOne cancels a note, unless something stands on it.
func (h *history) cancelOne() {
	notes, err := h.Store.Notes(h.T.Context(), creditnotes.NoteFilter{Standing: creditnotes.StandsIssued, Kind: "credit_note"})
	if err != nil {
		h.T.Fatal(err)
	}
	if len(notes) == 0 {
		return
	}
	number := notes[h.dice.IntN(len(notes))].Number
	note, err := h.TryCancel(number)
	if err != nil {
		if !fault.Is(err, fault.Conflict) {
			h.T.Fatal(err)
		}
		return
	}
	h.log("cancel %s", number)
	if err := h.Runner.Render(h.T.Context(), note.ID, Paper{}); err != nil {
		h.T.Fatal(err)
	}
}

// share is what an owner has under a tax.
type share struct{ owner, tax string }

// owed is what the sessions as they are known are worth, under the tax of
// their days.
func (h *history) owed() map[string]money.Amount {
	sums := map[string]money.Amount{}
	for _, s := range h.known {
		if s.Status != sessions.Valid || s.Reversed {
			continue
		}
		owner := map[string]string{"ST-1": "a", "ST-9": "b", "ST-c": "c"}[strings.TrimPrefix(s.EVSEID, "DE*VLT*E")]
		sums[owner] += money.Amount(int64(s.Energy) / 1_000_000 * 35)
	}
	return sums
}

// settled is what documents say of each owner and tax, what was set off, and
// what still waits.
func (h *history) settled() (paid, waits map[share]money.Amount) {
	paid, waits = map[share]money.Amount{}, map[share]money.Amount{}
	carried, err := h.Store.CarriedForward(h.T.Context())
	if err != nil {
		h.T.Fatal(err)
	}
	for _, w := range carried {
		for _, p := range w.Note.Positions {
			if slices.Contains(w.Owners, p.Owner) {
				waits[share{p.Owner, w.Note.TaxLabel(p)}] += p.Net
			}
		}
	}
	for _, state := range []creditnotes.State{creditnotes.Issued, creditnotes.Zero} {
		notes, err := h.Store.Notes(h.T.Context(), creditnotes.NoteFilter{State: state})
		if err != nil {
			h.T.Fatal(err)
		}
		for _, n := range notes {
			if h.withdrawn(n.ID) {
				continue
			}
			for _, p := range n.Positions { // of cancellations, too: they are negative
				paid[share{p.Owner, n.TaxLabel(p)}] += p.Net
			}
		}
	}
	return paid, waits
}

// perTax is what is owed by tax: the live lines of sessions, each under the
// tax of its day.
func (h *history) perTax() map[share]money.Amount {
	sums := map[share]money.Amount{}
	for _, s := range h.known {
		if s.Status != sessions.Valid || s.Reversed {
			continue
		}
		owner := map[string]string{"ST-1": "a", "ST-9": "b", "ST-c": "c"}[strings.TrimPrefix(s.EVSEID, "DE*VLT*E")]
		day := entities.DateOf(s.End, time.UTC)
		tax := "S 19"
		if day >= "2026-12-01" {
			tax = "S 21"
		}
		if owner == "c" && day >= "2026-10-20" && day < "2026-11-20" {
			tax = "O 0"
		}
		sums[share{owner, tax}] += money.Amount(int64(s.Energy) / 1_000_000 * 35)
	}
	return sums
}

// check compares what is owed with what was settled, and looks for credits that
// wait though nothing stands against them.
func (h *history) check() {
	h.T.Helper()
	paid, waits := h.settled()
	total, waiting := map[string]money.Amount{}, map[string]money.Amount{}
	for s, net := range paid {
		total[s.owner] += net
	}
	for s, net := range waits {
		total[s.owner] += net
		waiting[s.owner] += net
	}
	for owner, net := range h.owed() {
		if total[owner] != net {
			h.T.Errorf("%s is owed %d, has %d on documents and %d that waits", owner, net, total[owner]-waiting[owner], waiting[owner])
		}
	}
	for s, net := range h.perTax() {
		if s.owner != "c" && h.Entity("a").AlternateCredit == "h" { // whose treatment depends on who got the note
			continue
		}
		if s.owner == "c" && paid[s]+waits[s] != net {
			h.T.Errorf("%s under %s: owed %d, settled %d, waits %d", s.owner, s.tax, net, paid[s], waits[s])
		}
	}
	type sum struct{ net, tax money.Amount }
	groups := map[string]sum{} // by who gets the note, or by owner
	consolidated := h.Settings().ConsolidateByRecipient
	byTax := map[share]money.Amount{}
	for s, net := range waits {
		key := s.owner
		if e := h.Entity(s.owner); consolidated && e.AlternateCredit != "" {
			key = e.AlternateCredit
		}
		byTax[share{key, s.tax}] += net
	}
	for s, net := range byTax {
		key := s.owner
		if s.tax == "O 0" {
			key += ", not subject to VAT"
		}
		rate := map[string]money.Percent{"S 19": 1900, "S 21": 2100}[s.tax]
		groups[key] = sum{groups[key].net + net, groups[key].tax + net.Tax(rate)}
	}
	for group, s := range groups {
		if s.net >= 0 && s.net+s.tax >= 0 {
			h.T.Errorf("%d + %d of %s is stranded", s.net, s.tax, group)
		}
	}
}

func (h *history) withdrawn(id int64) bool {
	withdrawn, err := h.Store.Withdrawn(h.T.Context(), id)
	h.must(err)
	return withdrawn
}

// History lives through the operation of a seed: whatever happens, what is owed
// is paid. It returns what happened, which is the same on every store.
func History(t *testing.T, open Open, seed uint64) []string {
	t.Helper()
	w := NewWorld(t, open, historyNetwork)
	h := &history{World: w, dice: rand.New(rand.NewPCG(seed, 8))}
	w.Set("community_discount_percent", "0")
	w.Now = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	for range 60 {
		h.step()
	}
	h.Now = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	h.journal = append(h.journal, Story(h.Month("2027-02")))
	again := h.Month("2027-02")
	if len(again.Notes)+len(again.Silent) > 0 {
		t.Errorf("the last month once more: %s", Story(again))
	}
	h.check()
	w.Proven()
	if t.Failed() {
		t.Log(strings.Join(h.journal, "\n"))
	}
	return h.journal
}
