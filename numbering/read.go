package numbering

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Read returns the document of the range whose files have a name that begins
// like this (FileName, FileNameApart): its number, its counter and its sequence.
// It reports false for a name that no document of the range has.
func (r Range) Read(fileName string) (number string, c Counter, sequence int64, ok bool) {
	p, broken := parsePattern(&r)
	if len(broken) > 0 {
		return "", c, 0, false
	}
	text, _, _ := strings.Cut(fileName, hashMark)
	for _, found := range p.expression().FindAllStringSubmatch(text, -1) {
		if number, c, sequence, ok = r.readParts(p, found[1:]); ok && (FileName(number) == fileName || FileNameApart(number) == fileName) {
			return number, c, sequence, true
		}
	}
	return "", Counter{}, 0, false
}

// expression matches the names of files of a pattern, with one group for each
// placeholder.
func (p pattern) expression() *regexp.Regexp {
	var b strings.Builder
	for _, t := range p {
		switch t.placeholder {
		case placeholderYear:
			b.WriteString(`(\d{4})`)
		case placeholderShortYear:
			b.WriteString(`(\d{2})`)
		case placeholderMonth:
			b.WriteString(`(0[1-9]|1[0-2])`)
		case placeholderRecipient:
			b.WriteString(`((?:[A-Za-z0-9_-]|%[0-9A-F]{2})+)`)
		case placeholderSequence:
			fmt.Fprintf(&b, `(\d{%d,})`, t.width)
		default:
			b.WriteString(regexp.QuoteMeta(strings.ReplaceAll(t.text, "/", "_")))
		}
	}
	return regexp.MustCompile("^" + b.String() + "$")
}

// readParts puts a number together from what its placeholders stand for. A part
// of the date that the pattern does not show cannot matter to the counter
// (Validate), except in ranges that never start again, which have one.
func (r Range) readParts(p pattern, parts []string) (number string, c Counter, sequence int64, ok bool) {
	year, month, recipient := "2000", "01", ""
	for _, t := range p {
		if t.placeholder == "" {
			continue
		}
		part := parts[0]
		parts = parts[1:]
		var err error
		switch t.placeholder {
		case placeholderYear:
			year = part
		case placeholderShortYear:
			year = "20" + part
		case placeholderMonth:
			month = part
		case placeholderRecipient:
			recipient, err = readRecipient(part)
		case placeholderSequence:
			sequence, err = strconv.ParseInt(part, 10, 64)
		}
		if err != nil {
			return "", c, 0, false
		}
	}
	date := year + "-" + month + "-01"
	number, err := r.Format(date, recipient, sequence)
	return number, r.Counter(date, recipient), sequence, err == nil
}

// readRecipient is the reverse of writeRecipient.
func readRecipient(text string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", strconv.ErrSyntax
		}
		c, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
		if err != nil {
			return "", err
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), nil
}
