package sessions

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"creditrun/internal/money"
)

// Fingerprint returns the SHA-256, in 64 hexadecimal digits, of everything a
// source said of a session. Two deliveries under one external id with the same
// fingerprint are the same delivery; with different ones the later is a
// correction (domain.md §3.4). What we added ourselves (ID, Version,
// ConnectorID, ReceivedAt, Released, ReusedID, IDReused, Rounded) is left out,
// and so are UpdatedAt, which orders versions, and CollectedAt, which belongs to
// the session and not to a version (settlement.md §2.3). Instants count to the
// microsecond, in whatever zone they are written. What later versions of
// creditrun read in addition counts only where it is stated, so that sessions
// stored before keep their fingerprint.
func Fingerprint(s *Session) string { return fingerprint(s, time.Time{}) }

// FingerprintCollected returns the fingerprint that earlier versions of
// creditrun gave a session, which covered when it was collected. Versions that
// were stored by them have it.
func FingerprintCollected(s *Session, collected time.Time) string { return fingerprint(s, collected) }

func fingerprint(s *Session, collected time.Time) string {
	var space [512]byte
	b := append(space[:0], 1) // of this list of fields
	for _, text := range [...]string{
		s.Source, s.ExternalID, s.EVSEID, s.MediumUID, string(s.Class),
		s.Partner, s.AuthMethod, string(s.Status), s.Currency,
	} {
		b = appendNumber(b, int64(len(text)))
		b = append(b, text...)
	}
	b = appendNumber(b, int64(s.Connector))
	for _, t := range [...]time.Time{s.Start, s.End, collected} {
		b = appendNumber(b, t.UnixMicro())
	}
	b = appendNumber(b, s.Duration)
	b = appendNumber(b, int64(s.Energy))
	b = appendOptional(b, s.MeterStart)
	b = appendOptional(b, s.MeterStop)
	b = appendOptional(b, s.DriverAmount)
	b = appendFlag(b, s.Reversed)
	if s.Connector == 0 && s.OCPIConnector != "" {
		b = appendNumber(append(b, 'c'), int64(len(s.OCPIConnector)))
		b = append(b, s.OCPIConnector...)
	}
	if s.DriverFee != nil {
		b = appendNumber(append(b, 'f'), int64(*s.DriverFee))
	}
	if s.Signed != nil && len(s.Signed.Values) > 0 {
		b = appendNumber(append(b, 'g'), int64(len(s.Signed.Values)))
		for _, v := range s.Signed.Values {
			for _, text := range [...]string{v.Format, v.Context, v.Data, v.Key} {
				b = append(appendNumber(b, int64(len(text))), text...)
			}
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func appendNumber(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(v))
}

// appendOptional tells a missing value from zero.
func appendOptional[N money.Quantity | money.Micros](b []byte, v *N) []byte {
	if v == nil {
		return append(b, 0)
	}
	return appendNumber(append(b, 1), int64(*v))
}

func appendFlag(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}
