package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/numbering"
)

func TestRangeMayStartAgainEachMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.EveryMonth(10, 11)
		w.Backdated("2026-10")
		w.Backdated("2026-11")
		w.Charged(charge("S-1", "ST-1", "2026-10-20 10:00", "10"))
		w.Backdated("2026-10")
		w.HasNumbers("2026/10-1", "2026/10-2", "2026/10-3", "2026/11-1", "2026/11-2")
	}, func(c *creditnotes.Configuration) {
		c.NumberRanges[0].Pattern, c.NumberRanges[0].Reset = "{YYYY}/{MM}-{SEQ}", numbering.ResetMonthly
	})
}

func TestCancellationsCountInTheirOwnRange(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.EveryMonth(10)
		w.Backdated("2026-10")
		w.Cancel("GS-2026-00002")
		w.Cancel("GS-2026-00001")
		w.Backdated("2026-10")
		w.HasNumbers("GS-2026-00001", "GS-2026-00002", "GS-2026-00003", "GS-2026-00004", "ST-2027-00001", "ST-2027-00002")
	})
}
