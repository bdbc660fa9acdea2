package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditrun/entities"
	"creditrun/internal/web/webtest"
)

var paperLink = regexp.MustCompile(`href="(/entities/[^"]+/documents/\d+)"`)

func TestDocumentsAboutEntitiesAreStoredOnThePages(t *testing.T) {
	w := newWorld(t)
	anna, vera, paul := w.as("anna"), w.as("vera"), w.as("paul")
	const path = "/entities/" + subCPO
	fields := []string{"kind", "small_business", "reference", "§ 19", "valid_from", "2026-01-01", "valid_until", "2020-12-31"}
	p := anna.upload(t, path+"/documents", "file", []byte("%PDF-1.7 letter"), fields...)
	p.refuses(t, http.StatusUnprocessableEntity, "which is earlier")
	if !strings.Contains(p.body, `value="§ 19"`) {
		t.Error("what was typed is lost")
	}
	fields[len(fields)-1] = "2030-12-31"
	anna.upload(t, path+"/documents", "file", []byte("%PDF-1.7 letter"), fields...).shows(t, "file is stored.", "Statement of a small business", "§ 19")
	anna.upload(t, path+"/documents", "file", []byte("<html>"), fields...).refuses(t, http.StatusUnprocessableEntity, "neither PDF, PNG nor JPEG")
	if p := vera.upload(t, path+"/documents", "file", []byte("%PDF-1.7 letter"), fields...); p.status != http.StatusForbidden {
		t.Errorf("who may only read stores a document: %d", p.status)
	}
	page := paul.get(path)
	page.shows(t, "Certificates and agreements", "Statement of a small business")
	link := paperLink.FindStringSubmatch(page.body)
	if link == nil || strings.Contains(page.body, `action="`+path+`/documents"`) || strings.Contains(page.body, "/withdraw") {
		t.Fatalf("a Sub-CPO sees %s", page.body)
	}
	if file := paul.get(link[1]); file.body != "%PDF-1.7 letter" || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%q %v", file.body, file.header)
	}
	paul.get(strings.Replace(link[1], subCPO, webtest.Operator, 1)).refuses(t, http.StatusNotFound, "")
	anna.post(link[1]+"/withdraw").refuses(t, http.StatusUnprocessableEntity, "withdrawn with a reason")
	anna.post(link[1]+"/withdraw", "reason", "of another company").shows(t, "file is withdrawn.", "of another company")
	if p := paul.get(path); strings.Contains(p.body, "/documents/") {
		t.Error("a Sub-CPO sees what was withdrawn")
	}
	paul.get(link[1]).refuses(t, http.StatusNotFound, "There is no document")
}

func TestTheProposedTaxIsOnThePageOfTheEntity(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	const path = "/entities/" + subCPO
	if p := anna.get(path); strings.Contains(p.body, "Proposed tax treatment") {
		t.Error("something is proposed without certificates")
	}
	today := entities.DateOf(w.now, w.now.Location())
	certify := func(key string, until entities.Date) {
		t.Helper()
		path := "/entities/" + key + "/edit"
		anna.submit(path, anna.get(path).form(), "reseller_from", "2020-01-01", "reseller_until", string(until), "reseller_certificate", "1 TH "+key, "confirm_password", password).shows(t, "is saved.")
	}
	p := anna.submit(path+"/edit", anna.get(path+"/edit").form(), "reseller_from", "2020-01-01", "reseller_certificate", "1 TH", "confirm_password", password)
	p.refuses(t, http.StatusUnprocessableEntity, "has no end")
	certify(webtest.Operator, today.AddDays(500))
	anna.get(path).shows(t, "Proposed tax treatment", "The recipient has no certificate as a reseller of electricity on that day.")
	certify(subCPO, today.AddDays(20))
	anna.get(path).shows(t, "1 TH "+subCPO, "runs out", "reverse charge (AE)", "differs", "The certificate of the recipient as a reseller of electricity ended on",
		"reverse charge (AE) is proposed, but the tax account")
}
