package page

import (
	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// FindingGroup are findings of one kind.
type FindingGroup struct {
	Severity creditnotes.Severity
	First    []FindingLine
	More     []FindingLine // folded away
	Left     int           // how many more there are
}

// FindingLine is a finding in words, with the page on which it is fixed.
type FindingLine struct {
	Text string
	Fix  string
}

// How many findings of one kind are shown, and how many folded away.
const (
	firstFindings = 3
	moreFindings  = 100
)

// Findings puts what the readiness check found into words, what stops the run
// on top, by kind.
func (v *Visit) Findings(list []creditnotes.Finding, b *snapshot.Snapshot) (groups []*FindingGroup) {
	for _, severity := range []creditnotes.Severity{creditnotes.Stops, creditnotes.Fails, creditnotes.Warns} {
		byKey := map[string]*FindingGroup{}
		for _, f := range list {
			if f.Severity != severity {
				continue
			}
			group := byKey[f.Fault.Key]
			if group == nil {
				group = &FindingGroup{Severity: severity}
				byKey[f.Fault.Key] = group
				groups = append(groups, group)
			}
			group.add(v, f.Fault, b)
		}
	}
	return groups
}

func (g *FindingGroup) add(v *Visit, f *fault.Fault, b *snapshot.Snapshot) {
	switch {
	case len(g.First) < firstFindings:
		g.First = append(g.First, FindingLine{v.texts.PageFault(v.Lang, f), v.FixLink(f, b)})
	case len(g.More) < moreFindings:
		g.More = append(g.More, FindingLine{v.texts.PageFault(v.Lang, f), v.FixLink(f, b)})
	default:
		g.Left++
	}
}
