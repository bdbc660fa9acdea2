package api

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
)

// AuditEntry is one thing that a person did.
type AuditEntry struct {
	ID           int64     `json:"id"`
	At           time.Time `json:"at"`
	Who          string    `json:"who"`
	Action       string    `json:"action" example:"entity.created"`
	Subject      string    `json:"subject"`
	Before       string    `json:"before,omitempty" doc:"JSON or a single value"`
	After        string    `json:"after,omitempty" doc:"JSON or a single value"`
	PreviousHash string    `json:"previous_hash"`
	Hash         string    `json:"hash" doc:"SHA-256 of the content and of the hash before"`
}

// auditInput narrows the log.
type auditInput struct {
	Paging
	Who     string    `query:"who"`
	Action  string    `query:"action" doc:"an action, or the first word of several: entity"`
	Subject string    `query:"subject"`
	Since   time.Time `query:"since"`
	Until   time.Time `query:"until" doc:"exclusive"`
}

// audit lists the audit log.
func (c *call) audit(in *auditInput) (*List[AuditEntry], error) {
	below, err := c.below(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.Audit(c.ctx, store.AuditFilter{
		Who: in.Who, Action: in.Action, Subject: in.Subject, Since: in.Since, Until: in.Until, Below: below, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	var items []AuditEntry
	for _, e := range list[:min(len(list), in.Limit)] {
		if !c.who.May(access.ChangeEntities) {
			e.Before, e.After = entities.MaskIBANs(e.Before), entities.MaskIBANs(e.After)
		}
		items = append(items, AuditEntry{e.ID, c.at(e.At), e.Who, e.Action, e.Subject, e.Before, e.After, e.PreviousHash, e.Hash})
	}
	return listed(c, items, lastOf(list, in.Limit, func(e *store.AuditEntry) int64 { return e.ID })), nil
}

// AuditProof says whether the log is what it was.
type AuditProof struct {
	Checked int64  `json:"checked" doc:"entries"`
	Sound   bool   `json:"sound"`
	Broken  int64  `json:"broken,omitempty" doc:"id of the first entry that is not what it was"`
	Head    string `json:"head" doc:"ID:HASH of the last entry; kept elsewhere, it proves later that the log up to it is unchanged"`
}

// verifyAudit walks the whole chain.
func (c *call) verifyAudit(*none) (*One[AuditProof], error) {
	done, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer done()
	chain, err := c.Store.VerifyAudit(c.ctx)
	return &One[AuditProof]{AuditProof{chain.Checked, chain.Broken == 0, chain.Broken, chain.Head.String()}}, err
}
