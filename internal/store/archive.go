package store

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// archived is one table of the archive: its query yields, in the order of the
// columns, texts, amounts in the minor unit, and kWh in millionths.
type archived struct {
	name, description string
	columns           []archivedColumn
	query             string // $1 and $2 are the first and the last day, $3 and $4 these as moments
}

// archivedColumn is a column with how its values are stored.
type archivedColumn struct {
	name   string
	stored storedAs
	key    bool
	says   string
}

type storedAs int

const (
	asText storedAs = iota
	asDay
	asMoment
	asWhole
	asAmount // in the currency of the column named currency, which comes before
	asMicros
)

// archiveTables are the tables, with descriptions for the auditor.
var archiveTables = []archived{
	{"documents", "Ausgestellte Belege: Gutschriften, Gebührenrechnungen und deren Stornierungen", []archivedColumn{
		{"number", asText, true, "Belegnummer"}, {"kind", asText, false, "credit_note: Gutschrift; invoice: Gebührenrechnung; cancellation: Storno"},
		{"date", asDay, false, "Belegdatum"}, {"recipient", asText, false, "Schlüssel des Empfängers"}, {"currency", asText, false, "Währung (ISO 4217)"},
		{"net", asAmount, false, "Netto"}, {"tax", asAmount, false, "Umsatzsteuer"}, {"gross", asAmount, false, "Brutto"},
		{"period_from", asDay, false, "Erster Leistungstag"}, {"period_to", asDay, false, "Letzter Leistungstag"},
		{"cancels", asText, false, "Nummer des stornierten Belegs"}, {"sha256", asText, false, "Siegel des Belegs"},
	}, `SELECT n.number, n.kind, n.date, n.recipient_key, n.currency, n.net, n.tax, n.gross, n.period_from, n.period_to, coalesce(x.number, ''), n.hash
		FROM credit_notes n LEFT JOIN credit_notes x ON x.id = n.cancels
		WHERE n.number IS NOT NULL AND n.date >= $1 AND n.date <= $2 AND $3 = $3 AND $4 = $4 ORDER BY n.number`},
	{"positions", "Positionen der Belege", []archivedColumn{
		{"number", asText, true, "Belegnummer"}, {"position", asWhole, true, "Laufende Nummer im Beleg"}, {"owner", asText, false, "Schlüssel des Eigentümers"},
		{"station", asText, false, "Ladestation"}, {"component", asText, false, "Preisbestandteil"}, {"month", asText, false, "Leistungsmonat (JJJJ-MM)"},
		{"sessions", asWhole, false, "Anzahl der Ladevorgänge"}, {"energy_kwh", asMicros, false, "Energie in kWh"}, {"currency", asText, false, "Währung (ISO 4217)"},
		{"net", asAmount, false, "Netto"}, {"tax_account", asText, false, "Steuerkonto"},
	}, `SELECT n.number, p.ordinal, e.key, p.station_key, p.component, p.month, p.sessions, p.energy, n.currency, p.net, p.tax_account
		FROM positions p JOIN credit_notes n ON n.id = p.note_id JOIN entities e ON e.id = p.owner_id
		WHERE n.number IS NOT NULL AND n.date >= $1 AND n.date <= $2 AND $3 = $3 AND $4 = $4 ORDER BY n.number, p.ordinal`},
	{"taxes", "Steuern der Belege, je Steuersatz", []archivedColumn{
		{"number", asText, true, "Belegnummer"}, {"ordinal", asWhole, true, "Laufende Nummer im Beleg"}, {"account", asText, false, "Steuerkonto"},
		{"ledger_account", asText, false, "Sachkonto"}, {"category", asText, false, "Steuerkategorie (UNTDID 5305)"}, {"currency", asText, false, "Währung (ISO 4217)"},
		{"base", asAmount, false, "Bemessungsgrundlage"}, {"tax", asAmount, false, "Steuerbetrag"},
	}, `SELECT n.number, t.ordinal, t.account, t.ledger_account, t.category, n.currency, t.base, t.tax
		FROM note_taxes t JOIN credit_notes n ON n.id = t.note_id
		WHERE n.number IS NOT NULL AND n.date >= $1 AND n.date <= $2 AND $3 = $3 AND $4 = $4 ORDER BY n.number, t.ordinal`},
	{"movements", "Kontobewegungen: Belege, Auszahlungen, Zahlungen und Anpassungen; positiv: Der Betreiber schuldet", []archivedColumn{
		{"id", asWhole, true, "Laufende Nummer"}, {"entity", asText, false, "Schlüssel des Kontoinhabers"}, {"kind", asText, false, "Art der Bewegung"},
		{"booked_at", asMoment, false, "Buchungszeitpunkt (UTC)"}, {"value_date", asDay, false, "Wertstellung"}, {"reference", asText, false, "Bezug"},
		{"reason", asText, false, "Grund"}, {"who", asText, false, "Ausgeführt von"}, {"currency", asText, false, "Währung (ISO 4217)"}, {"amount", asAmount, false, "Betrag"},
		{"sha256", asText, false, "Glied der Hashkette"},
	}, `SELECT id, entity_key, kind, booked_at, value_date, reference, reason, who, currency, amount, hash
		FROM movements WHERE value_date >= $1 AND value_date <= $2 AND $3 = $3 AND $4 = $4 ORDER BY id`},
	{"audit", "Änderungsprotokoll: wer was wann geändert hat", []archivedColumn{
		{"id", asWhole, true, "Laufende Nummer"}, {"at", asMoment, false, "Zeitpunkt (UTC)"}, {"who", asText, false, "Wer"}, {"action", asText, false, "Vorgang"},
		{"subject", asText, false, "Gegenstand"}, {"before", asText, false, "Vorher"}, {"after", asText, false, "Nachher"}, {"sha256", asText, false, "Glied der Hashkette"},
	}, `SELECT id, at, who, action, subject, before, after, hash FROM audit WHERE at >= $3 AND at < $4 AND $1 = $1 AND $2 = $2 ORDER BY id`},
}

// ArchiveTables are the tables of the archive of a calendar year in a zone. Rows are
// read when they are asked for.
func (s *Store) ArchiveTables(year int, zone *time.Location) []creditnotes.ArchiveTable {
	var list []creditnotes.ArchiveTable
	for _, t := range archiveTables {
		table := creditnotes.ArchiveTable{Name: t.name, Description: t.description}
		for _, c := range t.columns {
			table.Columns = append(table.Columns, c.described())
		}
		table.Rows = func(ctx context.Context) iter.Seq2[[]string, error] { return s.archiveRows(ctx, &t, year, zone) }
		list = append(list, table)
	}
	return list
}

func (c *archivedColumn) described() creditnotes.ArchiveColumn {
	d := creditnotes.ArchiveColumn{Name: c.name, Kind: creditnotes.ArchiveText, Key: c.key, Description: c.says}
	switch c.stored {
	case asDay:
		d.Kind = creditnotes.ArchiveDate
	case asWhole:
		d.Kind = creditnotes.ArchiveNumber
	case asAmount:
		d.Kind, d.Decimals = creditnotes.ArchiveNumber, mostDigits
	case asMicros:
		d.Kind, d.Decimals = creditnotes.ArchiveNumber, money.QuantityDecimals
	}
	return d
}

// mostDigits is how many decimals the amounts of a currency have at most.
const mostDigits = 4

func (s *Store) archiveRows(ctx context.Context, t *archived, year int, zone *time.Location) iter.Seq2[[]string, error] {
	day := func(rest string) string { return fmt.Sprintf("%04d-%s", year, rest) }
	begin := time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
	rows := each(ctx, s.readSQL, func(r *archivedRow) []any { return r.fields(t.columns) }, t.query,
		day("01-01"), day("12-31"), begin, begin.AddDate(1, 0, 0))
	return func(yield func([]string, error) bool) {
		for r, err := range rows {
			if !yield(r.texts(t.columns), err) || err != nil {
				return
			}
		}
	}
}

// archivedRow is a row as it is read.
type archivedRow struct {
	words   []string
	numbers []int64
	moments []time.Time
}

func (r *archivedRow) fields(columns []archivedColumn) (into []any) {
	r.words, r.numbers, r.moments = make([]string, len(columns)), make([]int64, len(columns)), make([]time.Time, len(columns))
	for i, c := range columns {
		switch c.stored {
		case asText, asDay:
			into = append(into, &r.words[i])
		case asMoment:
			into = append(into, &r.moments[i])
		default:
			into = append(into, &r.numbers[i])
		}
	}
	return into
}

// texts writes the values.
func (r *archivedRow) texts(columns []archivedColumn) []string {
	if r.words == nil {
		return nil
	}
	list, digits := make([]string, len(columns)), 2
	for i, c := range columns {
		switch c.stored {
		case asText, asDay:
			if list[i] = r.words[i]; c.name == "currency" {
				digits = digitsOf(list[i])
			}
		case asMoment:
			list[i] = r.moments[i].UTC().Format(time.RFC3339Nano)
		case asWhole:
			list[i] = strconv.FormatInt(r.numbers[i], 10)
		case asAmount:
			list[i] = money.Amount(r.numbers[i]).Format(digits)
		case asMicros:
			list[i] = money.Quantity(r.numbers[i]).String()
		}
	}
	return list
}

// Quota lists the energy that was delivered at each public charge point in a
// calendar year, by station and EVSE: valid sessions that ended in it, as they are
// known now, and none at machines.
func (s *Store) Quota(ctx context.Context, year int, zone *time.Location) ([]creditnotes.QuotaRow, error) {
	begin := time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
	type row struct {
		creditnotes.QuotaRow
		first, last sqliteInstant
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.EVSEID, &r.Station, &r.Name, &r.Street, &r.Postcode, &r.City, &r.Country, &r.PowerType, &r.first, &r.last, &r.Sessions, &r.Energy}
	}, `SELECT c.evse_id, t.key, t.name, t.street, t.postcode, t.city, t.country, max(c.power_type), min(s.started_at), max(s.ended_at), count(*), CAST(sum(s.energy) AS bigint)
		FROM sessions s JOIN connectors c ON c.id = s.connector_id JOIN stations t ON t.key = c.station_key
		WHERE s.current AND NOT s.reversed AND NOT s.id_reused AND (s.status = 'valid' OR s.released) AND t.kind <> 'machine' AND s.ended_at >= $1 AND s.ended_at < $2
		GROUP BY c.evse_id, t.key, t.name, t.street, t.postcode, t.city, t.country ORDER BY t.key, c.evse_id`, begin, begin.AddDate(1, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("quota: %w", err)
	}
	list := make([]creditnotes.QuotaRow, len(rows))
	for i := range rows {
		list[i] = rows[i].QuotaRow
		list[i].From, list[i].Until = rows[i].first.In(zone).Format(time.DateOnly), rows[i].last.In(zone).Format(time.DateOnly)
	}
	return list, nil
}
