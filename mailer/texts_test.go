package mailer

import (
	"testing"

	"creditrun/locales"
)

// texts are the words as people get them.
func texts(t testing.TB) *locales.Catalog {
	t.Helper()
	catalog, err := locales.New()
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}
