package web

import (
	"net/url"
	"testing"

	"creditrun/creditnotes"
)

func TestAnAdministratorLiftsTheMarkOfAnAddress(t *testing.T) {
	w := newWorld(t)
	note := w.issuedNotes()[0]
	deliveries, err := w.store.Deliveries(t.Context(), note.ID)
	must(t, err)
	address := deliveries[0].To[0]
	_, err = w.store.RecordBounce(t.Context(), creditnotes.Bounce{
		Hash: "h1", Kind: creditnotes.BounceFailed, IDs: []string{deliveries[0].MessageID}, Who: "bounces",
		Recipients: []creditnotes.BounceRecipient{{Address: address, Kind: creditnotes.BounceFailed, Reason: "550 5.1.1 no such user"}},
	})
	must(t, err)
	path := "/entities/" + url.PathEscape(note.Recipient)
	const button = "Lift the mark of "
	w.as("anna").get(path).shows(t, "Nothing is mailed to "+address, "550 5.1.1 no such user", button+address)
	vera := w.as("vera").get(path)
	vera.shows(t, "Nothing is mailed to "+address)
	vera.lacks(t, button)
	w.as("anna").post(path+"/addresses/lift", "address", address)
	w.as("anna").get(path).lacks(t, "Nothing is mailed to ", button)
}
