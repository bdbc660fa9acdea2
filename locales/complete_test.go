package locales

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// messagesOf reads all messages of a language straight from the files.
func messagesOf(t *testing.T, lang string) map[string]*i18n.Message {
	t.Helper()
	return messagesIn(t, ".", lang)
}

// messagesIn reads all messages of a language in a folder.
func messagesIn(t *testing.T, folder, lang string) map[string]*i18n.Message {
	t.Helper()
	messages := map[string]*i18n.Message{}
	names, err := filepath.Glob(filepath.Join(folder, "*."+lang+".toml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("message files of %s: %v, %v", lang, names, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := i18n.ParseMessageFileBytes(content, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range file.Messages {
			messages[m.ID] = m
		}
	}
	return messages
}

// forms are the texts of a message by plural form.
func forms(m *i18n.Message) map[string]string {
	all := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	for form, text := range all {
		if text == "" {
			delete(all, form)
		}
	}
	return all
}

// pluralForms are the forms that CLDR has for each language.
var pluralForms = map[string][]string{
	"de": {"one", "other"},
	"en": {"one", "other"},
	"fr": {"many", "one", "other"},
	"it": {"many", "one", "other"},
	"nl": {"one", "other"},
	"es": {"many", "one", "other"},
	"pl": {"few", "many", "one", "other"},
	"cs": {"few", "many", "one", "other"},
	"da": {"one", "other"},
	"sv": {"one", "other"},
	"hu": {"one", "other"},
	"pt": {"many", "one", "other"},
	"ro": {"few", "one", "other"},
	"sk": {"few", "many", "one", "other"},
	"fi": {"one", "other"},
}

var (
	action   = regexp.MustCompile(`\{\{[^}]*\}\}`)
	argument = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_]*)|"([a-z_]+)"`)
)

// arguments lists what a text mentions, sorted.
func arguments(text string) []string {
	var names []string
	for _, a := range action.FindAllString(text, -1) {
		for _, m := range argument.FindAllStringSubmatch(a, -1) {
			names = append(names, m[1]+m[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	c := newCatalog(t)
	saysEverything(t, ".", c.Languages())
	saysEverything(t, pagesFolder, c.PageLanguages())
}

func saysEverything(t *testing.T, folder string, languages []string) {
	t.Helper()
	english := messagesIn(t, folder, English)
	for _, lang := range languages {
		messages := messagesIn(t, folder, lang)
		for key, want := range english {
			got := messages[key]
			if got == nil {
				t.Errorf("%s: message %s is missing", lang, key)
				continue
			}
			compare(t, lang, key, got, want)
		}
		for key := range messages {
			if english[key] == nil {
				t.Errorf("%s: message %s does not exist in English", lang, key)
			}
		}
	}
}

// compare checks that a message has all plural forms of its language and the
// arguments of the English one in each.
func compare(t *testing.T, lang, key string, got, want *i18n.Message) {
	t.Helper()
	wantForms := []string{"other"}
	if len(forms(want)) > 1 {
		wantForms = pluralForms[lang]
	}
	var gotForms []string
	for form, text := range forms(got) {
		gotForms = append(gotForms, form)
		if mentioned, all := arguments(text), arguments(want.Other); !slices.Equal(mentioned, all) {
			t.Errorf("%s: message %s (%s) mentions %v, in English %v", lang, key, form, mentioned, all)
		}
	}
	slices.Sort(gotForms)
	if !slices.Equal(gotForms, wantForms) {
		t.Errorf("%s: message %s has the plural forms %v, want %v", lang, key, gotForms, wantForms)
	}
}

// portalFolder is where the messages of the portal are, for the languages that
// the other pages are not in.
const portalFolder = "portal"

func TestThePortalIsInEveryLanguage(t *testing.T) {
	c := newCatalog(t)
	pages := messagesIn(t, pagesFolder, English)
	portal := map[string]map[string]*i18n.Message{}
	all := map[string]bool{}
	for _, lang := range c.Languages() {
		if slices.Contains(c.PageLanguages(), lang) {
			continue
		}
		portal[lang] = messagesIn(t, portalFolder, lang)
		for key := range portal[lang] {
			all[key] = true
		}
	}
	for lang, messages := range portal {
		for key := range all {
			switch {
			case messages[key] == nil:
				t.Errorf("%s: message %s of the portal is missing", lang, key)
			case pages[key] == nil:
				t.Errorf("%s: message %s of the portal is on no page in English", lang, key)
			default:
				compare(t, lang, key, messages[key], pages[key])
			}
		}
	}
}

func TestEveryMessageCanBeWrittenForEveryCount(t *testing.T) {
	c := newCatalog(t)
	everyCount(t, c, ".", c.Languages())
	everyCount(t, c, pagesFolder, c.PageLanguages())
}

func everyCount(t *testing.T, c *Catalog, folder string, languages []string) {
	t.Helper()
	for key, m := range messagesIn(t, folder, English) {
		args := map[string]any{}
		for _, name := range arguments(m.Other) {
			args[name] = "x"
		}
		for _, lang := range languages {
			for _, count := range []int{0, 1, 2, 5, 12, 20, 22, 100, 101, 1_000_000} {
				if _, plural := args[Count]; plural {
					args[Count] = count
				}
				if text, err := c.Text(lang, key, args); err != nil || strings.Contains(text, "<no value>") {
					t.Errorf("%s, %s, %d: got %q (%v)", lang, key, count, text, err)
				}
			}
		}
	}
}

// sameWords are the messages that are written alike in English and another
// language.
var sameWords = map[string][]string{
	"de": {"column_position", "column_station", "class_bilateral", "class_community", "label_email"},
	"fr": {"column_station", "label_date", "component_energy", "class_community", "label_email", "column_net", "sheet_corrections", "sheet_total"},
	"it": {"class_community", "label_email"},
	"nl": {"class_community", "label_email"},
	"es": {"class_community", "class_bilateral", "sheet_total"},
	"pl": {"class_community", "label_email"},
	"cs": {"class_community", "label_email"},
	"da": {"class_community", "class_bilateral", "label_email"},
	"sv": {"class_community", "class_bilateral"},
	"hu": {"class_community", "label_email"},
	"pt": {"class_community", "class_bilateral", "label_email", "sheet_total"},
	"ro": {"class_community", "label_email", "column_net", "sheet_total"},
	"sk": {"class_community", "label_email"},
	"fi": {"class_community"},
}

func TestNoMessageIsAnUntranslatedCopy(t *testing.T) {
	english := messagesOf(t, English)
	for _, lang := range newCatalog(t).Languages() {
		if lang == English {
			continue
		}
		for key, m := range messagesOf(t, lang) {
			original := english[key]
			words := strings.TrimSpace(action.ReplaceAllString(m.Other, ""))
			if original == nil || !regexp.MustCompile(`\pL{2}`).MatchString(words) || slices.Contains(sameWords[lang], key) {
				continue
			}
			if strings.EqualFold(m.Other, original.Other) {
				t.Errorf("%s: message %s is the English text: %q", lang, key, m.Other)
			}
		}
	}
}

// prefixes are what the code puts in front of a word of its own to name a
// message; the word is then a text in the code.
var prefixes = []string{
	"fault_", "reason_", "why_", "fate_", "class_", "stage_", "state_", "delivery_",
	"component_", "title_", "total_", "exemption_", "document_", "section_",
}

func TestNoMessageIsUnused(t *testing.T) {
	used := textsOfTheCode(t)
	messages := messagesOf(t, English)
	maps.Copy(messages, messagesIn(t, pagesFolder, English))
	for key := range messages {
		if used[key] {
			continue
		}
		known := slices.ContainsFunc(prefixes, func(prefix string) bool {
			word, ok := strings.CutPrefix(key, prefix)
			return ok && used[word]
		})
		known = known || slices.ContainsFunc(slices.Collect(maps.Keys(used)), func(text string) bool {
			prefix, ok := strings.CutSuffix(text, "_%s")
			return ok && strings.HasPrefix(key, prefix+"_")
		})
		if !known {
			t.Errorf("no code uses the message %s", key)
		}
	}
}

// required are the arguments without which a sentence cannot be written; those
// looked up by index may be missing.
var required = regexp.MustCompile(`\.([a-z_][a-z0-9_]*)`)

func TestEveryFaultHasASentenceForItsArguments(t *testing.T) {
	english := messagesOf(t, English)
	inspectCode(t, func(path string, node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return
		}
		if key, ok := addsFault(call); ok && english[faultPrefix+key] == nil {
			t.Errorf("%s: the fault %s has no sentence", path, key)
		}
		if !makesFault(call) {
			return
		}
		key, ok := textOf(call.Args[1])
		if !ok {
			return
		}
		message := english[faultPrefix+key]
		if message == nil {
			t.Errorf("%s: the fault %s has no sentence", path, key)
			return
		}
		given, known := namesOf(call.Args[2])
		for _, a := range action.FindAllString(message.Other, -1) {
			for _, name := range required.FindAllStringSubmatch(a, -1) {
				if known && !slices.Contains(given, name[1]) {
					t.Errorf("%s: the sentence of the fault %s mentions %s, which is not given", path, key, name[1])
				}
			}
		}
	})
}

// makesFault reports whether a call is fault.New or fault.Wrap.
func makesFault(call *ast.CallExpr) bool {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) < 3 || function.Sel.Name != "New" && function.Sel.Name != "Wrap" {
		return false
	}
	pkg, ok := function.X.(*ast.Ident)
	return ok && pkg.Name == "fault"
}

// addsFault reports whether a call is an add of a key and its fault.Args, which
// the packages have where they collect faults; it may add arguments of its own.
func addsFault(call *ast.CallExpr) (key string, ok bool) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || method.Sel.Name != "add" || len(call.Args) != 2 {
		return "", false
	}
	args, ok := call.Args[1].(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	typ, ok := args.Type.(*ast.SelectorExpr)
	if !ok || typ.Sel.Name != "Args" {
		return "", false
	}
	return textOf(call.Args[0])
}

// namesOf lists the arguments of a fault where they are written out.
func namesOf(args ast.Expr) (names []string, known bool) {
	switch args := args.(type) {
	case *ast.Ident:
		return nil, args.Name == "nil"
	case *ast.CompositeLit:
		for _, element := range args.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok {
				return nil, false
			}
			name, ok := textOf(pair.Key)
			if !ok {
				return nil, false
			}
			names = append(names, name)
		}
		return names, true
	}
	return nil, false
}

// textsOfTheCode are all string literals of the product, and all words in
// quotes of its templates.
func textsOfTheCode(t *testing.T) map[string]bool {
	t.Helper()
	texts := map[string]bool{}
	inspectCode(t, func(_ string, node ast.Node) {
		if expression, ok := node.(ast.Expr); ok {
			if text, ok := textOf(expression); ok {
				texts[text] = true
			}
		}
	})
	quoted := regexp.MustCompile(`"([a-z0-9_A-Z]+(?:_%s)?)"`)
	walkProduct(t, func(path string) {
		if !strings.Contains(path, "templates") {
			return
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(content), -1) {
			texts[m[1]] = true
		}
	})
	return texts
}

func textOf(node ast.Expr) (string, bool) {
	literal, ok := node.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// inspectCode visits every node of the product's Go files, without tests.
func inspectCode(t *testing.T, visit func(path string, node ast.Node)) {
	t.Helper()
	walkProduct(t, func(path string) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if node != nil {
				visit(path, node)
			}
			return true
		})
	})
}

func walkProduct(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." {
				return fs.SkipDir
			}
			return err
		}
		visit(path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
