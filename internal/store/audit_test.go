package store_test

import (
	"fmt"
	"sync"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

func TestAuditLogNoticesTampering(t *testing.T) {
	for name, tamper := range map[string]struct {
		statement string
		broken    int64
	}{
		"nothing":              {"", 0},
		"a changed entry":      {"UPDATE audit SET after = 'x' WHERE id = 3", 3},
		"a missing entry":      {"DELETE FROM audit WHERE id = 3", 3},
		"a missing last entry": {"DELETE FROM audit WHERE id = 5", 5},
		"an entry too many":    {"INSERT INTO audit SELECT 6, at, who, action, subject, before, after, hash, 'x' FROM audit WHERE id = 5", 6},
		"a false end":          {"UPDATE audit_head SET hash = 'x'", 5},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, open func() *store.Store) {
				s := open()
				for i := range 5 {
					if _, err := s.SetSettings(t.Context(), "anna", []creditnotes.Setting{{Key: "payment_terms.net_days", Value: fmt.Sprint(i + 1)}}); err != nil {
						t.Fatal(err)
					}
				}
				if tamper.statement != "" {
					if _, err := s.WriteDB().Exec(tamper.statement); err == nil && tamper.broken < 5 {
						t.Error("the database allowed it")
					}
					for _, trigger := range []string{"audit_immutable", "audit_immutable_update", "audit_immutable_delete"} {
						_, _ = s.WriteDB().Exec("DROP TRIGGER IF EXISTS " + trigger + map[bool]string{false: " ON audit"}[s.IsSQLite()])
					}
					if _, err := s.WriteDB().Exec(tamper.statement); err != nil && name != "an entry too many" {
						t.Fatal(err)
					}
				}
				chain, err := s.VerifyAudit(t.Context())
				if err != nil || chain.Broken != tamper.broken {
					t.Errorf("broken %d, want %d (checked %d), %v", chain.Broken, tamper.broken, chain.Checked, err)
				}
			})
		})
	}
}

func TestWritersQueueUpForTheAuditLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		var all sync.WaitGroup
		for p := range 4 {
			s := open()
			all.Go(func() {
				for i := range 10 {
					setting := creditnotes.Setting{Key: fmt.Sprintf("payment_terms.text.x%d", p), Value: fmt.Sprint(i)}
					if _, err := s.SetSettings(t.Context(), "anna", []creditnotes.Setting{setting}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if chain, err := open().VerifyAudit(t.Context()); chain.Checked != 40 || chain.Broken != 0 || chain.Head.ID != 40 || err != nil {
			t.Errorf("%+v, %v", chain, err)
		}
	})
}
