package network

import (
	"encoding/json"
	"fmt"
	"time"

	"creditrun/entities"
	"creditrun/internal/store"
)

// agreementState is a word for how the self-billing agreement stands on a day.
func agreementState(a entities.Agreement, day entities.Date) string {
	switch {
	case a.ValidFrom.IsZero() && a.SignedOn.IsZero():
		return "missing"
	case a.CoversDay(day.AddDays(60)):
		return "good"
	case a.CoversDay(day):
		return "ending"
	case day.Before(a.ValidFrom):
		return "later"
	}
	return "over"
}

// earlierAgreement is a self-billing agreement that another one has replaced.
type earlierAgreement struct {
	entities.Agreement
	ReplacedAt time.Time
}

// mostChanges is how many changes of an entity are looked through for earlier
// agreements.
const mostChanges = 200

// earlierAgreements are the agreements that the entity had before the one it
// has, the latest first: the audit log remembers them.
func (v *Visit) earlierAgreements(key string) (list []earlierAgreement, err error) {
	entries, err := v.Store.Audit(v.R.Context(), store.AuditFilter{Action: "entity.updated", Subject: key, Limit: mostChanges})
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		var before, after struct {
			Agreement entities.Agreement `json:"agreement"`
		}
		if err := json.Unmarshal([]byte(entry.Before), &before); err != nil {
			return nil, fmt.Errorf("audit entry %d: %w", entry.ID, err)
		}
		if err := json.Unmarshal([]byte(entry.After), &after); err != nil {
			return nil, fmt.Errorf("audit entry %d: %w", entry.ID, err)
		}
		if before != after && before.Agreement != (entities.Agreement{}) {
			list = append(list, earlierAgreement{before.Agreement, entry.At})
		}
	}
	return list, nil
}
