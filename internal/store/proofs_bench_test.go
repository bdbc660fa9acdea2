package store_test

import (
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// BenchmarkProof runs a month of 100,000 sessions of 2,000 owners without a key
// and with one. The ratio of the two is what a proof costs beside the run.
func BenchmarkProof(b *testing.B) {
	const signedSessions = 100_000
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	month := func(options store.Options) time.Duration {
		s := storetest.OpenWith(b, storetest.SQLite(b), options)
		ctx := b.Context()
		config, settings := benchNetwork(benchOwners)
		for i := range settings {
			if settings[i].Key == "release" {
				settings[i].Value = "automatic"
			}
		}
		if _, err := s.SaveConfiguration(ctx, "bench", config, settings); err != nil {
			b.Fatal(err)
		}
		left := signedSessions
		some := func(yield func(sessions.Session, error) bool) {
			for one, err := range benchCharging() {
				if left == 0 || !yield(one, err) {
					return
				}
				left--
			}
		}
		if _, err := s.ImportSessions(ctx, "bench", some, store.ImportOptions{Name: "bench"}); err != nil {
			b.Fatal(err)
		}
		runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: clock,
			MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
		began := time.Now()
		if _, err := runner.Run(ctx, creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench"}); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	plain := month(store.Options{Now: clock, LeaseClock: clock})
	signed := month(store.Options{Now: clock, LeaseClock: clock, ProofKey: proofKey(1)})
	b.ReportMetric(plain.Seconds(), "plain-s")
	b.ReportMetric(signed.Seconds(), "signed-s")
	b.ReportMetric(signed.Seconds()/plain.Seconds(), "ratio")
}
