package admin

import (
	"testing"

	"creditrun/internal/access"
	"creditrun/internal/store/storetest"
	"creditrun/internal/web/webtest"
	"creditrun/locales"
)

// newVisit is a visit of anna in English, without a network.
func newVisit(t *testing.T) *Visit {
	t.Helper()
	texts, err := locales.New()
	must(t, err)
	s := storetest.Open(t, storetest.SQLite(t), webtest.Now)
	pages := &Pages{Options: Options{Store: s, Texts: texts, Now: webtest.Now}}
	return pages.Visit(webtest.Visit(t, s, access.User{Name: "anna", Active: true, Roles: []access.Role{access.Admin, access.Finance}}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
