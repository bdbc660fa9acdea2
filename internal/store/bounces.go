package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// bounceRow is a row of bounces.
type bounceRow struct {
	Hash       string    `gorm:"column:hash"`
	DeliveryID int64     `gorm:"column:delivery_id"`
	Kind       string    `gorm:"column:kind"`
	Assigned   bool      `gorm:"column:assigned"`
	Reporter   string    `gorm:"column:reporter"`
	Mailbox    string    `gorm:"column:mailbox"`
	ReadAt     time.Time `gorm:"column:read_at"`
	ReadBy     string    `gorm:"column:read_by"`
}

// TableName implements schema.Tabler.
func (bounceRow) TableName() string { return "bounces" }

// bounced is the mailing that a report is about.
type bounced struct {
	id         int64
	number     string
	state      creditnotes.DeliveryState
	reply      string
	recipients []creditnotes.DeliveryRecipient
}

func (b *bounced) sentTo() (list []string) {
	for _, r := range b.recipients {
		list = append(list, r.Address)
	}
	return list
}

// RecordBounce records a report of a mail system, if it names the Message-ID of
// a mailing, in one transaction: the recipients of the mailing that it says
// failed are bounced and their addresses marked, those of complaints are marked,
// and finance is told. A report is recorded once.
func (s *Store) RecordBounce(ctx context.Context, b creditnotes.Bounce) (result creditnotes.BounceResult, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		result = creditnotes.BounceResult{}
		m, err := tx.bouncedMailing(b.IDs)
		if err != nil || m == nil {
			return err
		}
		known, err := exists[bounceRow](tx.db.Where("hash = ?", b.Hash))
		if err != nil {
			return err
		}
		result.Number, result.Known = m.number, known
		if known {
			return nil
		}
		return tx.recordBounce(b, m, &result)
	})
	return result, err
}

// bouncedMailing finds the mailing with one of some Message-IDs, or nil, and
// locks it.
func (tx *Tx) bouncedMailing(ids []string) (*bounced, error) {
	for _, id := range ids {
		m := &bounced{}
		err := tx.scanRow("UPDATE deliveries SET state = state WHERE message_id = $1 RETURNING id, state, reply", []any{id}, &m.id, &m.state, &m.reply)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			err = tx.scanRow("SELECT "+carriedNumber+" FROM deliveries d "+carrier+" WHERE d.id = $1", []any{m.id}, &m.number)
		}
		if err == nil {
			m.recipients, err = tx.saveRecipients(m.id, nil)
		}
		return m, err
	}
	return nil, nil
}

func (tx *Tx) recordBounce(b creditnotes.Bounce, m *bounced, result *creditnotes.BounceResult) error {
	changes, marks := tx.sorted(b, m, result)
	if result.Early {
		return nil
	}
	row := bounceRow{
		Hash: b.Hash, DeliveryID: m.id, Kind: string(b.Kind), Assigned: len(result.Unassigned) == 0, Reporter: b.Reporter,
		Mailbox: b.Mailbox, ReadAt: utc(tx.now()), ReadBy: b.Who,
	}
	told, err := exists[bounceRow](tx.db.Where("delivery_id = ? AND NOT assigned", m.id)) // of an address that the mail was not sent to
	if err != nil {
		return err
	}
	if err := create(tx.db, row); err != nil {
		return err
	}
	if err := tx.changeRecipients(m, changes); err != nil {
		return err
	}
	fresh, err := tx.markAddresses(b, m, marks)
	if err != nil {
		return err
	}
	for _, mark := range fresh {
		result.Marked = append(result.Marked, mark.Address)
	}
	if len(result.Unassigned) > 0 && !told {
		if err := tx.tellStaff(creditnotes.NoticeUnassigned, bounceFacts(m.number, result.Unassigned, unassignedReasons(b)), access.Finance); err != nil {
			return err
		}
	}
	return tx.tellBounced(m.number, fresh)
}

// sorted says what a report means for the recipients of a mailing.
func (tx *Tx) sorted(b creditnotes.Bounce, m *bounced, result *creditnotes.BounceResult) (changes []creditnotes.DeliveryRecipient, marks []markRow) {
	if len(b.Recipients) == 0 && (b.Kind == creditnotes.BounceFailed || b.Kind == creditnotes.BounceComplaint) {
		b.Recipients = []creditnotes.BounceRecipient{{Kind: b.Kind}} // blanked out
	}
	for _, r := range b.Recipients {
		to := r.Matching(m.sentTo(), b.Mentioned)
		if to == "" {
			if r.Kind == creditnotes.BounceFailed || r.Kind == creditnotes.BounceComplaint {
				result.Unassigned = append(result.Unassigned, r.Address)
			}
			continue
		}
		at := slices.IndexFunc(m.recipients, func(d creditnotes.DeliveryRecipient) bool { return d.Address == to })
		state := m.recipients[at].State
		if state == creditnotes.RecipientSending {
			result.Early = true
		}
		switch r.Kind {
		case creditnotes.BounceFailed:
			if state != creditnotes.RecipientRefused && state != creditnotes.RecipientSuppressed && state != creditnotes.RecipientBounced {
				changes = append(changes, creditnotes.DeliveryRecipient{Address: to, State: creditnotes.RecipientBounced, Reply: r.Reason})
				result.Bounced = append(result.Bounced, to)
			}
			marks = append(marks, markRow{Address: creditnotes.AddressKey(to), Kind: string(creditnotes.MarkBounced), Reason: r.Reason})
		case creditnotes.BounceDelayed:
			if state == creditnotes.RecipientAccepted {
				changes = append(changes, creditnotes.DeliveryRecipient{Address: to, State: state, Reply: r.Reason})
				result.Delayed = append(result.Delayed, to)
			}
		case creditnotes.BounceComplaint:
			marks = append(marks, markRow{Address: creditnotes.AddressKey(to), Kind: string(creditnotes.MarkComplained), Reason: r.Reason})
		}
	}
	return changes, marks
}

func unassignedReasons(b creditnotes.Bounce) map[string]string {
	reasons := map[string]string{}
	for _, r := range b.Recipients {
		reasons[r.Address] = r.Reason
	}
	return reasons
}

// changeRecipients keeps the new states of some recipients of a mailing and what
// follows from them for the mailing.
func (tx *Tx) changeRecipients(m *bounced, changes []creditnotes.DeliveryRecipient) error {
	if len(changes) == 0 {
		return nil
	}
	all, err := tx.saveRecipients(m.id, changes)
	if err != nil {
		return err
	}
	reply := m.reply
	for _, c := range changes {
		if c.State == creditnotes.RecipientBounced {
			reply = c.Reply
		}
	}
	state := creditnotes.StateOf(all)
	if _, err := tx.exec("UPDATE deliveries SET state = $1, reply = $2 WHERE id = $3", string(state), reply, m.id); err != nil || state == m.state {
		return err
	}
	m.state = state
	waits := slices.ContainsFunc(all, func(r creditnotes.DeliveryRecipient) bool { return r.State.Waits() })
	if state == creditnotes.DeliveryFailed || state == creditnotes.DeliveryIncomplete && !waits {
		return tx.tellDelivery(m.id)
	}
	return nil
}

// tellBounced tells finance of addresses that are marked now.
func (tx *Tx) tellBounced(number string, marks []markRow) error {
	for _, of := range []struct {
		kind   creditnotes.MarkKind
		notice creditnotes.NoticeKind
	}{{creditnotes.MarkBounced, creditnotes.NoticeBounced}, {creditnotes.MarkComplained, creditnotes.NoticeComplained}} {
		var addresses []string
		reasons := map[string]string{}
		for _, m := range marks {
			if m.Kind == string(of.kind) {
				addresses, reasons[m.Address] = append(addresses, m.Address), m.Reason
			}
		}
		if len(addresses) == 0 {
			continue
		}
		if err := tx.tellStaff(of.notice, bounceFacts(number, addresses, reasons), access.Finance); err != nil {
			return err
		}
	}
	return nil
}

func bounceFacts(number string, addresses []string, reasons map[string]string) creditnotes.NoticeFacts {
	facts := creditnotes.NoticeFacts{Number: number}
	for _, address := range addresses {
		facts.Items = append(facts.Items, creditnotes.NoticeItem{Subject: number, Name: address, After: reasons[address]})
	}
	return facts
}

// bounceEvidence is what the audit log records of an address that was marked.
type bounceEvidence struct {
	Kind     string `json:"kind"`
	Reason   string `json:"reason"`
	Number   string `json:"number"`
	Report   string `json:"report"` // SHA-256 of the message
	Reporter string `json:"reporter"`
	Mailbox  string `json:"mailbox"`
}

func (e bounceEvidence) text() string {
	text, _ := json.Marshal(e) // strings are always written
	return string(text)
}

// AddressMarked and AddressLifted are the actions in the audit log about
// addresses that get no more mails.
const (
	AddressMarked = "address.marked"
	AddressLifted = "address.lifted"
)

// addressUnmarked is the fault of an address that has no mark.
func addressUnmarked(address string) error {
	return fault.New(fault.NotFound, "address_not_marked", fault.Args{"address": address})
}

// bounceError names what was being done.
func bounceError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("marked addresses: %w", err)
}
