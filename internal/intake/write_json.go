package intake

import (
	"bytes"
	"encoding/json"
	"reflect"

	yaml "go.yaml.in/yaml/v4"
)

// NetworkJSON writes a network as JSON with the sections and fields of the
// network file, which ReadNetwork reads as well. What the file writes in quotes
// is text here: amounts, energy and rates are never numbers.
func NetworkJSON(n *Network) ([]byte, error) {
	var out bytes.Buffer
	err := writeNode(&out, recordObject(reflect.ValueOf(fileOf(n)).Elem()).node)
	return out.Bytes(), err
}

func writeNode(out *bytes.Buffer, n *yaml.Node) error {
	switch {
	case n.Kind == yaml.MappingNode:
		return writeEach(out, "{}", len(n.Content)/2, func(i int) error {
			if err := writeText(out, n.Content[2*i].Value); err != nil {
				return err
			}
			out.WriteByte(':')
			return writeNode(out, n.Content[2*i+1])
		})
	case n.Kind == yaml.SequenceNode:
		return writeEach(out, "[]", len(n.Content), func(i int) error { return writeNode(out, n.Content[i]) })
	case n.Tag == "!!int" || n.Tag == "!!bool":
		out.WriteString(n.Value)
		return nil
	}
	return writeText(out, n.Value)
}

func writeEach(out *bytes.Buffer, brackets string, count int, one func(int) error) error {
	out.WriteByte(brackets[0])
	for i := range count {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := one(i); err != nil {
			return err
		}
	}
	out.WriteByte(brackets[1])
	return nil
}

func writeText(out *bytes.Buffer, text string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline
	return nil
}
