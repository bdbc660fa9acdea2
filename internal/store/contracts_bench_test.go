package store_test

import (
	"iter"
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// contractSessions is how many sessions BenchmarkContracts drafts each time.
const contractSessions = 400_000

// BenchmarkContracts drafts a month without contracts, with half of the owners
// on contracts, and without again, on the same PostgreSQL and in the same run:
// the ratio is the second to the mean of the others. Half of the contracts are
// shares, the others add fees to the purchase price.
func BenchmarkContracts(b *testing.B) {
	if !storetest.HasPostgres() {
		b.Fatal("BenchmarkContracts needs PostgreSQL: run it with make bench")
	}
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	s := storetest.Open(b, storetest.Postgres(b), func() time.Time { return now })
	config, settings := benchNetwork(benchOwners)
	if _, err := s.SaveConfiguration(b.Context(), "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	if _, err := s.ImportSessions(b.Context(), "bench", drivenCharging(), store.ImportOptions{Name: "bench"}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	before := draftOnce(b, s, now)
	saveContracts(b, s, config, settings, true)
	with := draftOnce(b, s, now)
	saveContracts(b, s, config, settings, false)
	after := draftOnce(b, s, now)
	b.ReportMetric(contractSessions/with.Seconds(), "sessions/s")
	b.ReportMetric(2*with.Seconds()/(before+after).Seconds(), "ratio")
	b.ReportMetric(after.Seconds()/before.Seconds(), "again")
}

// drivenCharging is benchCharging with driver amounts.
func drivenCharging() iter.Seq2[sessions.Session, error] {
	return func(yield func(sessions.Session, error) bool) {
		n := 0
		for s, err := range benchCharging() {
			s.DriverAmount, s.Currency = new(money.Micros(s.Energy/2)), "EUR"
			if n++; n > contractSessions || !yield(s, err) {
				return
			}
		}
	}
}

// draftOnce drafts a month, throws it away and returns how long the draft took.
func draftOnce(b *testing.B, s *store.Store, now time.Time) time.Duration {
	runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: func() time.Time { return now },
		MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
	began := time.Now()
	run, err := runner.Run(b.Context(), creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	if err := s.DiscardRun(b.Context(), run, "bench"); err != nil {
		b.Fatal(err)
	}
	for _, statement := range []string{"VACUUM ANALYZE lines", "VACUUM ANALYZE positions"} {
		if _, err := s.WriteDB().Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	return took
}

// saveContracts puts every second owner on a contract, or makes the contracts drafts.
func saveContracts(b *testing.B, s *store.Store, config *creditnotes.Configuration, settings []creditnotes.Setting, active bool) {
	config.Contracts = nil
	for i, e := range config.Entities[1:] {
		if i%2 != 0 {
			continue
		}
		c := settlement.Contract{Key: "k-" + e.Key, Owner: e.Key, From: "2026-01", Active: active, Terms: settlement.Terms{
			FixedFeeAC: 100_000_000, FeePerKWhDC: 20_000_000, HandlingFee: 250, ElectricityTax: 20_500_000,
		}}
		if i%4 == 0 {
			share := money.Percent(8000)
			c.ShareAC, c.ShareDC, c.DeductElectricityCost, c.ElectricityCost = &share, &share, true, 220_000_000
		}
		config.Contracts = append(config.Contracts, c)
	}
	if _, err := s.SaveConfiguration(b.Context(), "bench", config, settings); err != nil {
		b.Fatal(err)
	}
}
