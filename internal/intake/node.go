package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/entities"
)

// decoder walks the nodes of one YAML document. It descends only as the format
// says, so nothing in the document decides how deep it goes; visits bounds how
// far aliases may multiply the document.
type decoder struct {
	report
	visits int
}

// aliasAllowance is how many values aliases may add to those written.
const aliasAllowance = 100_000

// visit resolves aliases and counts. It returns nil once the document turned
// out to be larger than it looks.
func (d *decoder) visit(n *yaml.Node) *yaml.Node {
	if d.visits--; d.visits == 0 {
		d.add(n.Line, "", "aliases that do not multiply the file", "a hundred thousand more values than are written")
		d.visits = -1
	}
	if d.visits <= 0 {
		return nil
	}
	for hops := 0; n != nil && n.Kind == yaml.AliasNode; hops++ {
		if hops > 10 {
			return nil
		}
		n = n.Alias
	}
	return n
}

func (d *decoder) add(line int, field, expected, got string) {
	if d.visits >= 0 {
		d.report.add(line, field, expected, got)
	}
}

// size counts the nodes that are written.
func size(n *yaml.Node) int {
	count := 1
	for _, c := range n.Content {
		count += size(c)
	}
	return count
}

// mapping is a YAML mapping whose fields are being asked for.
type mapping struct {
	d      *decoder
	line   int
	path   string
	fields map[string]*yaml.Node
	lines  map[string]int // on which the names of the fields stand
	order  []string
	asked  []string
}

// mapping opens a node that should be a mapping. What is not one is reported
// and opens as an empty mapping that reports nothing further.
func (d *decoder) mapping(n *yaml.Node, path string) *mapping {
	m := &mapping{d: d, path: path, fields: map[string]*yaml.Node{}, lines: map[string]int{}}
	if n = d.visit(n); n == nil {
		return m
	}
	if n.Kind != yaml.MappingNode {
		d.add(n.Line, path, "fields with names", describe(n))
		return m
	}
	m.line = n.Line
	for i := 0; i+1 < len(n.Content); i += 2 {
		m.take(d.visit(n.Content[i]), n.Content[i+1])
	}
	return m
}

func (m *mapping) take(key, value *yaml.Node) {
	if key == nil {
		return
	}
	if key.Kind != yaml.ScalarNode {
		m.d.add(key.Line, m.path, "a plain name of a field", describe(key))
		return
	}
	if first, twice := m.lines[key.Value]; twice {
		m.d.add(key.Line, m.at(key.Value), fmt.Sprintf("the field once (it is also on line %d)", first), "it again")
		return
	}
	m.fields[key.Value], m.lines[key.Value] = value, key.Line
	m.order = append(m.order, key.Value)
}

// at is the path of a field.
func (m *mapping) at(key string) string {
	key = shorten(key)
	if m.path == "" {
		return key
	}
	return m.path + "." + key
}

// value returns a field's node; absent and null are nil.
func (m *mapping) value(key string) *yaml.Node {
	if !slices.Contains(m.asked, key) {
		m.asked = append(m.asked, key)
	}
	n := m.fields[key]
	if n == nil {
		return nil
	}
	if n = m.d.visit(n); n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	return n
}

// has tells whether a field is set.
func (m *mapping) has(key string) bool { return m.value(key) != nil }

// require reports those of the fields that are absent or blank.
func (m *mapping) require(keys ...string) {
	if m.line == 0 {
		return // what was no mapping is reported already
	}
	for _, key := range keys {
		n := m.value(key)
		switch {
		case n == nil:
			m.d.add(m.line, m.at(key), "a value", nothing)
		case n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) == "", n.Kind != yaml.ScalarNode && len(n.Content) == 0:
			m.d.add(n.Line, m.at(key), "a value", "an empty one")
		}
	}
}

// done reports the fields that nobody asked for.
func (m *mapping) done() {
	for _, key := range m.order {
		if !slices.Contains(m.asked, key) {
			m.d.add(m.lines[key], m.at(key), "one of the fields "+strings.Join(m.asked, ", "), "an unknown field")
		}
	}
}

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

// nested opens a field that is a mapping; false when absent.
func (m *mapping) nested(key string) (*mapping, bool) {
	n := m.value(key)
	if n == nil {
		return nil, false
	}
	return m.d.mapping(n, m.at(key)), true
}

// byLanguage returns a field with one text per language.
func (m *mapping) byLanguage(key string) map[string]string {
	in, ok := m.nested(key)
	if !ok {
		return nil
	}
	texts := map[string]string{}
	for _, language := range in.order {
		if !languageSyntax.MatchString(language) {
			m.d.add(in.lines[language], in.at(language), expLanguage, language)
			continue
		}
		texts[language] = in.text(language)
	}
	return texts
}

// items returns the elements of a list.
func (m *mapping) items(key string) []*yaml.Node {
	n := m.value(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.d.add(n.Line, m.at(key), "a list", describe(n))
		return nil
	}
	return n.Content
}

// each decodes the elements of a list of mappings.
func each[T any](m *mapping, key string, decode func(*mapping) T) []T {
	var list []T
	for i, n := range m.items(key) {
		if m.d.visits <= 0 {
			return nil
		}
		in := m.d.mapping(n, fmt.Sprintf("%s[%d]", m.at(key), i))
		list = append(list, decode(in))
		in.done()
	}
	return list
}

// words decodes a list of texts.
func words[T any](m *mapping, key, expected string, parse func(string) (T, error)) []T {
	var list []T
	for i, n := range m.items(key) {
		path := fmt.Sprintf("%s[%d]", m.at(key), i)
		if n = m.d.visit(n); n == nil {
			return nil
		}
		v, err := parse(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			m.d.add(n.Line, path, expected, describe(n))
			continue
		}
		list = append(list, v)
	}
	return list
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

// unique reports a key that another element of the list has.
type unique map[string]int

func (u unique) check(m *mapping, field, key string) { u.checkAs(m, field, key, key) }

// checkAs is check for a key that is shown in another way.
func (u unique) checkAs(m *mapping, field, key, shown string) {
	if shown == "" {
		return
	}
	if first, twice := u[key]; twice {
		m.d.add(m.line, m.at(field), fmt.Sprintf("a key that occurs once (it is also on line %d)", first), shown)
		return
	}
	u[key] = m.line
}
