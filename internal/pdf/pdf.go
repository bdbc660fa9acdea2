// Package pdf writes archivable documents: pages of text, filled rectangles and
// pictures become one PDF/A-3b and PDF/UA-1 file (ISO 19005-3, ISO 14289-1, ISO
// 32000-1) with its fonts as subsets, its structure, its metadata and the files
// that belong to it inside. It decides
// nothing about what stands on a page or where.
//
// A [Typeface] has the fonts. A [Typesetter] measures text, breaks it into
// lines and makes the [Mark]s of a [Page]; [Write] turns a [Document] into
// bytes. The same document always gives the same bytes.
//
// Positions and lengths on a page are in millimeters from the top left corner,
// y pointing down. The size of type is in points of 1/72 inch. Inside a font,
// widths are in thousandths of the size, as in PDF (ISO 32000-1 §9.2.4).
//
// Any string can be set: characters that no font has are printed as what looks
// like them, or as □. Errors come from fonts and pictures that cannot be read
// and from compression alone. Text from right to left is ordered by UAX #9,
// lines are broken by UAX #14, letters and their marks are kept together by
// UAX #29.
package pdf

import (
	"fmt"
	"strings"

	"creditrun/internal/colors"
)

// Document is what one file contains.
type Document struct {
	Properties Properties
	Pages      []*Page
	// Structure is what the document says in the order in which it is read; nil
	// where everything on the pages is decoration. Write notes in it where its
	// contents are, so that one tree is written by one goroutine at a time.
	Structure   *Element
	Attachments []Attachment
	Outline     []Heading // shown beside the pages; none for a short document
	// Recolor names colors to be drawn in place of colors on the pages, so that
	// pages can be set before the colors of the document are known. A color
	// that is not among its keys is drawn as it is.
	Recolor map[colors.Color]colors.Color
}

// Write makes a PDF/A-3b and PDF/UA-1 file of a document whose marks were made by
// typesetters of the typeface. It fails where a page names an element that is not in
// the structure.
func Write(face *Typeface, d *Document) ([]byte, error) {
	o := newObjects()
	defer o.done()
	ink := newPainter(face, d)
	p := d.Properties.printable()
	catalog, info, tree, resources := o.reserve(), o.reserve(), o.reserve(), o.reserve()
	o.put(info, "%s", p.information())
	root := d.Structure
	if root == nil {
		root = &Element{}
	}
	root.forget()
	pages, owners, links, err := o.pages(tree, resources, ink, d.Pages)
	if err != nil {
		return nil, err
	}
	tagged, err := o.structure(root, pages, owners, links)
	if err != nil {
		return nil, err
	}
	used, err := ink.resources(o)
	if err != nil {
		return nil, err
	}
	o.put(resources, "<< %s >>", used)
	attached, err := o.attach(d.Attachments, p.At)
	if err != nil {
		return nil, err
	}
	attached += o.outline(d.Outline, pages) + pageMode(d)
	profile := o.stream("/N 3", sRGB())
	metadata := o.stream("/Type /Metadata /Subtype /XML", p.metadata())
	o.put(catalog, "<< /Type /Catalog /Pages %s /Lang %s /ViewerPreferences << /DisplayDocTitle true >> /Metadata %s "+
		"/OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) /DestOutputProfile %s >>]%s%s >>",
		tree, pdfText(p.Language), metadata, profile, tagged, attached)
	return o.finish(catalog, info)
}

// pages writes the pages and the tree that leads to them (ISO 32000-1 §7.7.3). It
// also returns the elements of the marked contents of each page, and those of the
// links of all pages.
func (o *objects) pages(tree, resources ref, ink *painter, pages []*Page) (list []ref, owners [][]*Element, links []*Element, err error) {
	var kids strings.Builder
	for i, one := range pages {
		drawn, owner := ink.page(i, one)
		content, err := o.packed("", drawn)
		if err != nil {
			return nil, nil, nil, err
		}
		annotations, err := o.annotations(i, len(pages), one.Links, &links)
		if err != nil {
			return nil, nil, nil, err
		}
		page := o.add("<< /Type /Page /Parent %s /MediaBox [0 0 %s] /Resources %s /Contents %s /StructParents %d /Tabs /S%s >>",
			tree, AppendOperands(nil, PageWidth/Point, PageHeight/Point), resources, content, i, annotations)
		owners = append(owners, owner)
		fmt.Fprintf(&kids, "%s ", page)
		list = append(list, page)
	}
	o.put(tree, "<< /Type /Pages /Count %d /Kids [%s] >>", len(pages), strings.TrimSpace(kids.String()))
	return list, owners, links, nil
}
