package bank

import (
	"strconv"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// tally counts what a statement holds, to compare it with what it states.
type tally struct {
	stated  *node          // TxsSummry
	keys    map[string]int // of entries so far
	all     total          // entries in every state
	credits total
	debits  total
	booked  total // booked entries, with their signs
}

// total is how many amounts there are, and their sum while they are in one
// currency.
type total struct {
	count    int
	sum      money.Micros
	currency string
	mixed    bool
}

func (t *total) add(value money.Micros, currency string) {
	t.mixed = t.mixed || t.count > 0 && currency != t.currency
	t.count++
	t.sum += value
	t.currency = currency
}

func (t *tally) add(e *Entry) {
	value, currency := abs(e.Amount.Value), e.Amount.Currency
	t.all.add(value, currency)
	if e.Direction == Credit {
		t.credits.add(value, currency)
	} else {
		t.debits.add(value, currency)
	}
	if e.IsBooked() {
		t.booked.add(e.Amount.Value, currency)
	}
}

// checkStatement compares the sums that a statement states with its entries, and
// its balances with what was booked.
func (f *File) checkStatement(s *Statement) error {
	s.Opening, s.Closing = s.balanceOf("OPBD", "PRCD"), s.balanceOf("CLBD")
	booked := s.tally.booked
	if booked.count == 0 {
		booked.currency = s.Account.Currency
		if s.Closing.Known() {
			booked.currency = s.Closing.Currency
		}
	}
	if !booked.mixed && (s.Account.Currency == "" || s.Account.Currency == booked.currency) {
		s.Booked = Money{Value: booked.sum, Currency: booked.currency}
	}
	if err := f.checkSummary(&s.tally); err != nil {
		return err
	}
	if adds, known := s.AddsUp(); !known || adds {
		return nil
	}
	return f.find("bank_balance_differs", fault.Args{
		"statement": s.ID, "line": s.line, "opening": s.Opening.String(), "booked": s.Booked.String(), "closing": s.Closing.String(),
	})
}

// AddsUp reports whether the opening balance and the booked entries come to the
// closing balance. The second result is false where that cannot be told: there
// are no balances, or several currencies.
func (s *Statement) AddsUp() (adds, known bool) {
	known = s.Opening.Known() && s.Closing.Known() && s.Booked.Known() &&
		s.Opening.Currency == s.Closing.Currency && s.Opening.Currency == s.Booked.Currency
	return known && s.Opening.Value+s.Booked.Value == s.Closing.Value, known
}

// checkSummary compares the element TxsSummry with the entries.
func (f *File) checkSummary(t *tally) error {
	if t.stated == nil {
		return nil
	}
	for _, part := range []struct {
		path  string
		found total
	}{{"TtlNtries", t.all}, {"TtlCdtNtries", t.credits}, {"TtlDbtNtries", t.debits}} {
		n := t.stated.first(part.path)
		if err := f.compareCount(n.first("NbOfNtries"), part.path, part.found.count); err != nil {
			return err
		}
		if err := f.compareSum(n.first("Sum"), part.path, part.found); err != nil {
			return err
		}
	}
	return f.compareNet(t)
}

// compareNet compares the net total, whose indicator gives its sign.
func (f *File) compareNet(t *tally) error {
	n := t.stated.first("TtlNtries")
	net := total{count: t.all.count, mixed: t.all.mixed, sum: t.credits.sum - t.debits.sum}
	if Direction(n.words("CdtDbtInd", "TtlNetNtry/CdtDbtInd")) == Debit {
		net.sum = -net.sum
	}
	return f.compareSum(n.first("TtlNetNtryAmt", "TtlNetNtry/Amt"), "TtlNtries", net)
}

// compareCount reports a count that is stated and not met.
func (f *File) compareCount(stated *node, within string, found int) error {
	if stated == nil || stated.text == strconv.Itoa(found) {
		return nil
	}
	if count, err := strconv.Atoi(stated.text); err == nil && count == found {
		return nil
	}
	return f.differs(within+"/"+stated.name, stated.line, stated.text, strconv.Itoa(found))
}

// compareSum reports a sum that is stated and not met. Amounts in several
// currencies have none.
func (f *File) compareSum(stated *node, within string, found total) error {
	if stated == nil || found.mixed {
		return nil
	}
	sum, err := number(stated.text)
	if err != nil {
		return f.value(stated)
	}
	if sum == found.sum {
		return nil
	}
	return f.differs(within+"/"+stated.name, stated.line, decimal(sum), decimal(found.sum))
}

// detailSums adds up the transactions of an entry: with their own directions,
// and with that of the entry, since banks mean either.
type detailSums struct {
	own, entry total
	unknown    bool // one has no amount
}

func (s *detailSums) add(t *Transaction) {
	s.unknown = s.unknown || !t.Amount.Known()
	s.own.add(t.Amount.Value, t.Amount.Currency)
	value := abs(t.Amount.Value)
	if t.Entry.Direction == Debit {
		value = -value
	}
	s.entry.add(value, t.Amount.Currency)
}

// meets reports whether the transactions come to an amount, and whether that can
// be told.
func (s *detailSums) meets(amount Money) (meets, known bool) {
	if s.unknown || s.own.mixed || s.own.count == 0 || s.own.currency != amount.Currency {
		return false, false
	}
	return s.own.sum == amount.Value || s.entry.sum == amount.Value, true
}

// checkEntry compares an entry, and the one batch it stands for, with its
// transactions.
func (f *File) checkEntry(e *Entry, sums *detailSums) error {
	if e.details == 0 {
		return nil
	}
	if meets, known := sums.meets(e.Amount); known && !meets {
		if err := f.differs("Ntry/Amt", e.Line, decimal(e.Amount.Value), decimal(sums.own.sum)); err != nil {
			return err
		}
	}
	if len(e.Batches) != 1 {
		return nil
	}
	return f.checkBatch(e, sums)
}

func (f *File) checkBatch(e *Entry, sums *detailSums) error {
	b := e.Batches[0]
	if count, err := strconv.Atoi(b.Count); b.Count != "" && (err != nil || count != e.details) {
		if err := f.differs("Btch/NbOfTxs", b.line, b.Count, strconv.Itoa(e.details)); err != nil {
			return err
		}
	}
	if !b.Total.Known() {
		return nil
	}
	if meets, known := sums.meets(b.Total.signed(e.Direction)); known && !meets {
		return f.differs("Btch/TtlAmt", b.line, decimal(b.Total.Value), decimal(abs(sums.entry.sum)))
	}
	return nil
}
