package page

import (
	"fmt"
	"slices"

	"creditrun/internal/snapshot"
)

// Choice is one possibility in a form.
type Choice struct {
	Value, Text string
	Chosen      bool
}

// Choices are the possibilities of a menu, each with a message as its words.
func (v *Visit) Choices(pattern, chosen string, values ...string) []Choice {
	list := make([]Choice, len(values))
	for i, value := range values {
		list[i] = Choice{Value: value, Text: v.Message(fmt.Sprintf(pattern, value)), Chosen: value == chosen}
	}
	return list
}

// PlainChoices are possibilities that are their own words.
func PlainChoices(chosen string, values ...string) []Choice {
	list := make([]Choice, len(values))
	for i, value := range values {
		list[i] = Choice{Value: value, Text: value, Chosen: value == chosen}
	}
	return list
}

// Chosen marks the value in a list; one that is not there can be kept, not
// chosen again.
func (v *Visit) Chosen(list []Choice, value string) []Choice {
	i := slices.IndexFunc(list, func(c Choice) bool { return c.Value == value })
	if i >= 0 {
		list[i].Chosen = true
		return list
	}
	text := v.Message("settings_choose")
	if value != "" {
		text = value + " – " + v.Message("settings_no_longer_valid")
	}
	return slices.Insert(list, 0, Choice{Value: value, Text: text, Chosen: true})
}

// EntitiesOffered are the entities that the fields of a page offer. Of more than a
// page holds it is one empty choice, by which the list knows that it has to search.
func (v *Visit) EntitiesOffered(b *snapshot.Snapshot) []Choice {
	offered := v.Offer(b, OfferedEntities)
	if offered.Search {
		return []Choice{{}}
	}
	return offered.Choices
}

// OrElse is what was typed, or what is usual where nothing was.
func OrElse(typed, usual string) string {
	if typed == "" {
		return usual
	}
	return typed
}

// Languages are those that a user may choose; the empty one is that of the
// browser.
func (v *Visit) Languages(chosen string) (list []Choice) {
	for _, lang := range append([]string{""}, v.OfferedLanguages()...) {
		list = append(list, Choice{Value: lang, Text: v.texts.LanguageName(lang, lang), Chosen: lang == chosen})
	}
	return list
}
