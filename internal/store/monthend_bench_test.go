package store_test

import (
	"database/sql"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// The month end of a large network: 1,000,000 sessions of 2,000 owners.
const (
	benchOwners   = 2_000
	benchStations = 2 // of each owner
	benchPlugs    = 2 // of each station
	benchSessions = 1_000_000
)

// BenchmarkMonthEnd drafts a month and compares it with one hand-written
// INSERT … SELECT that prices the same sessions flat in SQL, in the same run on
// the same PostgreSQL. The ratio is what counts; absolute times are the
// machine's.
func BenchmarkMonthEnd(b *testing.B) {
	if !storetest.HasPostgres() {
		b.Fatal("BenchmarkMonthEnd needs PostgreSQL: run it with make bench")
	}
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	url := storetest.Postgres(b)
	s := storetest.Open(b, url, func() time.Time { return now })
	ctx := b.Context()
	config, settings := benchNetwork(benchOwners)
	if _, err := s.SaveConfiguration(ctx, "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := s.ImportSessions(ctx, "bench", benchCharging(), store.ImportOptions{Name: "bench"}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(benchSessions/time.Since(began).Seconds(), "imported/s")
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	flat := priceInSQL(b, db)
	b.ResetTimer()
	resetPeak(b)
	began = time.Now()
	runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: func() time.Time { return now },
		MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
	run, err := runner.Run(ctx, creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	drafted := time.Since(began)
	if run.Stage != creditnotes.StageDrafted {
		b.Fatalf("stage %s", run.Stage)
	}
	b.ReportMetric(benchSessions/drafted.Seconds(), "sessions/s")
	b.ReportMetric(drafted.Seconds()/flat.Seconds(), "ratio")
	b.ReportMetric(float64(peak(b))/1024, "peakMiB")
	began = time.Now()
	if _, err := runner.Approve(ctx, run.Name, "the second person"); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(benchOwners/time.Since(began).Seconds(), "numbers/s")
}

// priceInSQL prices every session flat and writes lines of the same shape with
// the same indexes; it returns how long that took.
func priceInSQL(b *testing.B, db *sql.DB) time.Duration {
	for _, statement := range []string{
		"CREATE TABLE flat_lines (LIKE lines INCLUDING ALL)", "ANALYZE sessions", "ANALYZE lines",
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	_, err := db.Exec(`
		INSERT INTO flat_lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live)
		SELECT e.id, 1, e.id, s.id, 1, 'credit', s.energy, round(s.energy * 350000::numeric / 1000000)::bigint, 0, 0, true
		FROM sessions s
		JOIN connectors c ON c.id = s.connector_id
		JOIN station_owners o ON o.station_key = c.station_key
		JOIN entities e ON e.key = o.entity_key
		WHERE s.current AND s.ended_at >= '2026-09-30T22:00:00Z' AND s.ended_at < '2026-10-31T23:00:00Z'
			AND NOT EXISTS (SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal')`)
	took := time.Since(began)
	if err == nil {
		_, err = db.Exec("DROP TABLE flat_lines")
	}
	if err != nil {
		b.Fatal(err)
	}
	return took
}

// benchNetwork is the network of the benchmark: COMMUNITY, day and night, and
// DC with blocking fee, in turn.
func benchNetwork(owners int) (*creditnotes.Configuration, []creditnotes.Setting) {
	c := &creditnotes.Configuration{
		Entities: []entities.Entity{{
			Key: "cpo", Name: "CPO", Street: "Hafen 1", Postcode: "20457", City: "Hamburg", Country: "DE", VATID: "DE123456788", TimeZone: "Europe/Berlin", Emails: []string{"cpo@cpo.example"}, Active: true,
			SessionDetail: entities.DetailCSV,
		}},
		TaxAccounts: []creditnotes.TaxAccount{{Key: "s", Category: creditnotes.StandardRate, Rates: []creditnotes.TaxRate{{From: "2020-01-01", Percent: 1900}}}},
		NumberRanges: []numbering.Range{{
			Key: "gs", Name: "GS", Pattern: "GS-{YYYY}-{SEQ:5}", Next: 1, Reset: numbering.ResetYearly,
			ValidFor: []numbering.DocumentType{numbering.CreditNote}, Scope: numbering.ScopeIssuer, Active: true,
		}},
		Tariffs: tariffs.Config{
			CostRates: []tariffs.CostRate{
				{Key: "flat", Currency: "EUR", Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 350_000}}}},
				{Key: "night", Currency: "EUR", Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 280_000}}},
					Schedule: []tariffs.ScheduleEntry{{Window: tariffs.Window{From: "22:00", To: "06:00"},
						Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 200_000}}}}}},
				{Key: "dc", Currency: "EUR", Prices: tariffs.Prices{
					Energy:     []tariffs.EnergyBand{{UpToWh: 200}, {UpToWh: 400, PerKWh: 380_000}},
					Time:       []tariffs.TimeBand{{UpToMin: 45}, {UpToMin: 46, PerHour: 6_000_000}},
					SessionFee: &tariffs.SessionFee{Amount: 500_000, GraceSeconds: 120, ThresholdWh: 500}}},
			},
			Community: []tariffs.CommunityTariff{{Key: "COM", Name: "COM", Versions: []tariffs.CommunityVersion{{From: "2020-01-01", Purchase: "flat"}}}},
			ChargePoint: []tariffs.ChargePointTariff{
				{Key: "cp-night", Name: "night", Purchase: []tariffs.Condition{{Rate: "night"}}},
				{Key: "cp-dc", Name: "dc", Purchase: []tariffs.Condition{{Rate: "dc", When: tariffs.Filter{PowerType: entities.DC}}}},
			},
		},
	}
	for o := range owners {
		owner := fmt.Sprintf("owner-%04d", o)
		c.Entities = append(c.Entities, entities.Entity{Key: owner, Parent: "cpo", Name: owner, Street: "Seeweg 1", Postcode: "20354", City: "Hamburg", Country: "DE",
			TaxNumber: "27/123/00000", Active: true, Emails: []string{owner + "@owners.example"}, SessionDetail: entities.DetailCSV})
		for st := range benchStations {
			station := fmt.Sprintf("S-%04d-%d", o, st)
			c.Stations = append(c.Stations, entities.Station{Key: station, Name: station, TimeZone: "Europe/Berlin",
				Owners: []entities.Ownership{{From: "2020-01-01", Entity: owner}}})
			for plug := range benchPlugs {
				tariff := []string{"", "cp-night", "cp-dc"}[(o+st+plug)%3]
				power := []entities.PowerType{entities.AC, entities.AC, entities.DC}[(o+st+plug)%3]
				c.Connectors = append(c.Connectors, entities.Connector{EVSEID: benchEVSE(o, st), Number: plug + 1, Station: station,
					Type: "IEC_62196_T2", PowerType: power,
					Tariffs: []entities.ConnectorTariff{{From: "2020-01-01", ChargePoint: tariff, Community: "COM"}}})
			}
		}
	}
	return c, []creditnotes.Setting{
		{Key: "active", Value: "true"}, {Key: "number_range", Value: "gs"}, {Key: "tax_account", Value: "s"},
		{Key: "community_discount_percent", Value: "10"}, {Key: "release", Value: "approve"},
	}
}

func benchEVSE(owner, station int) string { return fmt.Sprintf("DE*CPO*E%04d%d", owner, station) }

// benchCharging yields a month of charging, the same each time, in the order of
// time as a source would send it.
func benchCharging() iter.Seq2[sessions.Session, error] {
	const plugs = benchOwners * benchStations * benchPlugs
	const each = benchSessions / plugs
	return func(yield func(sessions.Session, error) bool) {
		random := rand.New(rand.NewPCG(1, 2))
		month := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		step := 30 * 24 * time.Hour / each
		for n := range benchSessions {
			plug := n % plugs
			start := month.Add(time.Duration(n/plugs)*step + time.Duration(random.Int64N(int64(2*time.Hour))).Truncate(time.Second))
			duration := 600 + random.Int64N(7200)
			s := sessions.Session{
				Source: "bench", ExternalID: "b-" + strconv.Itoa(n), EVSEID: benchEVSE(plug/(benchStations*benchPlugs), plug/benchPlugs%benchStations),
				Connector: plug%benchPlugs + 1, Class: sessions.Community, Start: start, End: start.Add(time.Duration(duration) * time.Second),
				Duration: duration, Energy: money.Quantity(1_000_000 + random.Int64N(40_000_000)), Status: sessions.Valid,
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// plainTexts stands for the locales.
type plainTexts struct{}

func (plainTexts) Text(_, key string, _ map[string]any) (string, error) { return key, nil }
func (plainTexts) Supports(language string) bool                        { return language == "en" }

// resetPeak makes the kernel forget the peak memory of this process.
func resetPeak(b *testing.B) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Log("peak memory includes the import:", err)
	}
}

// peak is the peak memory of this process in KiB.
func peak(b *testing.B) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Log("no peak memory on this system:", err)
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.Fields(value)[0])
			return kib
		}
	}
	return 0
}
