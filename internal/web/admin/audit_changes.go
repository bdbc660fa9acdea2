package admin

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
)

// auditChange is one field that an entry of the audit log changed. The field
// is empty where the entry has a single value, and has a name in words on pages.
type auditChange struct{ Field, Name, Before, After string }

// changesOf compares what the audit log kept from before and after: what is in
// both alike is left out, and so is what was or is empty where there is
// nothing on the other side.
func changesOf(before, after string) (list []auditChange) {
	b, a := map[string]string{}, map[string]string{}
	spread(b, "", before)
	spread(a, "", after)
	fields := slices.Concat(slices.Collect(maps.Keys(b)), slices.Collect(maps.Keys(a)))
	slices.Sort(fields)
	for _, field := range slices.Compact(fields) {
		if b[field] != a[field] {
			list = append(list, auditChange{Field: field, Before: b[field], After: a[field]})
		}
	}
	return list
}

// spread puts every value within a text into the map, under its path; what is
// no JSON is one value.
func spread(into map[string]string, path, text string) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	trimmed := strings.TrimSpace(text)
	nested := strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")
	if !nested || !json.Valid([]byte(text)) || decoder.Decode(&value) != nil {
		if text != "" {
			into[path] = text
		}
		return
	}
	spreadValue(into, path, value)
}

func spreadValue(into map[string]string, path string, value any) {
	within := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			spreadValue(into, within(name), inner)
		}
	case []any:
		if text, plain := joined(value); plain {
			spread(into, path, text)
			return
		}
		for i, inner := range value {
			spreadValue(into, within(strconv.Itoa(i+1)), inner)
		}
	case string:
		spread(into, path, value)
	case nil:
	default:
		into[path] = plainText(value)
	}
}

// joined writes a list of plain values in one line.
func joined(list []any) (text string, plain bool) {
	texts := make([]string, len(list))
	for i, value := range list {
		switch value.(type) {
		case map[string]any, []any:
			return "", false
		}
		texts[i] = plainText(value)
	}
	return strings.Join(texts, ", "), true
}

// plainText writes a number or a truth value as JSON does, and a text as it is.
func plainText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, _ := json.Marshal(value) // numbers and truth values can be written
	return string(bytes.TrimSpace(text))
}

// mask leaves the last four characters of bank accounts.
func (c *auditChange) mask() {
	if strings.HasSuffix(strings.ToLower(c.Field), "iban") {
		c.Before, c.After = entities.LastFour(c.Before), entities.LastFour(c.After)
		return
	}
	c.Before, c.After = entities.MaskIBANs(c.Before), entities.MaskIBANs(c.After)
}
