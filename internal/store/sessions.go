package store

import (
	"time"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// sessionRow is a row of sessions: one version of a session.
type sessionRow struct {
	ID           int64      `gorm:"column:id"`
	Source       string     `gorm:"column:source"`
	ExternalID   string     `gorm:"column:external_id"`
	Version      int        `gorm:"column:version"`
	Current      bool       `gorm:"column:current"`
	ConnectorID  int64      `gorm:"column:connector_id"`
	MediumUID    string     `gorm:"column:medium_uid"`
	Class        string     `gorm:"column:class"`
	Partner      string     `gorm:"column:partner"`
	AuthMethod   string     `gorm:"column:auth_method"`
	StartedAt    time.Time  `gorm:"column:started_at"`
	EndedAt      time.Time  `gorm:"column:ended_at"`
	DurationS    int64      `gorm:"column:duration_s"`
	Energy       int64      `gorm:"column:energy"`
	MeterStart   *int64     `gorm:"column:meter_start"`
	MeterStop    *int64     `gorm:"column:meter_stop"`
	Status       string     `gorm:"column:status"`
	Reversed     bool       `gorm:"column:reversed"`
	DriverAmount *int64     `gorm:"column:driver_amount"`
	Currency     string     `gorm:"column:currency"`
	CollectedAt  *time.Time `gorm:"column:collected_at"`
	ReceivedAt   time.Time  `gorm:"column:received_at"`
	SupersededAt *time.Time `gorm:"column:superseded_at"` // when a later version was received
	Released     bool       `gorm:"column:released"`
	Fingerprint  string     `gorm:"column:fingerprint"`
	DriverFee    *int64     `gorm:"column:driver_fee"`
	UpdatedAt    *time.Time `gorm:"column:updated_at"` // when the source last changed it
	ReusedID     string     `gorm:"column:reused_id"`  // as the source sent it, where another session has that id
	IDReused     bool       `gorm:"column:id_reused"`  // a person has to decide

	CollectionKnownAt *time.Time `gorm:"column:collection_known_at"` // CollectedAt is known since
	SameAs            *int64     `gorm:"column:same_as"`             // the first version since which only driver amounts changed

	Signature    int64  `gorm:"column:signature"` // index into verdicts
	SignedEnergy *int64 `gorm:"column:signed_energy"`

	signed []ocmf.Value // of a row that is new

	same *sessionRow // the version of which SameAs is that or its id, until all have ids
}

// TableName implements schema.Tabler.
func (sessionRow) TableName() string { return "sessions" }

// sessionRowOf leaves out what storing decides: id, version, connector, when
// it was received, and the fingerprint.
func sessionRowOf(s *sessions.Session) sessionRow {
	return sessionRow{
		Source: s.Source, ExternalID: s.ExternalID, Current: true,
		MediumUID: s.MediumUID, Class: string(s.Class), Partner: s.Partner, AuthMethod: s.AuthMethod,
		StartedAt: utc(s.Start), EndedAt: utc(s.End), DurationS: s.Duration, Energy: int64(s.Energy),
		MeterStart: (*int64)(s.MeterStart), MeterStop: (*int64)(s.MeterStop),
		Status: string(s.Status), Reversed: s.Reversed,
		DriverAmount: (*int64)(s.DriverAmount), DriverFee: (*int64)(s.DriverFee), Currency: s.Currency,
		CollectedAt: utcOrNull(s.CollectedAt), UpdatedAt: utcOrNull(s.UpdatedAt),
	}
}

func (r *sessionRow) domain() sessions.Session {
	return sessions.Session{
		ID: r.ID, Source: r.Source, ExternalID: r.ExternalID, Version: r.Version, ConnectorID: r.ConnectorID,
		MediumUID: r.MediumUID, Class: sessions.Class(r.Class), Partner: r.Partner, AuthMethod: r.AuthMethod,
		Start: r.StartedAt, End: r.EndedAt, Duration: r.DurationS, Energy: money.Quantity(r.Energy),
		MeterStart: (*money.Quantity)(r.MeterStart), MeterStop: (*money.Quantity)(r.MeterStop),
		Status: sessions.Status(r.Status), Reversed: r.Reversed,
		DriverAmount: (*money.Micros)(r.DriverAmount), DriverFee: (*money.Micros)(r.DriverFee), Currency: r.Currency,
		CollectedAt: orZero(r.CollectedAt), CollectionKnownAt: orZero(r.CollectionKnownAt), SameAs: orZero(r.SameAs), UpdatedAt: orZero(r.UpdatedAt), ReceivedAt: r.ReceivedAt, Released: r.Released,
		ReusedID: r.ReusedID, IDReused: r.IDReused,
		Signed: signedOf(r.Signature, r.SignedEnergy),
	}
}

// values are the columns of the row in the order of columnsOf, written into a
// slice that is used again.
func (r *sessionRow) values(into []any) []any {
	return append(into[:0],
		r.ID, r.Source, r.ExternalID, r.Version, r.Current, r.ConnectorID, r.MediumUID, r.Class, r.Partner, r.AuthMethod,
		r.StartedAt, r.EndedAt, r.DurationS, r.Energy, r.MeterStart, r.MeterStop, r.Status, r.Reversed,
		r.DriverAmount, r.Currency, r.CollectedAt, r.ReceivedAt, r.SupersededAt, r.Released, r.Fingerprint,
		r.DriverFee, r.UpdatedAt, r.ReusedID, r.IDReused, r.CollectionKnownAt, r.SameAs, r.Signature, r.SignedEnergy)
}

// fields points at the columns of the row in the order of columnsOf.
func (r *sessionRow) fields() []any {
	return []any{
		&r.ID, &r.Source, &r.ExternalID, &r.Version, &r.Current, &r.ConnectorID, &r.MediumUID, &r.Class, &r.Partner, &r.AuthMethod,
		&r.StartedAt, &r.EndedAt, &r.DurationS, &r.Energy, &r.MeterStart, &r.MeterStop, &r.Status, &r.Reversed,
		&r.DriverAmount, &r.Currency, &r.CollectedAt, &r.ReceivedAt, &r.SupersededAt, &r.Released, &r.Fingerprint,
		&r.DriverFee, &r.UpdatedAt, &r.ReusedID, &r.IDReused, &r.CollectionKnownAt, &r.SameAs, &r.Signature, &r.SignedEnergy,
	}
}

// reverse makes the row the reversal of an earlier version: the same charge,
// worth nothing. A collection stays known: it is of the session.
func (r *sessionRow) reverse(earlier *sessionRow) {
	if earlier != nil {
		source, id, fingerprint, updated := r.Source, r.ExternalID, r.Fingerprint, r.UpdatedAt
		*r = *earlier
		r.Source, r.ExternalID, r.Fingerprint, r.UpdatedAt = source, id, fingerprint, updated
	}
	r.Reversed, r.Current, r.SupersededAt, r.Released, r.IDReused = true, true, nil, false, false
	r.Energy, r.MeterStart, r.MeterStop = 0, nil, nil
	r.DriverAmount, r.DriverFee, r.Currency, r.SameAs, r.same = nil, nil, "", nil, nil
	r.Signature, r.SignedEnergy, r.signed = 0, nil, nil
}

// sessionName tells sessions apart.
type sessionName struct{ source, externalID string }

// sessionRows is a pgx.CopyFromSource of rows.
type sessionRows struct {
	rows  []*sessionRow
	at    int
	space []any
}

// Next implements pgx.CopyFromSource.
func (s *sessionRows) Next() bool { s.at++; return s.at <= len(s.rows) }

// Values implements pgx.CopyFromSource.
func (s *sessionRows) Values() ([]any, error) {
	s.space = s.rows[s.at-1].values(s.space)
	return s.space, nil
}

// Err implements pgx.CopyFromSource.
func (s *sessionRows) Err() error { return nil }
