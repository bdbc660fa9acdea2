package page

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// MaxRows is how many rows of one kind are read from a form.
const MaxRows = 500

// Text is a field without the spaces around it.
func (f *FormState) Text(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// All are the values of a field that occurs several times, as they were sent.
func (f *FormState) All(name string) []string { return f.Values[name] }

// Checked reports whether a checkbox with the value "true" is ticked.
func (f *FormState) Checked(name string) bool { return f.Values.Get(name) == "true" }

// Lines splits a field with one thing a line; commas and semicolons separate
// things, too. Nothing is listed twice.
func (f *FormState) Lines(name string) []string { return linesOf(f.Values.Get(name)) }

// Typed is what was typed into a field that is to be a figure or a day. What
// cannot be read is wrong with the form; the label is the message that names
// the field in what is said about it.
type Typed struct {
	f                  *FormState
	name, label, value string
}

// At is what was typed into a field.
func (f *FormState) At(name, label string) Typed { return Typed{f, name, label, f.Text(name)} }

// With is a field with a value that does not come from it.
func (f *FormState) With(name, label, value string) Typed {
	return Typed{f, name, label, strings.TrimSpace(value)}
}

// Wrong says that the value cannot be read.
func (t Typed) Wrong(key string, decimals int) {
	name, err := t.f.texts.Text(t.f.lang, t.label, nil)
	if err != nil {
		name = t.label
	}
	found := fault.New(fault.Invalid, key, fault.Args{"field": name, "value": t.value, "decimals": decimals}).At(t.name)
	t.f.Faults = append(t.f.Faults, found)
	t.f.sayWords(t.name, t.f.texts.PageFault(t.f.lang, found))
}

// Missing says that the value has to be there.
func (t Typed) Missing() { t.Wrong("form_missing", 0) }

// Decimal reads a figure with at most so many decimals; nothing is 0. Anyone
// whose numbers have a decimal comma may write one.
func (t Typed) Decimal(decimals int) int64 {
	if t.value == "" {
		return 0
	}
	plain := t.value
	if t.f.texts.DecimalSign(t.f.lang) == "," && !strings.Contains(plain, ".") {
		plain = strings.Replace(plain, ",", ".", 1)
	}
	n, err := money.Parse(plain, decimals)
	if err != nil {
		t.Wrong("form_decimal", decimals)
	}
	return n
}

// Price is decimal for a price that has to be there: none is a slip, not free of
// charge.
func (t Typed) Price(decimals int) int64 {
	if t.value == "" {
		t.Missing()
		return 0
	}
	return t.Decimal(decimals)
}

// Whole reads a whole number that is not negative; nothing is 0.
func (t Typed) Whole() int64 {
	if t.value == "" {
		return 0
	}
	n, err := strconv.ParseInt(t.value, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt32*1000 {
		t.Wrong("form_whole", 0)
		return 0
	}
	return n
}

// Moment reads a day or an instant; nothing is the zero Moment. What it cannot
// read it returns as it is, for the form to show again.
func (t Typed) Moment() entities.Moment {
	if t.value == "" {
		return ""
	}
	if _, err := entities.ParseMoment(t.value); err != nil {
		t.Wrong("form_date", 0)
	}
	return entities.Moment(t.value)
}

// Day reads a day that has to be there.
func (t Typed) Day() entities.Date {
	if _, err := entities.ParseDate(t.value); err != nil {
		t.Wrong("form_date", 0)
	}
	return entities.Date(t.value)
}

func linesOf(text string) (lines []string) {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\r\n,;", r) }) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
