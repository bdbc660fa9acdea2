package store_test

import (
	"fmt"
	"iter"
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/journal"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// benchDocuments is how many documents the month of BenchmarkJournal has.
const benchDocuments = 20_000

// BenchmarkJournal closes a month of 20,000 documents for DATEV, exports it again,
// and lists what is open and what would be paid out.
func BenchmarkJournal(b *testing.B) {
	eachDatabase(b, func(b *testing.B, s *store.Store) {
		issueDocuments(b, s)
		for b.Loop() {
			resetPeak(b)
			for _, what := range []string{"first", "again"} {
				began := time.Now()
				out, err := s.ExportJournal(b.Context(), "bench", "2026-10", journal.DATEV, export.JournalFiles(journal.DATEV))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(began).Seconds(), what+"-s")
				if len(out.Journal.Entries) != benchDocuments || out.Copied != (what == "again") {
					b.Fatalf("%s: %d entries", what, len(out.Journal.Entries))
				}
			}
			b.ReportMetric(float64(peak(b))/1024, "peakMiB")
			began := time.Now()
			drafts, left, err := s.DuePayouts(b.Context(), "2026-11-30")
			if err != nil || len(drafts)+len(left) != benchDocuments {
				b.Fatalf("%d payouts, %d left out, %v", len(drafts), len(left), err)
			}
			b.ReportMetric(time.Since(began).Seconds(), "due-s")
		}
	})
}

// issueDocuments issues a document to each of many owners.
func issueDocuments(b *testing.B, s *store.Store) {
	b.Helper()
	config, settings := benchNetwork(benchDocuments)
	for i := range config.TaxAccounts {
		config.TaxAccounts[i].LedgerAccount, config.TaxAccounts[i].DATEVKey = "1406", "9"
	}
	settings = append(settings, creditnotes.Setting{Key: "first_creditor_account", Value: "70000"}, creditnotes.Setting{Key: "bank_account", Value: "1800"},
		creditnotes.Setting{Key: "clearing_account", Value: "1460"}, creditnotes.Setting{Key: "revenue_account", Value: "3125"},
		creditnotes.Setting{Key: "datev_consultant", Value: "1001"}, creditnotes.Setting{Key: "datev_mandant", Value: "42"})
	if _, err := s.SaveConfiguration(b.Context(), "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	var charged iter.Seq2[sessions.Session, error] = func(yield func(sessions.Session, error) bool) {
		for n := range benchDocuments {
			start := time.Date(2026, 10, 3, 8, 0, 0, 0, time.UTC)
			one := sessions.Session{Source: "bench", ExternalID: "b-" + strconv.Itoa(n), EVSEID: benchEVSE(n, 0), Connector: 1, Class: sessions.Community,
				Start: start, End: start.Add(time.Hour), Duration: 3600, Energy: 10_000_000, Status: sessions.Valid}
			if !yield(one, nil) {
				return
			}
		}
	}
	if _, err := s.ImportSessions(b.Context(), "bench", charged, store.ImportOptions{Name: "bench"}); err != nil {
		b.Fatal(err)
	}
	runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: storetest.Now, MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
	run, err := runner.Run(b.Context(), creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench", DocumentDate: "2026-10-31", Confirmed: true})
	if err == nil {
		_, err = runner.Approve(b.Context(), run.Name, "the second person")
	}
	if err != nil {
		b.Fatal(fmt.Errorf("issue: %w", err))
	}
}
