package api

import (
	"net/http"
	"net/url"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/snapshot"
)

// The same visitors, asked of the rules and of the API.
func TestTheAPIAnswersWhatTheSnapshotLetsThrough(t *testing.T) {
	w := newWorld(t)
	current, err := w.api.snapshots.Current(t.Context())
	must(t, err)
	for _, name := range []string{"vera", "paul"} {
		user, err := w.store.UserByName(t.Context(), name)
		must(t, err)
		who, program := current.Visitor(user, nil), w.as(name)
		agrees := func(path string, sees bool) {
			t.Helper()
			want := http.StatusNotFound
			if sees {
				want = http.StatusOK
			}
			program.get(path).is(want)
		}
		for n, err := range w.store.EachNote(t.Context(), creditnotes.NoteFilter{}) {
			must(t, err)
			agrees("/credit-notes/"+url.PathEscape(n.Number), snapshot.SeesNote(who, n.Recipient, n.Owners))
		}
		for _, s := range current.Network.Stations() {
			agrees("/stations/"+s.Key, snapshot.SeesStation(who, s))
		}
		page, err := w.store.ListSessions(t.Context(), creditnotes.SessionFilter{}, creditnotes.Page{Limit: 60})
		must(t, err)
		for i := range page.Sessions {
			one := &page.Sessions[i].Session
			agrees("/sessions/"+url.PathEscape(one.Source+"/"+one.ExternalID), current.SeesSession(who, one))
		}
	}
}
