package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/web/webtest"
)

func TestDocumentsAboutEntitiesAreStoredByTheAPI(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	own, other := "/entities/"+webtest.SubCPO+"/documents", "/entities/"+webtest.Operator+"/documents"
	const query, pdf = "?kind=reseller_certificate&name=1%20TH.pdf&reference=1%20TH%2017&valid_from=2026-01-01&valid_until=2028-12-31", "%PDF-1.7 certificate"
	file := anna.with("Content-Type", "application/pdf")
	one := read[creditnotes.EntityDocumentJSON](file.post(own+query, pdf).is(http.StatusCreated))
	if one.Name != "1 TH.pdf" || one.Bytes != int64(len(pdf)) || one.State != "valid" || one.StoredBy != "anna" {
		t.Errorf("%+v", one)
	}
	file.post(own+query, pdf).problem(http.StatusConflict, "entity_document_twice")
	file.post(own+query, "<html>").problem(http.StatusUnprocessableEntity, "entity_document_type")
	file.post("/entities/nobody/documents"+query, pdf).problem(http.StatusNotFound, "entity_unknown")
	file.post(own+query, pdf+strings.Repeat(" ", creditnotes.MostOfEntityDocument)).is(http.StatusRequestEntityTooLarge)
	foreign := read[creditnotes.EntityDocumentJSON](file.post(other+query, pdf).is(http.StatusCreated))
	paul.with("Content-Type", "application/pdf").post(own+query, "%PDF-1.4").is(http.StatusForbidden)

	list := read[Items[creditnotes.EntityDocumentJSON]](paul.get(own).is(http.StatusOK)).Items
	if len(list) != 1 || list[0].ID != one.ID || list[0].StoredBy != "" {
		t.Errorf("a Sub-CPO sees %+v", list)
	}
	if got := paul.get(fmt.Sprintf("%s/%d", own, one.ID)).is(http.StatusOK); string(got.body) != pdf || got.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%q, %v", got.body, got.header)
	}
	paul.get(other).problem(http.StatusNotFound, "entity_unknown")
	paul.get(fmt.Sprintf("%s/%d", other, foreign.ID)).problem(http.StatusNotFound, "entity_unknown")
	paul.get(fmt.Sprintf("%s/%d", own, foreign.ID)).problem(http.StatusNotFound, "entity_document_unknown")

	anna.post(fmt.Sprintf("%s/%d/withdraw", own, one.ID), object{"reason": "of another company"}).is(http.StatusNoContent)
	if list := read[Items[creditnotes.EntityDocumentJSON]](anna.get(own)).Items; len(list) != 1 || list[0].State != "withdrawn" || list[0].Withdrawn != "of another company" {
		t.Errorf("%+v", list)
	}
	if list := read[Items[creditnotes.EntityDocumentJSON]](paul.get(own)).Items; len(list) != 0 {
		t.Errorf("a Sub-CPO sees what was withdrawn: %+v", list)
	}
	paul.get(fmt.Sprintf("%s/%d", own, one.ID)).problem(http.StatusNotFound, "entity_document_unknown")
}

// TestTaxProposalsAreReadByTheAPI follows a Sub-CPO whose statement as a small business
// is stored: its tax differs on the days of the statement alone.
func TestTaxProposalsAreReadByTheAPI(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	path := "/entities/" + webtest.SubCPO + "/tax-proposals"
	list := func(p *program, query string) []creditnotes.ProposedTaxJSON {
		t.Helper()
		return read[Items[creditnotes.ProposedTaxJSON]](p.get(path + query).is(http.StatusOK)).Items
	}
	if got := list(anna, ""); len(got) > 0 {
		t.Errorf("without certificates and statements: %+v", got)
	}
	const query = "?kind=small_business&name=19.pdf&valid_from=2026-10-10&valid_until=2026-10-20"
	stored := read[creditnotes.EntityDocumentJSON](anna.with("Content-Type", "application/pdf").post("/entities/"+webtest.SubCPO+"/documents"+query, "%PDF-1.7").is(http.StatusCreated))
	got := list(anna, "?from=2026-10-01&until=2026-10-31")
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	one := got[0]
	if one.From != "2026-10-10" || one.Category != creditnotes.Exempt || one.Reason != creditnotes.SmallBusinessStated || !one.Differs || one.AccountCategory == creditnotes.Exempt ||
		!strings.Contains(one.Warning, "statement that the recipient is a small business") {
		t.Errorf("%+v", one)
	}
	if got := list(paul, "?from=2026-10-15&until=2026-10-15"); len(got) != 1 || got[0].From != "2026-10-15" {
		t.Errorf("a Sub-CPO sees %+v", got)
	}
	if got := list(anna, "?from=2026-10-21&until=2026-10-31"); len(got) > 0 {
		t.Errorf("after the statement: %+v", got)
	}
	anna.get(path+"?from=2026-10-31&until=2026-10-01").problem(http.StatusUnprocessableEntity, "request_invalid")
	anna.get(path+"?from=soon").problem(http.StatusUnprocessableEntity, "request_invalid")
	paul.get("/entities/"+webtest.Operator+"/tax-proposals").problem(http.StatusNotFound, "entity_unknown")
	anna.post(fmt.Sprintf("/entities/%s/documents/%d/withdraw", webtest.SubCPO, stored.ID), object{"reason": "of another company"}).is(http.StatusNoContent)
	if got := list(anna, "?from=2026-10-01&until=2026-10-31"); len(got) > 0 {
		t.Errorf("the statement was withdrawn: %+v", got)
	}
}
