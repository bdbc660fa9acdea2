package bank

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"creditrun/internal/fault"
)

// scanner reads a file token by token, within the bounds of guard.go.
type scanner struct {
	guard   *guard
	decoder *xml.Decoder
	depth   int
	element string // the last one begun, for faults
	root    bool   // an element was begun
}

func newScanner(r io.Reader) (*scanner, error) {
	in, err := decoded(r)
	if err != nil {
		return nil, err
	}
	s := &scanner{guard: &guard{in: in, line: 1}}
	s.decoder = xml.NewDecoder(s.guard)
	s.decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded has done it
	return s, nil
}

// next returns the next beginning or end of an element, or text. The text is
// valid until the next call.
func (s *scanner) next() (xml.Token, error) {
	for {
		s.guard.budget = maxToken
		token, err := s.decoder.Token()
		if err != nil {
			return nil, s.broken(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			s.element, s.root = t.Name.Local, true
			if s.depth++; s.depth > maxDepth {
				return nil, s.tooMuch(maxDepth)
			}
			return t, nil
		case xml.EndElement:
			s.depth--
			return t, nil
		case xml.CharData:
			return t, nil
		case xml.Directive:
			return nil, s.fault("bank_file_forbidden", nil)
		}
	}
}

// broken says in a fault where reading stopped; errors of the medium stay what
// they are.
func (s *scanner) broken(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case s.guard.failed != nil:
		return s.guard.failed
	case errors.Is(err, errTooLong):
		return s.tooMuch(maxToken)
	case errors.Is(err, io.EOF), errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		if !s.root {
			return fault.New(fault.Invalid, "bank_file_unknown", fault.Args{"line": s.guard.line, "found": ""})
		}
		return s.fault("bank_file_truncated", nil)
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Msg, "invalid character entity"):
		return s.fault("bank_file_forbidden", nil)
	}
	return fault.Wrap(fault.Invalid, "bank_file_broken", fault.Args{"line": s.guard.line, "offset": s.decoder.InputOffset()}, err)
}

func (s *scanner) tooMuch(most int) error {
	return s.fault("bank_file_too_much", fault.Args{"most": most})
}

// fault adds to a fault where the reading is.
func (s *scanner) fault(key string, args fault.Args) *fault.Fault {
	all := fault.Args{"line": s.guard.line, "offset": s.decoder.InputOffset(), "element": s.element}
	for name, value := range args {
		all[name] = value
	}
	return fault.New(fault.Invalid, key, all)
}

// skip passes over the element that was just begun.
func (s *scanner) skip() error {
	for inside := 1; inside > 0; {
		token, err := s.next()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			inside++
		case xml.EndElement:
			inside--
		}
	}
	return nil
}

// children calls visit for each element within the one that was just begun.
// visit must read that element to its end.
func (s *scanner) children(visit func(xml.StartElement) error) error {
	for {
		token, err := s.next()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := visit(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// node is an element with all that is in it.
type node struct {
	name     string
	text     string // white space at the ends is not part of it
	currency string // the attribute Ccy
	line     int    // where it begins
	children []*node
}

// tree reads the element that was just begun to its end.
func (s *scanner) tree(start xml.StartElement) (*node, error) {
	return s.branch(start, s.decoder.InputOffset())
}

// branch reads one element of a tree that began at an offset.
func (s *scanner) branch(start xml.StartElement, from int64) (*node, error) {
	n := &node{name: start.Name.Local, line: s.guard.line}
	for _, a := range start.Attr {
		if a.Name.Local == "Ccy" {
			n.currency = a.Value
		}
	}
	var text strings.Builder
	for {
		token, err := s.next()
		if err != nil {
			return nil, err
		}
		if s.decoder.InputOffset()-from > maxPart {
			return nil, s.tooMuch(maxPart)
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := s.branch(t, from)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		case xml.CharData:
			if len(bytes.TrimSpace(t)) == 0 {
				continue // between elements
			}
			if text.Write(t); text.Len() > maxWords {
				return nil, s.tooMuch(maxWords)
			}
		case xml.EndElement:
			n.text = strings.TrimSpace(text.String())
			return n, nil
		}
	}
}

// all returns the elements at a path such as RltdPties/Cdtr, in the order of the
// file.
func (n *node) all(path string) []*node {
	if n == nil {
		return nil
	}
	name, rest, deeper := strings.Cut(path, "/")
	var found []*node
	for _, child := range n.children {
		switch {
		case child.name != name:
		case deeper:
			found = append(found, child.all(rest)...)
		default:
			found = append(found, child)
		}
	}
	return found
}

// first returns the first element at one of the paths, or nil. Earlier paths go
// first.
func (n *node) first(paths ...string) *node {
	for _, path := range paths {
		if found := n.all(path); len(found) > 0 {
			return found[0]
		}
	}
	return nil
}

// words is the text at the first of the paths that has one, with runs of white
// space as one blank.
func (n *node) words(paths ...string) string {
	for _, path := range paths {
		for _, found := range n.all(path) {
			if words := strings.Join(strings.Fields(found.text), " "); words != "" {
				return words
			}
		}
	}
	return ""
}

// texts are all texts at a path that are not empty.
func (n *node) texts(path string) []string {
	var list []string
	for _, found := range n.all(path) {
		if words := strings.Join(strings.Fields(found.text), " "); words != "" {
			list = append(list, words)
		}
	}
	return list
}
