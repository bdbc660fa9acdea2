package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// What the lists of credit notes and of sessions have in common.

// rowsPerPage is how many rows a list shows at once.
const rowsPerPage = 50

// mostOffered is how many entities or stations a field offers; of more than
// that one has to know the key or the name.
const mostOffered = 300

// query is what the address of a list asks for, without what is empty.
func (v *visit) query() url.Values {
	asked := v.r.URL.Query()
	for name, values := range asked {
		if asked[name] = slices.DeleteFunc(values, func(s string) bool { return strings.TrimSpace(s) == "" }); len(asked[name]) == 0 {
			delete(asked, name)
		}
	}
	return asked
}

// wanted is the page of a list that the address asks for.
func wanted(asked url.Values) creditnotes.Page {
	p := creditnotes.Page{After: asked.Get("after"), Limit: rowsPerPage}
	if p.After == "" {
		p.Before = asked.Get("before")
	}
	return p
}

// filterOf is the query without the place in the list and what is chosen in it, as the address of
// another page with the same filter has it.
func filterOf(asked url.Values) string {
	rest := url.Values{}
	for name, values := range asked {
		if name != "after" && name != "before" && name != "chosen" {
			rest[name] = values
		}
	}
	if len(rest) == 0 {
		return ""
	}
	return "?" + rest.Encode()
}

// pagerOf leads to the pages of a list beside the one with these cursors.
func pagerOf(path string, asked url.Values, next, previous string) (p pagerView) {
	base := path + filterOf(asked)
	join := "?"
	if strings.Contains(base, "?") {
		join = "&"
	}
	if previous != "" {
		p.Newer = base + join + "before=" + url.QueryEscape(previous)
	}
	if next != "" {
		p.Older = base + join + "after=" + url.QueryEscape(next)
	}
	return p
}

// monthOf reads a month of a filter; empty is the zero Month.
func monthOf(text string) (entities.Month, error) {
	if text == "" {
		return "", nil
	}
	month, err := entities.ParseMonth(text)
	if err != nil {
		return "", fault.New(fault.Invalid, "run_month_invalid", fault.Args{"month": text})
	}
	return month, nil
}

// entityKey finds an entity that the visitor sees by its key or its name; empty
// stays empty.
func (v *visit) entityKey(b *snapshot.Snapshot, text string) (string, error) {
	named := ""
	for i := range b.Config.Entities {
		e := &b.Config.Entities[i]
		if !v.who.Sees(e.Key) {
			continue
		}
		if e.Key == text {
			return e.Key, nil
		}
		if strings.EqualFold(e.Name, text) && named == "" {
			named = e.Key
		}
	}
	if named == "" && text != "" {
		return "", fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": text})
	}
	return named, nil
}

// entitiesOffered are the entities that a field offers.
func (v *visit) entitiesOffered(b *snapshot.Snapshot) (list []choice) {
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; v.who.Sees(e.Key) {
			list = append(list, choice{Value: e.Key, Text: e.Name})
		}
	}
	if len(list) > mostOffered {
		return nil
	}
	return list
}

// choices are the possibilities of a menu, each with a message as its words.
func (v *visit) choices(pattern, chosen string, values ...string) ([]choice, error) {
	list := make([]choice, len(values))
	for i, value := range values {
		word, err := v.text(fmt.Sprintf(pattern, value))
		if err != nil {
			return nil, err
		}
		list[i] = choice{Value: value, Text: word, Chosen: value == chosen}
	}
	return list, nil
}

// plainChoices are possibilities that are their own words.
func plainChoices(chosen string, values ...string) []choice {
	list := make([]choice, len(values))
	for i, value := range values {
		list[i] = choice{Value: value, Text: value, Chosen: value == chosen}
	}
	return list
}
