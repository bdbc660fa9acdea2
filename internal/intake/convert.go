package intake

import (
	"encoding"
	"reflect"
	"time"

	"creditrun/internal/sessions"
)

// A record and what the domain has for it have fields of the same names; a
// record that the domain does not have is a part of the one around it, and a
// list that it does not have is left to others. Amounts and times, which are texts in a record, are converted, and so are values that
// may be absent.

// RecordOf is the record in the network file of what the domain has.
func RecordOf[R, D any](d *D) R { return recordIn[R](d, time.UTC) }

// recordIn is RecordOf with times in a zone.
func recordIn[R, D any](d *D, zone *time.Location) (r R) {
	fromDomain(reflect.ValueOf(&r).Elem(), reflect.ValueOf(d).Elem(), zone)
	return r
}

// domainOf is the reverse of RecordOf.
func domainOf[D, R any](r *R) (d D) {
	toDomain(reflect.ValueOf(&d).Elem(), reflect.ValueOf(r).Elem())
	return d
}

func toDomain(domain, record reflect.Value) {
	for _, f := range descriptions[record.Type()] {
		v, to := record.FieldByIndex(f.index), domain.FieldByName(f.goName)
		switch {
		case f.nested:
			recordsToDomain(domain, to, v)
		case f.unset:
			to.Set(v)
		case v.Kind() == reflect.Pointer:
			to.SetBool(v.IsNil() && f.absent == "true" || !v.IsNil() && v.Elem().Bool())
		case to.Type() == reflect.TypeFor[time.Time]():
			to.Set(reflect.ValueOf(parsed(parseInstant, v.String())))
		case v.Kind() == reflect.String && to.Kind() == reflect.Pointer:
			if v.String() != "" {
				to.Set(reflect.New(to.Type().Elem()))
				_ = to.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(v.String())) // its kind has checked it
			}
		case v.Kind() == reflect.String && to.CanInt():
			if v.String() != "" {
				_ = to.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(v.String())) // its kind has checked it
			}
		default:
			to.Set(v.Convert(to.Type()))
		}
	}
}

func recordsToDomain(domain, to, v reflect.Value) {
	if v.Kind() == reflect.Slice {
		for i := 0; to.IsValid() && i < v.Len(); i++ {
			one := reflect.New(to.Type().Elem()).Elem()
			toDomain(one, v.Index(i))
			to.Set(reflect.Append(to, one))
		}
		return
	}
	limits, areLimits := v.Interface().(*Limits)
	switch {
	case v.IsNil():
	case !to.IsValid():
		toDomain(domain, v.Elem())
	case areLimits:
		to.Set(reflect.ValueOf(limits.domain()))
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		toDomain(to.Elem(), v.Elem())
	default:
		toDomain(to, v.Elem())
	}
}

func fromDomain(record, domain reflect.Value, zone *time.Location) {
	for _, f := range descriptions[record.Type()] {
		v, from := record.FieldByIndex(f.index), domain.FieldByName(f.goName)
		switch {
		case f.nested:
			recordsFromDomain(v, domain, from, zone)
		case f.unset:
			v.Set(from)
		case v.Kind() == reflect.Pointer:
			is := from.Bool()
			v.Set(reflect.ValueOf(&is))
		case from.Kind() == reflect.Pointer:
			if !from.IsNil() {
				v.SetString(f.decimalText(from.Elem()))
			}
		case from.Type() == reflect.TypeFor[time.Time]():
			v.SetString(instantText(from.Interface().(time.Time), zone))
		case v.Kind() == reflect.String && from.CanInt():
			if !from.IsZero() || !f.optional {
				v.SetString(f.decimalText(from))
			}
		case from.Kind() == reflect.Slice && from.Len() == 0:
		case from.Kind() == reflect.String && from.Len() == 0:
			v.SetString(f.absent)
		default:
			v.Set(from.Convert(v.Type()))
		}
	}
}

// decimalText is a number as its kind writes it.
func (f *field) decimalText(number reflect.Value) string {
	text, _ := number.Interface().(encoding.TextMarshaler).MarshalText() // never fails
	written, err := f.kind.parse(string(text))
	if !f.kind.decimal || err != nil {
		return string(text)
	}
	return written
}

func recordsFromDomain(v, domain, from reflect.Value, zone *time.Location) {
	if v.Kind() == reflect.Slice {
		for i := 0; from.IsValid() && i < from.Len(); i++ {
			one := reflect.New(v.Type().Elem()).Elem()
			fromDomain(one, from.Index(i), zone)
			v.Set(reflect.Append(v, one))
		}
		return
	}
	one := reflect.New(v.Type().Elem())
	switch {
	case !from.IsValid():
		fromDomain(one.Elem(), domain, zone)
	case from.Type() == reflect.TypeFor[sessions.Limits]():
		one.Elem().Set(reflect.ValueOf(limitsOf(from.Interface().(sessions.Limits))))
	case from.Kind() == reflect.Pointer:
		if !from.IsNil() {
			fromDomain(one.Elem(), from.Elem(), zone)
			v.Set(one)
		}
		return
	default:
		fromDomain(one.Elem(), from, zone)
	}
	if !one.Elem().IsZero() {
		v.Set(one)
	}
}

func instantText(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339Nano)
}

// converted converts the elements of a list; of none there is no list.
func converted[A, B any](list []A, one func(*A) B) []B {
	var out []B
	for i := range list {
		out = append(out, one(&list[i]))
	}
	return out
}
