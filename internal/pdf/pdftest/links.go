package pdftest

// annotated checks that every annotation of a page is a link that an element has and
// that says where it leads (6.3, 6.5.1; ISO 14289-1, 7.18).
func (t *tree) annotated(pages, parents pdfArray) {
	owners := map[pdfNumber]any{}
	for i := 0; i+1 < len(parents); i += 2 {
		if key, ok := parents[i].(pdfNumber); ok {
			owners[key] = parents[i+1]
		}
	}
	found := 0
	for _, page := range pages {
		list, _ := t.dict(page)["Annots"].(pdfArray)
		for _, one := range list {
			r, _ := one.(pdfRef)
			t.annotation(r, owners)
			found++
		}
	}
	t.must(found == len(t.links), "7.18.5: %d annotations in elements, %d on pages", len(t.links), found)
}

func (t *tree) annotation(r pdfRef, owners map[pdfNumber]any) {
	d := t.dict(r)
	t.must(d["Subtype"] == pdfSymbol("Link"), "6.3.1: annotation %v", d["Subtype"])
	t.must(d["F"] == pdfNumber(4), "6.3.2: flags %v", d["F"])
	t.must(textOf(d["Contents"]) != "", "7.18.5: link %d says nothing", r)
	number, _ := d["StructParent"].(pdfNumber)
	owner, _ := owners[number].(pdfRef)
	t.must(t.links[r] && owner != 0 && t.dict(owner)["S"] == pdfSymbol("Link"), "7.18.5: link %d is in no element", r)
	if owner != 0 {
		has, kids := false, t.dict(owner)["K"].(pdfArray)
		for _, kid := range kids {
			object, _ := kid.(pdfDict)
			has = has || object["Obj"] == r
		}
		t.must(has, "14.7.4.4: link %d is of another element", r)
	}
	box, _ := d["Rect"].(pdfArray)
	t.must(len(box) == 4, "a link without a place: %v", box)
	for i, limit := range []pdfNumber{210 / point, 297 / point, 210 / point, 297 / point} {
		at, ok := box[i].(pdfNumber)
		t.must(ok && at >= 0 && at <= limit, "link %d is beside the page: %v", r, box)
	}
	action := t.dict(d["A"])
	switch action["S"] {
	case pdfSymbol("URI"):
		t.must(textOf(action["URI"]) != "", "a link to nowhere")
	case pdfSymbol("GoToR"):
		file := t.dict(action["F"])
		t.must(textOf(file["F"]) != "" && textOf(file["UF"]) != "" && file["EF"] == nil, "a link to no file: %v", file)
	default:
		t.complain("6.5.1: action %v", action["S"])
	}
}

// Link is an area of a page that leads elsewhere.
type Link struct{ To, Says string }

// Links lists the links of a PDF, page by page.
func Links(content []byte) (list []Link) {
	a := newArchive(content)
	a.structure()
	kids, _ := a.dict(a.root()["Pages"])["Kids"].(pdfArray)
	for _, page := range kids {
		annotations, _ := a.dict(page)["Annots"].(pdfArray)
		for _, one := range annotations {
			d := a.dict(one)
			action := a.dict(d["A"])
			to := textOf(action["URI"])
			if to == "" {
				to = textOf(a.dict(action["F"])["UF"])
			}
			list = append(list, Link{to, textOf(d["Contents"])})
		}
	}
	return list
}
