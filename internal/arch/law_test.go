package arch

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func TestCitedSectionsExist(t *testing.T) {
	const domain = "# Domain\n\n## 3. Sessions\n\n1. Fields.\n4. Late.\n\n## 11. Settlement\n\n**Objections** (11.6): text.\n"
	hold(t, citedSectionsExist,
		accepts("docs/domain.md", domain, "tariffs/a.go", "package tariffs\n\n// Late follows domain.md §3.4 and (`domain.md` §11.6).\nvar Late int\n"),
		refuses("docs/domain.md", domain, "tariffs/a.go", "package tariffs\n\n// Late follows domain.md §3.5.\nvar Late int\n"),
		refuses("docs/domain.md", domain, "README.md", "See domain.md §4.\n"),
		refuses("README.md", "See settlement.md §4.\n"),
	)
}

var (
	cited   = regexp.MustCompile("(domain|settlement|formats)\\.md`?\\)? §([0-9]+(?:\\.[0-9]+)?)")
	chapter = regexp.MustCompile(`^## ([0-9]+)\.`)
	item    = regexp.MustCompile(`^([0-9]+)\. |^\*\*[^*]+\*\* \([0-9]+\.([0-9]+)\)`)
)

// citedSectionsExist reports citations of the specification, such as
// domain.md §4.2, that lead nowhere.
func citedSectionsExist(all repository) (complaints []string) {
	sections := map[string]bool{}
	for _, f := range all {
		if page, ok := strings.CutPrefix(f.path, "docs/"); ok {
			for _, section := range sectionsOf(f.text) {
				sections[page+" "+section] = true
			}
		}
	}
	for _, f := range all {
		for number, line := range strings.Split(f.text, "\n") {
			for _, found := range cited.FindAllStringSubmatch(line, -1) {
				if page := found[1] + ".md"; !sections[page+" "+found[2]] {
					complaints = append(complaints, place(f, number)+"docs/"+page+" has no section "+found[2])
				}
			}
		}
	}
	return complaints
}

// sectionsOf lists the chapters of a page of the specification and the numbered
// items in them: 3, 3.1, 3.2.
func sectionsOf(text string) (sections []string) {
	in := ""
	for line := range strings.Lines(text) {
		if found := chapter.FindStringSubmatch(line); found != nil {
			in = found[1]
			sections = append(sections, in)
		} else if found := item.FindStringSubmatch(line); found != nil && in != "" {
			sections = append(sections, in+"."+found[1]+found[2])
		}
	}
	return sections
}

func TestLargePackagesSayWhyTheyAreOne(t *testing.T) {
	long := "package web\n" + strings.Repeat("\n", 1600)
	hold(t, largePackagesHaveREADMEs,
		accepts("internal/web/a.go", long, "internal/web/README.md", "# web\n"),
		accepts("internal/web/a.go", "package web\n"),
		refuses("internal/web/a.go", long),
	)
}

// maxUnexplained is how many lines of code a package has without a README.
const maxUnexplained = 1500

func largePackagesHaveREADMEs(all repository) (complaints []string) {
	lines, explained := map[string]int{}, map[string]bool{}
	for _, f := range all {
		if strings.HasSuffix(f.path, "/README.md") {
			explained[f.folder()] = true
		}
	}
	for _, f := range all.code() {
		lines[f.folder()] += strings.Count(f.text, "\n")
	}
	for folder, n := range lines {
		if n > maxUnexplained && !explained[folder] {
			complaints = append(complaints, folder+" is large and has no README that says why it is one package")
		}
	}
	return complaints
}

func TestExamplesInDocumentationParse(t *testing.T) {
	hold(t, examplesParse,
		accepts("docs/formats.md", "```json\n{\"a\": [1]}\n```\n\n```\nanything\n```\n"),
		refuses("docs/formats.md", "```json\n{\"a\": [1}\n```\n"),
	)
}

var jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")

func examplesParse(all repository) (complaints []string) {
	for _, f := range all {
		if !strings.HasSuffix(f.path, ".md") {
			continue
		}
		for _, block := range jsonBlock.FindAllStringSubmatch(f.text, -1) {
			if !json.Valid([]byte(block[1])) {
				complaints = append(complaints, f.path+": this is no JSON: "+block[1])
			}
		}
	}
	return complaints
}
