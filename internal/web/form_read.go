package web

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// maxRows is how many rows of one kind are read from a form.
const maxRows = 500

// text is a field without the spaces around it.
func (f *form) text(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// all are the values of a field that occurs several times, as they were sent.
func (f *form) all(name string) []string { return f.values[name] }

// checked reports whether a checkbox with the value "true" is ticked.
func (f *form) checked(name string) bool { return f.values.Get(name) == "true" }

// lines splits a field with one thing a line; commas and semicolons separate
// things, too. Nothing is listed twice.
func (f *form) lines(name string) []string { return linesOf(f.values.Get(name)) }

func linesOf(text string) (lines []string) {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\r\n,;", r) }) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// typed is what was typed into a field that is to be a figure or a day. What
// cannot be read is wrong with the form; the label is the message that names
// the field in what is said about it.
type typed struct {
	f                  *form
	name, label, value string
}

// at is what was typed into a field.
func (f *form) at(name, label string) typed { return typed{f, name, label, f.text(name)} }

// with is a field with a value that does not come from it.
func (f *form) with(name, label, value string) typed {
	return typed{f, name, label, strings.TrimSpace(value)}
}

// wrong says that the value cannot be read.
func (t typed) wrong(key string, decimals int) {
	name, err := t.f.texts.Text(t.f.lang, t.label, nil)
	if err != nil {
		name = t.label
	}
	found := fault.New(fault.Invalid, key, fault.Args{"field": name, "value": t.value, "decimals": decimals}).At(t.name)
	t.f.faults = append(t.f.faults, found)
	t.f.sayWords(t.name, t.f.texts.Fault(t.f.lang, found))
}

// decimal reads a figure with at most so many decimals; nothing is 0. Germans
// may write a comma.
func (t typed) decimal(decimals int) int64 {
	if t.value == "" {
		return 0
	}
	plain := t.value
	if t.f.lang == "de" && !strings.Contains(plain, ".") {
		plain = strings.Replace(plain, ",", ".", 1)
	}
	n, err := money.Parse(plain, decimals)
	if err != nil {
		t.wrong("form_decimal", decimals)
	}
	return n
}

// price is decimal for a price that has to be there: none is a slip, not free of
// charge.
func (t typed) price(decimals int) int64 {
	if t.value == "" {
		t.wrong("form_decimal", decimals)
	}
	return t.decimal(decimals)
}

// whole reads a whole number that is not negative; nothing is 0.
func (t typed) whole() int64 {
	if t.value == "" {
		return 0
	}
	n, err := strconv.ParseInt(t.value, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt32*1000 {
		t.wrong("form_whole", 0)
		return 0
	}
	return n
}

// moment reads a day or an instant; nothing is the zero Moment. What it cannot
// read it returns as it is, for the form to show again.
func (t typed) moment() entities.Moment {
	if t.value == "" {
		return ""
	}
	if _, err := entities.ParseMoment(t.value); err != nil {
		t.wrong("form_date", 0)
	}
	return entities.Moment(t.value)
}

// day reads a day that has to be there.
func (t typed) day() entities.Date {
	if _, err := entities.ParseDate(t.value); err != nil {
		t.wrong("form_date", 0)
	}
	return entities.Date(t.value)
}
