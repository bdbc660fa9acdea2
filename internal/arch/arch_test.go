package arch

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// mayImport is the architecture: what each package may import of ours. A
// package that is missing here fails the test, so a new one is a decision.
// Tests may import more, to have something to test with.
var mayImport = map[string]string{
	"internal/money":    "",
	"internal/fault":    "",
	"internal/colors":   "",
	"internal/process":  "",
	"internal/proof":    "",
	"internal/sessions": "internal/money internal/ocmf",
	"internal/ocmf":     "internal/money",

	"internal/spreadsheet": "internal/money",
	"internal/pdf":         "internal/colors",
	"internal/pdf/svg":     "internal/colors internal/pdf",
	"internal/pdf/pdftest": "",

	"entities":  "internal/fault internal/money internal/ocmf internal/sessions",
	"numbering": "internal/fault",
	"tariffs":   "internal/fault internal/money internal/sessions entities",

	"internal/settlement": "internal/fault internal/money entities",

	"internal/access": "internal/fault entities",

	"creditnotes": "internal/fault internal/money internal/proof internal/sessions internal/settlement entities numbering tariffs",

	"configs": "internal/fault internal/proof",
	"locales": "internal/fault internal/money entities",

	"internal/hooks":        "",
	"internal/tasks":        "internal/fault creditnotes",
	"internal/payouts":      "internal/bank internal/fault internal/money entities creditnotes",
	"internal/store":        "internal/access internal/bank internal/payouts internal/tasks internal/fault internal/money internal/process internal/proof internal/sessions internal/settlement entities numbering tariffs creditnotes internal/journal internal/ocmf",
	"internal/intake":       "internal/fault internal/money internal/sessions internal/settlement entities numbering tariffs creditnotes internal/ocmf",
	"internal/document":     "internal/fault internal/money internal/sessions entities numbering tariffs creditnotes locales internal/colors internal/pdf internal/pdf/svg internal/proof internal/spreadsheet internal/document/einvoice",
	"internal/export":       "internal/export/datev internal/access internal/payouts internal/fault internal/money internal/sessions internal/settlement internal/spreadsheet entities numbering tariffs creditnotes internal/journal",
	"internal/ocpi":         "internal/fault internal/sessions",
	"internal/bank":         "internal/fault internal/money entities",
	"mailer":                "internal/fault internal/money internal/proof internal/colors entities numbering creditnotes mailer/bounces mailer/mailbox",
	"mailer/bounces":        "",
	"mailer/mailbox":        "internal/fault",
	"internal/journal":      "internal/fault internal/money entities numbering creditnotes",
	"internal/export/datev": "internal/fault internal/money internal/journal entities creditnotes",

	"internal/document/einvoice": "internal/fault internal/money internal/sessions entities numbering tariffs creditnotes",

	// Pages are questions to the store (docs/decisions/0043).
	"internal/web": "internal/access internal/fault internal/proof creditnotes locales internal/tasks internal/store internal/snapshot internal/flow " +
		"internal/web/page internal/web/month internal/web/notes internal/web/network internal/web/admin internal/web/account internal/web/upload",
	// What pages have in common knows no page, and the pages of one area know
	// none of another (docs/decisions/0099).
	"internal/web/page": "internal/access internal/fault internal/money internal/sessions entities numbering tariffs creditnotes " +
		"locales internal/store internal/export internal/snapshot internal/flow",
	"internal/web/month": "internal/access internal/fault internal/money internal/sessions internal/payouts entities numbering tariffs creditnotes " +
		"locales internal/tasks internal/store internal/export internal/snapshot internal/inbox internal/web/page",
	"internal/web/notes": "internal/ocmf internal/bank internal/access internal/fault internal/money internal/sessions internal/payouts internal/tasks entities numbering tariffs creditnotes " +
		"locales internal/store internal/export internal/export/datev internal/journal internal/snapshot internal/web/page",
	"internal/web/network": "internal/ocmf internal/access internal/fault internal/money internal/sessions internal/settlement entities numbering tariffs creditnotes " +
		"locales internal/tasks internal/store internal/export internal/snapshot internal/web/page",
	"internal/web/admin": "internal/access internal/fault internal/sessions entities numbering creditnotes " +
		"locales internal/tasks internal/store internal/export internal/snapshot internal/web/page",
	"internal/web/upload":  "internal/access internal/fault entities creditnotes locales internal/tasks internal/store internal/intake internal/flow internal/web/page",
	"internal/web/account": "internal/access internal/fault locales internal/tasks internal/store internal/web/page",
	"internal/flow":        "internal/fault",
	// What waits for a person, for pages, API and mails.
	"internal/inbox":    "internal/access internal/money entities creditnotes internal/store internal/snapshot",
	"internal/snapshot": "internal/ocmf internal/access internal/fault internal/sessions entities tariffs creditnotes internal/store",
	// Programs ask the same questions (docs/decisions/0048).
	"internal/api": "internal/ocmf internal/bank internal/fault internal/money internal/sessions internal/settlement internal/access entities numbering tariffs creditnotes " +
		"locales internal/tasks internal/store internal/intake internal/snapshot internal/inbox internal/flow internal/payouts internal/journal internal/export internal/export/datev",

	"internal/store/storetest": "internal/store",
	// Tests of creditnotes: a store in memory, and the stories that every store
	// must pass (docs/decisions/0095).
	"creditnotes/memory":          "internal/ocmf internal/fault internal/money internal/sessions internal/settlement entities numbering tariffs creditnotes",
	"creditnotes/creditnotestest": "internal/fault internal/money internal/sessions internal/settlement entities numbering tariffs creditnotes locales",
	"internal/web/webtest": "internal/access creditnotes locales internal/store internal/store/storetest internal/snapshot internal/intake internal/document mailer " +
		"internal/web/page cmd/creditrun/demo",
	"internal/arch": "",

	"cmd/creditrun/demo": "entities internal/intake",
	"cmd/creditrun": "internal/access internal/fault internal/money internal/proof internal/sessions entities numbering tariffs creditnotes internal/ocmf " +
		"configs locales internal/store internal/intake internal/document internal/export internal/hooks internal/ocpi mailer mailer/bounces mailer/mailbox internal/web internal/api " +
		"internal/tasks internal/snapshot internal/inbox internal/flow internal/bank internal/payouts internal/journal cmd/creditrun/demo",
}

// floors is the direction of mayImport: a package stands on those further up
// in this list. Adapters stand side by side.
var floors = []string{
	"internal/money internal/colors internal/process internal/proof internal/pdf/pdftest internal/arch",
	"internal/fault internal/pdf internal/ocmf",
	"internal/sessions internal/spreadsheet internal/pdf/svg",
	"entities numbering",
	"tariffs internal/access internal/settlement internal/bank",
	"creditnotes",
	"configs locales internal/tasks internal/payouts internal/journal internal/document/einvoice mailer/bounces mailer/mailbox",
	"internal/export/datev",
	"internal/store internal/intake internal/document internal/export internal/hooks internal/ocpi mailer creditnotes/memory creditnotes/creditnotestest",
	"internal/store/storetest internal/snapshot internal/flow cmd/creditrun/demo",
	"internal/web/page internal/inbox",
	"internal/web/month internal/web/notes internal/web/network internal/web/admin internal/web/account internal/web/upload internal/web/webtest",
	"internal/web internal/api",
	"cmd/creditrun",
}

// onlyIn names the packages that may import a technology: a path that ends in
// a slash covers everything below, any other the package and what is below
// it. Tests may import what they like.
var onlyIn = map[string][]string{
	// Databases and jobs.
	"database/sql":           {"internal/store", "internal/store/storetest"},
	"github.com/jackc/":      {"internal/store", "internal/store/storetest"},
	"github.com/pressly/":    {"internal/store"},
	"github.com/riverqueue/": {"internal/store"},
	"gorm.io/":               {"internal/store"},
	"modernc.org/":           {"internal/store"},
	"C":                      {}, // pure Go: one command builds it for every system

	// Documents, mail, words, figures.
	"codeberg.org/":                {"internal/pdf"},
	"github.com/go-text/":          {"internal/pdf"},
	"github.com/speedata/":         {"internal/document/einvoice"},
	"github.com/wneessen/":         {"mailer"},
	"github.com/emersion/go-imap/": {"mailer/mailbox"},
	"net/smtp":                     {},
	"html/template":                {"internal/web/page", "internal/web/network", "internal/web/admin", "internal/web/account", "mailer"},
	"text/template":                {"mailer"},
	"github.com/nicksnyder/":       {"locales"},
	"golang.org/x/net/idna":        {"entities"},
	"golang.org/x/text/":           {"internal/bank", "internal/journal", "internal/export/datev", "internal/pdf", "locales", "mailer/bounces"},
	"github.com/bojanz/":           {"internal/money", "locales"},
	"github.com/xuri/":             {"internal/export"},

	// The browser.
	"github.com/alexedwards/":   {"internal/web", "internal/web/page", "internal/web/account"},
	"github.com/chromedp/":      {},
	"github.com/coreos/":        {"internal/web/account"},
	"golang.org/x/oauth2":       {"internal/web/account"},
	"github.com/go-jose/":       {},
	"github.com/danielgtaylor/": {"internal/api"},

	// Files and the command line.
	"go.yaml.in/": {"configs", "internal/intake"},
	"gopkg.in/":   {},
	"os":          {"cmd/creditrun", "configs", "internal/intake", "internal/process", "internal/store", "internal/store/storetest", "mailer", "mailer/mailbox", "internal/flow", "internal/web/webtest"},
	"embed":       {"cmd/creditrun/demo", "internal/intake", "internal/pdf", "internal/store", "internal/web", "locales", "mailer"},
	"net/http": {
		"cmd/creditrun", "internal/hooks", "internal/ocpi", "internal/api", "internal/flow", "internal/web", "internal/web/page", "internal/web/month",
		"internal/web/notes", "internal/web/network", "internal/web/account", "internal/web/webtest",
	},
	"github.com/robfig/":  {"cmd/creditrun"},
	"github.com/schollz/": {"cmd/creditrun"},
	"github.com/spf13/":   {"cmd/creditrun"},
	"golang.org/x/term":   {"cmd/creditrun"},
	"time/tzdata":         {"cmd/creditrun"},
	"log":                 {}, // log/slog

	// Secrets.
	"golang.org/x/crypto/":  {"internal/access"},
	"github.com/pquerna/":   {"internal/access"},
	"github.com/boombuler/": {},

	// Chance: secrets, and where it does no harm: retries, leases, the demo.
	"crypto/rand": {"cmd/creditrun", "internal/access", "internal/tasks", "internal/store", "internal/web/page", "internal/web/account", "internal/api"},
	"math/rand":   {"cmd/creditrun/demo", "internal/store", "creditnotes/creditnotestest"},

	// Tests.
	"testing":                            {"internal/pdf/pdftest", "internal/store/storetest", "internal/web/webtest", "creditnotes/creditnotestest"},
	"github.com/google/":                 {"creditnotes/creditnotestest"},
	"github.com/emersion/go-smtp":        {},
	"github.com/emersion/go-sasl":        {},
	"github.com/emersion/go-msgauth":     {"mailer"},
	"github.com/stretchr/":               {},
	"creditrun/internal/pdf/pdftest":     {},
	"creditrun/internal/store/storetest": {"internal/web/webtest"},
	"creditrun/internal/web/webtest":     {},
	"creditrun/creditnotes/":             {}, // memory and creditnotestest
}

func TestImportsFollowTheTable(t *testing.T) {
	hold(t, importsFollowTheTable,
		accepts("tariffs/a.go", "package tariffs\nimport _ \"creditrun/entities\"\n"),
		accepts("tariffs/a_test.go", "package tariffs\nimport _ \"creditrun/internal/store\"\n"),
		refuses("tariffs/a.go", "package tariffs\nimport _ \"creditrun/internal/store\"\n"),
		refuses("internal/money/a.go", "package money\nimport _ \"creditrun/internal/fault\"\n"),
		refuses("mailer/a.go", "package mailer\nimport _ \"creditrun/internal/document\"\n"),
		accepts("internal/web/month/a.go", "package month\nimport _ \"creditrun/internal/web/page\"\n"),
		refuses("internal/web/month/a.go", "package month\nimport _ \"creditrun/internal/web/notes\"\n"),
		refuses("internal/web/month/a.go", "package month\nimport _ \"creditrun/internal/web\"\n"),
		refuses("internal/web/page/a.go", "package page\nimport _ \"creditrun/internal/web/month\"\n"),
		refuses("internal/news/a.go", "package news\n"),
		refuses("main.go", "package main\n"),
	)
}

func importsFollowTheTable(all repository) (complaints []string) {
	for _, f := range all.code() {
		allowed, known := mayImport[f.folder()]
		if !known {
			complaints = append(complaints, f.path+": package "+f.folder()+" has no line in mayImport")
			continue
		}
		for name, pos := range f.imports() {
			if own, ok := strings.CutPrefix(name, module+"/"); ok && !slices.Contains(strings.Fields(allowed), own) {
				complaints = append(complaints, f.at(pos, "%s may not import %s", f.folder(), own))
			}
		}
	}
	return complaints
}

func TestTechnologiesStayInTheirPackages(t *testing.T) {
	hold(t, technologiesStay,
		accepts("internal/store/a.go", "package store\nimport _ \"gorm.io/gorm\"\n"),
		accepts("tariffs/a_test.go", "package tariffs\nimport _ \"os\"\n"),
		accepts("tariffs/a.go", "package tariffs\nimport _ \"log/slog\"\n"),
		refuses("tariffs/a.go", "package tariffs\nimport _ \"gorm.io/gorm/clause\"\n"),
		refuses("tariffs/a.go", "package tariffs\nimport _ \"os\"\n"),
		refuses("creditnotes/a.go", "package creditnotes\nimport _ \"database/sql/driver\"\n"),
		refuses("internal/store/a.go", "package store\nimport _ \"net/http/httptest\"\n"),
		refuses("mailer/a.go", "package mailer\nimport _ \"net/smtp\"\n"),
		refuses("mailer/a.go", "package mailer\nimport _ \"log\"\n"),
		refuses("mailer/a.go", "package mailer\nimport \"C\"\n"),
		refuses("cmd/creditrun/a.go", "package main\nimport _ \"creditrun/internal/store/storetest\"\n"),
		refuses("cmd/creditrun/a.go", "package main\nimport _ \"creditrun/creditnotes/memory\"\n"),
	)
}

func technologiesStay(all repository) (complaints []string) {
	for _, f := range all.code() {
		for name, pos := range f.imports() {
			for technology, homes := range onlyIn {
				if covers(technology, name) && !slices.Contains(homes, f.folder()) {
					complaints = append(complaints, f.at(pos, "%s may not import %s, only %v may", f.folder(), name, homes))
				}
			}
		}
	}
	return complaints
}

func covers(technology, imported string) bool {
	switch {
	case strings.HasSuffix(technology, "/"):
		return strings.HasPrefix(imported, technology)
	case technology == "log", technology == "testing":
		return imported == technology
	}
	return imported == technology || strings.HasPrefix(imported, technology+"/")
}

func TestTheTableGoesOneWay(t *testing.T) {
	floor := map[string]int{}
	for height, names := range floors {
		for _, name := range strings.Fields(names) {
			floor[name] = height
		}
	}
	for _, complaint := range upward(mayImport, floor) {
		t.Error(complaint)
	}
	if len(upward(map[string]string{"tariffs": "creditnotes"}, floor)) == 0 {
		t.Error("a line that points up is not found")
	}
	if len(upward(map[string]string{"mailer": "internal/store"}, floor)) == 0 {
		t.Error("a line that points sideways is not found")
	}
}

// upward lists the lines of a table that do not point down.
func upward(table map[string]string, floor map[string]int) (complaints []string) {
	for _, importer := range sorted(table) {
		height, known := floor[importer]
		if !known {
			complaints = append(complaints, importer+" stands on no floor")
		}
		for _, imported := range strings.Fields(table[importer]) {
			if below, known := floor[imported]; !known || below >= height {
				complaints = append(complaints, importer+" may not stand on "+imported)
			}
		}
	}
	return complaints
}

func TestTheTableNamesPackagesThatExist(t *testing.T) {
	all, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, f := range all.code() {
		exists[f.folder()] = true
	}
	for _, name := range sorted(mayImport) {
		if !exists[name] {
			t.Errorf("mayImport names %s, which is not there", name)
		}
	}
}

func TestFoldersAreNotCalledByEmptyWords(t *testing.T) {
	hold(t, foldersSaySomething,
		accepts("internal/fault/a.go", "package fault\n"),
		refuses("internal/utils/a.go", "package utils\n"),
		refuses("tariffs/a.go", "package types\n"),
		refuses("pkg/tariffs/a.go", "package tariffs\n"),
	)
}

func foldersSaySomething(all repository) (complaints []string) {
	empty := strings.Fields("base common core helper helpers lib misc model models pkg service services shared types util utils")
	for _, f := range all {
		for _, word := range strings.Split(f.folder(), "/") {
			if slices.Contains(empty, word) {
				complaints = append(complaints, f.path+": the folder name "+word+" says nothing")
			}
		}
		if f.syntax != nil && slices.Contains(empty, f.syntax.Name.Name) {
			complaints = append(complaints, f.at(f.syntax.Package, "the package name %s says nothing", f.syntax.Name.Name))
		}
	}
	return complaints
}

func TestEveryPackageIntroducesItselfOnce(t *testing.T) {
	hold(t, packagesIntroduceThemselves,
		accepts("tariffs/a.go", "// Package tariffs decides.\npackage tariffs\n", "tariffs/b.go", "package tariffs\n"),
		accepts("cmd/creditrun/main.go", "// Command creditrun issues.\npackage main\n"),
		accepts("tariffs/a.go", "// Package tariffs decides.\npackage tariffs\n", "tariffs/a_test.go", "package tariffs_test\n"),
		refuses("tariffs/a.go", "package tariffs\n"),
		refuses("tariffs/a.go", "// This decides.\npackage tariffs\n"),
		refuses("tariffs/a.go", "// Package tariffs decides.\npackage tariffs\n", "tariffs/b.go", "// Package tariffs computes.\npackage tariffs\n"),
	)
}

func packagesIntroduceThemselves(all repository) (complaints []string) {
	introductions := map[string]int{}
	for _, f := range all.code() {
		introductions[f.folder()] += 0
		if f.syntax.Doc == nil {
			continue
		}
		introductions[f.folder()]++
		begin := "Package " + f.syntax.Name.Name + " "
		if f.syntax.Name.Name == "main" {
			begin = "Command " + path.Base(f.folder()) + " "
		}
		if !strings.HasPrefix(f.syntax.Doc.Text(), begin) {
			complaints = append(complaints, f.at(f.syntax.Package, "the package comment must begin with %q", begin))
		}
	}
	for _, folder := range sorted(introductions) {
		if introductions[folder] != 1 {
			complaints = append(complaints, folder+": has no package comment, or more than one")
		}
	}
	return complaints
}
