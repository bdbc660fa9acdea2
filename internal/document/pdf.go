package document

import (
	"fmt"
	"strings"
	"time"
)

// properties takes the time from the note: the moment it was issued, for a
// draft the begin of its day.
func (l *letter) properties() properties {
	n := l.note
	at := n.IssuedAt.UTC()
	if n.IssuedAt.IsZero() {
		at = n.Date.In(time.UTC)
	}
	if at.IsZero() {
		at = time.Unix(0, 0).UTC()
	}
	title := l.title() + " " + l.numberOrDraft()
	return properties{title: short(clean(title)), author: short(clean(n.Document.Issuer.Name)), language: n.Language, at: at}
}

// maxProperty is how many characters of a text a reader sees in the properties
// of a file. PDF/A allows strings of 32,767 bytes (ISO 19005-3 §6.1.13).
const maxProperty = 1000

func short(text string) string {
	if letters := []rune(text); len(letters) > maxProperty {
		return string(letters[:maxProperty-1]) + "…"
	}
	return text
}

// write turns finished sheets into a PDF/A-3b file (ISO 19005-3), with files
// inside.
func write(fonts typeface, colours palette, sheets []*sheet, p properties, files []attachment) ([]byte, error) {
	o := newObjects()
	ink := newPainter(fonts, colours, sheets)
	catalogue, info, tree, resources := o.reserve(), o.reserve(), o.reserve(), o.reserve()
	o.put(info, "%s", p.information())
	var kids strings.Builder
	for _, one := range sheets {
		content, err := o.packed("", ink.page(one))
		if err != nil {
			return nil, err
		}
		page := o.add("<< /Type /Page /Parent %s /MediaBox [0 0 %s %s] /Resources %s /Contents %s >>",
			tree, points(pageWidth), points(pageHeight), resources, content)
		fmt.Fprintf(&kids, "%s ", page)
	}
	o.put(tree, "<< /Type /Pages /Count %d /Kids [%s] >>", len(sheets), strings.TrimSpace(kids.String()))
	used, err := ink.resources(o)
	if err != nil {
		return nil, err
	}
	o.put(resources, "<< %s >>", used)
	attached, err := o.attach(files, p.at)
	if err != nil {
		return nil, err
	}
	profile := o.stream("/N 3", sRGB())
	metadata := o.stream("/Type /Metadata /Subtype /XML", p.metadata())
	o.put(catalogue, "<< /Type /Catalog /Pages %s /Lang %s /ViewerPreferences << /DisplayDocTitle true >> /Metadata %s "+
		"/OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) /DestOutputProfile %s >>]%s >>",
		tree, pdfText(p.language), metadata, profile, attached)
	return o.finish(catalogue, info), nil
}

func points(millimetres float64) string { return string(appendNumber(nil, millimetres/pointSize)) }
