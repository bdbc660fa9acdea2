package api

import (
	"net/http"
	"testing"

	"creditrun/creditnotes"
)

func TestTheMarkOfAnAddressIsListedAndLifted(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	notes := all[Note](anna, "/credit-notes?limit=1")
	stored, err := w.store.NoteByNumber(t.Context(), notes[0].Number)
	must(t, err)
	deliveries, err := w.store.Deliveries(t.Context(), stored.ID)
	must(t, err)
	_, err = w.store.RecordBounce(t.Context(), creditnotes.Bounce{
		Hash: "h1", Kind: creditnotes.BounceFailed, IDs: []string{deliveries[0].MessageID}, Who: "bounces",
		Recipients: []creditnotes.BounceRecipient{{Address: deliveries[0].To[0], Kind: creditnotes.BounceFailed, Reason: "550 5.1.1 no such user"}},
	})
	must(t, err)
	list := all[MarkedAddress](anna, "/marked-addresses")
	if len(list) != 1 || list[0].Kind != creditnotes.MarkBounced || list[0].Reason != "550 5.1.1 no such user" {
		t.Fatalf("%+v", list)
	}
	lift := object{"address": list[0].Address}
	anna.post("/marked-addresses/lift", lift).is(http.StatusNoContent)
	if list := all[MarkedAddress](anna, "/marked-addresses"); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	anna.post("/marked-addresses/lift", lift).problem(http.StatusNotFound, "address_not_marked")
}
