package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// A row is a struct whose fields carry the names of their columns in gorm
// tags. What is below reads and writes such rows in large numbers.

// fieldsOf returns the indexes and columns of the fields of a row, embedded
// ones included.
func fieldsOf(t reflect.Type) rowFields {
	if known, ok := knownRows.Load(t); ok {
		return known.(rowFields)
	}
	var f rowFields
	for _, field := range reflect.VisibleFields(t) {
		column := schema.ParseTagSetting(field.Tag.Get("gorm"), ";")["COLUMN"]
		if column == "" {
			continue
		}
		f.index = append(f.index, field.Index)
		f.columns = append(f.columns, column)
	}
	knownRows.Store(t, f)
	return f
}

type rowFields struct {
	index   [][]int
	columns []string
}

var knownRows sync.Map // of rowFields by reflect.Type

// eachRow reads the rows of a table one by one; rest is what follows the name
// of the table. After an error there are no more.
func eachRow[T any](ctx context.Context, q querier, table, rest string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var row T
		f := fieldsOf(reflect.TypeFor[T]())
		rows, err := q.QueryContext(ctx, "SELECT "+strings.Join(f.columns, ", ")+" FROM "+table+" "+rest, utcArgs(args)...)
		if err != nil {
			yield(row, fmt.Errorf("%s: %w", table, translateError(err)))
			return
		}
		defer rows.Close()
		into := make([]any, len(f.index))
		v := reflect.ValueOf(&row).Elem()
		for i, index := range f.index {
			into[i] = v.FieldByIndex(index).Addr().Interface()
		}
		for rows.Next() {
			v.SetZero()
			if err := rows.Scan(into...); err != nil {
				yield(row, fmt.Errorf("%s: %w", table, translateError(err)))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(row, fmt.Errorf("%s: %w", table, translateError(err)))
		}
	}
}

// allRows reads the rows of a table.
func allRows[T any](ctx context.Context, q querier, table, rest string, args ...any) ([]T, error) {
	var all []T
	for row, err := range eachRow[T](ctx, q, table, rest, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// upsert writes rows in batches: those whose key columns are there already are
// replaced, the others added. A key must not occur twice among them.
func upsertInto[T any](tx *Tx, table string, rows []T, key ...string) error {
	if len(rows) == 0 {
		return nil
	}
	conflict := clause.OnConflict{}
	for _, column := range key {
		conflict.Columns = append(conflict.Columns, clause.Column{Name: column})
	}
	columns := columnsOf[T]()
	var others []string
	for _, column := range columns {
		if !slices.Contains(key, column) && column != "id" {
			others = append(others, column)
		}
	}
	conflict.DoUpdates = clause.AssignmentColumns(others)
	err := tx.db.Table(table).Clauses(conflict).CreateInBatches(rows, max(1, mostParameters/len(columns))).Error
	if err != nil {
		return fmt.Errorf("%s: %w", table, translateError(err))
	}
	return nil
}

// add writes rows that are new in batches.
func add[T any](tx *Tx, table string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	err := tx.db.Table(table).CreateInBatches(rows, max(1, mostParameters/len(columnsOf[T]()))).Error
	if err != nil {
		return fmt.Errorf("%s: %w", table, translateError(err))
	}
	return nil
}

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

// String writes the WHERE, or nothing.
func (c *condition) String() string {
	if len(c.parts) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(c.parts, " AND ")
}
