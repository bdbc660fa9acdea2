package web

import (
	"fmt"
	"slices"
)

// choice is one possibility in a form.
type choice struct {
	Value, Text string
	Chosen      bool
}

// choices are the possibilities of a menu, each with a message as its words.
func (v *visit) choices(pattern, chosen string, values ...string) []choice {
	list := make([]choice, len(values))
	for i, value := range values {
		list[i] = choice{Value: value, Text: v.message(fmt.Sprintf(pattern, value)), Chosen: value == chosen}
	}
	return list
}

// plainChoices are possibilities that are their own words.
func plainChoices(chosen string, values ...string) []choice {
	list := make([]choice, len(values))
	for i, value := range values {
		list[i] = choice{Value: value, Text: value, Chosen: value == chosen}
	}
	return list
}

// chosen marks the value in a list; one that is not there can be kept, not
// chosen again.
func (v *visit) chosen(list []choice, value string) []choice {
	i := slices.IndexFunc(list, func(c choice) bool { return c.Value == value })
	if i >= 0 {
		list[i].Chosen = true
		return list
	}
	text := v.message("settings_choose")
	if value != "" {
		text = value + " – " + v.message("settings_no_longer_valid")
	}
	return slices.Insert(list, 0, choice{Value: value, Text: text, Chosen: true})
}
