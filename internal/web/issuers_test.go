package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestBothSidesOfAnIssuerAreShown(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/issuers").shows(t, "Issuers of media", "Sonnenpark Muster", "sonnenpark-share", "Stadtwerke Beispielstadt", "no one")
	const path = "/issuers/sonnenpark?month=2026-10"
	anna.get(path).shows(t, "both sides", "Issuer: billed as own charging", "Issuer: top-ups", "60.000000", "Owners: credited", "not credited: held",
		"not due for settlement yet")
	anna.get(path+"&finding=agrees").shows(t, `class="badge good">agrees`, "RE-2026-00007", "GS-2026-00039")
	if all, differences := anna.get(path+"&finding=all"), anna.get(path); strings.Count(all.body, "<tr>") <= strings.Count(differences.body, "<tr>") {
		t.Error("all sessions are no more than those that do not agree")
	}
	anna.get(path+"&finding=nothing").refuses(t, http.StatusUnprocessableEntity, "nothing")
	anna.get("/issuers/nobody").refuses(t, http.StatusNotFound, "nobody")
	anna.get("/entities/sonnenpark").shows(t, "/issuers/sonnenpark?month=2026-10")
	anna.get("/control").shows(t, `href="/issuers"`)
	if p := anna.get("/issuers/sonnenpark/control.xlsx?month=2026-10"); p.status != http.StatusOK || !strings.HasPrefix(p.body, "PK") {
		t.Errorf("workbook: %d", p.status)
	}
}

// A Sub-CPO sees itself as issuer, and of stations of others what it was billed.
func TestASubCPOSeesItselfAsIssuer(t *testing.T) {
	w := newWorld(t)
	paul := w.as("paul")
	list := paul.get("/issuers")
	list.shows(t, "Stadtwerke Beispielstadt")
	if strings.Contains(list.body, "Sonnenpark") || strings.Contains(list.body, "Frischmarkt") {
		t.Error("paul sees other issuers")
	}
	paul.get("/issuers/sonnenpark").refuses(t, http.StatusNotFound, "sonnenpark")
	p := paul.get("/issuers/stadtwerke?month=2026-10&finding=all")
	p.shows(t, "Of the sessions at stations of other owners you see", "no contract with own charging")
	for _, other := range []string{"LON-04", "FRM-01", "ALP-02", "SON-", "Sample Fleet", "Frischmarkt", "Hotel Alpenmuster"} {
		if strings.Contains(p.body, other) {
			t.Errorf("paul sees %s", other)
		}
	}
}
