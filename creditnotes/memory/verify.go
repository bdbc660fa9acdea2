package memory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// rendersFor is how long after a note was issued its files may be on their way.
const rendersFor = 40 * time.Minute

// Books implements creditnotes.Books.
func (s *Store) Books(_ context.Context, fn func(creditnotes.VerifyStore) error) error {
	d := s.read()
	return fn(&books{reportReader: reportReader{d}, now: utc(s.now())})
}

// books is one unchanging view of the data.
type books struct {
	reportReader
	now   time.Time
	since time.Time // zero: all
}

func (b *books) Since(t time.Time) creditnotes.VerifyStore {
	return &books{b.reportReader, b.now, utc(t)}
}

// recent reports whether a note is looked at.
func (b *books) recent(n *creditnotes.Note) bool {
	if n.IssuedAt.IsZero() {
		return !b.d.run(n.RunID).CreatedAt.Before(b.since)
	}
	return !n.IssuedAt.Before(b.since)
}

func (b *books) EarlierNotes(context.Context) (numbers []string, err error) {
	for i := range b.d.Notes {
		if n := &b.d.Notes[i]; n.Number != "" && n.IssuedAt.Before(b.since) {
			numbers = append(numbers, n.Number)
		}
	}
	for _, r := range b.d.Reports {
		if r.FrozenAt.Before(b.since) {
			numbers = append(numbers, r.Name)
		}
	}
	return numbers, nil
}

func (b *books) Forgotten(context.Context) (names []string, err error) {
	base := b.d.lastSettled(endOfTime)
	if base == nil || !b.since.IsZero() {
		return nil, nil
	}
	known := b.d.settled()
	for _, h := range b.d.Holds {
		if h.RunID == base.ID {
			known[h.SessionID] = true
		}
	}
	for i := range b.d.Lines {
		if l := &b.d.Lines[i]; !l.Live {
			known[l.SessionID] = true
		}
	}
	for i := range b.d.Sessions {
		if v := &b.d.Sessions[i]; v.ID < base.SettledBelow && v.knownAt(base.Cutoff) && v.End.Before(base.SettledUntil) && !known[v.ID] {
			names = append(names, v.name())
		}
	}
	return names, nil
}

func (b *books) Counters(context.Context) (list []creditnotes.CounterState, err error) {
	states := map[numbering.Counter]*creditnotes.CounterState{}
	for c, r := range b.d.Counters {
		states[c] = &creditnotes.CounterState{Counter: c, First: r.First, Next: r.Next}
	}
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		if n.Number == "" {
			continue
		}
		c := numbering.Counter{Range: n.Range, Scope: n.Scope, Period: n.Period}
		s := states[c]
		if s == nil {
			s = &creditnotes.CounterState{Counter: c}
			states[c] = s
		}
		if s.Notes++; s.Lowest == 0 || n.Sequence < s.Lowest {
			s.Lowest = n.Sequence
		}
		s.Latest = max(s.Latest, n.Sequence)
	}
	for _, s := range states {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b creditnotes.CounterState) int { return cmp.Compare(a.Counter.String(), b.Counter.String()) })
	return list, nil
}

func (b *books) notesWith(fits func(*creditnotes.Note) bool) iter.Seq2[*creditnotes.Note, error] {
	return func(yield func(*creditnotes.Note, error) bool) {
		for _, n := range b.d.notesWhere(func(n *creditnotes.Note) bool { return fits(n) && b.recent(n) }) {
			if !yield(n, nil) {
				return
			}
		}
	}
}

func (b *books) IssuedNotes(context.Context) iter.Seq2[*creditnotes.Note, error] {
	return b.notesWith(func(n *creditnotes.Note) bool { return n.Number != "" })
}

func (b *books) SilentNotes(context.Context) iter.Seq2[*creditnotes.Note, error] {
	return b.notesWith(func(n *creditnotes.Note) bool { return n.State == creditnotes.Zero || n.State == creditnotes.Carried })
}

// label is the number of a note, or its month and recipient.
func (b *books) label(n *creditnotes.Note) string {
	return cmp.Or(n.Number, string(b.d.run(n.RunID).Month)+" "+n.Recipient)
}

func (b *books) BrokenCarries(context.Context) ([]string, error) {
	broken := map[string]bool{}
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		brings := map[CarryUse]int64{}
		for _, p := range n.Positions {
			if p.CarriedFrom != 0 {
				brings[CarryUse{p.CarriedFrom, b.d.ownerID(p.Owner)}] += int64(p.Net)
			}
		}
		for use, net := range brings {
			if from := b.d.note(use.Carried); from == nil || int64(from.NetOf(b.d.ownerKey(use.Owner))) != net {
				broken[b.label(n)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(broken)), nil
}

func (b *books) BrokenCarryUses(context.Context) ([]string, error) {
	broken, wanted := map[string]bool{}, map[CarryUse]int64{}
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		for _, p := range n.Positions {
			use := CarryUse{p.CarriedFrom, b.d.ownerID(p.Owner)}
			if p.CarriedFrom == 0 || !b.d.stands(n.ID) {
				continue
			}
			wanted[use] = n.ID
			if b.d.CarryUses[use] != n.ID {
				broken[b.label(n)] = true
			}
		}
	}
	for use, note := range b.d.CarryUses {
		if n := b.d.note(note); n != nil && wanted[use] != note {
			broken[b.label(n)] = true
		}
	}
	return slices.Sorted(maps.Keys(broken)), nil
}

func (b *books) NoteLines(context.Context) (map[int64]creditnotes.NoteLines, error) {
	lines := map[int64]creditnotes.NoteLines{}
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		if found := b.d.noteLines(n.ID); b.recent(n) && found.Seal != "" {
			lines[n.ID] = found
		}
	}
	return lines, nil
}

func (b *books) StoredFiles(context.Context) iter.Seq2[creditnotes.StoredFile, error] {
	files := slices.Clone(b.d.Files)
	slices.SortStableFunc(files, func(x, y creditnotes.File) int { return cmp.Compare(x.NoteID, y.NoteID) })
	return func(yield func(creditnotes.StoredFile, error) bool) {
		for _, f := range files {
			n := b.d.note(f.NoteID)
			if n == nil || !b.recent(n) {
				continue
			}
			sum := sha256.Sum256(f.Content)
			if !yield(creditnotes.StoredFile{Number: n.Number, Kind: f.Kind, Name: f.Name, SHA256: f.SHA256, Actual: hex.EncodeToString(sum[:])}, nil) {
				return
			}
		}
		for _, f := range b.reportFiles() {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// reportFiles are the stored files of settlement reports, by report.
func (b *books) reportFiles() (list []creditnotes.StoredFile) {
	for _, r := range b.d.Reports {
		for _, f := range b.d.Files {
			if f.ReportID == r.ID && !r.FrozenAt.Before(b.since) {
				sum := sha256.Sum256(f.Content)
				list = append(list, creditnotes.StoredFile{Number: r.Name, Kind: f.Kind, Name: f.Name, SHA256: f.SHA256, Actual: hex.EncodeToString(sum[:])})
			}
		}
	}
	return list
}

func (b *books) Mailings(context.Context) iter.Seq2[creditnotes.Mailing, error] {
	return func(yield func(creditnotes.Mailing, error) bool) {
		for _, d := range b.d.Deliveries {
			var number string
			if n := b.d.note(d.NoteID); n != nil && b.recent(n) {
				number = n.Number
			} else if r := b.d.report(d.ReportID); r != nil && !r.FrozenAt.Before(b.since) {
				number = r.Name
			}
			if number != "" && !yield(creditnotes.Mailing{Number: number, MessageID: d.MessageID, To: slices.Clone(d.To)}, nil) {
				return
			}
			for i := range b.d.Notes {
				n := &b.d.Notes[i]
				if n.MailedWith == d.NoteID && d.NoteID != 0 && d.Copy == 0 && b.recent(n) &&
					!yield(creditnotes.Mailing{Number: n.Number, MessageID: d.MessageID, To: slices.Clone(d.To)}, nil) {
					return
				}
			}
		}
	}
}

func (b *books) UnrenderedNotes(context.Context) (all, rendering []string, err error) {
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		if !b.d.unrendered(n) {
			continue
		}
		all = append(all, n.Number)
		if queued, waits := b.d.Jobs[n.ID]; waits && b.now.Sub(queued) < rendersFor {
			rendering = append(rendering, n.Number)
		}
	}
	slices.Sort(all)
	slices.Sort(rendering)
	return all, rendering, nil
}

func (b *books) ExcludedLines(context.Context) (map[string]string, error) {
	seals := map[string]string{}
	for i := range b.d.Runs {
		if r := &b.d.Runs[i]; r.issued() && !r.CreatedAt.Before(b.since) {
			seals[r.Name] = b.d.excluded(r.ID)
		}
	}
	return seals, nil
}

func (b *books) BrokenPaths(context.Context) (checked, broken int, err error) {
	for id, content := range b.d.Paths {
		if path, err := tariffs.ParsePath(content); err != nil || path.ID != id {
			broken++
		}
	}
	return len(b.d.Paths), broken, nil
}

func (b *books) MissingPaths(context.Context) (list []creditnotes.MissingPath, err error) {
	missing := map[int64]*creditnotes.MissingPath{}
	lines := slices.Clone(b.d.Lines)
	for _, c := range b.d.Own {
		lines = append(lines, Line{Line: creditnotes.Line{NoteID: c.NoteID, SessionID: c.SessionID, PathID: c.PathID}})
	}
	for i := range lines {
		l := &lines[i]
		n := b.d.note(l.NoteID)
		if _, there := b.d.Paths[l.PathID]; there || l.PathID == 0 || n == nil || !b.recent(n) {
			continue
		}
		if missing[l.PathID] == nil {
			missing[l.PathID] = &creditnotes.MissingPath{Session: b.sessionOf(l)}
		}
		m := missing[l.PathID]
		m.Sessions, m.Session = m.Sessions+1, min(m.Session, b.sessionOf(l))
	}
	for _, m := range missing {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b creditnotes.MissingPath) int { return cmp.Compare(a.Session, b.Session) })
	return list, nil
}

// sessionOf names the session of a line.
func (b *books) sessionOf(l *Line) string {
	if v := b.d.session(l.SessionID); v != nil {
		return v.name()
	}
	return fmt.Sprintf("line of session %d", l.SessionID)
}

func (b *books) RunEvidence(context.Context) (map[string]creditnotes.RunEvidence, error) {
	found := map[string]creditnotes.RunEvidence{}
	for i := range b.d.Runs {
		if r := &b.d.Runs[i]; r.issued() && !r.CreatedAt.Before(b.since) {
			found[r.Name] = b.d.evidence(r)
		}
	}
	return found, nil
}

func (b *books) StrayCancellations(context.Context) (numbers []string, err error) {
	for i := range b.d.Notes {
		c := &b.d.Notes[i]
		if n := b.d.note(c.Cancels); n != nil && (c.RunID != n.RunID || c.Ordinal != n.Ordinal) {
			numbers = append(numbers, c.Number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func (b *books) Runs(context.Context) ([]creditnotes.Run, error) { return b.d.allRuns(), nil }

func (b *books) WalkAudit(_ context.Context, fn func(creditnotes.AuditRecord)) (creditnotes.AuditChain, error) {
	return b.d.walkAudit(fn), nil
}

// Guards implements creditnotes.VerifyStore: there is none.
func (b *books) Guards(context.Context) (int, []string, error) { return 0, nil, nil }
