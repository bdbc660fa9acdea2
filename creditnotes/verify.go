package creditnotes

import (
	"context"
	"iter"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// VerifyStore reads what the proof of the books needs.
type VerifyStore interface {
	// Counters lists every number counter with what the notes say of it.
	Counters(ctx context.Context) ([]CounterState, error)
	// IssuedNotes yields every issued note, whole.
	IssuedNotes(ctx context.Context) iter.Seq2[*Note, error]
	// LineTotals adds up the lines of every note, live or not.
	LineTotals(ctx context.Context) (map[int64]money.Micros, error)
	// BrokenFiles lists the stored files whose content is not what its hash
	// says, and the notes of completed runs without files.
	BrokenFiles(ctx context.Context) (checked int, broken []string, err error)
	// BrokenPaths counts the price paths, and those whose id is not that of
	// their content.
	BrokenPaths(ctx context.Context) (checked, broken int, err error)
	// RunFates compares the control sheets of runs with their lines.
	RunFates(ctx context.Context) ([]RunFates, error)
	// PaidTwice lists sessions of which two versions are paid.
	PaidTwice(ctx context.Context) ([]string, error)
	// UnequalLines lists sessions whose live line has another energy than the
	// session itself (lifetime control).
	UnequalLines(ctx context.Context) ([]string, error)
	// VerifyAudit walks the audit log; broken is the first entry that is not
	// what it was, 0 when all are.
	VerifyAudit(ctx context.Context) (checked, broken int64, err error)
}

// CounterState is a counter, and the sequences of the notes numbered by it.
type CounterState struct {
	Counter        numbering.Counter
	First, Next    int64
	Notes          int64
	Lowest, Latest int64
}

// RunFates is what a run's control sheet says and what its lines say.
type RunFates struct {
	Run                    string
	SheetPaid, LinesPaid   Count // credited and zero
	SheetClosed, LinesDone Count // excluded
}

// Verification is the proof of the books: what was looked at, and what is
// wrong with it.
type Verification struct {
	Counters int            `json:"counters"`
	Notes    int            `json:"notes"`
	Files    int            `json:"files"`
	Paths    int            `json:"price_paths"`
	Runs     int            `json:"runs"`
	Audit    int64          `json:"audit_entries"`
	Problems []*fault.Fault `json:"-"`
}

// Clean tells whether nothing is wrong.
func (v *Verification) Clean() bool { return len(v.Problems) == 0 }

func (v *Verification) add(key string, args fault.Args) {
	v.Problems = append(v.Problems, fault.New(fault.Conflict, key, args))
}

// Verify proves the books: numbers without gap or double, every note what its
// seal, its lines and its tax say, every file what its hash says, every
// session with one fate, and an unbroken audit log (domain.md §8.3).
func Verify(ctx context.Context, store VerifyStore) (*Verification, error) {
	v := &Verification{}
	for _, check := range []func(context.Context, VerifyStore) error{v.numbers, v.notes, v.files, v.fates, v.sessions, v.audit} {
		if err := check(ctx, store); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *Verification) numbers(ctx context.Context, store VerifyStore) error {
	counters, err := store.Counters(ctx)
	v.Counters = len(counters)
	for _, c := range counters {
		taken := c.Next - c.First
		if c.Notes != taken || taken > 0 && (c.Lowest != c.First || c.Latest != c.Next-1) {
			v.add("verify_numbers", fault.Args{"counter": c.Counter.String(), "first": c.First, "next": c.Next, "notes": c.Notes})
		}
	}
	return err
}

func (v *Verification) notes(ctx context.Context, store VerifyStore) error {
	lines, err := store.LineTotals(ctx)
	if err != nil {
		return err
	}
	for note, err := range store.IssuedNotes(ctx) {
		if err != nil {
			return err
		}
		v.Notes++
		v.note(note, lines[note.ID])
	}
	return nil
}

// note checks one note against its seal, its positions, its lines and its tax.
func (v *Verification) note(n *Note, lines money.Micros) {
	args := fault.Args{"number": n.Number}
	if seal, err := n.Seal(); err != nil || seal != n.Hash {
		v.add("verify_seal", args)
	}
	var net, tax money.Amount
	for _, p := range n.Positions {
		net += p.Net
		if p.Component != CarriedForward && p.Sum.Round(n.Document.CurrencyDigits) != p.Net {
			v.add("verify_position", fault.Args{"number": n.Number, "position": p.Ordinal})
		}
	}
	for _, t := range n.Taxes {
		tax += t.Tax
		if t.Base.Tax(t.Rate) != t.Tax || t.Base != n.taxedBy(t.Account) {
			v.add("verify_tax", args)
		}
	}
	if net != n.Net || tax != n.Tax || n.Net+n.Tax != n.Gross {
		v.add("verify_total", args)
	}
	if n.Kind == numbering.CreditNote && prove(n, lines) != nil {
		v.add("verify_lines", args)
	}
}

// taxedBy adds up the positions of a tax account.
func (n *Note) taxedBy(account string) (base money.Amount) {
	for _, p := range n.Positions {
		if p.TaxAccount == account {
			base += p.Net
		}
	}
	return base
}

func (v *Verification) files(ctx context.Context, store VerifyStore) (err error) {
	var broken []string
	if v.Files, broken, err = store.BrokenFiles(ctx); err != nil {
		return err
	}
	for _, name := range broken {
		v.add("verify_file", fault.Args{"file": name})
	}
	paths := 0
	v.Paths, paths, err = store.BrokenPaths(ctx)
	if paths > 0 {
		v.add("verify_paths", fault.Args{"count": paths})
	}
	return err
}

func (v *Verification) fates(ctx context.Context, store VerifyStore) error {
	runs, err := store.RunFates(ctx)
	v.Runs = len(runs)
	for _, r := range runs {
		if r.SheetPaid != r.LinesPaid || r.SheetClosed != r.LinesDone {
			v.add("verify_control", fault.Args{"run": r.Run})
		}
	}
	return err
}

func (v *Verification) sessions(ctx context.Context, store VerifyStore) error {
	twice, err := store.PaidTwice(ctx)
	if err != nil {
		return err
	}
	for _, session := range twice {
		v.add("verify_paid_twice", fault.Args{"session": session})
	}
	unequal, err := store.UnequalLines(ctx)
	for _, session := range unequal {
		v.add("verify_lifetime", fault.Args{"session": session})
	}
	return err
}

func (v *Verification) audit(ctx context.Context, store VerifyStore) error {
	checked, broken, err := store.VerifyAudit(ctx)
	v.Audit = checked
	if broken != 0 {
		v.add("verify_audit", fault.Args{"entry": broken})
	}
	return err
}
