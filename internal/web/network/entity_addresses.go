package network

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// markedLine is an address of an entity that gets no more mails.
type markedLine struct{ Address, Text string }

// markedAddresses are the addresses of an entity that get no more mails, and
// why.
func (v *Visit) markedAddresses(b *snapshot.Snapshot, e *entities.Entity) (list []markedLine, err error) {
	marked, err := v.Store.MarkedAddresses(v.R.Context())
	for _, f := range creditnotes.MarkedFaults(*e, marked, b.Network.Zone()) {
		address, _ := f.Args["address"].(string)
		list = append(list, markedLine{address, v.Texts.PageFault(v.Lang, f)})
	}
	return list, err
}

// LiftAddress lets mails go to an address of an entity again.
func (v *Visit) LiftAddress() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	f := v.Form("")
	address := f.Text("address")
	if f.Fail(v.Store.LiftAddress(v.R.Context(), v.Name(), address)) {
		return v.showEntity(f)
	}
	return v.Done(page.EntityPath(e.Key), "entity_marked_lifted", "Address", address)
}
