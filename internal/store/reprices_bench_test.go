package store_test

import (
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/tariffs"
)

// mostPreviewSeconds is how long the preview of a million credited sessions may
// take on two cores.
const mostPreviewSeconds = 60

// BenchmarkReprice previews a reprice of 1,000,000 credited sessions that all come
// to something else, and carries it out.
func BenchmarkReprice(b *testing.B) {
	if !storetest.HasPostgres() {
		b.Fatal("BenchmarkReprice needs PostgreSQL: run it with make bench")
	}
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	ctx, s := b.Context(), storetest.Open(b, storetest.Postgres(b), func() time.Time { return now })
	config, settings := benchNetwork(benchOwners)
	for i := range config.Tariffs.ChargePoint {
		config.Tariffs.ChargePoint[i].Purchase = []tariffs.Condition{{Rate: "flat"}}
	}
	ok := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	_, err := s.SaveConfiguration(ctx, "bench", config, settings)
	ok(err)
	_, err = s.ImportSessions(ctx, "bench", benchCharging(), store.ImportOptions{Name: "bench"})
	ok(err)
	runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: func() time.Time { return now },
		MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
	run, err := runner.Run(ctx, creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench"})
	ok(err)
	_, err = runner.Approve(ctx, run.Name, "the second person")
	ok(err)
	dearer := tariffs.CostRate{Key: "flat", Currency: "EUR", ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 360_000}}}}
	_, err = s.SaveConfiguration(ctx, "bench", &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: []tariffs.CostRate{dearer}}}, nil)
	ok(err)
	_, err = s.WriteDB().Exec("VACUUM ANALYZE lines")
	ok(err)
	b.ResetTimer()
	resetPeak(b)
	q := creditnotes.RepriceQuery{Rate: "flat", From: "2026-09-01", Reason: "bench"}
	began := time.Now()
	preview, err := s.PreviewReprice(ctx, q, nil)
	ok(err)
	took := time.Since(began).Seconds()
	b.ReportMetric(took, "preview_s")
	b.ReportMetric(float64(preview.Sessions), "sessions")
	if took > mostPreviewSeconds || preview.Sessions < benchSessions*9/10 {
		b.Errorf("%d sessions in %.0f s", preview.Sessions, took)
	}
	began = time.Now()
	_, waiting, err := s.Reprice(ctx, "bench", q, nil)
	ok(err)
	if waiting != nil {
		ok(s.Approve(ctx, "the second person", waiting.ID))
	}
	b.ReportMetric(time.Since(began).Seconds(), "apply_s")
	b.ReportMetric(float64(peak(b))/1024, "peakMiB")
}
