package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// Setting is one setting as text, the way creditnotes.Settings takes it. The
// parts of the payment terms have keys of their own: payment_terms.net_days,
// payment_terms.text.de.
type Setting struct {
	Key   string
	Value string
	Line  int // in the file it came from; 0 elsewhere
}

// settings are the settings that a file mentions, in its order. What they are
// is described in creditnotes.
type settings []Setting

// The settings that have parts, each of which is a setting of its own.
const (
	paymentTerms = "payment_terms"
	plausibility = "plausibility"
	layouts      = "layouts"
)

// hasParts reports whether a setting is written as a part of another one.
func hasParts(key string) bool { return strings.Contains(key, ".") }

// read decodes the settings that the file mentions. Each value is tried on
// fresh settings, so what is accepted here is accepted there.
func (list *settings) read(m *mapping) {
	known := creditnotes.SettingKeys()
	for _, key := range m.order {
		switch {
		case key == paymentTerms:
			if in, ok := m.nested(key); ok {
				list.terms(in)
			}
		case key == plausibility:
			if in, ok := m.nested(key); ok {
				list.rules(in)
			}
		case key == layouts:
			if in, ok := m.nested(key); ok {
				list.layouts(in)
			}
		case creditnotes.SettingForm(key) == creditnotes.FormAmounts:
			if in, ok := m.nested(key); ok {
				list.amounts(in, m, key)
			}
		case creditnotes.SettingForm(key) == creditnotes.FormNumbers:
			list.numbers(m, key)
		case slices.Contains(known, key) && !hasParts(key):
			list.add(m, key, key)
		}
	}
	for _, key := range known { // for the list of fields in a fault
		if !hasParts(key) {
			m.asked = append(m.asked, key)
		}
	}
	m.asked = append(m.asked, paymentTerms, plausibility, layouts)
	slices.Sort(m.asked)
	m.asked = slices.Compact(m.asked)
}

func (list *settings) terms(m *mapping) {
	list.add(m, "net_days", paymentTerms+".net_days")
	texts := m.byLanguage("text")
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		*list = append(*list, Setting{Key: paymentTerms + ".text." + language, Value: texts[language], Line: m.value("text").Line})
	}
	m.done()
}

// rules decodes what the rules of plausibility do, by reason.
func (list *settings) rules(m *mapping) {
	for _, rule := range sessions.Rules() {
		reason := string(rule.Reason())
		list.add(m, reason, creditnotes.RulePrefix+reason)
	}
	m.done()
}

// layouts decodes layouts by key: each with its name and color, and its texts by
// language.
func (list *settings) layouts(m *mapping) {
	for _, key := range m.order {
		in, ok := m.nested(key)
		if !ok {
			continue
		}
		for _, field := range []string{"name", "color"} {
			list.add(in, field, creditnotes.LayoutSetting(key, field))
		}
		for _, name := range creditnotes.LayoutTexts() {
			texts := in.byLanguage(name)
			for _, language := range slices.Sorted(maps.Keys(texts)) {
				list.try(in, name, creditnotes.LayoutSetting(key, name+"."+language), texts[language])
			}
		}
		in.done()
	}
	m.done()
}

// try adds a setting that is a part of a field, if settings take it.
func (list *settings) try(m *mapping, field, key, text string) {
	n := m.value(field)
	var try creditnotes.Settings
	if err := try.Set(key, text); err != nil {
		m.d.add(n.Line, m.at(field), settingExpected(err), text)
		return
	}
	*list = append(*list, Setting{Key: key, Value: text, Line: n.Line})
}

func (list *settings) add(m *mapping, field, key string) {
	text, n, ok := m.scalar(field, "a plain value")
	if !ok {
		return
	}
	if creditnotes.SettingForm(key) == creditnotes.FormPercent && n.Tag != "!!str" {
		m.d.add(n.Line, m.at(field), expPercent, text+" without quotes")
		return
	}
	var try creditnotes.Settings
	if err := try.Set(key, text); err != nil {
		m.d.add(n.Line, m.at(field), settingExpected(err), text)
		return
	}
	*list = append(*list, Setting{Key: key, Value: try.Values()[key], Line: n.Line})
}

// amounts decodes amounts by currency.
func (list *settings) amounts(in, m *mapping, key string) {
	var parts []string
	for _, currency := range in.order {
		if _, err := parseCurrency(currency); err != nil {
			in.d.add(in.lines[currency], in.at(currency), expCurrency, currency)
			continue
		}
		text, n, ok := in.scalar(currency, expAmount)
		switch {
		case !ok:
		case n.Tag != "!!str":
			in.d.add(n.Line, in.at(currency), expAmount, text+" without quotes")
		default:
			var try creditnotes.Settings
			if one := currency + " " + text; try.Set(key, one) != nil {
				in.d.add(n.Line, in.at(currency), expAmount, text)
			} else {
				parts = append(parts, one)
			}
		}
	}
	list.kept(m, key, strings.Join(parts, ", "))
}

// numbers decodes a list of whole numbers.
func (list *settings) numbers(m *mapping, key string) {
	var parts []string
	for i, n := range m.items(key) {
		if n = m.d.visit(n); n == nil {
			return
		}
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" {
			m.d.add(n.Line, fmt.Sprintf("%s[%d]", m.at(key), i), "a whole number", describe(n))
			return
		}
		parts = append(parts, n.Value)
	}
	list.kept(m, key, strings.Join(parts, ", "))
}

// kept adds a setting with several values, if settings take it.
func (list *settings) kept(m *mapping, key, text string) {
	n := m.value(key)
	if n == nil {
		return
	}
	var try creditnotes.Settings
	if err := try.Set(key, text); err != nil {
		m.d.add(n.Line, m.at(key), settingExpected(err), text)
		return
	}
	*list = append(*list, Setting{Key: key, Value: try.Values()[key], Line: n.Line})
}

func settingExpected(err error) string {
	for _, f := range fault.Of(err) {
		if expected, ok := f.Args["expected"].(string); ok {
			return expected
		}
	}
	return "a valid value"
}

// object writes settings in their order; the parts of one come together where
// the first of them is.
func (list *settings) object() object {
	o, terms, texts, rules := newObject(), newObject().flow(), newObject().flow(), newObject()
	parts := map[string]object{}
	for _, s := range *list {
		if path, ok := strings.CutPrefix(s.Key, layouts+"."); ok {
			putLayout(o, parts, path, s.Value)
			continue
		}
		if reason, ok := strings.CutPrefix(s.Key, creditnotes.RulePrefix); ok {
			if len(rules.node.Content) == 0 {
				o.put(plausibility, rules.node)
			}
			rules.put(reason, textNode(s.Value))
			continue
		}
		field, ok := strings.CutPrefix(s.Key, paymentTerms+".")
		if !ok {
			o.put(s.Key, settingNode(s))
			continue
		}
		if len(terms.node.Content)+len(texts.node.Content) == 0 {
			o.put(paymentTerms, terms.node)
		}
		if language, ok := strings.CutPrefix(field, "text."); ok {
			texts.put(language, textNode(s.Value))
		} else {
			terms.put(field, settingNode(s))
		}
	}
	if len(texts.node.Content) > 0 {
		terms.put("text", texts.node)
	}
	return o
}

// putLayout writes a field of a layout; objects that were begun are in parts.
func putLayout(o object, parts map[string]object, path, value string) {
	key, field, _ := strings.Cut(path, ".")
	name, language, isText := strings.Cut(field, ".")
	in := func(parent object, path, name string) object {
		if one, ok := parts[path]; ok {
			return one
		}
		one := newObject()
		parent.put(name, one.node)
		parts[path] = one
		return one
	}
	layout := in(in(o, "", layouts), key, key)
	if !isText {
		layout.put(name, textNode(value))
		return
	}
	in(layout, key+"."+name, name).put(language, textNode(value))
}

// amountsNode writes amounts by currency; there are none in an empty text.
func amountsNode(text string) *yaml.Node {
	o := newObject().flow()
	for part := range strings.SplitSeq(text, ", ") {
		if currency, amount, ok := strings.Cut(part, " "); ok {
			o.put(currency, quotedNode(amount))
		}
	}
	return o.node
}

func numbersNode(text string) *yaml.Node {
	seq := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for part := range strings.SplitSeq(text, ", ") {
		seq.Content = append(seq.Content, scalarNode("!!int", part, 0))
	}
	return seq
}

func settingNode(s Setting) *yaml.Node {
	switch creditnotes.SettingForm(s.Key) {
	case creditnotes.FormTruth:
		return scalarNode("!!bool", s.Value, 0)
	case creditnotes.FormCount:
		return scalarNode("!!int", s.Value, 0)
	case creditnotes.FormDay:
		if s.Value != "" {
			return dateNode(s.Value)
		}
	case creditnotes.FormAmounts:
		return amountsNode(s.Value)
	case creditnotes.FormNumbers:
		return numbersNode(s.Value)
	case creditnotes.FormPercent, creditnotes.FormQuoted:
		return quotedNode(s.Value)
	}
	return textNode(s.Value)
}
