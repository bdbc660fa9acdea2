package store

import (
	"creditrun/creditnotes"
	"creditrun/internal/access"
)

// threadData is a thread in a payload. What was written is not in it: people
// write addresses and bank data.
type threadData struct {
	Thread  int64  `json:"thread"`
	Kind    string `json:"kind"`
	Entity  string `json:"entity"`
	Subject string `json:"subject"`
	Reason  string `json:"reason,omitempty"`
	State   string `json:"state"`
	// WaitsFor is whose turn it is: operator or Sub-CPO.
	WaitsFor string `json:"waits_for,omitempty"`
}

// tellThread tells webhooks of what has happened in a thread.
func (tx *Tx) tellThread(event HookEvent, t *threadRow) error {
	return tx.tell(event, func() ([]any, error) {
		return []any{threadData{t.ID, t.Kind, t.Entity, t.Subject, t.Reason, t.State, t.WaitsFor}}, nil
	})
}

// threadFacts is what a mail tells of a message in a thread.
func threadFacts(t *threadRow, who, text string) creditnotes.NoticeFacts {
	return creditnotes.NoticeFacts{Who: who, Subject: t.Subject, Text: text, Thread: t.Kind}
}

// tellOpener mails the user who opened a thread, unless that is who writes.
func (tx *Tx) tellOpener(t *threadRow, kind creditnotes.NoticeKind, who, text string) error {
	u, err := userOrName(tx.db, t.OpenedBy)
	if err != nil || u.Name == who || !u.Active || u.Email == "" {
		return err
	}
	return tx.notify(creditnotes.Notice{Kind: kind, To: u.Email, Language: u.Language, Facts: threadFacts(t, who, text)})
}

// tellSubCPO mails what the operator writes to a Sub-CPO: to who opened the
// thread, where that is a user of a Sub-CPO, else to the users of the entity who
// want mails, and without any to its addresses.
func (tx *Tx) tellSubCPO(t *threadRow, who, text string) error {
	side, _, err := tx.sideOf(t.OpenedBy)
	if err != nil {
		return err
	}
	if side == creditnotes.SubCPOSide || t.Entity == "" {
		return tx.tellOpener(t, creditnotes.NoticeWritten, who, text)
	}
	list, err := users(tx.db.Where("entity_key = ? AND active", t.Entity).Order("name"))
	if err != nil {
		return err
	}
	facts := threadFacts(t, who, text)
	var notices []creditnotes.Notice
	for _, u := range list {
		if u.Email != "" && u.Digest != access.DigestOff {
			notices = append(notices, creditnotes.Notice{Kind: creditnotes.NoticeWritten, To: u.Email, Language: u.Language, Facts: facts})
		}
	}
	if len(list) > 0 {
		return tx.notify(notices...)
	}
	e, err := tx.entity(t.Entity)
	if err != nil {
		return err
	}
	for _, address := range e.Emails {
		notices = append(notices, creditnotes.Notice{Kind: creditnotes.NoticeWritten, To: address, Language: e.Language, Facts: facts})
	}
	return tx.notify(notices...)
}
