package memory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"creditrun/creditnotes"
)

// noteLines adds up and seals the lines of a note, live or not.
func (d *Data) noteLines(noteID int64) creditnotes.NoteLines {
	lines := creditnotes.NoteLines{Sums: creditnotes.TaxSums{}}
	var seal seal
	proof := d.priceProof(d.note(noteID))
	for _, l := range d.linesOf(func(l *Line) bool { return l.NoteID == noteID }) {
		proof.add(d, &l)
		lines.Sums[l.Tax] += l.Total()
		v := d.session(l.SessionID)
		if v == nil {
			v = &Session{}
		}
		seal.add(l.Line, v.name(), v.Version, v.ConnectorID, v.Duration, v.Energy, v.Start.UnixMicro(), v.End.UnixMicro())
	}
	for _, c := range d.ownOf(func(c *OwnCharge) bool { return c.NoteID == noteID }) {
		lines.Sums[c.Tax] += c.Net
		v := d.session(c.SessionID)
		if v == nil {
			v = &Session{}
		}
		seal.add(c.OwnCharge, v.name(), v.Version, v.Energy, v.Start.UnixMicro(), v.End.UnixMicro())
	}
	lines.Seal, lines.Prices = seal.String(), proof.digest()
	return lines
}

// linesOf lists the lines that fit, by session and kind.
func (d *Data) linesOf(fits func(*Line) bool) (list []Line) {
	for i := range d.Lines {
		if fits(&d.Lines[i]) {
			list = append(list, d.Lines[i])
		}
	}
	slices.SortFunc(list, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.SessionID, b.SessionID), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return list
}

// seal is the SHA-256 over rows; empty while there are none.
type seal struct{ sum hash.Hash }

func (s *seal) add(fields ...any) {
	if s.sum == nil {
		s.sum = sha256.New()
	}
	for _, field := range fields {
		fmt.Fprintf(s.sum, "%+v|", field)
	}
	s.sum.Write([]byte{'\n'})
}

func (s *seal) String() string {
	if s.sum == nil {
		return ""
	}
	return hex.EncodeToString(s.sum.Sum(nil))
}

// excluded seals the lines of a run that stand on no note.
func (d *Data) excluded(runID int64) string {
	var seal seal
	for _, l := range d.linesOf(func(l *Line) bool { return l.RunID == runID && l.NoteID == 0 }) {
		seal.add(l.OwnerID, l.SessionID, l.Energy, l.Kind, l.Reason)
	}
	return seal.String()
}

// evidence is what is recorded of a run when it is issued.
func (d *Data) evidence(r *Run) creditnotes.RunEvidence {
	var notes, held seal
	for _, n := range d.notesWhere(func(n *creditnotes.Note) bool { return n.RunID == r.ID && n.Cancels == 0 }) {
		notes.add(n.Ordinal, n.ID)
		if n.State == creditnotes.Zero || n.State == creditnotes.Carried {
			notes.add(n.Net, n.Gross, n.State, n.Recipient, n.Currency)
		}
	}
	holds := slices.DeleteFunc(slices.Clone(d.Holds), func(h Hold) bool { return h.RunID != r.ID })
	slices.SortFunc(holds, func(a, b Hold) int { return cmp.Compare(a.SessionID, b.SessionID) })
	for _, h := range holds {
		held.add(h.SessionID, h.OwnerID, h.OtherID, h.Reason)
	}
	return creditnotes.RunEvidence{Month: r.Month, Date: r.DocumentDate, Notes: notes.String(), Held: held.String()}
}
