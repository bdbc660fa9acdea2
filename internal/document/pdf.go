package document

import (
	"bytes"
	"slices"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"creditrun/creditnotes"
)

// properties is what a PDF says of itself.
type properties struct {
	title, author, language string
	at                      time.Time
}

// propertiesOf takes the time from the note: the moment it was issued, for a
// draft the begin of its day.
func (r *Renderer) propertiesOf(n *creditnotes.Note) properties {
	at := n.IssuedAt.UTC()
	if n.IssuedAt.IsZero() {
		at = n.Date.In(time.UTC)
	}
	if at.IsZero() {
		at = time.Unix(0, 0).UTC()
	}
	return properties{title: nameOf(n), author: n.Document.Issuer.Name, language: n.Language, at: at}
}

// write turns finished sheets into a PDF.
func (r *Renderer) write(sheets []*sheet, p properties) ([]byte, error) {
	file := fpdf.New("P", "mm", "A4", "")
	file.SetCatalogSort(true)
	file.SetCreationDate(p.at)
	file.SetModificationDate(p.at)
	file.SetProducer("creditrun", true)
	file.SetCreator("creditrun", true)
	file.SetTitle(p.title, true)
	file.SetAuthor(p.author, true)
	file.SetLang(p.language)
	file.SetAutoPageBreak(false, 0)
	// The writer appends to slices of the font file: each document gets its own.
	file.AddUTF8FontFromBytes(family, "", slices.Clone(r.fonts.regular.content))
	file.AddUTF8FontFromBytes(family, "B", slices.Clone(r.fonts.bold.content))
	for _, one := range sheets {
		file.AddPage()
		draw(file, one)
	}
	var content bytes.Buffer
	if err := file.Output(&content); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

const family = "liberation"

func draw(file *fpdf.Fpdf, one *sheet) {
	for _, b := range one.bars {
		file.SetFillColor(b.ink.red, b.ink.green, b.ink.blue)
		file.Rect(b.x, b.y, b.width, b.height, "F")
	}
	for _, m := range one.marks {
		weight := ""
		if m.bold {
			weight = "B"
		}
		file.SetFont(family, weight, m.size)
		file.SetTextColor(m.ink.red, m.ink.green, m.ink.blue)
		file.Text(m.x, m.y, m.text)
	}
}
