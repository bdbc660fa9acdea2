package arch

import (
	"go/ast"
	"strconv"
	"strings"
	"testing"
)

func TestEveryFaultHasASentence(t *testing.T) {
	const words = "fault_unknown_thing = \"There is no such thing.\"\n"
	const code = "package tariffs\n\nimport \"creditrun/internal/fault\"\n\nvar f = fault.New(fault.NotFound, \"%\", nil)\n"
	hold(t, faultsHaveSentences,
		accepts("locales/fault.en.toml", words, "tariffs/a.go", strings.ReplaceAll(code, "%", "unknown_thing")),
		accepts("locales/fault.en.toml", words, "tariffs/a_test.go", strings.ReplaceAll(code, "%", "anything")),
		refuses("locales/fault.en.toml", words, "tariffs/a.go", strings.ReplaceAll(code, "%", "unknown")),
		refuses("locales/fault.en.toml", words, "tariffs/a.go", strings.ReplaceAll(strings.ReplaceAll(code, "%", "thing"), "fault.New(", "fault.Wrap(")),
	)
}

// faultsHaveSentences looks for the sentence of every fault whose key is
// written where it is made. That all languages have the same sentences is
// tested in locales.
func faultsHaveSentences(all repository) (complaints []string) {
	sentences := map[string]bool{}
	for _, f := range all {
		if f.path != "locales/fault.en.toml" {
			continue
		}
		for line := range strings.Lines(f.text) {
			key, _, _ := strings.Cut(line, "=")
			sentences[strings.Trim(strings.TrimSpace(key), "[]")] = true
		}
	}
	for _, f := range all.code() {
		made := f.uses(module+"/internal/fault", "New", "Wrap")
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || made[call.Fun.Pos()] == "" || len(call.Args) < 2 {
				return true
			}
			literal, ok := call.Args[1].(*ast.BasicLit)
			if !ok {
				return true
			}
			if key, err := strconv.Unquote(literal.Value); err == nil && !sentences["fault_"+key] {
				complaints = append(complaints, f.at(literal.Pos(), "locales has no sentence fault_%s", key))
			}
			return true
		})
	}
	return complaints
}
