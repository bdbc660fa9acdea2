package main

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

// written reads a rendition of a note.
func (w *world) written(number, kind string) []byte {
	w.Helper()
	path := filepath.Join(w.TempDir(), "file")
	w.do("notes", "show", number, "--"+kind, path)
	content, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	return content
}

// rowsOf are the sessions of a case that begin in a month: a file of its own,
// which is received when they are over.
func rowsOf(t *testing.T, name, month string) string {
	t.Helper()
	content, err := os.ReadFile(caseFile(name, "s.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(content), "\n")
	kept := lines[0]
	for _, line := range lines[1:] {
		if strings.Contains(line, ","+month) {
			kept += line
		}
	}
	return kept
}

// A plug in the name of a station kept its owner's note from ever having
// documents, and every later run from ending well.
func TestCaseUnprintableName(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		w.do("import", caseFile("pdf-unprintable-name", "network.yaml"), w.file("october.csv", rowsOf(t, "pdf-unprintable-name", "2026-10")))
		if out := w.do("readiness", "--month", "2026-10"); !strings.Contains(out, `stations/ST-1/name (a)`) || !strings.Contains(out, `U+1F50C → "□"`) {
			t.Errorf("readiness does not name the plug:\n%s", out)
		}
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2026-10")
		if len(report.Notes) != 2 || report.Notes[0].Gross != "4.76" || report.Notes[1].Gross != "4.76" || report.Stage != creditnotes.StageCompleted {
			t.Errorf("%+v", report)
		}
		for _, kind := range []string{"xml", "ubl", "xrechnung"} {
			if content := w.written("GS-2026-00001", kind); !bytes.Contains(content, []byte("Nord 🔌")) {
				t.Errorf("the %s file has lost the plug", kind)
			}
		}
		w.do("deliver")
		w.clean()
		w.do("cancel", "GS-2026-00001", "--reason", "cannot be printed")
		w.clean()
		w.at("2026-11-30", 20)
		w.do("import", w.file("november.csv", rowsOf(t, "pdf-unprintable-name", "2026-11")))
		w.read(&report, "run", "--month", "2026-11")
		if len(report.Notes) != 2 || report.Notes[0].Gross != "16.66" || report.Notes[1].Gross != "4.76" || report.Stage != creditnotes.StageCompleted {
			t.Errorf("%+v", report)
		}
		w.clean()
	})
}

func TestCaseUnprintableReason(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		w.do("import", caseFile("pdf-unprintable-reason", "network.yaml"), caseFile("pdf-unprintable-reason", "s.csv"))
		w.do("run", "--month", "2026-10")
		for _, reason := range []string{"wr\xffng", "\x00", " "} {
			if said := w.try("cancel", "GS-2026-00001", "--reason", reason); said.status == exitDone {
				t.Errorf("%q is taken for a reason", reason)
			}
		}
		said := w.try("cancel", "GS-2026-00001", "--reason", "Zähler Ladepunkt 1‑2 defekt ⚡")
		if said.status != exitDone || !strings.Contains(said.stderr, `prints "□" for U+26A1`) {
			t.Fatalf("cancel ends with %d: %s", said.status, said.stderr)
		}
		if xml := w.written("ST-2026-00001", "xml"); !bytes.Contains(xml, []byte("defekt ⚡")) {
			t.Error("the e-invoice has lost the reason")
		}
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2026-10")
		if len(report.Notes) != 1 || report.Notes[0].Gross != "4.76" || *report.Notes[0].Number != "GS-2026-00002" {
			t.Errorf("%+v", report.Notes)
		}
		if out := w.do("deliver"); !strings.Contains(out, "sent 3") {
			t.Errorf("deliver prints %s", out)
		}
		w.clean()
	})
}

// The street of 76 characters was cut off at about 46; how the page looks is
// tested where it is set.
func TestCaseLongStreet(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		w.do("import", caseFile("pdf-long-street", "network.yaml"), caseFile("pdf-long-street", "s.csv"))
		w.do("run", "--month", "2026-10")
		const street = "Avenida Professor Doutor Exemplo Longo, Edifício Ciência II, nº 11, 2º andar"
		if xml := w.written("GS-2026-00001", "xml"); !bytes.Contains(xml, []byte(street)) {
			t.Error("the e-invoice has lost the street")
		}
		if pdf := w.written("GS-2026-00001", "pdf"); !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Error("no PDF")
		}
		w.clean()
	})
}

// Names in any script, and signs that no document should have, go from the
// network file to all files of the note.
func TestAnyTextTravelsFromTheNetworkToTheFiles(t *testing.T) {
	t.Parallel()
	network, err := os.ReadFile(caseFile("pdf-unprintable-name", "network.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		changed := strings.NewReplacer(`name: "Nord 🔌"`, `name: "\u202eeil ホテル مرحبا"`, "name: Hotel A", "name: מלון אלסטר\n    session_detail: pdf").Replace(string(network))
		w.do("import", w.file("net.yaml", changed), w.file("s.csv", strings.Replace(rowsOf(t, "pdf-unprintable-name", "2026-10"), "S1,", "ш-ก็-🔌,", 1)))
		for _, bad := range []string{`name: "\u0001"`, `name: "\0"`, "name: \"\xff\""} {
			if w.try("import", w.file("bad.yaml", strings.Replace(string(network), "name: Hotel A", bad, 1))).status == exitDone {
				t.Errorf("%q is taken for a name", bad)
			}
		}
		out := w.do("readiness", "--month", "2026-10")
		for _, want := range []string{"stations/ST-1/name (a)", "U+202E → –", `U+30DB → "□"`, "sessions/ш-ก็-🔌 (a)"} {
			if !strings.Contains(out, want) {
				t.Errorf("readiness does not say %q:\n%s", want, out)
			}
		}
		w.do("run", "--month", "2026-10")
		content := w.written("GS-2026-00001", "xml")
		for decoder := xml.NewDecoder(bytes.NewReader(content)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Contains(content, []byte("ホテル مرحبا")) || !bytes.Contains(content, []byte("מלון אלסטר")) {
			t.Error("the e-invoice has lost a name")
		}
		list := csv.NewReader(bytes.NewReader(w.written("GS-2026-00001", "csv")))
		list.Comma = ';'
		rows, err := list.ReadAll()
		if err != nil || len(rows) != 2 || rows[1][1] != "ш-ก็-🔌" {
			t.Errorf("sessions %q (%v)", rows, err)
		}
		w.clean()
	})
}

func TestFallbackFontsAreCheckedAtTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t))
	broken := w.file("no.ttf", "this is no font")
	for fonts, want := range map[string]string{
		broken:         "no.ttf cannot be used",
		broken + "c#2": "no.ttfc cannot be used",
		"../../internal/pdf/fonts/NotoSansThai-Regular.ttf#2": "font 2 was asked for",
	} {
		w.vars["CREDITRUN_FALLBACK_FONTS"] = fonts
		if said := w.fails(exitFailed, "readiness"); !strings.Contains(said, want) {
			t.Errorf("%s: %s", fonts, said)
		}
	}
	w.vars["CREDITRUN_FALLBACK_FONTS"] = "../../internal/pdf/fonts/NotoSansThai-Regular.ttf, ../../internal/pdf/fonts/NotoSans-Bold.ttf#1"
	w.do("import", caseFile("pdf-long-street", "network.yaml"))
	w.do("readiness")
}

func TestNotesThatCannotBeRenderedKeepNobodyFromTheirs(t *testing.T) {
	round := renderRound{failed: map[int64]error{}}
	ours := []creditnotes.UnrenderedNote{{ID: 1, Number: "GS-1"}, {ID: 2, Number: "GS-2"}}
	old := errors.New("an old note")
	if err := round.tried(9, old); !errors.Is(err, old) || round.over(ours) {
		t.Error("the failure of another run's note ends this one")
	}
	_ = round.tried(1, errors.New("no ink"))
	if round.over(ours) {
		t.Error("a note that was not tried is given up")
	}
	_ = round.tried(2, nil)
	left := ours[:1]
	if !round.over(left) {
		t.Error("waits for a note that was tried in vain")
	}
	if err := round.errorOf(left); err == nil || !strings.Contains(err.Error(), "GS-1") || !strings.Contains(err.Error(), "no ink") || strings.Contains(err.Error(), "old") {
		t.Errorf("says %v", err)
	}
	if others := round.others(left); len(others) != 1 || !errors.Is(others[0], old) {
		t.Errorf("of other runs it says %v", others)
	}
	if round.errorOf(nil) != nil {
		t.Error("fails though all notes have their files")
	}
}
