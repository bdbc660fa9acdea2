package creditnotes

import (
	"cmp"
	"context"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Comparison sets a month beside the one before it.
type Comparison struct {
	Month     entities.Month
	Earlier   entities.Month
	Owners    []NetChange // by owner key and currency
	Totals    []NetChange // by currency; Owner is empty
	Anomalies []Anomaly   // what a person should look at before it is released
}

// NetChange is what an owner gets in a month against the month before.
type NetChange struct {
	Owner      string // key
	Currency   string
	Before     money.Amount
	Now        money.Amount
	Difference money.Amount // Now − Before
}

// Percent is the difference in percent of the month before; false where there
// was nothing before.
func (c NetChange) Percent() (money.Percent, bool) {
	if c.Before == 0 {
		return 0, false
	}
	twice := 2 * int64(c.Difference) * int64(money.Hundred) / int64(c.Before)
	if twice < 0 {
		return money.Percent((twice - 1) / 2), true
	}
	return money.Percent((twice + 1) / 2), true
}

// Anomaly is something about an owner that is out of the ordinary.
type Anomaly struct {
	Kind AnomalyKind
	NetChange
	Held, Received Count // of AnomalyHeld, which has no amounts
}

// AnomalyKind says what is out of the ordinary.
type AnomalyKind string

// The kinds of anomalies.
const (
	AnomalyChanged AnomalyKind = "changed" // differs by more than the settings review_change_percent and review_change_amount
	AnomalyNothing AnomalyKind = "nothing" // had something in the month before
	AnomalyNew     AnomalyKind = "new"     // had nothing in the month before
	AnomalyHeld    AnomalyKind = "held"    // more than 20 % of the sessions are held
)

// OwnerNet is what an owner gets in a currency.
type OwnerNet struct {
	Owner    string // key
	Currency string
	Net      money.Amount
}

// Compare sets what a run, or a preview, makes of its month beside the month
// before. The month is all that stands of it: credit notes issued by whatever
// run and not cancelled, and the drafts of the report; of a month that is run a
// second time the second run alone would look as if every owner had lost.
func (r *Runner) Compare(ctx context.Context, report *Report) (*Comparison, error) {
	settings, err := r.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return r.compared(ctx, report.Month, draftedNets(report), report.Owners, &settings)
}

// CompareRun is Compare for a run that is kept, without reading its notes.
func (r *Runner) CompareRun(ctx context.Context, run *Run) (*Comparison, error) {
	drafted, err := r.Store.DraftNets(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	owners, err := r.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	return r.compared(ctx, run.Month, drafted, owners, &run.Settings)
}

// CompareRuns sets the credit notes of one run beside those of another, whatever their
// months: drafts, what stands of the issued ones, and what discarded drafts had.
func (r *Runner) CompareRuns(ctx context.Context, earlier, run *Run) (*Comparison, error) {
	before, err := r.Store.RunNets(ctx, earlier.ID)
	if err != nil {
		return nil, err
	}
	now, err := r.Store.RunNets(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Month: run.Month, Earlier: earlier.Month}
	c.compare(before, now)
	return c, nil
}

func (r *Runner) compared(ctx context.Context, month entities.Month, drafted []OwnerNet, owners []OwnerResult, s *Settings) (*Comparison, error) {
	c := &Comparison{Month: month, Earlier: month.Prev()}
	before, err := r.Store.MonthNets(ctx, c.Earlier)
	if err != nil {
		return nil, err
	}
	now, err := r.Store.MonthNets(ctx, c.Month)
	if err != nil {
		return nil, err
	}
	c.compare(before, append(now, drafted...))
	c.findAnomalies(owners, s)
	return c, nil
}

// draftedNets are the nets of the notes of a report that are not issued yet.
func draftedNets(report *Report) (list []OwnerNet) {
	for _, note := range report.Notes {
		if note.State != Draft {
			continue
		}
		for _, p := range note.Positions {
			list = append(list, OwnerNet{p.Owner, note.Currency, p.Net})
		}
	}
	return list
}

func (c *Comparison) compare(before, now []OwnerNet) {
	owners, totals := map[effectKey]*NetChange{}, map[effectKey]*NetChange{}
	add := func(changes map[effectKey]*NetChange, owner, currency string, before, now money.Amount) {
		key := effectKey{owner, currency}
		if changes[key] == nil {
			changes[key] = &NetChange{Owner: owner, Currency: currency}
		}
		change := changes[key]
		change.Before, change.Now, change.Difference = change.Before+before, change.Now+now, change.Difference+now-before
	}
	for _, net := range before {
		add(owners, net.Owner, net.Currency, net.Net, 0)
		add(totals, "", net.Currency, net.Net, 0)
	}
	for _, net := range now {
		add(owners, net.Owner, net.Currency, 0, net.Net)
		add(totals, "", net.Currency, 0, net.Net)
	}
	c.Owners, c.Totals = sortedChanges(owners), sortedChanges(totals)
}

func sortedChanges(changes map[effectKey]*NetChange) []NetChange {
	list := make([]NetChange, 0, len(changes))
	for _, change := range changes {
		list = append(list, *change)
	}
	slices.SortFunc(list, func(a, b NetChange) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

func (c *Comparison) findAnomalies(owners []OwnerResult, s *Settings) {
	for _, change := range c.Owners {
		if kind := change.anomaly(s); kind != "" {
			c.Anomalies = append(c.Anomalies, Anomaly{Kind: kind, NetChange: change})
		}
	}
	for _, o := range owners {
		held, received := o.Control.Held, o.Control.Received
		if o.Owner != "" && held.Sessions*5 > received.Sessions {
			c.Anomalies = append(c.Anomalies, Anomaly{Kind: AnomalyHeld, NetChange: NetChange{Owner: o.Owner}, Held: held, Received: received})
		}
	}
	slices.SortStableFunc(c.Anomalies, func(a, b Anomaly) int { return cmp.Compare(a.Owner, b.Owner) })
}

// anomaly tells what is out of the ordinary, or "".
func (c NetChange) anomaly(s *Settings) AnomalyKind {
	switch {
	case c.Before == c.Now:
		return ""
	case c.Before == 0:
		return AnomalyNew
	case c.Now == 0:
		return AnomalyNothing
	case c.large(s):
		return AnomalyChanged
	}
	return ""
}

// Size is the difference without its sign.
func (c NetChange) Size() money.Amount { return max(c.Difference, -c.Difference) }

// large reports whether a difference is larger than both limits of the settings.
func (c NetChange) large(s *Settings) bool {
	digits, _ := money.Digits(c.Currency) // notes have known currencies only
	const percent, unit = 100, 1_000_000
	return percent*c.Size() > money.Amount(s.ReviewChangePercent)*max(c.Before, -c.Before) &&
		c.Size().Micros(digits) > unit*money.Micros(s.ReviewChangeAmount)
}
