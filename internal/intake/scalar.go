package intake

import (
	"fmt"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/entities"
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

// text returns a field as text. Numbers without quotes keep their spelling.
func (m *mapping) text(key string) string {
	s, _, _ := m.scalar(key, expText)
	return s
}

// word returns a field that names something: text without space around it,
// short enough to be a key.
func (m *mapping) word(key string) string {
	return read(m, key, expKey, func(s string) (string, error) {
		if len(s) > maxIdentifier || strings.TrimSpace(s) != s || strings.ContainsAny(s, "\n\r\t") {
			return "", errSyntax
		}
		return s, nil
	})
}

// read returns a field as its parser sees it.
func read[T any](m *mapping, key, expected string, parse func(string) (T, error)) T {
	var zero T
	s, n, ok := m.scalar(key, expected)
	if !ok || s == "" {
		return zero
	}
	v, err := parse(s)
	if err != nil {
		m.d.add(n.Line, m.at(key), expected, s)
		return zero
	}
	return v
}

// decimal returns a field that must be written in quotes, because YAML would
// let other programs turn it into a binary fraction.
func decimal[T any](m *mapping, key, expected string, parse func(string) (T, error)) T {
	var zero T
	if s, n, ok := m.scalar(key, expected); ok && n.Tag != "!!str" {
		m.d.add(n.Line, m.at(key), expected, s+" without quotes")
		return zero
	}
	return read(m, key, expected, parse)
}

// whole returns a whole number of at least least, or the fallback when absent.
func (m *mapping) whole(key string, fallback, least int64) int64 {
	expected := fmt.Sprintf("a whole number from %d on", least)
	s, n, ok := m.scalar(key, expected)
	if !ok {
		return fallback
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n.Tag != "!!int" || strconv.FormatInt(v, 10) != s || v < least || v > maxWhole {
		m.d.add(n.Line, m.at(key), expected, spelled(n))
		return fallback
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

func (m *mapping) date(key string) entities.Date {
	return read(m, key, expDate, entities.ParseDate)
}

func (m *mapping) moment(key string) entities.Moment {
	return read(m, key, expMoment, entities.ParseMoment)
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
