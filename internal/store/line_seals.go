package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"

	"creditrun/creditnotes"
)

// sealedLine is what the seal of a note's lines covers: the line, and what the
// session it pays says. Whether a line is live and whether a session is still
// the current version may change later and are left out.
type sealedLine struct {
	note, owner, session, path int64
	kind                       string
	energy                     int64
	creditnotes.Nets
	byDriver                                 bool
	driverAmount, driverFee                  int64
	sold                                     bool
	sale                                     int64
	source, externalID                       string
	version, connector, duration, sessionKWh int64
	started, ended                           time.Time
	tax                                      int64 // slot on the note
	correction                               bool
}

func (l *sealedLine) fields() []any {
	return []any{
		&l.note, &l.owner, &l.session, &l.path, &l.kind, &l.energy, &l.NetEnergy, &l.NetTime, &l.NetFee,
		&l.source, &l.externalID, &l.version, &l.connector, &l.duration, &l.sessionKWh, &l.started, &l.ended, &l.tax, &l.correction,
		&l.NetShare, &l.NetElectricityCost, &l.NetElectricityTax, &l.NetSessionFees, &l.byDriver, &l.driverAmount, &l.driverFee, &l.sold, &l.sale,
	}
}

// lineSeal adds up lines of one note and hashes them in their order.
type lineSeal struct {
	lines  creditnotes.NoteLines
	sum    hash.Hash
	space  []byte
	prices creditnotes.PriceProof
}

func newLineSeal() *lineSeal {
	return &lineSeal{lines: creditnotes.NoteLines{Sums: creditnotes.TaxSums{}}, sum: sha256.New()}
}

// add takes the next line. Numbers have eight bytes each, texts their length
// before them, so no two lines are written alike.
func (s *lineSeal) add(l *sealedLine) {
	s.lines.Sums[int(l.tax)] += l.Total()
	correction := int64(0)
	if l.correction {
		correction = 1
	}
	b := s.space[:0]
	for _, v := range [...]int64{
		l.owner, l.session, l.path, l.energy, int64(l.NetEnergy), int64(l.NetTime), int64(l.NetFee),
		l.version, l.connector, l.duration, l.sessionKWh, l.started.UnixMicro(), l.ended.UnixMicro(), l.tax, correction,
	} {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	for _, text := range [...]string{l.kind, l.source, l.externalID} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	s.space = l.appendSale(l.appendSettlement(b))
	s.sum.Write(s.space)
}

// appendSettlement appends what a contract made of a line. A line without a
// contract is sealed as it was before there were any.
func (l *sealedLine) appendSettlement(b []byte) []byte {
	parts := [...]int64{int64(l.NetShare), int64(l.NetElectricityCost), int64(l.NetElectricityTax), int64(l.NetSessionFees), l.driverAmount, l.driverFee}
	if parts == [len(parts)]int64{} && !l.byDriver {
		return b
	}
	const name = "settlement"
	b = binary.BigEndian.AppendUint64(b, uint64(len(name)))
	b = append(b, name...)
	for _, v := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	return b
}

// appendSale appends what the sales side charges the driver, where it is known.
func (l *sealedLine) appendSale(b []byte) []byte {
	if !l.sold {
		return b
	}
	const name = "sale"
	b = binary.BigEndian.AppendUint64(b, uint64(len(name)))
	return binary.BigEndian.AppendUint64(append(b, name...), uint64(l.sale))
}

func (s *lineSeal) seal() creditnotes.NoteLines {
	s.lines.Seal = hex.EncodeToString(s.sum.Sum(nil))
	return s.lines
}

// noteLines adds up and seals the lines of notes that fit a condition, by the
// id of the note. It streams; only the results stay in memory. Prices are added
// up with proofs, and lines handed to each, where these are not nil.
func noteLines(ctx context.Context, q querier, proofs *priceProofs, each func(*sealedLine), where string, args ...any) (map[int64]creditnotes.NoteLines, error) {
	found := map[int64]creditnotes.NoteLines{}
	err := sealLines(ctx, q, proofs, each, found, `
		SELECT l.note_id, l.owner_id, l.session_id, l.path_id, l.kind, l.energy, l.net_energy, l.net_time, l.net_fee,
			s.source, s.external_id, s.version, s.connector_id, s.duration_s, s.energy, s.started_at, s.ended_at, l.tax, l.correction,
			l.net_share, l.net_electricity_cost, l.net_electricity_tax, l.net_session_fees, `+driverOf+`
		FROM lines l JOIN sessions s ON s.id = l.session_id
		WHERE `+where+` ORDER BY l.note_id, l.session_id, l.kind`, args)
	if err != nil {
		return nil, err
	}
	// Own charging stands on fee invoices, where no line does.
	err = sealLines(ctx, q, nil, each, found, `
		SELECT l.note_id, l.owner_id, l.session_id, l.path_id, l.kind || ' ' || l.contract, l.energy, 0, 0, 0,
			s.source, s.external_id, s.version, s.connector_id, s.duration_s, s.energy, s.started_at, s.ended_at, l.tax, l.correction,
			l.net, 0, 0, 0, true, l.driver_amount, 0, false, 0
		FROM own_charges l JOIN sessions s ON s.id = l.session_id
		WHERE `+where+` ORDER BY l.note_id, l.session_id, l.kind`, args)
	return found, err
}

// sealLines seals the lines that a query finds, note by note.
func sealLines(ctx context.Context, q querier, proofs *priceProofs, each func(*sealedLine), found map[int64]creditnotes.NoteLines, query string, args []any) error {
	rows, err := q.QueryContext(ctx, query, utcArgs(args)...)
	if err != nil {
		return translateError(err)
	}
	defer rows.Close()
	var line sealedLine
	into := line.fields()
	note, current := int64(0), newLineSeal()
	keep := func() (err error) {
		if note == 0 {
			return nil
		}
		lines := current.seal()
		lines.Prices, err = proofs.digest(&current.prices, note)
		found[note] = lines
		return err
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return translateError(err)
		}
		if line.note != note {
			if err := keep(); err != nil {
				return err
			}
			note, current = line.note, newLineSeal()
		}
		current.add(&line)
		if each != nil {
			each(&line)
		}
		proofs.add(&current.prices, &line)
	}
	if err := keep(); err != nil {
		return err
	}
	return translateError(rows.Err())
}

// excludedLines seals the lines without a note of the runs r that fit a
// condition, by the name of the run: which sessions were excluded or withdrawn,
// and why. A run without any has the empty seal.
func excludedLines(ctx context.Context, q querier, where string, args ...any) (map[string]string, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT r.name, l.owner_id, l.session_id, l.energy, coalesce(l.kind, ''), coalesce(l.reason, '')
		FROM runs r LEFT JOIN lines l ON l.run_id = r.id AND l.note_id IS NULL
		WHERE `+where+` ORDER BY r.id, l.session_id, l.kind`, utcArgs(args)...)
	if err != nil {
		return nil, translateError(err)
	}
	defer rows.Close()
	sums, seals := map[string]hash.Hash{}, map[string]string{}
	for rows.Next() {
		var run, kind, reason string
		var owner, session, energy sql.NullInt64
		if err := rows.Scan(&run, &owner, &session, &energy, &kind, &reason); err != nil {
			return nil, translateError(err)
		}
		seals[run] = ""
		if !session.Valid {
			continue
		}
		if sums[run] == nil {
			sums[run] = sha256.New()
		}
		fmt.Fprintf(sums[run], "%d %d %d %q %q\n", owner.Int64, session.Int64, energy.Int64, kind, reason)
	}
	for run, sum := range sums {
		seals[run] = hex.EncodeToString(sum.Sum(nil))
	}
	return seals, translateError(rows.Err())
}

// recordExcluded records the seal of the lines of a run that stand on no note.
func (tx *Tx) recordExcluded(who string, where string, args ...any) error {
	seals, err := excludedLines(tx.ctx, tx.sql, where, args...)
	if err != nil {
		return err
	}
	var entries []Entry
	for _, run := range slices.Sorted(maps.Keys(seals)) {
		if seals[run] != "" {
			entries = append(entries, Entry{Who: who, Action: creditnotes.ActionExcluded, Subject: run, After: seals[run]})
		}
	}
	return tx.audit(entries...)
}
