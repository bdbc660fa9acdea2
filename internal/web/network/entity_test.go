package network

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/access"
)

func TestObjectionOfOwnersElsewhereIsNotShown(t *testing.T) {
	paul := &access.Visitor{User: access.User{Active: true}, EntityKeys: map[string]bool{"a": true, "b": true}}
	for _, is := range []struct {
		owners []string
		want   bool
	}{{[]string{"a"}, true}, {[]string{"a", "b"}, true}, {[]string{"b"}, false}, {[]string{"a", "c"}, false}} {
		if got := concerns(creditnotes.Objection{Owners: is.owners}, "a", paul); got != is.want {
			t.Errorf("%v: %t", is.owners, got)
		}
	}
}
