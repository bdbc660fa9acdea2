package store

import (
	"fmt"
	"time"

	"creditrun/internal/sessions"
)

// sameSession is how far from the stored start a record may begin and still be
// the same session (domain.md §3.4).
const sameSession = 24 * time.Hour

// sessionBatch compares some sessions with what is stored and gathers what is
// to be written. It is used again for the next ones.
type sessionBatch struct {
	received     time.Time
	asCorrection bool
	first        int64 // id of the first row that this import wrote; 0: none yet
	result       ImportResult
	current      map[sessionName]currentSession
	fresh        map[sessionName]*sessionRow // new in this batch
	families     map[sessionName]*family     // of ids that come again with other content
	superseded   []int64                     // ids of stored rows
	updated      []sessionUpdate
	collected    map[sessionName]time.Time // by records that said nothing else
	space        []sessionRow              // of rows
	rows         []*sessionRow
	encoded      copyRows
}

// currentSession is what is looked up of every session: enough to see that
// nothing changed.
type currentSession struct {
	id          int64
	fingerprint string
	updatedAt   *time.Time
	collectedAt *time.Time
}

// sessionUpdate notes that the source changed a record without changing its
// content.
type sessionUpdate struct {
	id int64
	at time.Time
}

// family is everything that is stored under one id of a source: the session
// that got it first, and those that were sent under the same id by mistake.
type family struct {
	members []*familyMember
}

// familyMember is one session with all its versions.
type familyMember struct {
	externalID string
	row        *sessionRow // the current version; nil: a person took it as a correction of another
	said       []said      // by all versions
}

func memberOf(row *sessionRow) *familyMember {
	return &familyMember{row.ExternalID, row, []said{row.said()}}
}

// begin looks up what is stored of some sessions.
func (b *sessionBatch) begin(tx *Tx, list []incoming, received time.Time, asCorrection bool) error {
	b.received, b.asCorrection, b.result = received, asCorrection, ImportResult{}
	b.superseded, b.updated, b.rows = b.superseded[:0], b.updated[:0], b.rows[:0]
	if b.fresh == nil {
		b.fresh = make(map[sessionName]*sessionRow, len(list))
	}
	clear(b.fresh)
	clear(b.collected)
	if cap(b.space) < len(list) {
		b.space = make([]sessionRow, 0, len(list))
	}
	b.space = b.space[:0]
	var err error
	if b.current, err = tx.currentSessions(list); err != nil {
		return err
	}
	var differ []sessionName
	for i := range list {
		name := list[i].name()
		if known, ok := b.current[name]; ok && !known.said().by(&list[i]) {
			differ = append(differ, name)
		}
	}
	b.families, err = tx.families(differ)
	return err
}

func (in *incoming) name() sessionName {
	return sessionName{in.session.Source, in.session.ExternalID}
}

// take decides what becomes of one record.
func (b *sessionBatch) take(tx *Tx, in *incoming, connectorID int64) error {
	s := &in.session
	if s.Status == "" {
		s.Status = sessions.Valid
	}
	if s.Rounded {
		b.result.Rounded++
	}
	name := in.name()
	if f := b.families[name]; f != nil {
		return b.again(tx, f, in, connectorID)
	}
	if known, ok := b.current[name]; ok {
		b.collect(name, in, known.collectedAt)
		if unnoticed(s.UpdatedAt, known.updatedAt) {
			b.updated = append(b.updated, sessionUpdate{known.id, utc(s.UpdatedAt)})
		}
		return nil
	}
	if row := b.fresh[name]; row != nil {
		f := &family{[]*familyMember{memberOf(row)}}
		if b.families == nil {
			b.families = map[sessionName]*family{}
		}
		b.families[name] = f
		return b.again(tx, f, in, connectorID)
	}
	row := b.add(in, connectorID)
	if row.Reversed {
		row.reverse(nil)
	}
	b.fresh[name] = row
	b.result.New++
	return nil
}

// add makes the row of a record: version 1 of a session of its own.
func (b *sessionBatch) add(in *incoming, connectorID int64) *sessionRow {
	b.space = append(b.space, sessionRowOf(&in.session))
	row := &b.space[len(b.space)-1]
	row.ConnectorID, row.Version, row.Fingerprint, row.ReceivedAt = connectorID, 1, in.fingerprint, b.received
	row.sign(in.session.Signed)
	if row.CollectedAt != nil {
		row.CollectionKnownAt = &row.ReceivedAt
	}
	b.rows = append(b.rows, row)
	return row
}

// again takes a record whose id is known (domain.md §3.4).
func (b *sessionBatch) again(tx *Tx, f *family, in *incoming, connectorID int64) error {
	if m := f.having(in); m != nil {
		if m.row == nil || m.row.said().by(in) || m.row.Reversed || !b.overrules(m) && !newer(in.session.UpdatedAt, m.row.UpdatedAt) {
			b.unchanged(m, in)
			return nil
		}
		b.correct(m, in, connectorID) // it is so again, says the source or a person
		return nil
	}
	m := f.meant(in, connectorID, b.asCorrection)
	switch {
	case m == nil:
		return b.keepBeside(tx, f, in, connectorID)
	case m.row.Reversed || !b.overrules(m) && older(in.session.UpdatedAt, m.row.UpdatedAt):
		b.result.Unchanged++
	default:
		b.correct(m, in, connectorID)
	}
	return nil
}

// overrules reports whether this import wins over a version of a session
// whatever the source says about times: where a person says that it corrects
// what was stored before. Records of one file are in the order of their times.
func (b *sessionBatch) overrules(m *familyMember) bool {
	return b.asCorrection && m.row.ID != 0 && (b.first == 0 || m.row.ID < b.first)
}

// having finds the session that has, or had, this content: the one that has it
// now, if there is one.
func (f *family) having(in *incoming) *familyMember {
	var had *familyMember
	for _, m := range f.members {
		if m.row != nil && m.row.said().by(in) {
			return m
		}
		for _, earlier := range m.said {
			if earlier.by(in) && (had == nil || had.row == nil) {
				had = m
			}
		}
	}
	return had
}

// meant finds the session that a record is about: at the same connector, begun
// within a day. A credit CDR names its session, so where there is only one it
// is that one; where a person says that a record is a correction, it is one of
// the session that has the id.
func (f *family) meant(in *incoming, connectorID int64, asCorrection bool) *familyMember {
	var living []*familyMember
	for _, m := range f.members {
		if m.row == nil {
			continue
		}
		living = append(living, m)
		if m.row.ConnectorID == connectorID && m.row.StartedAt.Sub(utc(in.session.Start)).Abs() <= sameSession {
			return m
		}
	}
	if len(living) > 0 && (asCorrection || in.session.Reversed && len(living) == 1) {
		return living[0]
	}
	return nil
}

// newer reports whether a record was changed after what is stored, and older
// whether before it, by the source's own clock. Where either does not say when
// it was changed, neither is known.
func newer(at time.Time, stored *time.Time) bool {
	return !at.IsZero() && stored != nil && utc(at).After(*stored)
}

func older(at time.Time, stored *time.Time) bool {
	return !at.IsZero() && stored != nil && utc(at).Before(*stored)
}

// unnoticed reports whether a record says of a change later than what is known.
func unnoticed(at time.Time, stored *time.Time) bool {
	return !at.IsZero() && stored == nil || newer(at, stored)
}

func (b *sessionBatch) unchanged(m *familyMember, in *incoming) {
	if m.row == nil || m.row.Reversed || !m.row.said().by(in) {
		b.result.Unchanged++
		return
	}
	b.collect(m.row.sessionName(), in, m.row.CollectedAt)
	if !unnoticed(in.session.UpdatedAt, m.row.UpdatedAt) {
		return
	}
	at := utc(in.session.UpdatedAt)
	m.row.UpdatedAt = &at
	if m.row.ID != 0 {
		b.updated = append(b.updated, sessionUpdate{m.row.ID, at})
	}
}

// correct makes a record the next version of a session.
func (b *sessionBatch) correct(m *familyMember, in *incoming, connectorID int64) {
	b.result.Corrected++
	row, earlier := b.add(in, connectorID), m.row
	row.ExternalID, row.ReusedID, row.IDReused = earlier.ExternalID, earlier.ReusedID, earlier.IDReused
	if row.Reversed {
		row.reverse(earlier)
		row.ReceivedAt = b.received
	}
	b.inherit(row, earlier)
	row.Version = earlier.Version + 1
	if row.UpdatedAt == nil || older(*row.UpdatedAt, earlier.UpdatedAt) {
		row.UpdatedAt = earlier.UpdatedAt
	}
	b.replace(m, row)
}

// replace puts the next version of a session in the place of the current one.
func (b *sessionBatch) replace(m *familyMember, row *sessionRow) {
	m.row.Current, m.row.SupersededAt = false, &b.received
	if m.row.ID != 0 {
		b.superseded = append(b.superseded, m.row.ID)
	}
	m.row = row
	m.said = append(m.said, row.said())
}

// keepBeside stores a record as a session of its own, under its id with a
// suffix, and has it held until a person decides.
func (b *sessionBatch) keepBeside(tx *Tx, f *family, in *incoming, connectorID int64) error {
	id := in.session.ExternalID
	suffixed := sessionName{source: in.session.Source}
	for n := len(f.members) + 1; ; n++ {
		suffixed.externalID = fmt.Sprintf("%s~%d", id, n)
		taken, err := b.taken(tx, suffixed)
		if err != nil {
			return err
		}
		if !taken {
			break
		}
	}
	row := b.add(in, connectorID)
	if row.Reversed {
		row.reverse(nil)
	}
	row.ExternalID, row.ReusedID, row.IDReused = suffixed.externalID, id, true
	f.members = append(f.members, memberOf(row))
	b.fresh[suffixed] = row
	b.result.New++
	b.result.IDReused++
	return nil
}

// taken reports whether a name is in use.
func (b *sessionBatch) taken(tx *Tx, name sessionName) (bool, error) {
	if b.fresh[name] != nil {
		return true, nil
	}
	var n int
	err := tx.scanRow("SELECT count(*) FROM sessions WHERE source = $1 AND external_id = $2", []any{name.source, name.externalID}, &n)
	return n > 0, err
}

// write stores what was gathered.
func (b *sessionBatch) write(tx *Tx) error {
	if err := tx.noteUpdates(b.updated); err != nil {
		return err
	}
	if len(b.rows) == 0 {
		return tx.collectSessions(b.collected, b.received)
	}
	first, err := tx.takeIDs("session", len(b.rows))
	if b.first == 0 {
		b.first = first
	}
	if err != nil {
		return err
	}
	for i, row := range b.rows {
		row.ID = first + int64(i)
		row.settleSame()
	}
	if err := tx.supersede(b.superseded, b.received); err != nil {
		return err
	}
	if err := tx.copySessions(b.rows, &b.encoded); err != nil {
		return err
	}
	if err := tx.keepSigned(b.rows); err != nil {
		return err
	}
	return tx.collectSessions(b.collected, b.received)
}
