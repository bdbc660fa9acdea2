package einvoice

import (
	"cmp"
	"fmt"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// Profile is one edition of a specification that an e-invoice says it follows.
// Each profile is one file of this package, profile_NAME.go, with a folder of
// golden files, testdata/NAME-EDITION.
type Profile struct {
	Name    string        // of the specification, the same in all editions: xrechnung
	Edition string        // 3.0
	From    entities.Date // first day of documents that are written in it; empty: there is no earlier edition
	ID      string        // BT-24
	Process string        // BT-23; empty: left out
	CII     bool          // it is written in the syntax of CII
	UBL     bool          // it is written in the syntax of UBL

	types      []string                     // BT-3 that it has; empty: all that this package writes
	addresses  bool                         // city and postcode of both sides are required
	zeroRate   bool                         // BT-119 of category O is 0 in place of being left out
	parties    func(*composer, *invoice)    // completes seller and buyer, and finds what they lack
	finish     func(*composer, *invoice)    // changes the composed model to what the profile takes
	unsuitable func(*creditnotes.Note) bool // documents that the profile is not meant for
}

// String names profile and edition: xrechnung 3.0.
func (p *Profile) String() string { return p.Name + " " + p.Edition }

// Suits reports whether a profile is meant for documents such as this one. One
// that it is not meant for has no file of the profile, which is no mistake.
func (p *Profile) Suits(n *creditnotes.Note) bool { return p.unsuitable == nil || !p.unsuitable(n) }

// Catalog has the profiles by name, each in one or more editions.
type Catalog struct{ editions map[string][]*Profile }

// Standard returns the profiles of this release.
func Standard() (*Catalog, error) {
	return NewCatalog(EN16931, XRechnung30, PeppolSelfBilling30, PeppolBilling30, France12)
}

// NewCatalog makes a catalog of profiles. Two editions of a name that are
// called the same or begin on the same day are an error.
func NewCatalog(profiles ...*Profile) (*Catalog, error) {
	c := &Catalog{editions: map[string][]*Profile{}}
	for _, p := range profiles {
		for _, other := range c.editions[p.Name] {
			if p.Edition == other.Edition || p.From == other.From {
				return nil, fmt.Errorf("profiles %s and %s are the same edition, or begin on the same day", other, p)
			}
		}
		list := append(c.editions[p.Name], p)
		slices.SortFunc(list, func(a, b *Profile) int { return cmp.Compare(a.From, b.From) })
		c.editions[p.Name] = list
	}
	return c, nil
}

// On returns the edition of a profile that documents of a day are written in:
// the one that began last. It is nil where there is none.
func (c *Catalog) On(name string, day entities.Date) *Profile {
	for _, p := range slices.Backward(c.editions[name]) {
		if !day.Before(p.From) {
			return p
		}
	}
	return nil
}

// Profiles lists all editions, by name and start.
func (c *Catalog) Profiles() (list []*Profile) {
	for _, editions := range c.editions {
		list = append(list, editions...)
	}
	slices.SortFunc(list, func(a, b *Profile) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From))
	})
	return list
}

// profiled applies what the profile asks of the composed model.
func (c *composer) profiled(inv *invoice) {
	if types := c.profile.types; len(types) > 0 && !slices.Contains(types, inv.typeCode) {
		c.refuses("BT-3", inv.typeCode)
	}
	if c.profile.finish != nil {
		c.profile.finish(c, inv)
	}
}

// refuses notes that the profile does not take a value, by which of its rules.
func (c *composer) refuses(rule, value string) {
	c.lacks(fault.New(fault.NotReady, "einvoice_profile_refuses", fault.Args{"profile": c.profile.String(), "rule": rule, "value": value}))
}
