package pdftest

// outline checks the list of headings: each leads to the next and back, and to a
// place on a page (ISO 32000-1 12.3.3).
func (a *archive) outline() {
	root := a.root()
	if root["Outlines"] == nil {
		a.must(root["PageMode"] != pdfSymbol("UseOutlines"), "12.3.3: there is no outline to show")
		return
	}
	list := a.dict(root["Outlines"])
	var before any
	count := 0
	for at := list["First"]; at != nil; count++ {
		entry := a.dict(at)
		title, _ := entry["Title"].(pdfString)
		a.must(len(title.value) > 0 && entry["Parent"] == root["Outlines"] && entry["Prev"] == before, "12.3.3: heading %d", count)
		place, _ := entry["Dest"].(pdfArray)
		a.must(len(place) == 5 && place[1] == pdfSymbol("XYZ") && a.dict(place[0])["Type"] == pdfSymbol("Page"), "12.3.2: heading %d leads to %v", count, place)
		before, at = at, entry["Next"]
	}
	a.must(list["Last"] == before && list["Count"] == pdfNumber(count), "12.3.3: %d headings", count)
}
