package arch

import (
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestMoneyAndEnergyAreNeverFloats(t *testing.T) {
	hold(t, noFloats,
		accepts("internal/money/a.go", "package money\n\ntype Amount int64\n\nconst most = 1 << 62\n"),
		accepts("internal/pdf/a.go", "package pdf\n\nvar width float64 = 210.5\n"),
		accepts("tariffs/a_test.go", "package tariffs\n\nvar about = 0.5\n"),
		refuses("internal/money/a.go", "package money\n\ntype Amount float64\n"),
		refuses("tariffs/a.go", "package tariffs\n\nfunc f(x float32) {}\n"),
		refuses("tariffs/a.go", "package tariffs\n\nvar price = 0.35\n"),
		refuses("creditnotes/a.go", "package creditnotes\n\nimport \"strconv\"\n\nvar x, _ = strconv.ParseFloat(\"1\", 64)\n"),
		refuses("internal/store/a.go", "package store\n\nimport \"database/sql\"\n\nvar x sql.NullFloat64\n"),
		refuses("internal/sessions/a.go", "package sessions\n\nimport \"math/big\"\n\nvar x = big.NewFloat(1)\n"),
		refuses("internal/sessions/a.go", "package sessions\n\nimport m \"math\"\n\nvar x = m.Round(1)\n"),
	)
}

// exactPackages hold money or energy. The rest draws (millimetres of paper) or
// tells how fast something went.
var exactPackages = []string{
	"internal/money", "internal/sessions", "internal/fault", "internal/settlements", "entities", "tariffs", "creditnotes", "numbering",
	"internal/store", "internal/intake", "locales", "mailer",
}

func noFloats(all repository) (complaints []string) {
	for _, f := range all.code() {
		if !f.within(exactPackages...) {
			continue
		}
		for pos, name := range f.uses("math/big", "Float", "NewFloat", "ParseFloat") {
			complaints = append(complaints, f.at(pos, "%s is not exact", name))
		}
		for pos, name := range f.uses("math", "Round", "RoundToEven", "Floor", "Ceil", "Trunc", "Pow", "Abs", "Mod", "Float64bits", "Inf", "NaN") {
			complaints = append(complaints, f.at(pos, "%s is not exact", name))
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if strings.Contains(strings.ToLower(n.Name), "float") || n.Name == "complex64" || n.Name == "complex128" {
					complaints = append(complaints, f.at(n.Pos(), "%s is not exact", n.Name))
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT || n.Kind == token.IMAG {
					complaints = append(complaints, f.at(n.Pos(), "%s is not exact", n.Value))
				}
			}
			return true
		})
	}
	return complaints
}

func TestOnlyCommandsReadTheClock(t *testing.T) {
	hold(t, onlyCommandsReadTheClock,
		accepts("cmd/creditrun/main.go", "package main\n\nimport \"time\"\n\nvar now = time.Now\n"),
		accepts("tariffs/a_test.go", "package tariffs\n\nimport \"time\"\n\nvar t = time.Now()\n"),
		accepts("tariffs/a.go", "package tariffs\n\nimport \"time\"\n\nvar t = time.Unix(0, 0)\n"),
		refuses("tariffs/a.go", "package tariffs\n\nimport \"time\"\n\nvar t = time.Now()\n"),
		refuses("internal/store/a.go", "package store\n\nimport clock \"time\"\n\nvar now = clock.Now\n"),
		refuses("mailer/a.go", "package mailer\n\nimport \"time\"\n\nvar d = time.Since(time.Time{})\n"),
	)
}

func onlyCommandsReadTheClock(all repository) (complaints []string) {
	for _, f := range all.code() {
		if f.within("cmd") {
			continue
		}
		for pos, name := range f.uses("time", "Now", "Since", "Until") {
			complaints = append(complaints, f.at(pos, "%s: the time is handed down from cmd", name))
		}
	}
	return complaints
}

func TestGORMsTrapsAreNotUsed(t *testing.T) {
	hold(t, noTraps,
		accepts("internal/store/a.go", "package store\n\nimport \"gorm.io/gorm\"\n\nfunc f(db *gorm.DB) { db.Create(nil); save(db) }\n"),
		accepts("internal/store/a.go", "package store\n\nfunc f(tx tx) { tx.db.Model(row).Updates(set{\"active\": false}) }\n"),
		accepts("internal/store/a.go", "package store\n\nfunc f(tx tx, values set) { tx.db.Model(row).Updates(values) }\n"),
		accepts("internal/store/models.go", "package store\n\nfunc f(db db) { db.Find(nil) }\n"),
		accepts("internal/store/tx.go", "package store\n\nimport \"gorm.io/gorm/clause\"\n\nvar lock = clause.Locking{}\n"),
		refuses("internal/store/a.go", "package store\n\nfunc f(db db) { db.Find(nil) }\n"),
		refuses("internal/store/a.go", "package store\n\nfunc f(tx tx) { tx.db.Model(row).Updates(row{Active: false}) }\n"),
		refuses("internal/store/a.go", "package store\n\nfunc f(tx tx) { tx.db.First(nil) }\n"),
		accepts("internal/web/a.go", "package web\n\nfunc f(s interface{ Save() }) { s.Save() }\n"),
		refuses("internal/store/a.go", "package store\n\nimport \"gorm.io/gorm\"\n\nfunc f(db *gorm.DB) { db.Save(nil) }\n"),
		refuses("internal/store/a.go", "package store\n\nimport \"gorm.io/gorm\"\n\nfunc f(tx struct{ db *gorm.DB }) { tx.db.Table(\"x\").Updates(nil) }\n"),
		refuses("internal/store/a.go", "package store\n\nfunc f(tx tx) { tx.db.FirstOrCreate(nil) }\n"),
		refuses("internal/store/a.go", "package store\n\nfunc f(tx tx) { tx.db.AutoMigrate(nil) }\n"),
		refuses("internal/store/a.go", "package store\n\nimport \"gorm.io/gorm\"\n\ntype row struct{ gorm.Model }\n"),
		refuses("internal/store/a.go", "package store\n\nimport \"gorm.io/gorm\"\n\ntype row struct{ Gone gorm.DeletedAt }\n"),
		refuses("internal/store/a.go", "package store\n\nimport \"gorm.io/gorm/clause\"\n\nvar lock = clause.Locking{}\n"),
	)
}

// traps are the calls of GORM that bite, with what they do.
var traps = map[string]string{
	"Save":          "writes every column, also those nobody meant",
	"FirstOrCreate": "two processes both find nothing and both create",
	"FirstOrInit":   "no error when the row is missing",
	"Find":          "no error when the row is missing: find and first of models.go say so",
	"First":         "sorts by the primary key and logs a missing row as an error: first of models.go does not",
	"Updates":       "drops the zero values of a struct: give it a set",
	"AutoMigrate":   "the schema is what the migrations say; of several processes most fail",
	"Migrator":      "the schema is what the migrations say",
}

func noTraps(all repository) (complaints []string) {
	for _, f := range all.code() {
		if !f.within("internal/store") {
			continue
		}
		for pos, name := range f.uses("gorm.io/gorm", "Model", "DeletedAt") {
			complaints = append(complaints, f.at(pos, "%s deletes without deleting", name))
		}
		for pos, name := range f.uses("gorm.io/gorm/clause", "Locking") {
			if f.path != "internal/store/tx.go" { // only in a transaction that writes, which is alone on SQLite
				complaints = append(complaints, f.at(pos, "%s is silently dropped on SQLite: use tx.forUpdate", name))
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if selector, ok := call.Fun.(*ast.SelectorExpr); ok && traps[selector.Sel.Name] != "" && !avoided(f.path, selector.Sel.Name, call) {
				complaints = append(complaints, f.at(call.Pos(), "%s: %s", selector.Sel.Name, traps[selector.Sel.Name]))
			}
			return true
		})
	}
	return complaints
}

// avoided reports whether a call of a trap is made where it does no harm.
func avoided(path, name string, call *ast.CallExpr) bool {
	switch {
	case name == "Find":
		return path == "internal/store/models.go"
	case name != "Updates" || len(call.Args) != 1:
		return false
	}
	given := call.Args[0]
	if literal, ok := given.(*ast.CompositeLit); ok {
		given = literal.Type
	}
	id, ok := given.(*ast.Ident)
	return ok && (id.Name == "set" || id.Name == "values")
}

func TestOnlyMainEndsTheProcess(t *testing.T) {
	hold(t, onlyMainEnds,
		accepts("cmd/creditrun/main.go", "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(1) }\n"),
		accepts("tariffs/a_test.go", "package tariffs\n\nfunc f() { panic(1) }\n"),
		refuses("tariffs/a.go", "package tariffs\n\nfunc f() { panic(1) }\n"),
		refuses("mailer/a.go", "package mailer\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n"),
		refuses("mailer/a.go", "package mailer\n\nimport \"log\"\n\nfunc f() { log.Fatalf(\"\") }\n"),
		refuses("cmd/creditrun/run.go", "package main\n\nfunc f() { panic(1) }\n"),
	)
}

// mayPanic lists the files in which a panic says that the impossible happened.
var mayPanic = map[string]string{
	"internal/store/rows.go":        "our own types always become JSON",
	"internal/pdf/pdftest/parse.go": "a broken file ends its reading; the callers turn that into a complaint",
	"internal/flow/flow.go":         "a panic is how net/http ends a connection",
}

func onlyMainEnds(all repository) (complaints []string) {
	for _, f := range all.code() {
		if f.within("cmd") && strings.HasSuffix(f.path, "/main.go") {
			continue
		}
		for pos, name := range f.uses("os", "Exit") {
			complaints = append(complaints, f.at(pos, "%s: return an error, main ends the process", name))
		}
		for pos, name := range f.uses("log", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln") {
			complaints = append(complaints, f.at(pos, "%s: return an error, main ends the process", name))
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && mayPanic[f.path] == "" {
				if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" {
					complaints = append(complaints, f.at(call.Pos(), "panic: return an error"))
				}
			}
			return true
		})
	}
	return complaints
}

func TestNoTestIsSkipped(t *testing.T) {
	hold(t, noSkips,
		accepts("tariffs/a_test.go", "package tariffs\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip(\"large\")\n\t}\n}\n"),
		refuses("tariffs/a_test.go", "package tariffs\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { t.Skip() }\n"),
		refuses("tariffs/a_test.go", "package tariffs\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {\n\tif x {\n\t\tt.Skipf(\"no server\")\n\t}\n}\n"),
		refuses("internal/store/storetest/a.go", "package storetest\n\nimport \"testing\"\n\nfunc F(t *testing.T) { t.SkipNow() }\n"),
	)
}

// noSkips allows what only go test -short leaves out: everyone who asks for
// all tests gets all tests.
func noSkips(all repository) (complaints []string) {
	for _, f := range append(all.tests(), all.code()...) {
		if f.nameOf("testing") == "" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt:
				if call, ok := n.Cond.(*ast.CallExpr); ok && isCallOf(call, "Short") {
					return false
				}
			case *ast.CallExpr:
				if isCallOf(n, "Skip", "Skipf", "SkipNow") {
					complaints = append(complaints, f.at(n.Pos(), "a skipped test is a test that nobody runs"))
				}
			}
			return true
		})
	}
	return complaints
}

func isCallOf(call *ast.CallExpr, names ...string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains(names, selector.Sel.Name)
}

func TestFilesStayReadable(t *testing.T) {
	long := strings.Repeat("// a line\n", mostLines)
	hold(t, filesStayReadable,
		accepts("tariffs/a.go", long[:len(long)-len("// a line\n")]+"package tariffs\n"),
		refuses("tariffs/a.go", long+"package tariffs\n"),
		refuses("tariffs/a_test.go", long+"package tariffs\n"),
	)
}

// mostLines is where a file hurts.
const mostLines = 500

func filesStayReadable(all repository) (complaints []string) {
	for _, f := range append(all.code(), all.tests()...) {
		if n := strings.Count(f.text, "\n"); n > mostLines {
			complaints = append(complaints, f.path+": too long, what is in it that deserves a file of its own?")
		}
	}
	return complaints
}

func TestFilesAreFormatted(t *testing.T) {
	hold(t, filesAreFormatted,
		accepts("tariffs/a.go", "package tariffs\n\nvar x = 1\n"),
		refuses("tariffs/a.go", "package tariffs\nvar x=1\n"),
		refuses("tariffs/a_test.go", "package tariffs\n\nfunc f() {\n  g()\n}\n"),
	)
}

func filesAreFormatted(all repository) (complaints []string) {
	for _, f := range append(all.code(), all.tests()...) {
		formatted, err := format.Source([]byte(f.text))
		if err != nil || string(formatted) != f.text {
			complaints = append(complaints, f.path+": not formatted, run make fmt")
		}
	}
	return complaints
}
