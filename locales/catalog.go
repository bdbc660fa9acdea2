// Package locales knows the words of the product in every language it speaks,
// and how each language writes amounts, numbers, dates and months. It never
// falls back to another language in silence: a document with a foreign word in
// it is not issued. It knows nothing of documents, pages or mails.
package locales

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"creditrun/internal/fault"
)

// Per language: the product and its documents, its e-mails, and the faults; in
// pages/, per page of the browser, for the languages that all pages are in; and
// in portal/, for the others, what of it Sub-CPOs see and anyone who logs in.
//
//go:embed active.*.toml mail.*.toml fault.*.toml pages/*.toml portal/*.toml
var files embed.FS

// pagesFolder is where the messages of the pages are.
const pagesFolder = "pages"

// English is the language of last resort, and only for faults.
const English = "en"

// Count is the name of the argument that chooses the plural form of a message.
const Count = "Count"

// Catalog holds the messages of all languages. The files of a language are read
// when it is first spoken. It is safe for concurrent use.
type Catalog struct {
	languages map[string]*speaker
	sorted    []string
	pages     []string
}

// speaker is one language: its messages and its ways of writing figures.
type speaker struct {
	style style
	files []string // embedded ones
	words func() (*words, error)
}

// words are the messages of a language.
type words struct {
	localizer *i18n.Localizer
	plural    map[string]bool // by key: whether the message has plural forms
}

// strict makes a missing argument an error instead of "<no value>".
var strict template.Parser = &template.TextParser{Option: "missingkey=error"}

// New returns the catalog of the embedded message files. It fails when a language
// has no style of writing figures.
func New() (*Catalog, error) { return embedded() }

var embedded = sync.OnceValues(func() (*Catalog, error) {
	c := &Catalog{languages: map[string]*speaker{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return c.add(name)
	})
	if err != nil {
		return nil, fmt.Errorf("message files: %w", err)
	}
	c.sorted = slices.Sorted(maps.Keys(c.languages))
	slices.Sort(c.pages)
	return c, nil
})

// add adds a message file, such as pages/notes.de.toml, to its language.
func (c *Catalog) add(name string) error {
	_, lang, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".toml"), ".")
	s := c.languages[lang]
	if s == nil {
		style, ok := styles[lang]
		if !ok {
			return fmt.Errorf("%s: no style of writing figures for language %q", name, lang)
		}
		s = &speaker{style: style}
		s.words = sync.OnceValues(func() (*words, error) { return readWords(lang, s.files) })
		c.languages[lang] = s
	}
	s.files = append(s.files, name)
	if path.Dir(name) == pagesFolder && !slices.Contains(c.pages, lang) {
		c.pages = append(c.pages, lang)
	}
	return nil
}

// readWords reads the message files of a language. It fails when one cannot be
// read, and when two give the same message.
func readWords(lang string, names []string) (*words, error) {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("language %q: %w", lang, err)
	}
	bundle := i18n.NewBundle(tag)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	w := &words{i18n.NewLocalizer(bundle, lang), map[string]bool{}}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("message file %s: %w", name, err)
		}
		file, err := bundle.ParseMessageFileBytes(text, name)
		if err != nil {
			return nil, fmt.Errorf("message file %s: %w", name, err)
		}
		for _, m := range file.Messages {
			if _, twice := w.plural[m.ID]; twice {
				return nil, fmt.Errorf("message file %s: message %q is already in another file", name, m.ID)
			}
			w.plural[m.ID] = m.Zero+m.One+m.Two+m.Few+m.Many != ""
		}
	}
	return w, nil
}

// Languages lists the languages by code, sorted.
func (c *Catalog) Languages() []string { return slices.Clone(c.sorted) }

// PageLanguages lists the languages that all pages of the browser are in; the
// portal is in all.
func (c *Catalog) PageLanguages() []string { return slices.Clone(c.pages) }

// Supports reports whether there are messages in a language.
func (c *Catalog) Supports(lang string) bool { return c.languages[lang] != nil }

// Text returns a message in exactly the language asked for. The argument Count
// chooses the plural form and is written as the language groups digits. An
// unknown language, a missing message and a missing argument are errors.
func (c *Catalog) Text(lang, key string, args map[string]any) (string, error) {
	s := c.speaker(lang)
	if s == nil {
		return "", fmt.Errorf("message %q: no messages in language %q", key, lang)
	}
	words, err := s.words()
	if err != nil {
		return "", err
	}
	plural, ok := words.plural[key]
	if !ok {
		return "", fmt.Errorf("message %q is missing in language %q", key, lang)
	}
	config := i18n.LocalizeConfig{MessageID: key, TemplateData: args, TemplateParser: strict}
	if count, ok := args[Count]; ok {
		config.TemplateData = c.style(lang).withCount(args)
		if plural {
			config.PluralCount = count
		}
	} else if plural {
		return "", fmt.Errorf("message %q in language %q: argument %s is missing", key, lang, Count)
	}
	text, err := words.localizer.Localize(&config)
	if err != nil {
		return "", fmt.Errorf("message %q in language %q: %w", key, lang, err)
	}
	return text, nil
}

// In is Text in one language.
func (c *Catalog) In(lang string) func(key string, args map[string]any) (string, error) {
	return func(key string, args map[string]any) (string, error) { return c.Text(lang, key, args) }
}

// withCount replaces the count by the way the language writes it.
func (s style) withCount(args map[string]any) map[string]any {
	written := maps.Clone(args)
	switch n := args[Count].(type) {
	case int:
		written[Count] = s.number(int64(n), 0)
	case int64:
		written[Count] = s.number(n, 0)
	}
	return written
}

// faultPrefix is what the messages of faults begin with.
const faultPrefix = "fault_"

// PageFault is Fault on a page: settings and kinds of documents have the names
// that the pages give them, not their keys.
func (c *Catalog) PageFault(lang string, f *fault.Fault) string {
	if f == nil {
		return ""
	}
	named := *f
	named.Args = maps.Clone(f.Args)
	for arg, message := range map[string]string{"key": "setting_", "type": "document_type_", "field": "contract_"} {
		key, ok := f.Args[arg].(string)
		if !ok || arg == "key" && !strings.HasPrefix(f.Key, "setting_") || arg == "field" && !strings.HasPrefix(f.Key, "contract_") {
			continue
		}
		if name, err := c.Text(lang, message+strings.ReplaceAll(key, ".", "_"), nil); err == nil {
			named.Args[arg] = name
		}
	}
	return c.Fault(lang, &named)
}

// Fault returns the sentence for a fault; its argument count chooses the plural
// form. Where the language has none it is the English one, and where there is
// none at all key and particulars, so that nothing is hidden from the person
// who has to act.
func (c *Catalog) Fault(lang string, f *fault.Fault) string {
	if f == nil {
		return ""
	}
	args := make(map[string]any, len(f.Args)+1)
	maps.Copy(args, f.Args)
	if count, ok := args["count"]; ok {
		args[Count] = count
	}
	for _, lang := range []string{lang, English} {
		if text, err := c.Text(lang, faultPrefix+f.Key, args); err == nil {
			return text
		}
	}
	return f.Error()
}
