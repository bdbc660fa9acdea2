package store

import (
	"encoding/json"
)

// bytewise sorts a text by its bytes, whatever language the database sorts in,
// so that ties are broken in the same way everywhere.
func (d dialect) bytewise(column string) string {
	if d == postgresDialect {
		return column + ` COLLATE "C"`
	}
	return column
}

// in compares with any element of a list parameter.
func (d dialect) in(parameter string) string {
	if d == postgresDialect {
		return "= ANY (" + parameter + ")"
	}
	return "IN (SELECT value FROM json_each(" + parameter + "))"
}

// list makes a list parameter of ids.
func (d dialect) list(ids []int64) any { return listOf(d, ids) }

// texts makes a list parameter of texts.
func (d dialect) texts(list []string) any { return listOf(d, list) }

func listOf[T any](d dialect, list []T) any {
	if d == postgresDialect {
		return list
	}
	text, err := json.Marshal(list)
	if err != nil || list == nil {
		return "[]"
	}
	return string(text)
}
