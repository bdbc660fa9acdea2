package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// The story of the product: real charging sessions go in, the owners get
// credit notes by mail.
func TestFromCDRFileToMailbox(t *testing.T) {
	t.Parallel()
	reports := map[string]string{}
	eachWorld(t, func(t *testing.T, w *world) {
		w.perth()
		for _, month := range perthMonths {
			reports[t.Name()] += w.do("run", "--month", month, "--json")
		}
		notes := w.notes()
		golden(t, "perth.golden", totalsOf(notes))
		if len(notes) != 39 {
			t.Fatalf("%d notes", len(notes))
		}
		server := (&mailServer{}).start(t)
		w.mail = server.url()
		if out := w.do("deliver"); out != "sent 39\n" {
			t.Errorf("deliver prints %q", out)
		}
		mails := map[string]opened{}
		for _, m := range server.inbox() {
			o := openLetter(t, m.content)
			if diff := cmp.Diff(m.to, o.To); diff != "" {
				t.Errorf("the envelope and the letter name others:\n%s", diff)
			}
			mails[o.ID] = o
		}
		if len(mails) != 39 || len(server.inbox()) != 39 {
			t.Errorf("%d mails, %d different ones arrived", len(server.inbox()), len(mails))
		}
		byNumber := map[string]opened{}
		for id, m := range mails {
			number, _, _ := strings.Cut(strings.TrimPrefix(id, "<"), ".")
			byNumber[number] = m
		}
		w.compareMails(w.notes(), byNumber)
		if out := w.do("deliver"); out != "sent 39\n" || len(server.inbox()) != 39 {
			t.Errorf("delivering again prints %q; %d mails arrived", out, len(server.inbox()))
		}
		w.clean()
	})
	for name, report := range reports {
		if report != reports[t.Name()+"/sqlite"] {
			t.Errorf("%s reports something else than SQLite:\n%s", name, cmp.Diff(reports[t.Name()+"/sqlite"], report))
		}
	}
}

func TestMailsGoIntoAFolderToo(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.perth()
		w.do("run", "--month", "2019-07")
		if out := w.do("deliver"); out != "sent 13\n" {
			t.Errorf("deliver prints %q", out)
		}
		w.compareMails(w.notes(), w.outbox())
		w.clean()
	})
}

// compareMails holds every mail against its note and the stored files.
func (w *world) compareMails(notes []noteRowJSON, mails map[string]opened) {
	w.Helper()
	languages := map[string]int{}
	for _, note := range notes {
		mail, number := mails[*note.Number], *note.Number
		languages[mail.Language]++
		if note.Delivery != creditnotes.DeliverySent {
			w.Errorf("the mail of %s is %s", number, note.Delivery)
		}
		to := strings.Replace(note.Recipient, "-", "", 1) + "@owners.example"
		if mail.Language != note.Language || !slices.Equal(mail.To, []string{to}) || !strings.Contains(mail.Subject, number) {
			w.Errorf("the mail of %s to %s in %s is to %v in %s: %s", number, to, note.Language, mail.To, mail.Language, mail.Subject)
		}
		pdf, csv := filepath.Join(w.dir, "note.pdf"), filepath.Join(w.dir, "note.csv")
		w.do("notes", "show", number, "--pdf", pdf, "--csv", csv, "--force")
		stored := map[string][]byte{}
		for path, name := range map[string]string{pdf: number + ".pdf", csv: number + ".csv"} {
			content, err := os.ReadFile(path)
			if err != nil {
				w.Fatal(err)
			}
			stored[name] = content
		}
		if !bytes.HasPrefix(stored[number+".pdf"], []byte("%PDF-")) || !bytes.HasPrefix(stored[number+".csv"], []byte("\ufeffdocument_number;session_id;")) {
			w.Errorf("the stored files of %s are something else", number)
		}
		if len(mail.Files) != 2 || !bytes.Equal(mail.Files[number+".pdf"], stored[number+".pdf"]) || !bytes.Equal(mail.Files[number+".csv"], stored[number+".csv"]) {
			w.Errorf("the mail of %s does not carry the stored files, but %d others", number, len(mail.Files))
		}
	}
	if len(mails) != len(notes) || len(languages) != 3 {
		w.Errorf("%d mails for %d notes, in the languages %v", len(mails), len(notes), languages)
	}
}

// totalsOf is what an accountant compares: number, owner, net, tax, gross.
func totalsOf(notes []noteRowJSON) string {
	var lines []string
	for _, note := range notes {
		taxes := ""
		for _, t := range note.Taxes {
			taxes += t.Tax
		}
		lines = append(lines, fmt.Sprintf("%s;%s;%s;%s;%s\n", *note.Number, note.Owner, note.Net, taxes, note.Gross))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// domain.md §6.7 through the command line.
func TestTheWorkedExampleIsCreditedToTheCent(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		var report creditnotes.ReportJSON
		w.at("2026-10-31", 20)
		w.small().read(&report, "run", "--month", "2026-10")
		if len(report.Notes) != 2 || len(report.Held) != 1 || len(report.Failed) != 0 {
			t.Fatalf("%+v", report)
		}
		a := report.Notes[0]
		want := []string{"GS-2026-00001", "a", "16.84", "3.20", "20.04", "7.04", "9.80", "2026-10-31", "2026-11-14"}
		got := []string{*a.Number, a.Owner, a.Net, a.Taxes[0].Tax, a.Gross, a.Positions[0].Net, a.Positions[1].Net, string(a.Date), string(a.DueDate)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		held := creditnotes.HoldJSON{Session: "S-6", Owner: "a", Reason: "invalid", Energy: "3"}
		if diff := cmp.Diff(held, report.Held[0]); diff != "" {
			t.Error(diff)
		}
		control := report.Control
		if !control.Balanced || control.Received.Sessions != 7 || control.Credited.Sessions != 6 || control.Received.Energy.String() != "64.345" {
			t.Errorf("%+v", control)
		}
		var preview creditnotes.ReportJSON
		w.read(&preview, "preview", "--month", "2026-10")
		if len(preview.Notes) != 0 || len(preview.Held) != 1 {
			t.Errorf("what is credited would be credited again: %+v", preview)
		}
	})
}

// The same through OCPI, with what CDRs leave out derived.
func TestOCPICDRsAreCreditedToo(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.now = time.Date(2019, 9, 2, 9, 0, 0, 0, time.UTC)
		w.do("import", "../../internal/intake/testdata/perth/network.yaml", w.file("cdrs.ndjson", unzipped(w, "cdrs-2019-08.ndjson.gz")))
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2019-08")
		if c := report.Control; !c.Balanced || c.Received.Sessions != 3370 || c.Held.Sessions != int64(len(report.Held)) || len(report.Failed) > 0 {
			t.Errorf("%+v", c)
		}
		golden(t, "perth-cdrs.golden", totalsOf(w.notes()))
		w.clean()
	})
}
