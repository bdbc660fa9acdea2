package intake

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/internal/sessions"
)

// scalar returns the text of a field as it is written, without quotes.
func (m *mapping) scalar(key, expected string) (text string, n *yaml.Node, ok bool) {
	n = m.value(key)
	if n == nil {
		return "", nil, false
	}
	if n.Kind != yaml.ScalarNode {
		m.d.add(n.Line, m.at(key), expected, describe(n))
		return "", nil, false
	}
	if !strings.HasPrefix(n.Tag, "!!") || n.Tag == "!!binary" {
		m.d.add(n.Line, m.at(key), expected, "the tag "+n.Tag)
		return "", nil, false
	}
	if !clean([]byte(n.Value)) {
		m.d.add(n.Line, m.at(key), expected+" without control characters", n.Value)
		return "", nil, false
	}
	return n.Value, n, true
}

// text returns a field as its kind writes it. Numbers without quotes keep their
// spelling, but for those that YAML would let other programs turn into a binary
// fraction: they have to be in quotes.
func (m *mapping) text(f *field) string {
	k := f.kind
	if f.limit {
		k = limitKind(f.name)
	}
	s, n, ok := m.scalar(f.name, k.expected)
	switch {
	case !ok:
		return ""
	case k.decimal && n.Tag != "!!str":
		m.d.add(n.Line, m.at(f.name), k.expected, s+" without quotes")
		return ""
	case s == "":
		return ""
	}
	v, err := k.parse(s)
	if err != nil {
		m.d.add(n.Line, m.at(f.name), k.expected, s)
		return ""
	}
	return v
}

// number returns a field that is a whole number.
func (m *mapping) number(f *field) int64 {
	if f.limit {
		v, _ := strconv.ParseInt(m.text(f), 10, 64) // is one, or empty
		return v
	}
	return m.whole(f.name, f.least)
}

// limitKind is the kind of the limit of a rule of plausibility.
func limitKind(name string) kind {
	for _, rule := range sessions.Rules() {
		if rule.LimitName() == name {
			return kind{expected: rule.Expected(), decimal: rule.Percent(), parse: func(s string) (string, error) {
				limit, err := rule.Parse(s)
				return rule.Format(limit), err
			}}
		}
	}
	return kinds[""]
}

// whole returns a whole number of at least least, which is also what an absent
// one is.
func (m *mapping) whole(key string, least int64) int64 {
	expected := fmt.Sprintf("a whole number from %d on", least)
	s, n, ok := m.scalar(key, expected)
	if !ok {
		return least
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n.Tag != "!!int" || strconv.FormatInt(v, 10) != s || v < least || v > maxWhole {
		m.d.add(n.Line, m.at(key), expected, spelled(n))
		return least
	}
	return v
}

// maxWhole bounds whole numbers, so that what is computed with them fits.
const maxWhole = 1_000_000_000_000

// truth returns true or false, or the fallback when absent.
func (m *mapping) truth(key string, fallback bool) bool {
	s, n, ok := m.scalar(key, "true or false")
	if !ok {
		return fallback
	}
	if n.Tag != "!!bool" || s != "true" && s != "false" {
		m.d.add(n.Line, m.at(key), "true or false", spelled(n))
		return fallback
	}
	return s == "true"
}

// words reads a list of texts or of small whole numbers.
func (m *mapping) words(v reflect.Value, f *field) {
	for i, n := range m.items(f.name) {
		path := fmt.Sprintf("%s[%d]", m.at(f.name), i)
		if n = m.d.visit(n); n == nil {
			v.SetZero()
			return
		}
		text, err := f.kind.parse(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			m.d.add(n.Line, path, f.kind.expected, describe(n))
			continue
		}
		one := reflect.New(v.Type().Elem()).Elem()
		if one.Kind() == reflect.String {
			one.SetString(text)
		} else {
			whole, _ := strconv.Atoi(text) // is one
			one.SetInt(int64(whole))
		}
		v.Set(reflect.Append(v, one))
	}
}

// describe puts a node in a word or two.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "fields with names"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return nothing
	}
	return n.Value
}

// spelled shows a plain value with the quotes that made it a text.
func spelled(n *yaml.Node) string {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return strconv.Quote(n.Value)
	}
	return n.Value
}
