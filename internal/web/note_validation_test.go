package web

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

var reportLink = regexp.MustCompile(`href="(/notes/[^"]+/validations/\d+)"`)

// TestReportsOfValidatorsAreAttachedOnThePageOfANote follows the report of an official
// validator to the file that it is about, and what is refused on the way.
func TestReportsOfValidatorsAreAttachedOnThePageOfANote(t *testing.T) {
	w := newWorld(t)
	anna, vera, paul := w.as("anna"), w.as("vera"), w.as("paul")
	note := w.latest(subCPO)
	path := page.NotePath(&note)
	fields := func(kind, result string) []string {
		return []string{"kind", kind, "validator", "KoSIT validator", "version", "1.6.2", "result", result}
	}
	report := []byte(`<rep:report xmlns:rep="http://www.xoev.de/de/validator/varl/1" valid="true"/>`)
	attached := func() (n int) {
		t.Helper()
		list, err := w.store.Validations(t.Context(), note.ID)
		must(t, err)
		for _, one := range list {
			n += len(one.Reports)
		}
		return n
	}

	// What is refused leaves nothing behind.
	for name, who := range map[string]*browser{"who may only read": vera, "a Sub-CPO": paul} {
		if p := who.upload(t, path+"/validations", "report", report, fields("cii", "passed")...); p.status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, p.status)
		}
		if p := who.get(path); strings.Contains(p.body, `action="`+path+`/validations"`) {
			t.Errorf("%s is shown the form", name)
		}
	}
	anna.upload(t, path+"/validations", "report", nil, fields("cii", "passed")...).refuses(t, http.StatusBadRequest, "is empty")
	anna.upload(t, path+"/validations", "report", report, fields("cii", "perhaps")...).refuses(t, http.StatusBadRequest, "passed or failed")
	for name, kind := range map[string]string{"a file that was not made": "peppol", "no kind of file": "../pdf"} {
		if p := anna.upload(t, path+"/validations", "report", report, fields(kind, "passed")...); p.status < 400 {
			t.Errorf("%s: status %d", name, p.status)
		}
	}
	anna.upload(t, path+"/validations", "report", bytes.Repeat([]byte("x"), page.MostForm), fields("cii", "passed")...).refuses(t, http.StatusUnprocessableEntity, "1 MB")
	anna.upload(t, "/notes/GS-0000/validations", "report", report, fields("cii", "passed")...).refuses(t, http.StatusNotFound, "GS-0000")
	if n := attached(); n != 0 {
		t.Fatalf("%d reports are attached", n)
	}

	// It is attached once, with who did it in the audit log, and is read by those who see the note.
	for range 2 {
		anna.upload(t, path+"/validations", "report", report, fields("cii", "failed")...).shows(t, "KoSIT validator 1.6.2", "anna")
	}
	if n := attached(); n != 1 {
		t.Errorf("%d reports are attached", n)
	}
	entries := w.logged(t, store.AuditFilter{Subject: note.Number, Limit: 1})
	if len(entries) != 1 || entries[0].Action != creditnotes.ActionValidationAttached || entries[0].Who != "anna" || !strings.Contains(entries[0].After, `"result":"failed"`) {
		t.Errorf("the audit log says %+v", entries)
	}
	link := reportLink.FindStringSubmatch(vera.get(path).body)
	if link == nil {
		t.Fatal("no link to the report")
	}
	for name, who := range map[string]*browser{"the operator": vera, "its Sub-CPO": paul} {
		if got := who.get(link[1]); got.body != string(report) || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s reads %q, %v", name, got.body, got.header)
		}
	}
	paul.get(strings.Replace(link[1], note.Number, "GS-0000", 1)).refuses(t, http.StatusNotFound, "")
}
