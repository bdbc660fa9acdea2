package einvoice

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// facts is what a written e-invoice says, apart from the syntax it says it in: the
// values of the business terms of EN 16931, in the order of the terms.
type facts struct {
	profile string // BT-24
	list    []fact
}

// fact is the value of a term, in the line or the tax breakdown with a number from
// 1; 0 is the document.
type fact struct {
	term, group int
	value       string
}

// factsOf reads a document that this package wrote. It reports whether it knows
// every element and attribute of it.
func factsOf(document []byte) (*facts, bool) {
	const usual = 1024 // facts of a note of two pages
	r := &factReader{rest: document}
	r.list = make([]fact, 0, usual)
	for r.next() {
	}
	if r.unknown || r.depth != 0 || r.facts.profile == "" || r.foreign() {
		return nil, false
	}
	slices.SortStableFunc(r.facts.list, func(a, b fact) int { return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.group, b.group)) })
	return &r.facts, true
}

// cover reports whether a document with these facts, which keeps the rules of its
// profile, shows that one with other facts keeps its own: the same profile, or one of
// which Check knows no rules but those of EN 16931, and the same values. Values of
// terms that no rule of EN 16931 asks for may be missing in the other; an electronic
// address may be another one, as long as it has a scheme.
func (f *facts) cover(other *facts) bool {
	lax := coreOnly(other.profile) && strings.HasPrefix(f.profile, core+"#compliant#")
	if f.profile != other.profile && !lax {
		return false
	}
	i := 0
	for _, one := range f.list {
		if i < len(other.list) && one.like(other.list[i], lax) {
			i++
		} else if !lax || !terms[one.term].optional {
			return false
		}
	}
	return i == len(other.list)
}

// like reports whether a rule that looks at one fact says the same of the other.
func (f fact) like(other fact, lax bool) bool {
	if f == other {
		return true
	}
	return lax && terms[f.term].address && f.term == other.term && f.group == other.group && f.value != "" && other.value != ""
}

// coreOnly reports whether Check knows no rules of a profile beside those of EN
// 16931: of Peppol it knows those of billing, not those of self-billing.
func coreOnly(profile string) bool { return profile == core || profile == PeppolSelfBilling30.ID }

// core is the specification identifier of EN 16931 itself.
const core = "urn:cen.eu:en16931:2017"

// factReader reads a document element by element: the syntax that encoding/xml
// writes, and nothing else of XML.
type factReader struct {
	facts
	rest    []byte
	path    []byte // of the elements that are open, without their prefixes
	depth   int
	leaf    bool   // nothing was read since the last element began
	schemes []fact // of the attributes of the last element
	groups  [2]int // how many lines and tax breakdowns began
	group   int    // that is open; 0 for none
	within  int    // its depth
	unknown bool   // something is not known

	currency string // of the amounts that name one
}

// next reads up to the end of the next tag and reports whether there is more.
func (r *factReader) next() bool {
	at := bytes.IndexByte(r.rest, '<')
	if at < 0 || r.unknown {
		return false
	}
	text, tag := r.rest[:at], r.rest[at+1:]
	end := bytes.IndexByte(tag, '>')
	if end < 1 {
		r.unknown = true
		return false
	}
	r.rest = tag[end+1:]
	switch tag = tag[:end]; tag[0] {
	case '?':
	case '/':
		r.close(text)
	default:
		r.open(tag)
	}
	return true
}

// open begins an element with its attributes.
func (r *factReader) open(tag []byte) {
	name, attributes, _ := bytes.Cut(tag, []byte{' '})
	if colon := bytes.IndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
	}
	r.depth++
	r.leaf, r.schemes = true, r.schemes[:0]
	if r.depth == 1 {
		return // the root, and its name spaces
	}
	r.path = append(append(r.path, '/'), name...)
	if kind, ok := grouped[string(r.path)]; ok {
		r.groups[kind]++
		r.group, r.within = r.groups[kind], r.depth
	}
	r.attributes(attributes)
}

// foreign reports whether amounts are not in the currency of the document.
func (r *factReader) foreign() bool {
	return r.currency != "" && !slices.Contains(r.facts.list, fact{term: termOf("BT-5"), value: r.currency})
}

// attributes notes schemes, units and the currency of amounts.
func (r *factReader) attributes(rest []byte) {
	for len(rest) > 0 && !r.unknown {
		name, after, found := bytes.Cut(rest, []byte(`="`))
		value, next, ended := bytes.Cut(after, []byte{'"'})
		term, known := attributeTerms[string(name)]
		if !found || !ended || !known {
			r.unknown = true
			return
		}
		if scheme, ok := schemeWords[string(value)]; ok {
			value = []byte(scheme)
		}
		switch term {
		case currencyTerm:
			r.unknown = r.currency != "" && r.currency != string(value)
			r.currency = string(value)
		case formatTerm:
			r.unknown = string(value) != calendarDay
		default:
			r.schemes = append(r.schemes, fact{term: term, value: string(value)})
		}
		rest = bytes.TrimPrefix(next, []byte{' '})
	}
}

// close ends an element; one without elements in it is a fact.
func (r *factReader) close(text []byte) {
	if r.leaf && r.depth > 1 {
		r.note(text)
	}
	r.leaf = false
	if r.group != 0 && r.depth == r.within {
		r.group = 0
	}
	if slash := bytes.LastIndexByte(r.path, '/'); slash >= 0 {
		r.path = r.path[:slash]
	}
	r.depth--
}

func (r *factReader) note(text []byte) {
	term, known := termByPath[string(r.path)]
	if !known {
		r.unknown = true
		return
	}
	if terms[term].name == "BT-24" {
		r.profile = string(text)
		return
	}
	if terms[term].name == "BT-23" {
		return
	}
	value := string(text)
	if terms[term].day {
		value = string(bytes.ReplaceAll(text, []byte{'-'}, nil))
	}
	r.list = append(r.list, fact{term, r.group, value})
	for _, s := range r.schemes {
		if s.term == schemeTerm && terms[term].scheme == 0 {
			r.unknown = true
			return
		}
		if s.term == schemeTerm {
			s.term = terms[term].scheme
		}
		s.group = r.group
		r.list = append(r.list, s)
	}
}
