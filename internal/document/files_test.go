package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/internal/fault"
	"creditrun/internal/pdf/pdftest"
)

// fakeInvoices write the kind of the file and the number of the note.
func fakeInvoices(kinds ...creditnotes.FileKind) invoices {
	all := invoices{}
	for _, kind := range kinds {
		all[kind] = func(n *creditnotes.Note, _ *einvoice.Guard) (*written, error) {
			return &written{[]byte(string(kind) + " " + n.Number), einvoice.EN16931}, nil
		}
	}
	return all
}

func namesOf(files []creditnotes.File) (names []string) {
	for _, f := range files {
		names = append(names, string(f.Kind)+" "+f.Name+" "+f.MediaType)
	}
	return names
}

func TestANoteHasTheFilesThatItsRecipientNeeds(t *testing.T) {
	files, err := newRenderer(t).Files(shortNote(), manyDetails(2))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"pdf GS-2026-00001.pdf application/pdf",
		"csv GS-2026-00001.csv text/csv; charset=utf-8",
		"cii GS-2026-00001-factur-x.xml application/xml",
		"xrechnung GS-2026-00001-xrechnung.xml application/xml",
	}
	// XRechnung wants more master data than the short note has.
	got := namesOf(files)
	want = slices.DeleteFunc(want, func(name string) bool { return strings.HasPrefix(name, "xrechnung") && !slices.Contains(got, name) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".xml") {
			if err := xml.Unmarshal(f.Content, new(struct{})); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
}

func TestThePDFContainsTheStoredFilesByteForByte(t *testing.T) {
	r := newRenderer(t)
	r.invoices = fakeInvoices(creditnotes.FileCII, creditnotes.FileUBL, creditnotes.FileXRechnung, creditnotes.FileXRechnungCII)
	files, err := r.Files(shortNote(), manyDetails(2))
	if err != nil {
		t.Fatal(err)
	}
	inside := pdftest.Attachments(t, pdfOf(t, files))
	want := map[string]string{}
	for _, f := range files {
		switch f.Kind {
		case creditnotes.FileCII:
			want["factur-x.xml Alternative text/xml"] = string(f.Content)
		case creditnotes.FileXRechnung:
			want["GS-2026-00001-xrechnung.xml Supplement text/xml"] = string(f.Content)
		case creditnotes.FileCSV:
			want["GS-2026-00001.csv Supplement text/csv"] = string(f.Content)
		}
	}
	if diff := cmp.Diff(want, inside); diff != "" {
		t.Error(diff)
	}
}

func TestAnInvoiceThatCannotBeIsLeftOut(t *testing.T) {
	r := newRenderer(t)
	r.invoices = fakeInvoices(creditnotes.FileXRechnung)
	r.invoices[creditnotes.FileCII] = func(*creditnotes.Note, *einvoice.Guard) (*written, error) {
		return nil, fault.New(fault.Invalid, "einvoice_currency_digits", nil)
	}
	files, err := r.Files(shortNote(), manyDetails(2))
	if err != nil {
		t.Fatal(err)
	}
	if got := namesOf(files); len(got) != 3 || !strings.HasPrefix(got[2], "xrechnung ") {
		t.Errorf("got %v", got)
	}
	if bytes.Contains(pdfOf(t, files), []byte("factur-x")) {
		t.Error("the PDF speaks of an invoice that it does not have")
	}
	if found := pdftest.Violations(pdfOf(t, files)); len(found) > 0 {
		t.Error(found)
	}
}

func TestOtherFilesAreMadeWhenAskedFor(t *testing.T) {
	r, n := newRenderer(t), toNetworks(longNote(3))
	for _, kind := range []creditnotes.FileKind{creditnotes.FileUBL, creditnotes.FileXRechnungCII, creditnotes.FilePeppol, creditnotes.FileXLSX} {
		var all [2]*creditnotes.File
		for i := range all {
			f, err := r.AskedFile(n, kind, manyDetails(3))
			if err != nil || f == nil || f.NoteID != n.ID || f.Kind != kind || f.Name != FileName(n, kind) || (f.Validation == nil) != (kind == creditnotes.FileXLSX) {
				t.Fatalf("%s: %+v, %v", kind, f, err)
			}
			all[i] = f
		}
		if !bytes.Equal(all[0].Content, all[1].Content) {
			t.Errorf("%s has other bytes when it is made again", kind)
		}
	}
	if f, err := r.AskedFile(n, creditnotes.FileFrance, nil); f != nil || err != nil {
		t.Errorf("the French profile for a German seller: %v, %v", f, err)
	}
	n.Document.Recipient.ElectronicAddress = ""
	if _, err := r.AskedFile(n, creditnotes.FilePeppol, nil); len(fault.Of(err)) == 0 {
		t.Errorf("Peppol without an address: %v", err)
	}
}

// toNetworks gives both sides of a note an electronic address.
func toNetworks(n *creditnotes.Note) *creditnotes.Note {
	d := &n.Document
	d.Issuer.ElectronicAddress, d.Recipient.ElectronicAddress = "9930:DE123456788", "9930:DE987654321"
	return n
}

func TestFilesFailWhereAnythingElseFails(t *testing.T) {
	broken := errors.New("broken")
	r := newRenderer(t)
	if _, err := r.Files(shortNote(), details(nil, broken)); !errors.Is(err, broken) {
		t.Errorf("broken sessions: %v", err)
	}
	r.invoices = invoices{creditnotes.FileCII: func(*creditnotes.Note, *einvoice.Guard) (*written, error) { return nil, broken }}
	if _, err := r.Files(shortNote(), manyDetails(1)); !errors.Is(err, broken) {
		t.Errorf("broken invoice: %v", err)
	}
	strange := shortNote()
	strange.Document.Color = "red"
	if _, err := newRenderer(t).Files(strange, manyDetails(1)); err == nil || !strings.Contains(err.Error(), "#rrggbb") {
		t.Errorf("strange color: %v", err)
	}
}

func TestSessionDetailDecidesWhereTheSessionsAre(t *testing.T) {
	r := newRenderer(t)
	for detail, want := range map[string]struct{ csv, annex bool }{"csv": {true, false}, "": {true, false}, "pdf": {true, true}, "none": {false, false}} {
		note := shortNote()
		note.Document.SessionDetail = detail
		files, err := r.Files(note, manyDetails(2))
		if err != nil {
			t.Fatal(err)
		}
		csv := slices.ContainsFunc(files, func(f creditnotes.File) bool { return f.Kind == creditnotes.FileCSV })
		annex := slices.ContainsFunc(pdftest.Read(t, pdfOf(t, files)), func(p pdftest.Printed) bool { return p.Text == "cdr-2026-10-0000001" })
		if csv != want.csv || annex != want.annex {
			t.Errorf("%q: csv %v, annex %v", detail, csv, annex)
		}
	}
}

func TestTheSameNoteAndSessionsGiveTheSameFiles(t *testing.T) {
	r := newRenderer(t)
	first := map[string][]creditnotes.File{}
	for name, note := range archived(t) {
		files, err := r.Files(note, manyDetails(20))
		if err != nil {
			t.Fatal(err)
		}
		first[name] = files
	}
	var group sync.WaitGroup
	for name, note := range archived(t) {
		for range 2 {
			group.Go(func() {
				files, err := r.Files(note, manyDetails(20))
				if err != nil || !slices.EqualFunc(first[name], files, sameFile) {
					t.Errorf("%s: other files (%v)", name, err)
				}
			})
		}
	}
	group.Wait()
}

func sameFile(a, b creditnotes.File) bool {
	return a.Kind == b.Kind && a.Name == b.Name && a.MediaType == b.MediaType && bytes.Equal(a.Content, b.Content)
}

func TestTheIdentifierOfAFileFollowsItsContent(t *testing.T) {
	id := func(change func(*creditnotes.Note)) string {
		note := shortNote()
		change(note)
		content, err := newRenderer(t).PDF(note)
		if err != nil {
			t.Fatal(err)
		}
		return string(content[bytes.LastIndex(content, []byte("/ID")):])[:80]
	}
	same := id(func(*creditnotes.Note) {})
	if again := id(func(*creditnotes.Note) {}); again != same {
		t.Errorf("%s, then %s", same, again)
	}
	if other := id(func(n *creditnotes.Note) { n.Document.Agreement = "SBA-18" }); other == same {
		t.Error("another content has the same identifier")
	}
}

func TestNothingInTheAnnexOverflows(t *testing.T) {
	r := newRenderer(t)
	wide := oneDetail()
	wide.Session.ExternalID = "0e5fbf2e-7f0c-4f9c-9d7e-6a3a1f9b2c44" + strings.Repeat("W", 300)
	wide.Path.EVSEID = "DE*VLT*E" + strings.Repeat("1001*", 12)
	wide.Line.Energy, wide.Line.NetEnergy, wide.Line.NetTime = 1_430_500_001, -987_654_321_123_456, 9_999_999_999_999
	for _, language := range r.texts.Languages() {
		for _, digits := range []int{0, 2, 3} {
			note := in("de", shortNote())
			note.Language, note.Document.CurrencyDigits = language, digits
			note.Number, note.Document.SessionDetail = "", detailPDF
			files, err := r.Files(note, details([]creditnotes.Detail{wide, oneDetail(), wide}, nil))
			if err != nil {
				t.Fatal(err)
			}
			checkLayout(t, r, pdfOf(t, files))
		}
	}
}
