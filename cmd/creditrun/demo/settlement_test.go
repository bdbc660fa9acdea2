package demo

import (
	"bytes"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/intake"
	"creditrun/internal/money"
)

// What is delivered beside the sessions fits them: a collection is of a session
// that is known, for its driver amount, and no later than the delivery.
func TestWhatComesBesideTheSessionsFitsThem(t *testing.T) {
	for _, day := range days {
		amounts, collected, topUps, records := map[string]*money.Micros{}, map[string]bool{}, 0, 0
		waiting := 0
		for _, b := range batches(t, day) {
			for s, err := range intake.ReadCSV(b.Name, bytes.NewReader(b.CSV)) {
				if err != nil {
					t.Fatal(err)
				}
				amounts[s.ExternalID] = s.DriverAmount
				if s.CollectedAt.IsZero() && s.DriverAmount != nil {
					waiting++
				}
			}
			for _, f := range b.Beside {
				content, n := bytes.NewReader(f.CSV), 0
				switch intake.Sniff(f.Name, f.CSV) {
				case intake.KindCollections:
					for one, err := range intake.ReadCollections(f.Name, content) {
						if err != nil {
							t.Fatal(err)
						}
						c := one.Value
						n++
						amount, known := amounts[c.ExternalID]
						if !known || collected[c.ExternalID] || c.At.After(b.Delivered) || c.Amount != nil && (amount == nil || *amount != *c.Amount) {
							t.Errorf("%s, %s: %+v does not fit its session", day, f.Name, c)
						}
						collected[c.ExternalID] = true
					}
				case intake.KindTopUps:
					for one, err := range intake.ReadTopUps(f.Name, content) {
						if err != nil || one.Value.At.After(b.Delivered) {
							t.Errorf("%s, %s: %+v, %v", day, f.Name, one.Value, err)
						}
						n, topUps = n+1, topUps+1
					}
				default:
					for one, err := range intake.ReadRecords(f.Name, content, func(string) string { return "" }) {
						if err != nil || one.Value.Direction == creditnotes.Debited && one.Value.Owner != "gite-modele" {
							t.Errorf("%s, %s: %+v, %v", day, f.Name, one.Value, err)
						}
						n, records = n+1, records+1
					}
				}
				if n != f.Records {
					t.Errorf("%s, %s: %d records, not %d", day, f.Name, n, f.Records)
				}
			}
		}
		if len(collected) < 40 || waiting <= len(collected)/2 || topUps != 9 || records != 6 {
			t.Errorf("%s: %d collections, %d driver amounts not paid at once, %d top-ups, %d custom records", day, len(collected), waiting, topUps, records)
		}
	}
}
