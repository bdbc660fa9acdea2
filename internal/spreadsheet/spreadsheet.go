// Package spreadsheet writes texts so that a spreadsheet takes them for texts and
// not for formulas (formats.md §5). It knows nothing of what the texts say.
package spreadsheet

import (
	"strings"

	"creditrun/internal/money"
)

// Text returns a text that no spreadsheet takes for a formula: what begins like
// one and is no number gets an apostrophe in front. A file is also opened where
// commas, tabs or lines end a cell, whatever separates its cells here. So the
// same is done wherever such a cell would begin inside the text: "A,=1+1"
// becomes "A,'=1+1".
func Text(s string) string {
	if !strings.ContainsAny(s, formulaSigns+controls) {
		return s
	}
	var b strings.Builder
	if strings.ContainsAny(s[:1], controls) {
		b.WriteByte('\'')
	}
	for rest := s; rest != ""; {
		end := strings.IndexAny(rest, separators)
		if end < 0 {
			end = len(rest) - 1
		}
		writeCell(&b, rest[:end+1])
		rest = rest[end+1:]
	}
	return b.String()
}

const (
	// formulaSigns begin a formula; the wide ones do so in East Asian settings.
	formulaSigns = "=+-@＝＋－＠"
	// controls at the beginning of a text hide the sign that follows.
	controls = "\t\r\n"
	// separators end a cell in one setting or another.
	separators = ",;|\t\r\n"
	// skipped may stand before the sign that begins a formula.
	skipped = `" `
)

// writeCell writes what one setting or another takes for a cell.
func writeCell(b *strings.Builder, cell string) {
	begin := len(cell) - len(strings.TrimLeft(cell, skipped))
	text := cell[begin:]
	if text == "" || !strings.ContainsRune(formulaSigns, firstRune(text)) || isNumber(cell) {
		b.WriteString(cell)
		return
	}
	b.WriteString(cell[:begin])
	b.WriteByte('\'')
	b.WriteString(text)
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// isNumber reports whether a cell is a number and nothing more.
func isNumber(cell string) bool {
	_, err := money.Parse(strings.TrimRight(cell, separators), money.MicroDecimals)
	return err == nil
}
