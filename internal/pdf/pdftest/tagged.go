package pdftest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// mark is a marked content of a page.
type mark struct {
	page pdfRef
	id   int
}

// tree is the structure of a PDF for the rules of PDF/UA-1 (ISO 14289-1, whose
// clauses are cited, and ISO 32000-1 14.7 and 14.8).
type tree struct {
	*archive
	parents map[pdfRef]pdfArray // of the contents of a page, by their numbers
	claimed map[mark]bool
	links   map[pdfRef]bool                                           // the annotations that an element has
	level   int                                                       // of the last heading
	visit   func(role string, depth int, alt string, contents []mark) // nil for none
}

// kidsOf are the roles that may stand in a role; other roles stand where texts do.
var kidsOf = map[pdfSymbol][]pdfSymbol{
	"Table": {"THead", "TBody"}, "THead": {"TR"}, "TBody": {"TR"}, "TR": {"TH", "TD"}, "L": {"LI"}, "LI": {"Lbl", "LBody"},
	"Document": {"Sect", "P", "H1", "H2", "Figure", "L", "Table"}, "Sect": {"Sect", "P", "H1", "H2", "Figure", "L", "Table"},
}

// tagged checks that everything on the pages is decoration or stands in the
// structure, and the structure.
func (a *archive) tagged() *tree {
	t := &tree{archive: a, parents: map[pdfRef]pdfArray{}, claimed: map[mark]bool{}, links: map[pdfRef]bool{}}
	t.check()
	return t
}

func (t *tree) check() {
	root := t.root()
	t.must(t.dict(root["MarkInfo"])["Marked"] == pdfWord("true"), "7.1: the file is not marked")
	top := t.dict(root["StructTreeRoot"])
	t.must(top["Type"] == pdfSymbol("StructTreeRoot"), "14.7.2: root %v", top)
	nums, _ := t.dict(top["ParentTree"])["Nums"].(pdfArray)
	kids, _ := t.dict(root["Pages"])["Kids"].(pdfArray)
	for i, kid := range kids {
		page, _ := kid.(pdfRef)
		t.must(t.dict(page)["StructParents"] == pdfNumber(i) && t.dict(page)["Tabs"] == pdfSymbol("S"), "7.18.3: page %d", i)
		if len(nums) < 2*i+2 || nums[2*i] != pdfNumber(i) {
			t.complain("14.7.4.4: page %d is not in the tree of parents", i)
			return
		}
		t.parents[page], _ = t.get(nums[2*i+1]).(pdfArray)
	}
	document, _ := top["K"].(pdfRef)
	reference, _ := root["StructTreeRoot"].(pdfRef)
	t.must(t.dict(document)["S"] == pdfSymbol("Document"), "14.8.4.2: no document")
	t.element(document, reference, 0)
	for at := range t.marked {
		t.must(t.claimed[at], "7.1: content %d of page %d is in no element", at.id, at.page)
	}
	t.annotated(kids, nums)
}

// element checks an element and all below it.
func (t *tree) element(r, parent pdfRef, depth int) {
	d := t.dict(r)
	role, _ := d["S"].(pdfSymbol)
	t.must(d["P"] == parent, "14.7.2: the parent of element %d is %v", r, d["P"])
	list, _ := d["K"].(pdfArray)
	var kids []pdfRef
	var contents []mark
	for _, kid := range list {
		switch kid := kid.(type) {
		case pdfRef:
			kids = append(kids, kid)
		case pdfNumber:
			page, _ := d["Pg"].(pdfRef)
			contents = append(contents, mark{page, int(kid)})
		case pdfDict:
			page, _ := kid["Pg"].(pdfRef)
			if kid["Type"] == pdfSymbol("OBJR") {
				object, _ := kid["Obj"].(pdfRef)
				t.must(role == "Link" && !t.links[object], "7.18.5: annotation %d in %s", object, role)
				t.links[object] = true
				continue
			}
			id, _ := kid["MCID"].(pdfNumber)
			contents = append(contents, mark{page, int(id)})
		}
	}
	for _, kid := range kids {
		inside := t.dict(kid)["S"]
		t.must(inside == pdfSymbol("Link") || len(contents) == 0, "element %d (%s) has %v beside contents", r, role, inside)
	}
	t.must(len(contents) == 0 || kidsOf[role] == nil, "7.1: %s %d has contents", role, r)
	for _, at := range contents {
		owners := t.parents[at.page]
		t.must(t.marked[at] == role && !t.claimed[at] && at.id < len(owners) && owners[at.id] == r, "14.7.4: content %d of page %d is not of element %d", at.id, at.page, r)
		t.claimed[at] = true
	}
	if t.visit != nil {
		t.visit(string(role), depth, textOf(d["Alt"]), contents)
	}
	t.role(role, d, kids)
	for _, kid := range kids {
		t.element(kid, r, depth+1)
	}
}

// role checks what an element of a role must have.
func (t *tree) role(role pdfSymbol, d pdfDict, kids []pdfRef) {
	attributes := pdfDict{}
	if d["A"] != nil {
		attributes = t.dict(d["A"])
	}
	for _, kid := range kids {
		inside, _ := t.dict(kid)["S"].(pdfSymbol)
		isText := kidsOf[role] == nil && role != "Link" && role != "Figure"
		t.must(slices.Contains(kidsOf[role], inside) || inside == "Link" && isText, "7.2: %s in %s", inside, role)
	}
	switch role {
	case "H1", "H2":
		level := int(role[1] - '0')
		t.must(level <= t.level+1, "7.4.2: %s behind level %d", role, t.level)
		t.level = level
	case "Figure":
		box, _ := attributes["BBox"].(pdfArray)
		t.must(textOf(d["Alt"]) != "" && len(box) == 4, "7.3: a figure without words")
	case "TH":
		t.must(attributes["Scope"] == pdfSymbol("Column") || attributes["Scope"] == pdfSymbol("Row"), "7.5: a head of nothing")
	case "L":
		t.must(attributes["ListNumbering"] == pdfSymbol("None"), "7.6: %v", attributes)
	case "Table":
		t.must(len(kids) > 1 && t.dict(kids[0])["S"] == pdfSymbol("THead"), "7.5: a table without head or body")
		t.rows(kids)
	}
}

// rows checks that the rows of a table have the same number of columns.
func (t *tree) rows(parts []pdfRef) {
	columns := 0
	for _, part := range parts {
		rows, _ := t.dict(part)["K"].(pdfArray)
		t.must(len(rows) > 0, "7.5: a part without rows")
		for _, row := range rows {
			count := 0
			cells, _ := t.dict(row)["K"].(pdfArray)
			for _, cell := range cells {
				d, span := t.dict(cell), pdfNumber(1)
				if d["A"] != nil {
					if wide, ok := t.dict(d["A"])["ColSpan"].(pdfNumber); ok {
						span = wide
					}
				}
				count += int(span)
			}
			t.must(columns == 0 || count == columns, "7.2: %d columns beside %d", count, columns)
			columns = count
		}
	}
}

// Structure is what a PDF says in the order in which it is read: a line for each
// element, indented by its depth, with its role and what is printed in it, or for a
// figure its alternative text.
func Structure(tb testing.TB, content []byte) string {
	tb.Helper()
	texts := map[mark]string{}
	for _, one := range Read(tb, content) {
		if one.content >= 0 {
			at := mark{pdfRef(one.object), one.content}
			if texts[at] += one.Text; one.spaced {
				texts[at] += " "
			}
		}
	}
	a := newArchive(content)
	defer func() {
		if bad := recover(); bad != nil {
			tb.Fatal(bad)
		}
	}()
	a.structure()
	t := &tree{archive: a, parents: map[pdfRef]pdfArray{}, claimed: map[mark]bool{}, links: map[pdfRef]bool{}}
	var b strings.Builder
	t.visit = func(role string, depth int, alt string, contents []mark) {
		var pieces []string
		for _, at := range contents {
			pieces = append(pieces, texts[at])
		}
		if alt != "" {
			pieces = []string{alt}
		}
		fmt.Fprintln(&b, strings.TrimRight(strings.Repeat(" ", depth)+role+" "+strings.Join(pieces, " "), " "))
	}
	t.check()
	return b.String()
}
