package document

import "creditrun/internal/pdf"

// start begins the structure of a document anew.
func (s *setter) start() {
	s.root = &pdf.Element{Role: pdf.Root}
	s.open = []*pdf.Element{s.root}
}

// element is the element that is open, nil while decoration is set.
func (s *setter) element() *pdf.Element {
	if len(s.open) == 0 {
		return nil
	}
	return s.open[len(s.open)-1]
}

// begin opens an element at the end of the one that is open. Inside of decoration
// everything is decoration.
func (s *setter) begin(role pdf.Role) *pdf.Element {
	if len(s.open) == 0 {
		return &pdf.Element{Role: role}
	}
	e := s.element().Add(role)
	s.open = append(s.open, e)
	return e
}

// end closes the element that was opened last.
func (s *setter) end() {
	if len(s.open) > 0 {
		s.open = s.open[:len(s.open)-1]
	}
}

// in draws an element.
func (s *setter) in(role pdf.Role, draw func()) {
	s.begin(role)
	draw()
	s.end()
}

// resume draws more of an element that was begun before.
func (s *setter) resume(e *pdf.Element, draw func()) {
	if len(s.open) == 0 || e == nil {
		draw()
		return
	}
	s.open = append(s.open, e)
	draw()
	s.end()
}

// figure adds a picture or a chart with words that say what it shows, at its place
// in millimeters.
func (s *setter) figure(shows string, x, y, width, height float64) *pdf.Element {
	e := s.begin(pdf.Figure)
	s.end()
	e.Alt, e.Box = shows, [4]float64{x, y, width, height}
	return e
}

// decorate draws what is not read aloud: heads and feet of pages, and what stands
// elsewhere as well.
func (s *setter) decorate(draw func()) {
	open, links := s.open, s.links
	s.open, s.links = nil, nil
	draw()
	s.open, s.links = open, links
}

// item draws a label and a value as an item of a list. Items that follow each
// other in one element are one list.
func (s *setter) item(name, value func()) {
	if len(s.open) > 0 {
		list := s.element()
		if kids := list.Kids; len(kids) > 0 && kids[len(kids)-1].Role == pdf.List {
			list = kids[len(kids)-1]
		} else {
			list = list.Add(pdf.List)
		}
		s.open = append(s.open, list)
		defer s.end()
	}
	s.in(pdf.ListItem, func() {
		s.in(pdf.ListLabel, name)
		s.in(pdf.ListBody, value)
	})
}
