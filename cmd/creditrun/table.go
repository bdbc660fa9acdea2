package main

import (
	"io"
	"strings"
	"unicode/utf8"
)

// table prints rows of cells in columns: words to the left, figures to the
// right. It is written to like a text: a tab ends a cell, a newline ends a row,
// and the first row is the heading.
type table struct {
	w    io.Writer
	text strings.Builder
}

func newTable(w io.Writer) *table { return &table{w: w} }

// Write takes in what is to be printed.
func (t *table) Write(p []byte) (int, error) { return t.text.Write(p) }

// Flush prints the table.
func (t *table) Flush() error {
	var rows [][]string
	var widths []int
	for line := range strings.Lines(t.text.String()) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		rows = append(rows, cells)
		for i, cell := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	t.text.Reset()
	right := make([]bool, len(widths))
	for i := range right {
		right[i] = areFigures(rows, i)
	}
	var out strings.Builder
	for _, cells := range rows {
		line := ""
		for i, cell := range cells {
			if i > 0 {
				line += "  "
			}
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if right[i] {
				line += padding + cell
			} else {
				line += cell + padding
			}
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(t.w, out.String())
	return err
}

// areFigures reports whether a column holds numbers below its heading, and
// nothing else.
func areFigures(rows [][]string, column int) bool {
	found := false
	for i, cells := range rows {
		if i == 0 || column >= len(cells) || cells[column] == "" {
			continue
		}
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(cells[column], "-"), ".")
		if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" {
			return false
		}
		found = true
	}
	return found
}
