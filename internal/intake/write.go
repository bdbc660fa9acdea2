package intake

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/entities"
)

// WriteNetwork writes a network the way ReadNetwork reads it: sections and
// fields in the order of the format, records in the order they are given,
// defaults left out. Equal networks give equal bytes.
func WriteNetwork(w io.Writer, n *Network) error {
	root := networkObject(n)
	dumper, err := yaml.NewDumper(w, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	if err := dumper.Dump(root.node); err != nil {
		return err
	}
	return dumper.Close()
}

func networkObject(n *Network) object {
	zone := n.zone()
	root := newObject()
	if n.Operator.Key != "" {
		root.put("operator", entityObject(&n.Operator).node)
	}
	section(root, "tax_accounts", n.TaxAccounts, taxAccountObject)
	section(root, "number_ranges", n.NumberRanges, rangeObject)
	section(root, "entities", n.Entities, entityObject)
	section(root, "cost_rates", n.Tariffs.CostRates, costRateObject(zone))
	section(root, "community_tariffs", n.Tariffs.Community, communityObject)
	section(root, "charge_point_tariffs", n.Tariffs.ChargePoint, chargePointObject)
	section(root, "sales_tariffs", n.Tariffs.Sales, salesObject)
	section(root, "bilateral_partners", n.Partners, partnerObject)
	section(root, "stations", n.Stations, stationObject(n.Connectors))
	section(root, "media", n.Media, mediumObject)
	section(root, "contracts", n.Contracts, contractObject)
	if len(n.Settings) > 0 {
		root.put("settings", settingsObject(n.Settings).node)
	}
	return root
}

// object is a YAML mapping being written. Absent values are left out.
type object struct{ node *yaml.Node }

func newObject() object { return object{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}} }

// flow puts the object on one line.
func (o object) flow() object {
	o.node.Style = yaml.FlowStyle
	return o
}

func (o object) put(key string, value *yaml.Node) {
	o.node.Content = append(o.node.Content, scalarNode("!!str", key, 0), value)
}

func scalarNode(tag, value string, style yaml.Style) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value, Style: style}
}

func textNode(s string) *yaml.Node {
	if strings.ContainsAny(s, "\n\r\t\u0085\u2028\u2029\ufeff") || strings.TrimSpace(s) != s {
		return scalarNode("!!str", s, yaml.DoubleQuotedStyle)
	}
	return scalarNode("!!str", s, 0)
}

func (o object) text(key, s string) {
	if s != "" {
		o.put(key, textNode(s))
	}
}

func (o object) quoted(key, s string) {
	if s != "" {
		o.put(key, scalarNode("!!str", s, yaml.DoubleQuotedStyle))
	}
}

func (o object) date(key string, d entities.Date) {
	if !d.IsZero() {
		o.put(key, scalarNode("!!timestamp", string(d), 0))
	}
}

func (o object) moment(key string, m entities.Moment) {
	if strings.Contains(string(m), "T") {
		o.quoted(key, string(m))
		return
	}
	o.date(key, entities.Date(m))
}

func (o object) instant(key string, t time.Time, zone *time.Location) {
	if !t.IsZero() {
		o.quoted(key, t.In(zone).Format(time.RFC3339Nano))
	}
}

func (o object) whole(key string, v int64) {
	o.put(key, scalarNode("!!int", strconv.FormatInt(v, 10), 0))
}

func (o object) wholeUnless(key string, v, fallback int64) {
	if v != fallback {
		o.whole(key, v)
	}
}

func (o object) truthUnless(key string, v, fallback bool) {
	if v != fallback {
		o.put(key, scalarNode("!!bool", strconv.FormatBool(v), 0))
	}
}

func (o object) byLanguage(key string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	in := newObject().flow()
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		in.put(language, textNode(texts[language]))
	}
	o.put(key, in.node)
}

func (o object) nested(key string, in object) {
	if len(in.node.Content) > 0 {
		o.put(key, in.flow().node)
	}
}

// section writes a list of objects, each on lines of its own.
func section[T any](o object, key string, list []T, write func(*T) object) {
	if len(list) == 0 {
		return
	}
	seq := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i := range list {
		seq.Content = append(seq.Content, write(&list[i]).node)
	}
	o.put(key, seq)
}

// rows writes a list of short objects, one a line.
func rows[T any](o object, key string, list []T, write func(*T) object) {
	section(o, key, list, func(v *T) object { return write(v).flow() })
}

// inline writes a list of plain values on one line.
func inline[T any](o object, key string, list []T, write func(T) *yaml.Node) {
	if len(list) == 0 {
		return
	}
	seq := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for _, v := range list {
		seq.Content = append(seq.Content, write(v))
	}
	o.put(key, seq)
}
