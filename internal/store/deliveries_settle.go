package store

import (
	"context"
	"errors"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// SettleMail ends that a mail is parked, in all mailings of a note or report, after
// someone asked the recipients: it arrived, or it is sent again to those of
// whom no one knew whether they got it. A note without a parked mail is a
// Conflict fault.
func (s *Store) SettleMail(ctx context.Context, who, number string, arrived bool) error {
	carried, id, err := s.mailedAs(ctx, number)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *Tx) error {
		ids, err := column[int64](tx.ctx, tx.sql,
			"UPDATE deliveries SET state = state WHERE ("+carried+") AND state = 'parked' RETURNING id", id)
		if err == nil && len(ids) == 0 {
			err = fault.New(fault.Conflict, "mail_not_parked", fault.Args{"number": number})
		}
		if err != nil {
			return err
		}
		for _, id := range ids {
			err = errors.Join(err, tx.settleMailing(id, arrived))
		}
		if err != nil {
			return err
		}
		after := "again"
		if arrived {
			after = "arrived"
		}
		return tx.audit(Entry{Who: who, Action: creditnotes.ActionMailSettled, Subject: number, Before: string(creditnotes.DeliveryParked), After: after})
	})
}

// mailedAs finds what mailings carry by a number, or by the name of a settlement
// report: the condition for the mailings that carry it, and its id, which is $1.
func (s *Store) mailedAs(ctx context.Context, number string) (condition string, id int64, err error) {
	note, err := s.NoteByNumber(ctx, number)
	if err == nil {
		return "note_id = $1 OR note_id = (SELECT mailed_with FROM credit_notes WHERE id = $1)", note.ID, nil
	}
	if fault.Is(err, fault.NotFound) {
		if report, none := s.FrozenReport(ctx, number, nil); none == nil {
			return "report_id = $1", report.ID, nil
		}
		if advice, none := s.RemittanceOf(ctx, number); none == nil {
			return "payout_id = $1", advice.PayoutID, nil
		}
		if reminder, none := s.Reminder(ctx, number); none == nil {
			return "reminder_id = $1", reminder.ID, nil
		}
	}
	return "", 0, err
}

// settleMailing settles the parked recipients of a mailing. One that is sent
// again is a new beginning: it may be tried as often as any other.
func (tx *Tx) settleMailing(id int64, arrived bool) error {
	state := creditnotes.RecipientQueued
	if arrived {
		state = creditnotes.RecipientAccepted
	}
	if _, err := tx.exec("UPDATE delivery_recipients SET state = $1 WHERE delivery_id = $2 AND state = 'parked'", string(state), id); err != nil {
		return err
	}
	all, err := tx.saveRecipients(id, nil)
	if err != nil {
		return err
	}
	if arrived {
		_, err = tx.exec("UPDATE deliveries SET state = $1, sent_at = coalesce(sent_at, sending_at, created_at) WHERE id = $2", string(creditnotes.StateOf(all)), id)
		return err
	}
	if _, err := tx.exec("UPDATE deliveries SET state = $1, due_at = NULL, attempts = 0, judged_at = NULL WHERE id = $2", string(creditnotes.StateOf(all)), id); err != nil {
		return err
	}
	queue, err := tx.jobs()
	if err != nil {
		return err
	}
	return queue.deliver(tx, []int64{id})
}
