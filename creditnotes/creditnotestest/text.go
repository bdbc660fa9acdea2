package creditnotestest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Same compares two texts line by line, without indents and blank lines.
func Same(t *testing.T, got, want string) {
	t.Helper()
	lines := func(text string) (list []string) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
		return list
	}
	if diff := gocmp.Diff(lines(want), lines(got)); diff != "" {
		t.Errorf("- want + got\n%s", diff)
	}
}

// Says compares the keys of the faults in an error.
func Says(t *testing.T, err error, keys ...string) {
	t.Helper()
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Key)
	}
	if !slices.Equal(got, keys) {
		t.Errorf("faults %v (%v), want %v", got, err, keys)
	}
}

// Story writes down what a run did: the notes with their positions, what was
// held, who failed, and the control sheet.
func Story(r *creditnotes.Report) string {
	var b strings.Builder
	for _, n := range slices.Concat(r.Notes, r.Fees, r.Silent) {
		tellNote(&b, n)
	}
	for _, h := range r.Held {
		fmt.Fprintf(&b, "held %s %s %s\n", h.Session, h.Owner, h.Reason)
	}
	for _, o := range r.Failed {
		fmt.Fprintf(&b, "failed %s %s\n", o.Owner, o.Failed.Key)
	}
	c := r.Total
	fmt.Fprintf(&b, "received %d: credited %d held %d zero %d excluded %d",
		c.Received.Sessions, c.Credited.Sessions, c.Held.Sessions, c.Zero.Sessions, c.Excluded.Sessions)
	if c.Withdrawn.Sessions > 0 {
		fmt.Fprintf(&b, " withdrawn %d", c.Withdrawn.Sessions)
	}
	b.WriteString("\n")
	return b.String()
}

func tellNote(b *strings.Builder, n *creditnotes.Note) {
	digits := n.Document.CurrencyDigits
	fmt.Fprintf(b, "%s %s→%s %s + %s = %s %s\n", cmp.Or(n.Number, string(n.State)), strings.Join(n.Owners, "+"), n.Recipient,
		n.Net.Format(digits), n.Tax.Format(digits), n.Gross.Format(digits), n.Currency)
	for _, p := range n.Positions {
		switch {
		case p.IsFee():
			fmt.Fprintf(b, "%s %s %s %d × %s %s", p.Component, p.Contract, p.Month, p.Quantity, p.UnitPrice, p.Net.Format(digits))
		case p.Contract != "" && p.Station == "":
			fmt.Fprintf(b, "%s %s %s %d× %s kWh %s", p.Component, p.Contract, p.Month, p.Sessions, p.Energy, p.Net.Format(digits))
		default:
			fmt.Fprintf(b, "%s %s %s %d× %s kWh %s", p.Station, p.Component, p.Month, p.Sessions, p.Energy, p.Net.Format(digits))
		}
		if p.Late {
			b.WriteString(" late")
		}
		if p.Correction {
			b.WriteString(" correction")
		}
		b.WriteString("\n")
	}
}
