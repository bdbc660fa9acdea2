package page

import (
	"fmt"
	"strings"

	"creditrun/internal/export"
)

// CSVLook is how an exported CSV is written for the visitor: decimals as in the
// visitor's language, names of entities and stations beside their keys. Columns
// keep their names, which formulas and programs go by.
func (v *Visit) CSVLook() *export.Look {
	return &export.Look{Name: v.namesOf, Decimal: v.texts.DecimalSign(v.Lang)}
}

// XLSXLook is how an exported workbook is written for the visitor, like CSVLook;
// pattern is the message of a head, with %s for the name of its column, and
// without one columns keep their names.
func (v *Visit) XLSXLook(pattern string) *export.Look {
	look := v.CSVLook()
	if pattern == "" {
		return look
	}
	look.Head = func(column string) string {
		if of, ok := strings.CutSuffix(column, "_name"); ok {
			return v.Message(fmt.Sprintf(pattern, of)) + " (" + v.Message("head_name") + ")"
		}
		return v.Message(fmt.Sprintf(pattern, column))
	}
	return look
}

// namesOf names the entities or stations whose keys a cell has, separated by
// commas; without a network it repeats the keys.
func (v *Visit) namesOf(column, keys string) string {
	b, err := v.Snapshot(v.R.Context())
	if keys == "" || err != nil || b.Network == nil {
		return keys
	}
	list := strings.Split(keys, ", ")
	if !strings.HasPrefix(column, "station") {
		return b.Names(list...)
	}
	for i, key := range list {
		if s := b.Network.Station(key); s != nil && s.Name != "" {
			list[i] = s.Name
		}
	}
	return strings.Join(list, ", ")
}
