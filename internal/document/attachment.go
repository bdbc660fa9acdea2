package document

import (
	"cmp"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"time"
)

// attachment is a file inside the PDF.
type attachment struct {
	name        string
	mediaType   string // without parameters
	relation    string // to the document: Alternative, Supplement
	description string
	content     []byte
}

// invoiceName is what readers of Factur-X look for.
const invoiceName = "factur-x.xml"

// attach writes the files and returns the entries of the catalogue that lead
// to them (ISO 32000-1 §7.11; ISO 19005-3 §6.8).
func (o *objects) attach(files []attachment, at time.Time) (string, error) {
	if len(files) == 0 {
		return "", nil
	}
	sorted := slices.Clone(files) // as the tree of names wants them
	slices.SortFunc(sorted, func(a, b attachment) int { return cmp.Compare(plainName(a.name), plainName(b.name)) })
	var names, associated []string
	for _, file := range sorted {
		stream, err := o.packed(fmt.Sprintf("/Type /EmbeddedFile /Subtype /%s /Params << /Size %d /CreationDate %s /ModDate %s /CheckSum <%x> >>",
			pdfName(file.mediaType), len(file.content), pdfDate(at), pdfDate(at), md5.Sum(file.content)), file.content)
		if err != nil {
			return "", err
		}
		spec := o.add("<< /Type /Filespec /F %s /UF %s /AFRelationship /%s /Desc %s /EF << /F %s /UF %s >> >>",
			pdfText(plainName(file.name)), pdfText(file.name), file.relation, pdfText(file.description), stream, stream)
		names = append(names, pdfText(plainName(file.name))+" "+spec.String())
		associated = append(associated, spec.String())
	}
	return fmt.Sprintf(" /Names << /EmbeddedFiles << /Names [%s] >> >> /AF [%s] /PageMode /UseAttachments",
		strings.Join(names, " "), strings.Join(associated, " ")), nil
}

// pdfName writes a name with the characters that mean something else in it.
func pdfName(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' || strings.IndexByte("()<>[]{}/%#", c) >= 0 {
			fmt.Fprintf(&b, "#%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// plainName is a file name for systems that know ASCII only.
func plainName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '-'
		}
		return c
	}, name)
}
