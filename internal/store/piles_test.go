package store_test

import (
	"strings"
	"testing"

	"creditrun/internal/store/storetest"
)

// What waits is counted by indexes of what waits: the overview must not take
// longer the more there was.
func TestPilesScanNoTable(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), storetest.Now)
	for name, steps := range s.PilePlans(t) {
		for _, step := range steps {
			if strings.Contains(step, "AUTOMATIC") || strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "USING") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}
