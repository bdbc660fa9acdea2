package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// nullText is a text column in which the empty text is NULL: a key of another
// row that need not be there.
type nullText string

// Value implements driver.Valuer.
func (t nullText) Value() (driver.Value, error) {
	if t == "" {
		return nil, nil
	}
	return string(t), nil
}

// Scan implements sql.Scanner.
func (t *nullText) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t = ""
	case string:
		*t = nullText(v)
	case []byte:
		*t = nullText(v)
	default:
		return fmt.Errorf("text expected, not %T", v)
	}
	return nil
}

// jsonText is a text column with JSON in it. In the JSON of its row it stands
// as what it is and not as a quoted text, unless someone broke it in the
// database.
type jsonText string

// MarshalJSON implements json.Marshaler.
func (t jsonText) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	if !json.Valid([]byte(t)) {
		return json.Marshal(string(t))
	}
	return []byte(t), nil
}

// jsonOf writes a value of ours as JSON. A list without elements is [], so that
// it is stored in one way only. It panics where a type cannot be written (a
// channel, a function, a cycle): that is a mistake in the program, which the
// first call shows, and never one of the data, for a jsonText always can. What is
// written goes into rows and the audit log in the middle of expressions, where an
// error would have to be handed through for nothing.
func jsonOf(v any) jsonText {
	if r := reflect.ValueOf(v); (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0 {
		if r.Kind() == reflect.Map {
			return "{}"
		}
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: JSON of %T: %v", v, err))
	}
	return jsonText(b)
}

// read reads the JSON of a column into a value; lists without elements stay
// nil.
func (t jsonText) read(column string, into any) error {
	if t == "" || t == "[]" || t == "{}" || t == "null" {
		return nil
	}
	if err := json.Unmarshal([]byte(t), into); err != nil {
		return fmt.Errorf("%s: %w", column, err)
	}
	return nil
}

// condition collects what a WHERE holds; ? stands for each argument.
type condition struct {
	parts []string
	args  []any
}

func (c *condition) and(sql string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		sql = strings.Replace(sql, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, sql)
}

// arg adds the argument of an expression that is part of more, and returns the
// expression with its number.
func (c *condition) arg(sql string, arg any) string {
	c.args = append(c.args, arg)
	return strings.Replace(sql, "?", "$"+strconv.Itoa(len(c.args)), 1)
}

// String writes the WHERE, or nothing.
func (c *condition) String() string {
	if len(c.parts) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(c.parts, " AND ")
}
