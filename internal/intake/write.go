package intake

import (
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// WriteNetwork writes a network the way ReadNetwork reads it: sections and
// fields in the order of the format, records in the order they are given,
// defaults left out. Equal networks give equal bytes.
func WriteNetwork(w io.Writer, n *Network) error {
	root := recordObject(reflect.ValueOf(fileOf(n)).Elem())
	dumper, err := yaml.NewDumper(w, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	if err := dumper.Dump(root.node); err != nil {
		return err
	}
	return dumper.Close()
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

func quotedNode(s string) *yaml.Node { return scalarNode("!!str", s, yaml.DoubleQuotedStyle) }

func dateNode(s string) *yaml.Node { return scalarNode("!!timestamp", s, 0) }

// momentNode writes a moment: a day, or an instant in quotes.
func momentNode(s string) *yaml.Node {
	if strings.Contains(s, "T") {
		return quotedNode(s)
	}
	return dateNode(s)
}

// recordObject writes a record, its fields in their order.
func recordObject(v reflect.Value) object {
	o := newObject()
	for _, f := range descriptions[v.Type()] {
		if node := f.written(v.FieldByIndex(f.index)); node != nil {
			o.put(f.name, node)
		}
	}
	return o
}

// written is the value of a field, or nil where it is left out.
func (f *field) written(v reflect.Value) *yaml.Node {
	if f.nested {
		return f.writtenRecords(v)
	}
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); s != "" && s != f.unless {
			return f.text(s)
		}
	case reflect.Int, reflect.Int64:
		if v.Int() != 0 || !f.optional {
			return scalarNode("!!int", strconv.FormatInt(v.Int(), 10), 0)
		}
	case reflect.Bool:
		if v.Bool() {
			return scalarNode("!!bool", "true", 0)
		}
	case reflect.Pointer:
		if !v.IsNil() && strconv.FormatBool(v.Elem().Bool()) != f.unless {
			return scalarNode("!!bool", strconv.FormatBool(v.Elem().Bool()), 0)
		}
	case reflect.Map:
		return byLanguage(v)
	case reflect.Slice:
		return f.writtenWords(v)
	}
	return nil
}

func (f *field) text(s string) *yaml.Node {
	if f.kind.node != nil {
		return f.kind.node(s)
	}
	return textNode(s)
}

func byLanguage(texts reflect.Value) *yaml.Node {
	if texts.Len() == 0 {
		return nil
	}
	in := newObject().flow()
	names := texts.MapKeys()
	slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, name := range names {
		in.put(name.String(), textNode(texts.MapIndex(name).String()))
	}
	return in.node
}

// writtenWords writes plain values on one line.
func (f *field) writtenWords(v reflect.Value) *yaml.Node {
	seq := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for i := range v.Len() {
		if one := v.Index(i); one.Kind() == reflect.Int {
			seq.Content = append(seq.Content, scalarNode("!!int", strconv.FormatInt(one.Int(), 10), 0))
		} else {
			seq.Content = append(seq.Content, f.text(one.String()))
		}
	}
	return unlessEmpty(seq)
}

// writtenRecords writes a record on one line, and a list of records as one a
// line; those that are blocks are on lines of their own.
func (f *field) writtenRecords(v reflect.Value) *yaml.Node {
	if byHand, ok := v.Addr().Interface().(mappedByHand); ok {
		return unlessEmpty(byHand.object().node)
	}
	one := func(v reflect.Value) *yaml.Node {
		o := recordObject(v)
		if !f.block {
			o.flow()
		}
		return o.node
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		return unlessEmpty(one(v.Elem()))
	}
	seq := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i := range v.Len() {
		seq.Content = append(seq.Content, one(v.Index(i)))
	}
	return unlessEmpty(seq)
}

func unlessEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		return nil
	}
	return n
}
