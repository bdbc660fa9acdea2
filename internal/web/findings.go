package web

import (
	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// findingGroup are findings of one kind.
type findingGroup struct {
	Severity creditnotes.Severity
	First    []findingLine
	More     []findingLine // folded away
	Left     int           // how many more there are
}

// findingLine is a finding in words, with the page on which it is fixed.
type findingLine struct {
	Text string
	Fix  string
}

// How many findings of one kind are shown, and how many folded away.
const (
	firstFindings = 3
	moreFindings  = 100
)

// findings puts what the readiness check found into words, what stops the run
// on top, by kind.
func (v *visit) findings(list []creditnotes.Finding, b *snapshot.Snapshot) (groups []*findingGroup) {
	for _, severity := range []creditnotes.Severity{creditnotes.Stops, creditnotes.Fails, creditnotes.Warns} {
		byKey := map[string]*findingGroup{}
		for _, f := range list {
			if f.Severity != severity {
				continue
			}
			group := byKey[f.Fault.Key]
			if group == nil {
				group = &findingGroup{Severity: severity}
				byKey[f.Fault.Key] = group
				groups = append(groups, group)
			}
			group.add(v, f.Fault, b)
		}
	}
	return groups
}

func (g *findingGroup) add(v *visit, f *fault.Fault, b *snapshot.Snapshot) {
	switch {
	case len(g.First) < firstFindings:
		g.First = append(g.First, findingLine{v.Texts.Fault(v.lang, f), v.fixLink(f, b)})
	case len(g.More) < moreFindings:
		g.More = append(g.More, findingLine{v.Texts.Fault(v.lang, f), v.fixLink(f, b)})
	default:
		g.Left++
	}
}
