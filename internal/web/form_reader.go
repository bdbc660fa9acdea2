package web

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// formReader reads figures and days that people typed and collects what is
// wrong with them; a fault names the field as the page does.
type formReader struct {
	v      *visit
	values url.Values
	faults fault.List
}

// reader reads the form of the request.
func (v *visit) reader() (*formReader, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, err
	}
	return &formReader{v: v, values: v.r.Form}, nil
}

// networkForm is the form of the request, and the network that it is about.
func (v *visit) networkForm() (*snapshot.Snapshot, *formReader, error) {
	b, err := v.network()
	if err != nil {
		return nil, nil, err
	}
	in, err := v.reader()
	return b, in, err
}

// text is a field without the spaces around it.
func (f *formReader) text(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// add notes a fault about a field.
func (f *formReader) add(key, field, value string, decimals int) {
	name, err := f.v.text(field)
	if err != nil {
		name = field
	}
	f.faults = append(f.faults, fault.New(fault.Invalid, key, fault.Args{"field": name, "value": value, "decimals": decimals}))
}

// decimal reads a figure with at most so many decimals; nothing is 0. Germans
// may write a comma.
func (f *formReader) decimal(field, value string, decimals int) int64 {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	plain := value
	if f.v.lang == "de" && !strings.Contains(value, ".") {
		plain = strings.Replace(value, ",", ".", 1)
	}
	n, err := money.Parse(plain, decimals)
	if err != nil {
		f.add("form_decimal", field, value, decimals)
	}
	return n
}

// whole reads a whole number that is not negative; nothing is 0.
func (f *formReader) whole(field, value string) int64 {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt32*1000 {
		f.add("form_whole", field, value, 0)
		return 0
	}
	return n
}

// moment reads a day or an instant; nothing is the zero Moment. What it cannot
// read it returns as it is, for the form to show again.
func (f *formReader) moment(field, value string) entities.Moment {
	value = strings.TrimSpace(value)
	if value == "" {
		return ""
	}
	if _, err := entities.ParseMoment(value); err != nil {
		f.add("form_date", field, value, 0)
	}
	return entities.Moment(value)
}

// day reads a day that has to be there.
func (f *formReader) day(field, value string) entities.Date {
	value = strings.TrimSpace(value)
	if _, err := entities.ParseDate(value); err != nil {
		f.add("form_date", field, value, 0)
	}
	return entities.Date(value)
}
