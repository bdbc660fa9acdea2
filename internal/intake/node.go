package intake

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"
)

// decoder walks the nodes of one YAML document. It descends only as the format
// says, so nothing in the document decides how deep it goes; visits bounds how
// far aliases may multiply the document.
type decoder struct {
	report
	visits int
	keys   map[string]int // lines of elements, by keyOf
	seen   map[string]int // the same by their exact keys

	operator    string         // key of the operator
	zoneName    string         // of the operator; of stations that name none
	zone        *time.Location // the same; UTC when the file does not tell
	stationZone *time.Location // of the station that is being read
	alone       bool           // the file has no operator, whose zone would be the default
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

// has reports whether a field is set.
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

// done reports the fields that were not asked for.
func (m *mapping) done() {
	for _, key := range m.order {
		if !slices.Contains(m.asked, key) {
			m.d.add(m.lines[key], m.at(key), "one of the fields "+strings.Join(m.asked, ", "), "an unknown field")
		}
	}
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
	if len(in.order) > maxLanguages {
		m.d.add(in.line, in.path, fmt.Sprintf("at most %d languages", maxLanguages), strconv.Itoa(len(in.order)))
		return nil
	}
	texts := map[string]string{}
	for _, language := range in.order {
		if !languageSyntax.MatchString(language) {
			m.d.add(in.lines[language], in.at(language), expLanguage, language)
			continue
		}
		texts[language], _, _ = in.scalar(language, expText)
	}
	return texts
}

const maxLanguages = 100

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

// list reads the elements of a list of records.
func (m *mapping) list(v reflect.Value, f *field) {
	for i, n := range m.items(f.name) {
		if m.d.visits <= 0 {
			v.SetZero()
			return
		}
		one := reflect.New(v.Type().Elem())
		m.d.mapping(n, fmt.Sprintf("%s[%d]", m.at(f.name), i)).record(one.Elem(), f.name)
		v.Set(reflect.Append(v, one.Elem()))
	}
}

// unique reports a key that another element of the list has. shown is the key
// as a fault names it.
func (m *mapping) unique(field, key, shown string) {
	if shown == "" || !strings.HasSuffix(m.path, "]") {
		return
	}
	id := listOf(m.path) + " " + key
	if first, twice := m.d.seen[id]; twice {
		m.d.add(m.line, m.at(field), fmt.Sprintf("a key that occurs once (it is also on line %d)", first), shown)
		return
	}
	m.d.seen[id] = m.line
	m.d.keys[keyOf(m.path, shown)] = m.line
}

// listOf names the last list of a path.
func listOf(path string) string {
	list := path[:max(0, strings.LastIndexByte(path, '['))]
	return list[strings.LastIndexByte(list, '.')+1:]
}

// keyOf names an element by the last list it is in and its own key, without
// regard to case, as EVSE ids are compared.
func keyOf(path, key string) string { return strings.ToLower(listOf(path) + " " + key) }
