package admin

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// What the audit log keeps is for programs; this file puts it into words. The
// words that were kept stand on the page of an entry and in the file.

// mostSubjects is how many things a text in the filter may be.
const mostSubjects = 200

// subjectsLike are the keys of what a text in the filter may be: the text
// itself, and every setting, entity, station and user whose key or name holds it.
func (v *Visit) subjectsLike(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return nil, err
	}
	list, low := []string{text}, strings.ToLower(text)
	add := func(key, name string) {
		if key != text && (strings.Contains(strings.ToLower(key), low) || strings.Contains(strings.ToLower(name), low)) {
			list = append(list, key)
		}
	}
	for _, key := range creditnotes.SettingKeys() {
		add(key, v.MessageOr("", page.SettingLabel(key)))
	}
	for i := range b.Config.Entities {
		add(b.Config.Entities[i].Key, b.Config.Entities[i].Name)
	}
	for i := range b.Config.Stations {
		add(b.Config.Stations[i].Key, b.Config.Stations[i].Name)
	}
	users, err := v.Store.Users(v.R.Context())
	for _, u := range users {
		add(u.Name, u.FullName)
	}
	return list[:min(len(list), mostSubjects)], err
}

// subjectInWords names what something was done to; empty where its key says it.
func (v *Visit) subjectInWords(e store.AuditEntry) string {
	switch noun, _, _ := strings.Cut(e.Action, "."); noun {
	case "setting":
		return v.MessageOr("", page.SettingLabel(e.Subject))
	case "entity", "bank", "change", "account":
		if name := v.EntityName(e.Subject); name != e.Subject {
			return name
		}
	case "station":
		if b, err := v.Snapshot(v.R.Context()); err == nil {
			if i := slices.IndexFunc(b.Config.Stations, func(s entities.Station) bool { return s.Key == e.Subject }); i >= 0 {
				return b.Config.Stations[i].Name
			}
		}
	}
	return ""
}

// fieldInWords names a changed field: the words of its path, one in the other.
// A word that is not known stays as it was kept.
func (v *Visit) fieldInWords(path string) string {
	var words []string
	for _, word := range strings.Split(path, ".") {
		if word == "definition" {
			continue
		}
		words = append(words, v.MessageOr(word, fmt.Sprintf("audit_field_%s", fieldWord(word))))
	}
	return strings.Join(words, " › ")
}

// fieldWord is a name as messages have it.
func fieldWord(name string) string {
	if name == "" {
		return "none"
	}
	return strings.ToLower(strings.ReplaceAll(name, "-", "_"))
}

// isHash finds the fingerprints of files and contents.
var isHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// valueInWords writes a value of an entry for people; short shortens hashes.
func (v *Visit) valueInWords(e *store.AuditEntry, value string, short bool) string {
	if strings.HasPrefix(e.Action, "setting.") {
		if b, err := v.Snapshot(v.R.Context()); err == nil {
			return v.SettingWords(e.Subject, value, b)
		}
	}
	switch {
	case value == "true":
		return v.Message("yes")
	case value == "false":
		return v.Message("no")
	case short && isHash.MatchString(value):
		return value[:12] + "…"
	}
	return v.readable(value)
}
