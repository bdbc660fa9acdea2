package store_test

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

func smallFromMidOctober(c *creditnotes.Configuration) {
	entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-10-15", Account: "small"}}
}

func TestVerifyFindsALineUnderAnotherTax(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		w.Month("2026-10")
		w.unlock()
		if _, err := w.sql("UPDATE lines SET tax = 1 - tax"); err != nil {
			t.Fatal(err)
		}
		if got := w.Problems(); strings.Join(got, " ") != "verify_lines verify_prices verify_sessions" {
			t.Errorf("%v", got)
		}
	}, smallFromMidOctober)
}
