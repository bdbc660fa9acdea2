package web

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
)

// markedLine is an address of an entity that gets no more mails.
type markedLine struct{ Address, Text string }

// markedAddresses are the addresses of an entity that get no more mails, and
// why.
func (v *visit) markedAddresses(b *snapshot.Snapshot, e *entities.Entity) (list []markedLine, err error) {
	marked, err := v.Store.MarkedAddresses(v.r.Context())
	for _, f := range creditnotes.MarkedFaults(*e, marked, b.Network.Zone()) {
		address, _ := f.Args["address"].(string)
		list = append(list, markedLine{address, v.Texts.Fault(v.lang, f)})
	}
	return list, err
}

// liftAddress lets mails go to an address of an entity again.
func (v *visit) liftAddress() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	e, err := v.entityAt(b, v.r.PathValue("key"))
	if err != nil {
		return err
	}
	f := v.form("")
	address := f.text("address")
	if f.fail(v.Store.LiftAddress(v.r.Context(), v.name(), address)) {
		return v.showEntity(f)
	}
	return v.done(entityPath(e.Key), "entity_marked_lifted", "Address", address)
}
