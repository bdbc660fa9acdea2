package store

import (
	"time"

	"creditrun/internal/sessions"
)

// said is what a source said by a version of a session: its fingerprint.
// Versions that earlier releases stored have one that covers the collection.
type said struct {
	fingerprint string
	collected   *time.Time
}

func (r *sessionRow) said() said { return said{r.Fingerprint, r.CollectedAt} }

func (c *currentSession) said() said { return said{c.fingerprint, c.collectedAt} }

// by reports whether a record says the same, whether or not it says that the
// session was collected.
func (s said) by(in *incoming) bool {
	return s.fingerprint == in.fingerprint ||
		s.collected != nil && s.fingerprint == sessions.FingerprintCollected(&in.session, *s.collected)
}

func (r *sessionRow) sessionName() sessionName { return sessionName{r.Source, r.ExternalID} }

// collect notes that a record which changes nothing else says that its session
// was collected. What is known already stays (settlement.md §2.3).
func (b *sessionBatch) collect(name sessionName, in *incoming, known *time.Time) {
	if _, noted := b.collected[name]; noted || known != nil || in.session.CollectedAt.IsZero() {
		b.result.Unchanged++
		return
	}
	if b.collected == nil {
		b.collected = map[sessionName]time.Time{}
	}
	b.collected[name] = utc(in.session.CollectedAt)
	b.result.Collected++
}

// inherit gives the next version of a session its collection, or the earlier
// versions the one that the next version states. Where nothing but the driver
// amount, its fee and its currency changed, the next version is the same charge
// and keeps what a person decided about it.
func (b *sessionBatch) inherit(row, earlier *sessionRow) {
	known, noted := b.collected[earlier.sessionName()]
	switch {
	case earlier.CollectedAt != nil:
		row.CollectedAt, row.CollectionKnownAt = earlier.CollectedAt, earlier.CollectionKnownAt
	case noted:
		row.CollectedAt, row.CollectionKnownAt = &known, &b.received
	case row.CollectedAt != nil:
		if b.collected == nil {
			b.collected = map[sessionName]time.Time{}
		}
		b.collected[earlier.sessionName()] = *row.CollectedAt
	}
	if row.sameCharge(earlier) {
		row.same, row.Released = earlier, earlier.Released
	}
}

// sameCharge reports whether two versions of a session differ in nothing but
// what the driver was charged.
func (r *sessionRow) sameCharge(o *sessionRow) bool {
	return !r.Reversed && !o.Reversed && r.ConnectorID == o.ConnectorID && r.MediumUID == o.MediumUID &&
		r.Class == o.Class && r.Partner == o.Partner && r.AuthMethod == o.AuthMethod && r.Status == o.Status &&
		r.StartedAt.Equal(o.StartedAt) && r.EndedAt.Equal(o.EndedAt) && r.DurationS == o.DurationS && r.Energy == o.Energy &&
		r.signedWrong() == o.signedWrong() &&
		equalOptional(r.MeterStart, o.MeterStart) && equalOptional(r.MeterStop, o.MeterStop)
}

func equalOptional(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// settleSame turns the version of which this one is the same charge into its
// id, once all have one.
func (r *sessionRow) settleSame() {
	if r.same == nil {
		return
	}
	if r.SameAs = r.same.SameAs; r.SameAs == nil {
		r.SameAs = &r.same.ID
	}
}
