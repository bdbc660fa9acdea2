package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Forms that change a record notice what other people do meanwhile, all in the
// same way: a hidden field "seen" holds the fingerprint of the record as the
// form shows it, and the store compares it in the transaction that saves. A
// record that was changed is not overwritten, and a new one never replaces
// another. The form comes back with what was typed, who changed what, and the
// fingerprint of today: saving once more is then done knowingly.

// Unseen is the fingerprint of no record: a form without the field "seen" saves
// nothing.
const Unseen = "-"

// See sets the fingerprint of the record as it is now. A form that was sent
// keeps what it said, unless the record was changed meanwhile.
func (f *FormState) See(now string) {
	f.Seen = now
	if sent := f.Values.Get("seen"); sent != "" && !changedMeanwhile(f.Faults) {
		f.Seen = sent
	}
}

// Sent is what the form says it has seen.
func (f *FormState) Sent() string { return cmp.Or(f.Values.Get("seen"), Unseen) }

// ChangedMeanwhile reports whether a person changed the record of a form.
func changedMeanwhile(problem error) bool {
	return slices.ContainsFunc(fault.Of(problem), func(f *fault.Fault) bool { return f.Key == "record_changed" })
}

// ChangedMeanwhile reports whether a person changed a field of the record, where
// each is compared by itself.
func (f *FormState) ChangedMeanwhile(field string) bool {
	return slices.ContainsFunc(f.Faults, func(found *fault.Fault) bool { return found.Key == "record_changed" && found.Field == field })
}

// Was is what a field was when the form was made, from the hidden field beside
// it; ok is false where there is none.
func (f *FormState) Was(name string) (value string, ok bool) {
	name = "was." + name
	return f.Values.Get(name), f.Values.Has(name)
}

// Record names a record of the configuration that a form is about.
func Record(section, key string) creditnotes.Record {
	return creditnotes.Record{Section: section, Key: key}
}

// See sets what a form has seen of a record of the configuration.
func (v *Visit) See(f *FormState, r creditnotes.Record) error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	now, err := b.Config.Fingerprint(r)
	f.See(now)
	return err
}

// SaveRecord stores the record of a form, and what else is in the
// configuration given, unless a person changed the record since the form was
// shown. A new record is stored only where its key is free.
func (v *Visit) SaveRecord(f *FormState, r creditnotes.Record, isNew bool, c *creditnotes.Configuration) error {
	_, err := v.store.SaveRecord(v.R.Context(), v.Name(), r, f.sentOf(isNew), c)
	return err
}

// ChangeRecord is SaveRecord for what may decide where money goes: the visitor
// has confirmed it or not, and what waits for a second person is returned.
func (v *Visit) ChangeRecord(
	f *FormState, r creditnotes.Record, isNew, confirmed bool, c *creditnotes.Configuration,
) ([]creditnotes.Proposal, error) {
	_, waiting, err := v.store.ChangeRecord(v.R.Context(), v.Name(), confirmed, r, f.sentOf(isNew), c)
	return waiting, err
}

// sentOf is what the form says it has seen; of a new record there is nothing.
func (f *FormState) sentOf(isNew bool) string {
	if isNew {
		return ""
	}
	return f.Sent()
}

// Saved says that something was saved, and what of it waits for a second
// person.
func (v *Visit) Saved(target string, waiting []creditnotes.Proposal, key string, args ...any) error {
	if len(waiting) == 0 {
		return v.Done(target, key, args...)
	}
	var matters []string
	for _, p := range waiting {
		matters = append(matters, v.Message(fmt.Sprintf("matter_%s", p.Matter)))
	}
	slices.Sort(matters)
	text, err := v.Text(key, args...)
	if err != nil {
		return err
	}
	more, err := v.Text("change_waits", "Matters", strings.Join(slices.Compact(matters), ", "))
	if err != nil {
		return err
	}
	v.sessions.Put(v.R.Context(), "flash", text+" "+more)
	return v.Redirect(target)
}
