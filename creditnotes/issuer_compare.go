package creditnotes

import (
	"cmp"
	"context"
	"slices"

	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// CompareIssuer compares both sides of an issuer session by session, in order of
// source and id, and calls each with every row that may be shown. It takes the
// same memory for any number of sessions.
func CompareIssuer(ctx context.Context, store IssuerStore, q IssuerQuery, each func(*IssuerRow) error) (*IssuerTotals, error) {
	c := &issuerComparison{q: &q, totals: IssuerTotals{Findings: map[IssuerFinding]Count{}}, each: each}
	if len(q.Media) > 0 {
		for e, err := range store.IssuerEntries(ctx, q) {
			if err != nil {
				return nil, err
			}
			if err := c.take(&e); err != nil {
				return nil, err
			}
		}
		if err := c.finish(); err != nil {
			return nil, err
		}
	}
	topUps, err := store.TopUps(ctx, TopUpFilter{Entity: q.Issuer, From: q.From, Until: q.Until})
	if err != nil {
		return nil, err
	}
	for i := range topUps {
		t := &topUps[i]
		digits, known := money.Digits(t.Currency)
		if !known {
			digits = 2
		}
		sum := c.sum(t.Currency)
		sum.TopUps++
		sum.TopUpAmount += t.Amount.Micros(digits)
	}
	slices.SortFunc(c.totals.Sums, func(a, b IssuerSum) int { return cmp.Compare(a.Currency, b.Currency) })
	return &c.totals, nil
}

// issuerComparison is a comparison on its way: it gathers the entries of one
// session after the other.
type issuerComparison struct {
	q      *IssuerQuery
	totals IssuerTotals
	each   func(*IssuerRow) error
	row    *IssuerRow // nil: none yet
	state  IssuerEntry
	known  bool          // the current version is one of this issuer and month
	driver *money.Micros // billed
	billed string        // currency of what was billed
}

// take takes the next entry.
func (c *issuerComparison) take(e *IssuerEntry) error {
	if c.row != nil && (c.row.Source != e.Source || c.row.Session != e.Session) {
		if err := c.finish(); err != nil {
			return err
		}
	}
	if c.row == nil {
		c.row = &IssuerRow{Source: e.Source, Session: e.Session, Station: e.Station, EVSEID: e.EVSEID, Medium: e.Medium, End: e.End}
	}
	r := c.row
	switch e.Side {
	case SideSession:
		c.state, c.known = *e, true
		r.ID, r.Energy, r.Driver, r.Currency, r.CollectedAt = e.ID, e.Energy, e.Driver, e.Currency, e.CollectedAt
		r.Owner = c.ownerOf(e)
	case SideBilled:
		r.Billed = true
		r.BilledNet += e.Net
		r.BilledEnergy += e.Energy
		c.driver, c.billed = plus(c.driver, e.Driver), e.Currency
		r.BilledNumbers = withNumber(r.BilledNumbers, e.Number)
	case SideCredited:
		r.Share += e.Net
		r.CreditedEnergy += e.Energy
		r.CreditedDriver, r.CreditedIn = plus(r.CreditedDriver, e.Driver), e.Currency
		r.CreditedNumbers = withNumber(r.CreditedNumbers, e.Number)
		if e.Energy > 0 || r.Owner == "" {
			r.Owner, r.Station, r.EVSEID = e.Party, cmp.Or(e.Station, r.Station), cmp.Or(e.EVSEID, r.EVSEID)
		}
		r.Credited = true
	}
	return nil
}

// plus adds two amounts, of which nil is not known.
func plus(a, b *money.Micros) *money.Micros {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return new(*a + *b)
}

func withNumber(list []string, number string) []string {
	if number == "" || slices.Contains(list, number) {
		return list
	}
	return append(list, number)
}

// ownerOf is the key of who owned the station when the session started.
func (c *issuerComparison) ownerOf(e *IssuerEntry) string {
	if place := c.q.Network.Place(e.ConnectorID); place != nil {
		if owner := place.Owner(e.Start); owner != nil {
			return owner.Key
		}
	}
	return ""
}

// finish compares the sides of a session of which all is read.
func (c *issuerComparison) finish() error {
	r := c.row
	if r == nil {
		return nil
	}
	defer c.forget()
	if c.takenBack() {
		return nil
	}
	if r.Billed {
		r.Driver, r.Currency = cmp.Or(c.driver, r.Driver), cmp.Or(c.billed, r.Currency)
	}
	if c.q.Seen != nil && !c.q.Seen(r.Owner) {
		if !r.Paid() {
			return nil
		}
		c.hide()
	} else {
		c.judge()
	}
	c.add()
	return c.each(r)
}

func (c *issuerComparison) forget() {
	c.row, c.known, c.driver, c.billed, c.state = nil, false, nil, "", IssuerEntry{}
}

// takenBack forgets sides of which all was taken back, and reports whether
// nothing is left of the session in this month.
func (c *issuerComparison) takenBack() bool {
	r := c.row
	if r.Billed && r.BilledNet == 0 && r.BilledEnergy == 0 {
		r.Billed, r.BilledNumbers, c.driver, c.billed = false, nil, nil, ""
	}
	forNothing := !c.state.Reversed && (c.state.State == SessionCredited || c.state.State == SessionZero)
	if r.Credited && r.Share == 0 && r.CreditedEnergy == 0 && !forNothing {
		r.Credited, r.CreditedDriver, r.CreditedIn, r.CreditedNumbers = false, nil, "", nil
	}
	return !c.known && !r.Billed && !r.Credited
}

// hide leaves what the issuer's own bill says.
func (c *issuerComparison) hide() {
	r := c.row
	r.Owner, r.Station, r.EVSEID, r.Credited, r.Share, r.CreditedEnergy = "", "", "", false, 0, 0
	r.CreditedDriver, r.CreditedIn, r.CreditedNumbers, r.Finding = nil, "", nil, IssuerApart
}

// judge says what the comparison finds, and why a side is missing.
func (c *issuerComparison) judge() {
	r := c.row
	switch {
	case r.Paid() && r.Credited && c.differs():
		r.Finding = IssuerDiffers
	case r.Paid() && r.Credited:
		r.Finding = IssuerAgrees
	case r.Credited:
		r.Finding = OwnerOnly
		r.Why, r.Reason = c.whyNotBilled()
	case r.Paid():
		r.Finding = IssuerOnly
		r.Why, r.Reason = c.whyNotCredited()
	default:
		r.Finding = IssuerOpen
		r.Why, r.Reason = c.whyNotCredited()
	}
}

// differs reports whether driver amount or energy of the two sides differ, as far
// as both are known.
func (c *issuerComparison) differs() bool {
	r := c.row
	if r.Driver != nil && r.CreditedDriver != nil && (*r.Driver != *r.CreditedDriver || r.Currency != r.CreditedIn) {
		return true
	}
	energy := r.Energy
	if r.Billed {
		energy = r.BilledEnergy
	}
	return energy != r.CreditedEnergy
}

func (c *issuerComparison) whyNotCredited() (IssuerWhy, sessions.Reason) {
	switch state := c.state.State; {
	case c.state.Reversed || state == SessionWithdrawn:
		return WhyWithdrawn, ""
	case state == SessionHeld:
		return WhyHeld, c.state.Reason
	case state == SessionExcluded:
		return WhyExcluded, c.state.Reason
	case state == SessionDrafted:
		return WhyDrafted, ""
	}
	return WhyNotRun, ""
}

func (c *issuerComparison) whyNotBilled() (IssuerWhy, sessions.Reason) {
	switch {
	case c.q.Contract == "":
		return WhyNoOwn, ""
	case c.state.Waits != "":
		return WhyWaits, c.state.Waits
	case !c.q.Due:
		return WhyNotDue, ""
	}
	return WhyNotBilled, ""
}

// add adds the row to the totals.
func (c *issuerComparison) add() {
	r := c.row
	count := c.totals.Findings[r.Finding]
	count.Add(r.Energy)
	c.totals.Findings[r.Finding] = count
	if !r.CollectedAt.IsZero() {
		sum := c.sum(r.Currency)
		sum.Collected++
		if r.Driver == nil {
			sum.CollectedBlank++
		} else {
			sum.CollectedAmount += *r.Driver
		}
	}
	if r.Billed {
		sum := c.sum(r.Currency)
		sum.Billed++
		sum.BilledNet += r.BilledNet
		if r.Driver != nil {
			sum.BilledDriver += *r.Driver
		}
	}
	if r.Credited {
		sum := c.sum(r.CreditedIn)
		sum.Credited++
		sum.Share += r.Share
		if r.CreditedDriver == nil {
			sum.CreditedBlank++
		} else {
			sum.CreditedDriver += *r.CreditedDriver
		}
	}
}

// sum is the sum of a currency; a session without one counts in that of the
// operator.
func (c *issuerComparison) sum(currency string) *IssuerSum {
	currency = cmp.Or(currency, c.q.Network.Operator().Currency, "EUR")
	for i := range c.totals.Sums {
		if c.totals.Sums[i].Currency == currency {
			return &c.totals.Sums[i]
		}
	}
	c.totals.Sums = append(c.totals.Sums, IssuerSum{Currency: currency})
	return &c.totals.Sums[len(c.totals.Sums)-1]
}
