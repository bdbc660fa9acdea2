package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// caseFile is an input of a case.
func caseFile(of, name string) string { return filepath.Join("testdata", "cases", of, name) }

// at sets the clock to the morning or the evening of a day in the operator's
// zone.
func (w *world) at(day string, hour int) {
	w.Helper()
	date, err := time.ParseInLocation("2006-01-02", day, mustLoad("Europe/Berlin"))
	if err != nil {
		w.Fatal(err)
	}
	w.now = date.Add(time.Duration(hour) * time.Hour)
}

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// Case number-filename-collision: GS/2026-00001 and GS-2026/00001 are two
// documents, and stay two wherever they are exported.
func TestFilesOfDifferentNotesNeverShareAName(t *testing.T) {
	const of = "number-filename-collision"
	eachWorld(t, func(t *testing.T, w *world) {
		docs, all, bundle := filepath.Join(w.dir, "docs"), filepath.Join(w.dir, "all"), filepath.Join(w.dir, "e.zip")
		w.at("2026-10-05", 20)
		w.do("import", caseFile(of, "network.yaml"), caseFile(of, "s.csv"))
		w.at("2026-10-31", 23)
		w.do("run", "--month", "2026-10", "--out", docs)
		first := contents(t, docs)
		w.do("settings", "set", "number_range", "g2")
		w.at("2026-11-05", 20)
		w.do("import", caseFile(of, "s2.csv"))
		w.at("2026-11-30", 23)
		w.do("run", "--month", "2026-11", "--out", docs)

		numbers := map[string]bool{}
		for _, n := range w.notes() {
			numbers[*n.Number] = true
		}
		if !numbers["GS/2026-00001"] || !numbers["GS-2026/00001"] {
			t.Fatalf("the notes are %v", numbers)
		}
		both := contents(t, docs)
		if len(both) != 2*len(first) || len(first) == 0 {
			t.Errorf("%d files after the first run, %d after the second", len(first), len(both))
		}
		for name, content := range first {
			if both[name] != content {
				t.Errorf("the second run changed %s", name)
			}
		}
		w.do("export", "notes", "--out", all)
		if got := contents(t, all); len(got) != len(both) {
			t.Errorf("%d files in the export of everything, %d in those of the runs", len(got), len(both))
		}
		w.do("export", "notes", "--format", "zip", "--out", bundle)
		entries := zipNames(t, bundle)
		if len(entries) != len(both) || differentNames(entries) != len(entries) {
			t.Errorf("%d entries with %d names: %v", len(entries), differentNames(entries), entries)
		}
	})
}

// Ranges may differ in upper and lower case alone; on many systems their files
// must not.
func TestNumbersThatDifferInCaseHaveFilesOfTheirOwn(t *testing.T) {
	const of = "number-filename-collision"
	eachWorld(t, func(t *testing.T, w *world) {
		network, err := os.ReadFile(caseFile(of, "network.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		ranges := strings.NewReplacer(`"GS/{YYYY}-{SEQ:5}"`, `"GS-{YYYY}-{SEQ:5}"`, `"GS-{YYYY}/{SEQ:5}"`, `"gs-{YYYY}-{SEQ:5}"`).Replace(string(network))
		w.at("2026-10-31", 22)
		w.do("import", w.file("network.yaml", ranges), caseFile(of, "s.csv"))
		w.do("run", "--month", "2026-10")
		w.do("settings", "set", "number_range", "g2")
		w.at("2026-11-30", 22)
		w.do("import", caseFile(of, "s2.csv"))
		w.do("run", "--month", "2026-11")
		folder := filepath.Join(w.dir, "all")
		w.do("export", "notes", "--out", folder)
		names := []string{}
		for name := range contents(t, folder) {
			names = append(names, name)
		}
		if len(names) < 4 || differentNames(names) != len(names) {
			t.Errorf("some system takes two of these for one: %v", names)
		}
		if _, err := os.Stat(filepath.Join(folder, "GS-2026-00001.pdf")); err != nil {
			t.Error("the first of the two lost its name:", err)
		}
	})
}

func TestAnExportOverwritesNoDifferentFile(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		w.do("run", "--month", "2026-10")
		folder := filepath.Join(w.dir, "docs")
		w.do("export", "notes", "--out", folder)
		if r := w.try("export", "notes", "--out", folder); r.status != exitDone || !strings.Contains(r.stderr, "were there already") {
			t.Errorf("the same export again ends with %d: %s", r.status, r.stderr)
		}
		document := filepath.Join(folder, "GS-2026-00001.pdf")
		if err := os.WriteFile(document, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := w.try("export", "notes", "--out", folder); r.status != exitFailed || !strings.Contains(r.stderr, "GS-2026-00001.pdf exists already with other content") {
			t.Errorf("a different file: %d %s", r.status, r.stderr)
		}
		if got, _ := os.ReadFile(document); string(got) != "mine" {
			t.Error("the file of somebody else was overwritten")
		}
	})
}

// contents reads the files of a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(content)
	}
	return files
}

func zipNames(t *testing.T, path string) (names []string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		names = append(names, f.Name)
	}
	return names
}

// differentNames counts names as systems do that know no upper and lower case.
func differentNames(names []string) int {
	different := map[string]bool{}
	for _, name := range names {
		different[strings.ToLower(name)] = true
	}
	return len(different)
}

// Case mail-idn-and-names: the domain goes out in punycode, and only the
// address whose local part needs SMTPUTF8 is left out by a server without it.
func TestOneAddressInUmlautsDoesNotCostTheOthersTheirMail(t *testing.T) {
	const of = "mail-idn-and-names"
	all := []string{"rechnung@xn--bcher-kva.example", "jürgen@owner.example", "o'neill+gs@owner.example"}
	eachWorld(t, func(t *testing.T, w *world) {
		server := (&mailServer{ascii: true}).start(t)
		w.mail = server.url()
		w.at("2026-10-05", 20)
		if r := w.try("import", caseFile(of, "network.yaml"), caseFile(of, "s.csv")); r.status != exitDone || !strings.Contains(r.stderr, "“jürgen@owner.example” of “a”") || strings.Contains(r.stderr, "rechnung@") {
			t.Errorf("the import ends with %d: %s", r.status, r.stderr)
		}
		w.at("2026-10-31", 22)
		if out := w.do("readiness", "--month", "2026-10"); !strings.Contains(out, "jürgen@owner.example") || strings.Contains(out, "rechnung@") {
			t.Errorf("readiness says %s", out)
		}
		w.do("run", "--month", "2026-10")
		said := w.fails(exitFailed, "deliver")
		for _, want := range []string{"GS-2026-00001 was not mailed to jürgen@owner.example, but to the others", "SMTPUTF8", "creditrun resend GS-2026-00001"} {
			if !strings.Contains(said, want) {
				t.Errorf("deliver does not say %q: %s", want, said)
			}
		}
		got := server.inbox()
		if len(got) != 1 || strings.Join(got[0].to, " ") != all[0]+" "+all[2] {
			t.Fatalf("the server got %+v", got)
		}
		if mail := openLetter(t, got[0].content); strings.Join(mail.To, " ") != all[0]+" "+all[2] || len(mail.Files) == 0 {
			t.Errorf("the mail is to %v with %d files", mail.To, len(mail.Files))
		}
		if out := w.do("notes", "show", "GS-2026-00001"); !strings.Contains(out, "mail 0: incomplete") || !strings.Contains(out, "jürgen@owner.example refused") || !strings.Contains(out, "rechnung@bücher.example accepted 250") {
			t.Errorf("notes show says %s", out)
		}

		// A server that knows SMTPUTF8 reaches the missing one, who gets a copy.
		able := new(mailServer).start(t)
		w.mail = able.url()
		w.do("resend", "--run", "2026-10")
		w.do("deliver")
		if got := able.inbox(); len(got) != 1 || strings.Join(got[0].to, " ") != all[1] {
			t.Errorf("the second server got %+v", got)
		}
		if subject := openLetter(t, able.inbox()[0].content).Subject; !strings.Contains(subject, "Kopie") {
			t.Errorf("others have the original, the subject is %q", subject)
		}
		if r := w.try("resend", "--run", "2026-10"); r.status != exitDone || !strings.Contains(r.stderr, "0 mails are queued") {
			t.Errorf("everybody was reached: %d %s", r.status, r.stderr)
		}
		w.clean()
	})
}

// Case mail-mend-address-resend: after the address is corrected at the entity,
// resend goes to the corrected one.
func TestAResentMailGoesToTheCorrectedAddress(t *testing.T) {
	const of = "mail-mend-address-resend"
	eachWorld(t, func(t *testing.T, w *world) {
		server := (&mailServer{unknown: []string{"typo@owner.example"}}).start(t)
		w.mail = server.url()
		w.at("2026-10-05", 20)
		w.do("import", caseFile(of, "network.yaml"), caseFile(of, "s.csv"))
		w.at("2026-10-31", 22)
		w.do("run", "--month", "2026-10")
		if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "correct the address, then creditrun resend NUMBER") {
			t.Error(said)
		}
		network, err := os.ReadFile(caseFile(of, "network.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		w.do("import", w.file("fixed.yaml", strings.ReplaceAll(string(network), "typo@", "right@")))
		if r := w.try("resend", "GS-2026-00001"); r.status != exitDone || !strings.Contains(r.stderr, "to right@owner.example is queued") {
			t.Fatalf("resend ends with %d: %s", r.status, r.stderr)
		}
		w.do("deliver")
		got := server.inbox()
		if len(got) != 1 || strings.Join(got[0].to, " ") != "right@owner.example" {
			t.Fatalf("the server got %+v", got)
		}
		first := openLetter(t, got[0].content)
		if strings.Contains(first.Subject, "Kopie") {
			t.Errorf("no server took the original, the subject is %q", first.Subject)
		}
		folder := filepath.Join(w.dir, "docs")
		w.do("export", "notes", "--out", folder)
		for name, content := range contents(t, folder) {
			if mailed, ok := first.Files[name]; ok && string(mailed) != content {
				t.Errorf("%s in the mail is another one than the stored one", name)
			}
		}

		// The stored addresses and others are to be had, and what goes out now
		// is a copy.
		w.do("resend", "GS-2026-00001", "--to", "tax@owner.example, audit@owner.example")
		w.do("deliver")
		got = server.inbox()
		if len(got) != 2 || strings.Join(got[1].to, " ") != "tax@owner.example audit@owner.example" {
			t.Fatalf("the server got %+v", got)
		}
		if subject := openLetter(t, got[1].content).Subject; !strings.Contains(subject, "Kopie") {
			t.Errorf("the subject of a copy is %q", subject)
		}
		if r := w.try("resend", "GS-2026-00001", "--stored"); r.status != exitDone || !strings.Contains(r.stderr, "to typo@owner.example is queued") {
			t.Errorf("--stored ends with %d: %s", r.status, r.stderr)
		}
		w.fails(exitFailed, "deliver")
		if said := w.fails(exitFailed, "resend", "GS-2026-00001", "--to", "nobody"); !strings.Contains(said, "nobody is not an e-mail address") {
			t.Error(said)
		}
		w.clean()
	})
}
