package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// module is the path of our own packages.
const module = "creditrun"

// file is one file of a repository. Its syntax is there for Go files only.
type file struct {
	path   string // from the root, with slashes
	text   string // empty when it is not text
	lines  *token.FileSet
	syntax *ast.File
}

func newFile(path, text string) (*file, error) {
	f := &file{path: path, text: text}
	if !strings.HasSuffix(path, ".go") {
		return f, nil
	}
	f.lines = token.NewFileSet()
	var err error
	f.syntax, err = parser.ParseFile(f.lines, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return f, err
}

func (f *file) folder() string { return path.Dir(f.path) }

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// within reports whether the file lies in one of the folders or below it.
func (f *file) within(folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(f.path, folder+"/") })
}

// at begins a complaint about a place in the file.
func (f *file) at(pos token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: ", f.path, f.lines.Position(pos).Line) + fmt.Sprintf(format, args...)
}

// imports lists what a Go file imports, with the place.
func (f *file) imports() map[string]token.Pos {
	list := map[string]token.Pos{}
	for _, spec := range f.syntax.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			list[name] = spec.Pos()
		}
	}
	return list
}

// nameOf is the name by which a Go file calls a package it imports, or "".
func (f *file) nameOf(imported string) string {
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

// uses finds where a Go file uses names of a package: time.Now.
func (f *file) uses(imported string, names ...string) map[token.Pos]string {
	found := map[token.Pos]string{}
	local := f.nameOf(imported)
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && local != "" && x.Name == local && slices.Contains(names, selector.Sel.Name) {
			found[selector.Pos()] = path.Base(imported) + "." + selector.Sel.Name
		}
		return true
	})
	return found
}

// repository is all files of one.
type repository []*file

// code is the Go files, without tests.
func (r repository) code() repository {
	return r.only(func(f *file) bool { return f.syntax != nil && !f.isTest() })
}

func (r repository) tests() repository {
	return r.only(func(f *file) bool { return f.syntax != nil && f.isTest() })
}

func (r repository) only(wanted func(*file) bool) repository {
	return slices.DeleteFunc(slices.Clone(r), func(f *file) bool { return !wanted(f) })
}

// ours is this repository, as it lies in the working copy.
var ours = sync.OnceValues(func() (repository, error) {
	const root = "../.."
	ignored, err := ignoredFolders(root)
	if err != nil {
		return nil, err
	}
	var all repository
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		below = filepath.ToSlash(below)
		if entry.IsDir() {
			if below == ".git" || ignored[below] {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || below == ".git" { // a file in a linked work tree
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !utf8.Valid(content) || bytes.ContainsRune(content, 0) {
			content = nil
		}
		f, err := newFile(below, string(content))
		all = append(all, f)
		return err
	})
	return all, err
})

// ignoredFolders are those at the root that do not belong to the repository.
func ignoredFolders(root string) (map[string]bool, error) {
	content, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		return nil, err
	}
	ignored := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "/") && strings.HasSuffix(line, "/") {
			ignored[strings.Trim(line, "/")] = true
		}
	}
	return ignored, nil
}

// rule finds what breaks it.
type rule func(repository) []string

// example is a small repository on which a rule is tried.
type example struct {
	files   []string // path, text, path, text, …
	refused bool
}

func accepts(files ...string) example { return example{files, false} }

func refuses(files ...string) example { return example{files, true} }

// hold tries a rule on examples and then holds the repository to it.
func hold(t *testing.T, obeyed rule, examples ...example) {
	t.Helper()
	if !slices.ContainsFunc(examples, func(e example) bool { return e.refused }) {
		t.Fatal("no example shows that this rule can be broken")
	}
	for _, e := range examples {
		var small repository
		for pair := range slices.Chunk(e.files, 2) {
			f, err := newFile(pair[0], pair[1])
			if err != nil {
				t.Fatal(err)
			}
			small = append(small, f)
		}
		complaints := obeyed(small)
		if e.refused != (len(complaints) > 0) {
			t.Errorf("example %q: refused is %v, want %v: %q", e.files, len(complaints) > 0, e.refused, complaints)
		}
	}
	all, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	complaints := obeyed(all)
	slices.Sort(complaints)
	for _, complaint := range slices.Compact(complaints) {
		t.Error(complaint)
	}
}

// TestTheRulesSeeTheRepository keeps all rules from passing because no file
// was found.
func TestTheRulesSeeTheRepository(t *testing.T) {
	all, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range all {
		seen[f.path] = true
	}
	for _, known := range []string{"go.mod", "README.md", ".ci/run", "internal/money/money.go", "internal/arch/arch_test.go"} {
		if !seen[known] {
			t.Errorf("%s is not among the %d files found", known, len(all))
		}
	}
}

// sorted lists the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
