package memory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"creditrun/creditnotes"
)

// AuditEntry is an entry of the audit log. Its hash covers its content and the
// hash before.
type AuditEntry struct {
	ID                                  int64
	At                                  time.Time
	Who, Action, Subject, Before, After string
	PreviousHash, Hash                  string
}

func (e *AuditEntry) hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %q %q %q %q %q %s",
		e.ID, e.At.UnixMicro(), e.Who, e.Action, e.Subject, e.Before, e.After, e.PreviousHash))
	return hex.EncodeToString(sum[:])
}

// audit writes an entry.
func (t *tx) audit(who, action, subject, before, after string) {
	e := AuditEntry{
		ID: t.AuditHead.ID + 1, At: t.now, Who: who, Action: action, Subject: subject, Before: before, After: after, PreviousHash: t.AuditHead.Hash,
	}
	e.Hash = e.hash()
	t.AuditHead = creditnotes.AuditHead{ID: e.ID, Hash: e.Hash}
	t.Audit = append(t.Audit, e)
}

// walkAudit calls fn with each entry whose hash fits.
func (d *Data) walkAudit(fn func(creditnotes.AuditRecord)) (chain creditnotes.AuditChain) {
	for i := range d.Audit {
		e := &d.Audit[i]
		if e.ID != chain.Head.ID+1 || e.PreviousHash != chain.Head.Hash || e.Hash != e.hash() {
			chain.Broken = chain.Head.ID + 1
			return chain
		}
		chain.Checked++
		chain.Head = creditnotes.AuditHead{ID: e.ID, Hash: e.Hash}
		fn(creditnotes.AuditRecord{ID: e.ID, Who: e.Who, Action: e.Action, Subject: e.Subject, After: e.After, Hash: e.Hash})
	}
	switch {
	case chain.Head == d.AuditHead:
	case chain.Head.ID == d.AuditHead.ID:
		chain.Broken = chain.Head.ID
	default:
		chain.Broken = chain.Head.ID + 1
	}
	return chain
}

// jsonOf writes plain data, which JSON can always express.
func jsonOf(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
