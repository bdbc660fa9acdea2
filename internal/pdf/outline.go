package pdf

import "fmt"

// Heading is an entry of the outline, which readers show beside the pages.
type Heading struct {
	Title string
	Page  int     // from 0; one that there is not is the last
	Y     float64 // millimeters from the top of the page
}

// outline writes the headings as one list and returns the entry of the catalog
// that leads to it (ISO 32000-1 §12.3.3).
func (o *objects) outline(list []Heading, pages []ref) string {
	if len(list) == 0 || len(pages) == 0 {
		return ""
	}
	root := o.reserve()
	entries := make([]ref, len(list))
	for i := range list {
		entries[i] = o.reserve()
	}
	for i, h := range list {
		beside := ""
		if i > 0 {
			beside += fmt.Sprintf(" /Prev %s", entries[i-1])
		}
		if i < len(list)-1 {
			beside += fmt.Sprintf(" /Next %s", entries[i+1])
		}
		o.put(entries[i], "<< /Title %s /Parent %s%s /Dest [%s /XYZ null %s null] >>",
			pdfText(h.Title), root, beside, pages[min(h.Page, len(pages)-1)], AppendOperands(nil, (PageHeight-h.Y)/Point))
	}
	o.put(root, "<< /Type /Outlines /First %s /Last %s /Count %d >>", entries[0], entries[len(entries)-1], len(entries))
	return fmt.Sprintf(" /Outlines %s", root)
}

// pageMode is what a reader shows beside the pages: the outline, else the files.
func pageMode(d *Document) string {
	switch {
	case len(d.Outline) > 0:
		return " /PageMode /UseOutlines"
	case len(d.Attachments) > 0:
		return " /PageMode /UseAttachments"
	}
	return ""
}
