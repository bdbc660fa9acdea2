package store_test

import (
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

// A shard is read by index alone on SQLite too, which has no statistics of a new
// database: what it costs must not grow with the sessions there are.
func TestReadingAShardScansNoTable(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), storetest.Now)
	now := time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC)
	for _, all := range []bool{false, true} {
		q := creditnotes.SessionQuery{
			Connectors: []int64{1, 2}, Waiting: []int64{7}, Cutoff: now, Until: now.Add(time.Hour), Future: now, Since: now.AddDate(0, -2, 0), From: now.AddDate(0, -1, 0), All: all,
		}
		for name, steps := range s.ShardPlans(t, q) {
			for _, step := range steps {
				if strings.Contains(step, "AUTOMATIC") || strings.HasPrefix(step, "SCAN ") && !isSmall(step) {
					t.Errorf("%s, all %t: %s", name, all, step)
				}
			}
		}
	}
}

// isSmall reports whether a step reads what the query itself gathered.
func isSmall(step string) bool {
	for _, name := range []string{"json_each", "picked", "w", "near"} {
		if strings.HasPrefix(step, "SCAN "+name+" ") || step == "SCAN "+name {
			return true
		}
	}
	return false
}
