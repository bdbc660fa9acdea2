package pdf

import (
	"cmp"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Attachment is a file inside the PDF. No two may have the same name.
type Attachment struct {
	Name        string
	MediaType   string // without parameters
	Relation    Relation
	Description string
	Content     []byte
	// Plain keeps the content as it is, so that it is found in the file and can be
	// filled in afterwards: it is not packed and has no check sum.
	Plain bool
}

// Relation is what a file is to the document that contains it (ISO 19005-3
// Annex E).
type Relation string

// The relations that are used.
const (
	Alternative Relation = "Alternative" // says the same in another form
	Supplement  Relation = "Supplement"  // says more
)

// attach writes the files and returns the entries of the catalog that lead
// to them (ISO 32000-1 §7.11; ISO 19005-3 §6.8).
func (o *objects) attach(files []Attachment, at time.Time) (string, error) {
	if len(files) == 0 {
		return "", nil
	}
	sorted := slices.Clone(files) // as the tree of names wants them
	slices.SortFunc(sorted, func(a, b Attachment) int { return cmp.Compare(plainName(a.Name), plainName(b.Name)) })
	var names, associated []string
	for _, file := range sorted {
		stream, err := o.embedded(file, at)
		if err != nil {
			return "", err
		}
		spec := o.add("<< /Type /Filespec /F %s /UF %s /AFRelationship /%s /Desc %s /EF << /F %s /UF %s >> >>",
			pdfText(plainName(file.Name)), pdfText(file.Name), file.Relation, pdfText(file.Description), stream, stream)
		names = append(names, pdfText(plainName(file.Name))+" "+spec.String())
		associated = append(associated, spec.String())
	}
	return fmt.Sprintf(" /Names << /EmbeddedFiles << /Names [%s] >> >> /AF [%s]",
		strings.Join(names, " "), strings.Join(associated, " ")), nil
}

// embedded writes the content of a file.
func (o *objects) embedded(file Attachment, at time.Time) (ref, error) {
	entries := fmt.Sprintf("/Type /EmbeddedFile /Subtype /%s /Params << /Size %d /CreationDate %s /ModDate %s",
		pdfName(file.MediaType), len(file.Content), pdfDate(at), pdfDate(at))
	if file.Plain {
		return o.stream(entries+" >>", file.Content), nil
	}
	return o.packed(fmt.Sprintf("%s /CheckSum <%x> >>", entries, md5.Sum(file.Content)), file.Content)
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
