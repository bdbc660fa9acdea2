package arch

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestInstructionsNameWhatExists(t *testing.T) {
	const code = "package numbering\n\n// Range is one.\ntype Range struct{}\n"
	const tests = "package numbering\n\nfunc TestRanges() {}\n"
	hold(t, instructionsNameWhatExists,
		accepts("docs/contributing.md", "Edit `numbering/a.go` or `numbering/<file>.go`, see `Range` and `TestRanges`.\n",
			"numbering/a.go", code, "numbering/a_test.go", tests),
		refuses("docs/contributing.md", "Edit `numbering/b.go`.\n", "numbering/a.go", code),
		refuses("docs/contributing.md", "Edit `other/<file>.go`.\n", "numbering/a.go", code),
		refuses("docs/contributing.md", "Change `Counter`.\n", "numbering/a.go", code),
		refuses("docs/contributing.md", "`TestGaps` fails.\n", "numbering/a_test.go", tests),
	)
}

var (
	quoted     = regexp.MustCompile("`([^`\n]+)`")
	variable   = regexp.MustCompile("<[a-z]+>")
	identifier = regexp.MustCompile("^[A-Za-z][A-Za-z0-9]*$")
	declared   = regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type |var |const |\t)([A-Za-z][A-Za-z0-9]*)`)
	testRuns   = regexp.MustCompile(`-run (Test[A-Za-z0-9]+)`)
)

// instructionsNameWhatExists reports files, tests and identifiers that
// docs/contributing.md names and the repository does not have. A word in angle
// brackets may be anything.
func instructionsNameWhatExists(all repository) (complaints []string) {
	paths, names := map[string]bool{}, map[string]bool{}
	for _, f := range all {
		paths[f.path], paths[f.folder()] = true, true
		if f.syntax != nil {
			for _, found := range declared.FindAllStringSubmatch(f.text, -1) {
				names[found[1]] = true
			}
		}
	}
	for _, f := range all {
		if f.path != "docs/contributing.md" {
			continue
		}
		for number, line := range strings.Split(f.text, "\n") {
			for _, found := range quoted.FindAllStringSubmatch(line, -1) {
				if !known(found[1], paths, names) {
					complaints = append(complaints, place(f, number)+found[1]+" does not exist")
				}
			}
		}
	}
	return complaints
}

// known reports whether what instructions quote is there.
func known(word string, paths, names map[string]bool) bool {
	switch found := testRuns.FindStringSubmatch(word); {
	case found != nil:
		return names[found[1]]
	case strings.Contains(word, " "), strings.HasPrefix(word, "{"): // a command or an example
		return true
	case strings.Contains(word, "/"):
		pattern := variable.ReplaceAllString(strings.TrimSuffix(word, "/"), "*")
		for name := range paths {
			if matches, err := path.Match(pattern, name); err == nil && matches {
				return true
			}
		}
		return false
	case identifier.MatchString(word) && word != strings.ToLower(word):
		return names[word]
	}
	return true
}
