package pdf

import (
	"errors"
	"fmt"
	"strconv"
)

// Element is a part of a document in the order in which it is read (ISO 32000-1
// §14.7): what screen readers speak. It has either kids or contents, and links stand
// among its contents; the marks, bars and pictures of its contents name it. What names
// no element is decoration (an artifact) and is not read.
type Element struct {
	Role Role
	Kids []*Element
	Alt  string // of a figure: what it shows
	// Box is where a figure is, in millimeters: left, top, width, height.
	Box  [4]float64
	Span int // of a cell: how many columns it takes, 0 for one
	// Target is where a link leads.
	Target *Target

	number   ref
	parent   *Element // that Add appended it to
	contents []content
	links    []annotation // on pages, of a link
}

// content is a marked part of a page, or a link among these.
type content struct {
	page, id int
	link     *Element
}

// Role is what an element is.
type Role int

// The roles (ISO 32000-1 §14.8.4). Headings begin with Heading1 and leave no
// level out. A table has one TableHead and then one or more TableBody, and all of
// its rows have the same number of columns.
const (
	Root      Role = iota // the document
	Section               // several elements that belong together
	Paragraph             // a text
	Link                  // a part of a text that leads elsewhere; it has a Target
	Heading1
	Heading2
	Figure   // a picture or a chart; it has an Alt
	List     // of items
	ListItem // a label and a body
	ListLabel
	ListBody
	Table
	TableHead
	TableBody
	TableRow
	ColumnHead // a cell that names the column below it
	RowHead    // a cell that names the row behind it
	Cell
)

// roles are the roles as they are written, with their attributes.
var roles = [...]struct{ name, attributes string }{
	Root: {"Document", ""}, Section: {"Sect", ""}, Paragraph: {"P", ""}, Link: {"Link", ""}, Heading1: {"H1", ""}, Heading2: {"H2", ""}, Figure: {"Figure", ""},
	List: {"L", "/O /List /ListNumbering /None"}, ListItem: {"LI", ""}, ListLabel: {"Lbl", ""}, ListBody: {"LBody", ""},
	Table: {"Table", ""}, TableHead: {"THead", ""}, TableBody: {"TBody", ""}, TableRow: {"TR", ""},
	ColumnHead: {"TH", "/O /Table /Scope /Column"}, RowHead: {"TH", "/O /Table /Scope /Row"}, Cell: {"TD", ""},
}

// Add appends a kid with a role and returns it.
func (e *Element) Add(role Role) *Element {
	kid := &Element{Role: role, parent: e}
	e.Kids = append(e.Kids, kid)
	return kid
}

// tagger marks the contents of one page: each belongs to an element, or is
// decoration (ISO 32000-1 §14.6).
type tagger struct {
	page  int
	owner []*Element // of each marked content of the page, by its number
	now   *Element
	open  bool
}

// tag begins the content of an element, or decoration for nil, unless it goes on.
func (t *tagger) tag(b []byte, e *Element) []byte {
	if t.open && t.now == e {
		return b
	}
	b = t.end(b)
	t.open, t.now = true, e
	if e == nil {
		return append(b, "/Artifact BMC\n"...)
	}
	id := len(t.owner)
	t.owner = append(t.owner, e)
	if e.Role == Link && len(e.contents) == 0 && e.parent != nil {
		e.parent.contents = append(e.parent.contents, content{t.page, 0, e})
	}
	e.contents = append(e.contents, content{t.page, id, nil})
	b = append(append(b, '/'), roles[e.Role].name...)
	b = append(b, " <</MCID "...)
	return append(strconv.AppendInt(b, int64(id), 10), ">> BDC\n"...)
}

// end ends what is open.
func (t *tagger) end(b []byte) []byte {
	if !t.open {
		return b
	}
	t.open = false
	return append(b, "EMC\n"...)
}

var errLostElement = errors.New("a page names an element that is not in the structure of the document")

// structure writes the tree of elements and returns the entries of the catalog
// that lead to it (ISO 32000-1 §14.7.2). Owners are the elements of the marked
// contents, page by page, and links those of the links of all pages.
func (o *objects) structure(root *Element, pages []ref, owners [][]*Element, links []*Element) (string, error) {
	tree, parents := o.reserve(), o.reserve()
	o.number(root)
	if err := o.element(root, tree, pages); err != nil {
		return "", err
	}
	nums := []byte("<< /Nums [")
	for page, list := range owners {
		b := []byte{'['}
		for _, e := range list {
			if e.number == 0 {
				return "", errLostElement
			}
			b = append(appendRef(b, e.number), ' ')
		}
		r := o.reserve()
		if err := o.tuck(r, append(b, ']')); err != nil {
			return "", err
		}
		nums = fmt.Appendf(nums, "%d %s ", page, r)
	}
	for i, e := range links {
		if e.number == 0 {
			return "", errLostElement
		}
		nums = fmt.Appendf(nums, "%d %s ", len(pages)+i, e.number)
	}
	if err := o.tuck(parents, append(nums, "] >>"...)); err != nil {
		return "", err
	}
	err := o.tuck(tree, fmt.Appendf(nil, "<< /Type /StructTreeRoot /K %s /ParentTree %s /ParentTreeNextKey %d >>", root.number, parents, len(pages)+len(links)))
	return fmt.Sprintf(" /MarkInfo << /Marked true >> /StructTreeRoot %s", tree), err
}

// number gives an element and all below it their objects.
func (o *objects) number(e *Element) {
	e.number = o.reserve()
	for _, kid := range e.Kids {
		o.number(kid)
	}
}

// element writes an element and all below it.
func (o *objects) element(e *Element, parent ref, pages []ref) error {
	b := make([]byte, 0, 96+10*len(e.Kids))
	b = append(append(b, "<</S/"...), roles[e.Role].name...)
	b = appendRef(append(b, "/P "...), parent)
	b = e.appendAttributes(b)
	if len(e.contents) > 0 {
		b = appendRef(append(b, "/Pg "...), pages[e.contents[0].page])
	}
	if err := o.tuck(e.number, append(e.appendKids(b, pages), ">>"...)); err != nil {
		return err
	}
	for _, kid := range e.Kids {
		if err := o.element(kid, e.number, pages); err != nil {
			return err
		}
	}
	return nil
}

// appendKids appends what an element has: other elements, or contents of pages.
func (e *Element) appendKids(b []byte, pages []ref) []byte {
	if len(e.Kids)+len(e.contents) == 0 {
		return b
	}
	b = append(b, "/K["...)
	if len(e.contents) == 0 {
		for _, kid := range e.Kids {
			b = append(appendRef(b, kid.number), ' ')
		}
	}
	for _, c := range e.contents {
		switch {
		case c.link != nil:
			b = appendRef(b, c.link.number)
		case c.page != e.contents[0].page:
			b = fmt.Appendf(b, "<</Type/MCR/Pg %s/MCID %d>>", pages[c.page], c.id)
		default:
			b = strconv.AppendInt(b, int64(c.id), 10)
		}
		b = append(b, ' ')
	}
	for _, l := range e.links {
		b = fmt.Appendf(b, "<</Type/OBJR/Pg %s/Obj %s>> ", pages[l.page], l.ref)
	}
	b[len(b)-1] = ']'
	return b
}

// appendAttributes appends what else is said of an element.
func (e *Element) appendAttributes(b []byte) []byte {
	if e.Alt != "" {
		b = append(append(b, "/Alt "...), pdfText(short(Clean(e.Alt)))...)
	}
	attributes := roles[e.Role].attributes
	switch {
	case e.Role == Figure:
		x, y := e.Box[0]/Point, (PageHeight-e.Box[1]-e.Box[3])/Point
		attributes = fmt.Sprintf("/O /Layout /Placement /Block /BBox [%s]", AppendOperands(nil, x, y, x+e.Box[2]/Point, y+e.Box[3]/Point))
	case e.Span > 1:
		if attributes == "" {
			attributes = "/O /Table"
		}
		attributes += " /ColSpan " + strconv.Itoa(e.Span)
	}
	if attributes == "" {
		return b
	}
	return append(append(append(b, "/A<<"...), attributes...), ">>"...)
}

// forget prepares a tree to be written.
func (e *Element) forget() {
	e.number, e.contents, e.links = 0, nil, nil
	for _, kid := range e.Kids {
		kid.forget()
	}
}

func appendRef(b []byte, r ref) []byte {
	return append(strconv.AppendInt(b, int64(r), 10), " 0 R"...)
}
