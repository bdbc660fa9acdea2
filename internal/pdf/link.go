package pdf

import "strings"

// Target is where a link leads: to an address, or to another document whose file is
// kept beside this one.
type Target struct {
	URI  string // in ASCII, such as mailto:office@voltnetz.example
	File string // the name of a PDF; only without a URI
	Says string // what is said of the link
}

// annotation is the part of a link that is on a page (ISO 32000-1 §12.5.6.5).
type annotation struct {
	page int
	ref  ref
}

// annotations writes the links of a page and returns the entry of the page that names
// them. Each is found by the elements of the document under a number that follows those
// of the pages; owners are the elements in the order of these numbers.
func (o *objects) annotations(page, pages int, areas []Area, owners *[]*Element) (string, error) {
	if len(areas) == 0 {
		return "", nil
	}
	var list strings.Builder
	for _, a := range areas {
		r := o.reserve()
		b := append([]byte("<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect["), AppendOperands(nil,
			a.X/Point, (PageHeight-a.Y-a.Height)/Point, (a.X+a.Width)/Point, (PageHeight-a.Y)/Point)...)
		b = append(append(b, "]/StructParent "...), AppendOperands(nil, float64(pages+len(*owners)))...)
		b = append(append(b, "/Contents "...), pdfText(short(Clean(a.In.Target.Says)))...)
		b = append(append(append(b, "/A"...), a.In.Target.action()...), ">>"...)
		if err := o.tuck(r, b); err != nil {
			return "", err
		}
		a.In.links = append(a.In.links, annotation{page, r})
		*owners = append(*owners, a.In)
		list.WriteString(r.String() + " ")
	}
	return " /Annots [" + strings.TrimSpace(list.String()) + "]", nil
}

// action is what a reader does with a link (ISO 32000-1 §12.6.4). The other document
// is named without /Type /Filespec, which is for files inside this one (ISO 32000-1
// §7.11.3; ISO 19005-3 §6.8 asks for a relation of each).
func (t *Target) action() string {
	if t.URI != "" {
		return "<</S/URI/URI " + pdfText(t.URI) + ">>"
	}
	return "<</S/GoToR/F<</F " + pdfText(plainName(t.File)) + "/UF " + pdfText(t.File) + ">>/D[0/Fit]>>"
}
