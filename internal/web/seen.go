package web

import (
	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Forms that change a record notice what other people do meanwhile, all in the
// same way: a hidden field "seen" holds the fingerprint of the record as the
// form shows it, and the store compares it in the transaction that saves. A
// record that was changed is not overwritten, and a new one never replaces
// another. The form comes back with what was typed, who changed what, and the
// fingerprint of today: saving once more is then done knowingly.

// record names a record of the configuration that a form is about.
func record(section, key string) creditnotes.Record {
	return creditnotes.Record{Section: section, Key: key}
}

// seen is the value of the field "seen": the fingerprint of the record as it is
// now. In a form that was sent it stays what it was, unless the problem is that
// the record has changed.
func (v *visit) seen(r creditnotes.Record, problem error) (string, error) {
	if sent := v.r.PostFormValue("seen"); sent != "" && !changedMeanwhile(problem) {
		return sent, nil
	}
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return "", err
	}
	return b.Config.Fingerprint(r)
}

// seenOr is seen for a record that is no part of the configuration and has this
// fingerprint now.
func (v *visit) seenOr(now string, problem error) string {
	if sent := v.r.PostFormValue("seen"); sent != "" && !changedMeanwhile(problem) {
		return sent
	}
	return now
}

// changedMeanwhile reports whether a person changed the record of a form.
func changedMeanwhile(problem error) bool {
	for _, f := range fault.Of(problem) {
		if f.Key == "record_changed" {
			return true
		}
	}
	return false
}

// unseen is the fingerprint of no record: a form without the field "seen" saves
// nothing.
const unseen = "-"

// sentSeen is what the form says it has seen.
func (v *visit) sentSeen() string {
	if sent := v.r.PostFormValue("seen"); sent != "" {
		return sent
	}
	return unseen
}

// saveRecord stores the record of a form, and what else is in the
// configuration given, unless a person changed the record since the form was
// shown. A new record is stored only where its key is free.
func (v *visit) saveRecord(r creditnotes.Record, isNew bool, c *creditnotes.Configuration) error {
	_, err := v.Store.SaveRecord(v.r.Context(), v.name(), r, v.sentSeenOf(isNew), c)
	return err
}

// changeRecord is saveRecord for what may decide where money goes: the visitor
// has confirmed it or not, and what waits for a second person is returned.
func (v *visit) changeRecord(
	r creditnotes.Record, isNew, confirmed bool, c *creditnotes.Configuration,
) ([]creditnotes.Proposal, error) {
	_, waiting, err := v.Store.ChangeRecord(v.r.Context(), v.name(), confirmed, r, v.sentSeenOf(isNew), c)
	return waiting, err
}

// sentSeenOf is what the form says it has seen; of a new record there is nothing.
func (v *visit) sentSeenOf(isNew bool) string {
	if isNew {
		return ""
	}
	return v.sentSeen()
}
