package intake

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The records of the network file are structs, each described once. ReadNetwork,
// WriteNetwork and the API go by their fields, in this order, and these tags:
//
//	json:"name,omitempty"  the name of the field; without omitempty a file has to have it
//	file:"kind,option…"    the kind of a text, as in kinds (text where there is none), and options
//	enum:"a,b"             the words that a text may be
//	pattern:"^[0-9]+$"     how a text is written; patternDescription says it in words
//	minimum:"1"            the least of a whole number, which is also what an absent one is; 0 where there is none
//
// The options are:
//
//	key        no other element of the list has it
//	required   a file has to have it, the API does not
//	only=S     it is a field of the records of section S alone
//	absent=V   an absent one is V
//	unless=V   an absent one is V, and V is left out
//	unset      an absent one says neither true nor false
//	quoted     it is written in quotes
//	block      the record is written on lines of its own
//	early      it is read before the other records
//
// What else the tags say (doc, example, …) is for the description of the API.

// field is how one field of a record is read and written.
type field struct {
	index  []int
	goName string
	name   string
	kind   kind
	only   string
	unless string
	absent string // what an absent one is
	least  int64

	required, optional, key, limit, nested, block, early, unset bool
}

// recordFields are the fields of a record with those of its embedded structs.
func recordFields(t reflect.Type) []field {
	var list []field
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		list = append(list, fieldOf(f))
	}
	return list
}

func fieldOf(f reflect.StructField) field {
	name, omit, _ := strings.Cut(f.Tag.Get("json"), ",")
	kindName, options, _ := strings.Cut(f.Tag.Get("file"), ",")
	least, _ := strconv.ParseInt(f.Tag.Get("minimum"), 10, 64) // 0 where there is none
	one := field{
		index: f.Index, goName: f.Name, name: name, kind: kindOf(kindName, f.Tag), least: least,
		optional: omit == "omitempty", required: omit != "omitempty", limit: kindName == "limit", nested: holdsRecords(f.Type),
	}
	for option := range strings.SplitSeq(options, ",") {
		option, value, _ := strings.Cut(option, "=")
		one.take(option, value)
	}
	return one
}

func kindOf(name string, tag reflect.StructTag) kind {
	if words := tag.Get("enum"); words != "" {
		return oneOf(strings.Split(words, ",")...)
	}
	if pattern := tag.Get("pattern"); pattern != "" {
		return kind{expected: tag.Get("patternDescription"), parse: matching(regexp.MustCompile(pattern))}
	}
	return kinds[name]
}

func (f *field) take(option, value string) {
	switch option {
	case "key":
		f.key = true
	case "required":
		f.required = true
	case "block":
		f.block = true
	case "early":
		f.early = true
	case "unset":
		f.unset = true
	case "quoted":
		f.kind.node = quotedNode
	case "only":
		f.only = value
	case "unless":
		f.unless, f.absent = value, value
	case "absent":
		f.absent = value
	}
}

// holdsRecords reports whether a field is a record or a list of records.
func holdsRecords(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[mappedByHand]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return t.Elem().Kind() == reflect.Struct
	}
	return false
}

// descriptions are the fields of all records, by type.
var descriptions = describeAll(reflect.TypeFor[NetworkFile](), map[reflect.Type][]field{})

func describeAll(t reflect.Type, all map[reflect.Type][]field) map[reflect.Type][]field {
	if _, known := all[t]; known {
		return all
	}
	all[t] = recordFields(t)
	for _, f := range all[t] {
		in := t.FieldByIndex(f.index).Type
		if (in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice) && in.Elem().Kind() == reflect.Struct {
			describeAll(in.Elem(), all)
		}
	}
	return all
}

// checker is a record whose fields have to fit each other. check is called when
// its plain fields are read and before the records within it are.
type checker interface{ check(in *mapping) }

// mappedByHand is a mapping whose fields are no fields of a struct.
type mappedByHand interface {
	read(in *mapping)
	object() object
}

// record reads the fields of a record. section is the list that it stands in,
// or the field that it is.
func (m *mapping) record(v reflect.Value, section string) {
	fields := descriptions[v.Type()]
	if slices.ContainsFunc(fields, func(f field) bool { return f.only != "" }) {
		fields = slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.only != "" && f.only != section })
	}
	for _, f := range fields {
		if f.required {
			m.require(f.name)
		}
	}
	for _, f := range fields {
		if !f.nested {
			m.plain(v.FieldByIndex(f.index), &f)
		}
	}
	if c, ok := v.Addr().Interface().(checker); ok {
		c.check(m)
	}
	for _, early := range []bool{true, false} {
		for _, f := range fields {
			if f.nested && f.early == early {
				m.records(v.FieldByIndex(f.index), &f)
			}
		}
	}
	m.done()
}

// plain reads a field that is no record.
func (m *mapping) plain(v reflect.Value, f *field) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(cmp.Or(m.text(f), f.absent))
		if f.key {
			m.unique(f.name, v.String(), v.String())
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(m.number(f))
	case reflect.Bool:
		v.SetBool(m.truth(f.name, false))
	case reflect.Pointer:
		if f.unset && !m.has(f.name) {
			return
		}
		is := m.truth(f.name, f.absent == "true")
		v.Set(reflect.ValueOf(&is))
	case reflect.Map:
		v.Set(reflect.ValueOf(m.byLanguage(f.name)))
	case reflect.Slice:
		m.words(v, f)
	}
}

// records reads a field that is a record, a list of records or mapped by hand.
func (m *mapping) records(v reflect.Value, f *field) {
	if byHand, ok := v.Addr().Interface().(mappedByHand); ok {
		if in, ok := m.nested(f.name); ok {
			byHand.read(in)
			in.done()
		}
		return
	}
	if v.Kind() == reflect.Slice {
		m.list(v, f)
		return
	}
	if in, ok := m.nested(f.name); ok {
		one := reflect.New(v.Type().Elem())
		in.record(one.Elem(), f.name)
		v.Set(one)
	}
}
