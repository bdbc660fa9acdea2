package store_test

import (
	"testing"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// Two entities swap the keys that another system has for them in one file, and the
// database lets no two have the same.
func TestEntitiesSwapTheirExternalIDs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		c := network()
		c.Entities[0].ExternalID, c.Entities[1].ExternalID = "CRM-1", "CRM-2"
		save(t, s, c, networkSettings()...)
		c.Entities[0].ExternalID, c.Entities[1].ExternalID = "CRM-2", "CRM-1"
		save(t, s, c)
		for _, e := range configuration(t, s).Entities {
			for i := range c.Entities {
				if c.Entities[i].Key == e.Key && c.Entities[i].ExternalID != e.ExternalID {
					t.Errorf("%s has %q", e.Key, e.ExternalID)
				}
			}
		}
		c.Entities[1].ExternalID = "CRM-2"
		if _, err := s.SaveConfiguration(t.Context(), "anna", c, nil); !fault.Is(err, fault.Invalid) || fault.Of(err)[0].Key != "external_id_taken" {
			t.Errorf("two have the same: %v", err)
		}
		if err := s.InTx(t.Context(), func(tx *store.TestTx) error {
			_, err := tx.Exec("UPDATE entities SET external_id = 'x'")
			return err
		}); err == nil {
			t.Error("the database lets all have the same")
		}
	})
}
