package web

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Forms that change a record notice what other people do meanwhile, all in the
// same way: a hidden field "seen" holds the fingerprint of the record as the
// form shows it, and the store compares it in the transaction that saves. A
// record that was changed is not overwritten, and a new one never replaces
// another. The form comes back with what was typed, who changed what, and the
// fingerprint of today: saving once more is then done knowingly.

// unseen is the fingerprint of no record: a form without the field "seen" saves
// nothing.
const unseen = "-"

// see sets the fingerprint of the record as it is now. A form that was sent
// keeps what it said, unless the record was changed meanwhile.
func (f *form) see(now string) {
	f.Seen = now
	if sent := f.values.Get("seen"); sent != "" && !changedMeanwhile(f.faults) {
		f.Seen = sent
	}
}

// sent is what the form says it has seen.
func (f *form) sent() string { return cmp.Or(f.values.Get("seen"), unseen) }

// changedMeanwhile reports whether a person changed the record of a form.
func changedMeanwhile(problem error) bool {
	return slices.ContainsFunc(fault.Of(problem), func(f *fault.Fault) bool { return f.Key == "record_changed" })
}

// changedMeanwhile reports whether a person changed a field of the record, where
// each is compared by itself.
func (f *form) changedMeanwhile(field string) bool {
	return slices.ContainsFunc(f.faults, func(found *fault.Fault) bool { return found.Key == "record_changed" && found.Field == field })
}

// was is what a field was when the form was made, from the hidden field beside
// it; ok is false where there is none.
func (f *form) was(name string) (value string, ok bool) {
	name = "was." + name
	return f.values.Get(name), f.values.Has(name)
}

// record names a record of the configuration that a form is about.
func record(section, key string) creditnotes.Record {
	return creditnotes.Record{Section: section, Key: key}
}

// see sets what a form has seen of a record of the configuration.
func (v *visit) see(f *form, r creditnotes.Record) error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	now, err := b.Config.Fingerprint(r)
	f.see(now)
	return err
}

// saveRecord stores the record of a form, and what else is in the
// configuration given, unless a person changed the record since the form was
// shown. A new record is stored only where its key is free.
func (v *visit) saveRecord(f *form, r creditnotes.Record, isNew bool, c *creditnotes.Configuration) error {
	_, err := v.Store.SaveRecord(v.r.Context(), v.name(), r, f.sentOf(isNew), c)
	return err
}

// changeRecord is saveRecord for what may decide where money goes: the visitor
// has confirmed it or not, and what waits for a second person is returned.
func (v *visit) changeRecord(
	f *form, r creditnotes.Record, isNew, confirmed bool, c *creditnotes.Configuration,
) ([]creditnotes.Proposal, error) {
	_, waiting, err := v.Store.ChangeRecord(v.r.Context(), v.name(), confirmed, r, f.sentOf(isNew), c)
	return waiting, err
}

// sentOf is what the form says it has seen; of a new record there is nothing.
func (f *form) sentOf(isNew bool) string {
	if isNew {
		return ""
	}
	return f.sent()
}
