package creditnotes

import (
	"context"
	"maps"
	"slices"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/proof"
	"creditrun/numbering"
)

// Verification is the proof of the books: what was looked at, and what is
// wrong with it.
type Verification struct {
	Counters  int       `json:"counters"`
	Notes     int       `json:"notes"`
	Files     int       `json:"files"`
	Paths     int       `json:"price_paths"`
	Runs      int       `json:"runs"`
	Reports   int       `json:"settlement_reports"`
	Audit     int64     `json:"audit_entries"`
	Guards    int       `json:"guards"`
	Movements int       `json:"movements"`
	Payouts   int       `json:"payouts"`
	Reminders int       `json:"reminders"`
	Journals  int       `json:"journals"`
	Heads     int       `json:"heads"` // signed heads of runs
	Head      AuditHead `json:"audit_head"`
	// Sessions and Totals are the sums that the proof compared.
	Sessions SessionTotal `json:"sessions"`
	Totals   []BookTotal  `json:"totals"`
	// Rendering are notes issued lately whose files are being made.
	Rendering []string       `json:"rendering,omitempty"`
	Problems  []*fault.Fault `json:"-"`

	recorded *evidence
	own      OwnProofs
	amounts  map[int64]netTax         // by note
	leaves   map[int64]proof.Document // by note
}

// Clean reports whether nothing is wrong.
func (v *Verification) Clean() bool { return len(v.Problems) == 0 }

func (v *Verification) add(key string, args fault.Args) {
	v.Problems = append(v.Problems, fault.New(fault.Conflict, key, args))
}

// Verify proves the books: numbers without gap or double, every note what its
// seal, its lines and its tax say, every file what its hash says, every
// session with one outcome, an unbroken audit log, and everything that was
// issued as the audit log recorded it (domain.md §8.3). expected is an entry of
// the audit log that was kept outside of the database; it may be empty.
func Verify(ctx context.Context, books Books, expected AuditHead) (*Verification, error) {
	return VerifySince(ctx, books, expected, time.Time{})
}

// VerifySince is Verify without the notes, files, lines and runs from before a
// time: what was proven once need not be proven every night, however many years
// it is. Numbers, the audit log, guards, and whether earlier notes are still
// there, are looked at as a whole.
func VerifySince(ctx context.Context, books Books, expected AuditHead, since time.Time) (*Verification, error) {
	var v *Verification
	err := books.Books(ctx, func(store VerifyStore) error {
		if !since.IsZero() {
			store = store.Since(since)
		}
		v = &Verification{recorded: newEvidence(expected), amounts: map[int64]netTax{}, leaves: map[int64]proof.Document{}}
		for _, check := range []func(context.Context, VerifyStore) error{
			v.audit, v.numbers, v.notes, v.mailings, v.files, v.runs, v.sessions, v.ownTwice, v.lifetime, v.sums, v.accounts, v.journals, v.reprices, v.reports, v.advices, v.documents, v.proofs, v.guards,
		} {
			if err := check(ctx, store); err != nil {
				return err
			}
		}
		v.sortTotals()
		return nil
	})
	return v, err
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
	lines, err := store.NoteLines(ctx)
	if err != nil {
		return err
	}
	if v.own, err = store.OwnSums(ctx); err != nil {
		return err
	}
	for note, err := range store.IssuedNotes(ctx) {
		if err != nil {
			return err
		}
		v.Notes++
		v.amounts[note.ID] = netTax{note.Net, note.Tax}
		v.leaves[note.ID] = ProofDocument(note, lines[note.ID].Sessions, lines[note.ID].SessionsRoot)
		v.note(note, lines[note.ID])
		v.recorded.note(v, note, lines[note.ID])
	}
	earlier, err := store.EarlierNotes(ctx)
	if err != nil {
		return err
	}
	v.recorded.leaveOut(earlier)
	v.recorded.missingNotes(v)
	return v.carried(ctx, store, lines)
}

// carried checks what was settled without a document against its lines, and
// what later notes bring along against that.
func (v *Verification) carried(ctx context.Context, store VerifyStore, lines map[int64]NoteLines) error {
	for note, err := range store.SilentNotes(ctx) {
		if err != nil {
			return err
		}
		args := fault.Args{"number": string(note.Document.Month) + " " + note.Recipient}
		if prove(note, lines[note.ID].Sums) != nil {
			v.add("verify_lines", args)
		}
		v.prices(note, lines[note.ID], args)
		if note.Kind == numbering.Invoice {
			v.figures(note, args)
			v.ownCharging(note, v.own[note.ID], args)
		}
	}
	broken, err := store.BrokenCarries(ctx)
	for _, number := range broken {
		v.add("verify_carried", fault.Args{"number": number})
	}
	if err != nil {
		return err
	}
	uses, err := store.BrokenCarryUses(ctx)
	for _, number := range uses {
		v.add("verify_carry_uses", fault.Args{"number": number})
	}
	return err
}

// note checks one note against its seal, its positions, its lines and its tax.
func (v *Verification) note(n *Note, lines NoteLines) {
	args := fault.Args{"number": n.Number}
	if seal, err := n.Seal(); err != nil || seal != n.Hash {
		v.add("verify_seal", args)
	}
	v.figures(n, args)
	v.ownCharging(n, v.own[n.ID], args)
	if n.Kind != numbering.Cancellation && prove(n, lines.Sums) != nil {
		v.add("verify_lines", args)
	}
	v.prices(n, lines, args)
}

// figures checks what a note, which args name, adds up.
func (v *Verification) figures(n *Note, args fault.Args) {
	var net, tax money.Amount
	for _, p := range n.Positions {
		net += p.Net
		if p.Component != CarriedForward && p.Sum.Round(n.Document.CurrencyDigits) != p.Net || !p.priced() {
			v.add("verify_position", fault.Args{"number": args["number"], "position": p.Ordinal})
		}
	}
	for _, t := range n.Taxes {
		tax += t.Tax
		if t.Base.Tax(t.Rate) != t.Tax || t.Base != n.taxedBy(t) {
			v.add("verify_tax", args)
		}
	}
	if net != n.Net || tax != n.Tax || n.Net+n.Tax != n.Gross {
		v.add("verify_total", args)
	}
}

// taxedBy adds up the positions of a tax.
func (n *Note) taxedBy(t TaxTotal) (base money.Amount) {
	for _, p := range n.Positions {
		if p.Tax == t.Slot && p.TaxAccount == t.Account {
			base += p.Net
		}
	}
	return base
}

func (v *Verification) files(ctx context.Context, store VerifyStore) error {
	number, stored := "", map[FileKind]string{}
	compare := func() {
		if number != "" {
			v.recorded.files(v, number, stored)
		}
		clear(stored)
	}
	for file, err := range store.StoredFiles(ctx) {
		if err != nil {
			return err
		}
		v.Files++
		if file.SHA256 != file.Actual {
			v.add("verify_file", fault.Args{"file": file.Name})
		}
		if file.Number != number {
			compare()
			number = file.Number
		}
		stored[file.Kind] = file.SHA256
	}
	compare()
	v.recorded.missingFiles(v)
	if err := v.unrendered(ctx, store); err != nil {
		return err
	}
	checked, broken, err := store.BrokenPaths(ctx)
	v.Paths = checked
	if broken > 0 {
		v.add("verify_paths", fault.Args{"count": broken})
	}
	if err != nil {
		return err
	}
	missing, err := store.MissingPaths(ctx)
	for _, path := range missing {
		v.add("verify_path_gone", fault.Args{"session": path.Session, "count": path.Sessions})
	}
	return err
}

// unrendered names the issued notes without files: their documents are being
// made, or were not or cannot be (domain.md §12).
func (v *Verification) unrendered(ctx context.Context, store VerifyStore) error {
	numbers, rendering, err := store.UnrenderedNotes(ctx)
	for _, number := range numbers {
		switch {
		case v.recorded.rendered[number] != nil: // its files are gone, which is said already
		case slices.Contains(rendering, number):
			v.Rendering = append(v.Rendering, number)
		default:
			v.add("verify_unrendered", fault.Args{"number": number})
		}
	}
	return err
}

// runs compares the control sheets of runs with their lines, and runs with
// what the audit log says of them.
func (v *Verification) runs(ctx context.Context, store VerifyStore) error {
	sheets, err := store.RunFates(ctx)
	if err != nil {
		return err
	}
	v.Runs = len(sheets)
	for _, r := range sheets {
		if r.HeldGone > 0 {
			v.add("verify_held_gone", fault.Args{"run": r.Run, "count": r.HeldGone})
		}
		if r.SheetPaid != r.LinesPaid || r.SheetClosed != r.LinesDone || r.SheetHeld != r.Holds && r.HeldGone == 0 {
			v.add("verify_control", fault.Args{"run": r.Run})
		}
	}
	excluded, err := store.ExcludedLines(ctx)
	if err != nil {
		return err
	}
	for _, run := range slices.Sorted(maps.Keys(excluded)) {
		if excluded[run] != v.recorded.excluded[run] {
			v.add("verify_excluded", fault.Args{"run": run})
		}
	}
	runs, err := store.Runs(ctx)
	for i := range runs {
		v.recorded.run(v, &runs[i])
	}
	v.recorded.missingRuns(v)
	if err != nil {
		return err
	}
	return v.settledRuns(ctx, store)
}

// settledRuns compares what every run settled with what was recorded of it.
func (v *Verification) settledRuns(ctx context.Context, store VerifyStore) error {
	settled, err := store.RunEvidence(ctx)
	if err != nil {
		return err
	}
	for _, run := range slices.Sorted(maps.Keys(settled)) {
		v.recorded.settledRun(v, run, settled[run])
	}
	stray, err := store.StrayCancellations(ctx)
	for _, number := range stray {
		v.add("verify_cancellation_run", fault.Args{"number": number})
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
	undone, err := store.UndoneLines(ctx)
	if err != nil {
		return err
	}
	for _, session := range undone {
		v.add("verify_undone", fault.Args{"session": session})
	}
	unequal, err := store.UnequalLines(ctx)
	if err != nil {
		return err
	}
	for _, session := range unequal {
		v.add("verify_lifetime", fault.Args{"session": session})
	}
	forgotten, err := store.Forgotten(ctx)
	for _, session := range forgotten {
		v.add("verify_forgotten", fault.Args{"session": session})
	}
	return err
}

// audit walks the audit log and gathers what it recorded.
func (v *Verification) audit(ctx context.Context, store VerifyStore) error {
	chain, err := store.WalkAudit(ctx, v.recorded.add)
	if err != nil {
		return err
	}
	v.Audit, v.Head = chain.Checked, chain.Head
	if chain.Broken != 0 {
		v.add("verify_audit", fault.Args{"entry": chain.Broken})
	}
	for _, id := range v.recorded.broken {
		v.add("verify_audit", fault.Args{"entry": id})
	}
	if expected := v.recorded.expected; expected.ID != 0 && !v.recorded.met {
		v.add("verify_audit_head", fault.Args{"entry": expected.ID, "hash": expected.Hash})
	}
	return nil
}

func (v *Verification) guards(ctx context.Context, store VerifyStore) error {
	checked, broken, err := store.Guards(ctx)
	v.Guards = checked
	for _, name := range broken {
		v.add("verify_guard", fault.Args{"guard": name})
	}
	return err
}
