package arch

import (
	"cmp"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

func TestNamesSaySomething(t *testing.T) {
	hold(t, namesSaySomething,
		accepts("numbering/a.go", "package numbering\n\ntype Range struct{}\n\nfunc (Range) Take() {}\n\nfunc handleless() {}\n"),
		accepts("numbering/a_test.go", "package numbering\n\nfunc TestADeadProcessIsNoticed() {}\n"),
		refuses("numbering/a.go", "package numbering\n\nfunc ProcessRange() {}\n"),
		refuses("numbering/a.go", "package numbering\n\nfunc (r Range) handleAll() {}\n"),
		refuses("numbering/a.go", "package numbering\n\n// Handle implements numbering.Handler.\nfunc (r Range) Handle() {}\n"),
		accepts("numbering/a.go", "package numbering\n\n// Handle implements slog.Handler.\nfunc (r Range) Handle() {}\n"),
		refuses("numbering/a.go", "package numbering\n\ntype RangeManager struct{}\n"),
		refuses("numbering/a.go", "package numbering\n\ntype rangeImpl struct{}\n"),
		refuses("numbering/utils.go", "package numbering\n"),
	)
}

// emptyWords name what a thing is to the programmer, not what it does.
var emptyWords = strings.Fields("Process Handle Manage Manager Util Utils Helper Helpers Misc Impl")

// prescribed begins the comments of methods that bear the name that a package
// of others gives them.
var prescribed = regexp.MustCompile(`^\w+ implements (slog|river)\.\w+`)

func namesSaySomething(all repository) (complaints []string) {
	for _, f := range all.code() {
		if slices.ContainsFunc(emptyWords, func(word string) bool { return strings.EqualFold(path.Base(f.path), word+".go") }) {
			complaints = append(complaints, f.path+": name the file after what is in it")
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			var name *ast.Ident
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil && prescribed.MatchString(n.Doc.Text()) {
					return true
				}
				name = n.Name
			case *ast.TypeSpec:
				name = n.Name
			default:
				return true
			}
			for _, word := range wordsOf(name.Name) {
				if slices.Contains(emptyWords, word) {
					complaints = append(complaints, f.at(name.Pos(), "%s: %s says nothing, use a word of the trade", name.Name, word))
				}
			}
			return true
		})
	}
	return complaints
}

// wordsOf takes a name apart: takeNumbers is Take and Numbers.
func wordsOf(name string) []string {
	var words []string
	for _, r := range name {
		if len(words) == 0 || unicode.IsUpper(r) {
			words = append(words, string(unicode.ToUpper(r)))
		} else {
			words[len(words)-1] += string(r)
		}
	}
	return words
}

func place(f *file, number int) string { return f.path + ":" + strconv.Itoa(number+1) + ": " }

func TestUnfinishedWorkNamesItsIssue(t *testing.T) {
	hold(t, unfinishedWorkNamesItsIssue,
		accepts("tariffs/a.go", "package tariffs\n\n// TO"+"DO(#12): currencies.\n"),
		refuses("tariffs/a.go", "package tariffs\n\n// TO"+"DO: currencies.\n"),
		refuses("README.md", "FIX"+"ME\n"),
	)
}

var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b(\(#[0-9]+\))?`)

func unfinishedWorkNamesItsIssue(all repository) (complaints []string) {
	for _, f := range all {
		for number, line := range strings.Split(f.text, "\n") {
			for _, found := range unfinished.FindAllStringSubmatch(line, -1) {
				if found[2] == "" {
					complaints = append(complaints, place(f, number)+found[1]+" without an issue")
				}
			}
		}
	}
	return complaints
}

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	hold(t, linksLeadSomewhere,
		accepts("README.md", "[a](docs/a.md) [b](docs) [c](https://example.com) [d](#below)\n", "docs/a.md", "[r](../README.md#top)\n"),
		refuses("README.md", "[a](docs/a.md)\n"),
		refuses("docs/a.md", "![picture](note.png)\n", "note.png", ""),
	)
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func linksLeadSomewhere(all repository) (complaints []string) {
	there := map[string]bool{}
	for _, f := range all {
		for at := f.path; at != "."; at = path.Dir(at) {
			there[at] = true
		}
	}
	for _, f := range all {
		if path.Ext(f.path) != ".md" {
			continue
		}
		for number, line := range strings.Split(f.text, "\n") {
			for _, found := range link.FindAllStringSubmatch(line, -1) {
				target, _, _ := strings.Cut(found[1], "#")
				if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
					continue
				}
				if !there[path.Join(f.folder(), target)] {
					complaints = append(complaints, place(f, number)+target+" is not there")
				}
			}
		}
	}
	return complaints
}

func TestEverySettingIsDocumented(t *testing.T) {
	const code = "package creditnotes\n\nvar settingsByKey = map[string]setting{\n\t\"run_time\": runTime(),\n}\n"
	hold(t, settingsAreDocumented,
		accepts("creditnotes/settings.go", code, "docs/operating.md", "| `run_time` | when |\n"),
		refuses("creditnotes/settings.go", code, "docs/operating.md", "| `release` | how |\n"),
	)
}

var settingKey = regexp.MustCompile("(?m)^\t\"([a-z_.]+)\": ")

func settingsAreDocumented(all repository) (complaints []string) {
	var code, manual string
	for _, f := range all {
		switch f.path {
		case "creditnotes/settings.go":
			code = f.text
		case "docs/operating.md":
			manual = f.text
		}
	}
	for _, found := range settingKey.FindAllStringSubmatch(code, -1) {
		if !strings.Contains(manual, "`"+found[1]+"`") {
			complaints = append(complaints, "docs/operating.md says nothing of the setting "+found[1])
		}
	}
	return complaints
}

func TestEveryDependencyHasADecision(t *testing.T) {
	const mod = "module creditrun\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.1.0 // indirect\n)\n"
	const code = "package store\n\nimport _ \"github.com/jackc/pgx/v5/stdlib\"\n"
	hold(t, dependenciesHaveDecisions,
		accepts("go.mod", mod, "internal/store/a.go", code, "docs/decisions/0001-pgx.md", "`github.com/jackc/pgx/v5`\n"),
		accepts("go.mod", mod, "internal/store/a.go", "package store\n"),
		refuses("go.mod", mod, "internal/store/a.go", code, "docs/decisions/0001-gorm.md", "gorm.io/gorm\n"),
		refuses("go.mod", mod, "internal/store/a_test.go", code),
		refuses("go.mod", mod, "internal/store/a.go", "package store\n\nimport _ \"example.com/other\"\n"),
	)
}

var required = regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+`)

// dependenciesHaveDecisions asks for the module path of everything that is
// imported in a record of docs/decisions.
func dependenciesHaveDecisions(all repository) (complaints []string) {
	var modules []string
	var records strings.Builder
	for _, f := range all {
		if f.path == "go.mod" {
			for _, found := range required.FindAllStringSubmatch(f.text, -1) {
				modules = append(modules, found[1])
			}
		}
		if f.within("docs/decisions") {
			records.WriteString(f.text)
		}
	}
	told := map[string]bool{}
	for _, f := range append(all.code(), all.tests()...) {
		for name, pos := range f.imports() {
			if first, _, _ := strings.Cut(name, "/"); !strings.Contains(first, ".") {
				continue // ours or of the standard library
			}
			used := ""
			for _, m := range modules {
				if (name == m || strings.HasPrefix(name, m+"/")) && len(m) > len(used) {
					used = m
				}
			}
			if used == "" || !strings.Contains(records.String(), "`"+used+"`") && !told[used] {
				told[used] = true
				complaints = append(complaints, f.at(pos, "no record in docs/decisions says why %s is used", cmp.Or(used, name)))
			}
		}
	}
	return complaints
}
