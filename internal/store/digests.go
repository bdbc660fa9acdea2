package store

import (
	"context"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// SetDigest changes how often a user is mailed what waits. An unknown word is an
// Invalid fault.
func (s *Store) SetDigest(ctx context.Context, who string, userID int64, digest access.Digest) error {
	if !slices.Contains(access.Digests(), digest) {
		return fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": string(digest)}).At("digest")
	}
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if digest == u.Digest {
			return nil
		}
		if err := tx.setUser(userID, set{"digest": string(digest), "digested_at": tx.now()}); err != nil {
			return err
		}
		word := func(d access.Digest) string { return string(jsonOf(map[string]access.Digest{"digest": d})) }
		return tx.audit(Entry{Who: who, Action: "user.updated", Subject: u.Name, Before: word(u.Digest), After: word(digest)})
	})
}

// DigestUsers lists the active users with an address who want to be mailed what
// waits.
func (s *Store) DigestUsers(ctx context.Context) ([]access.User, error) {
	return users(s.db(ctx).Where("active AND email <> '' AND digest <> ?", string(access.DigestOff)).Order("id"))
}

// MailDigest mails a user what waits, unless another process has done so
// meanwhile: then mailed is false. Without anything that waits it only keeps
// that it was looked at. address is where the pages are; it may be empty.
func (s *Store) MailDigest(ctx context.Context, u *access.User, at time.Time, address string, waits []creditnotes.NoticeWaiting) (mailed bool, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		same := tx.db.Model(&userRow{}).Where("id = ? AND digest = ?", u.ID, string(u.Digest))
		if u.DigestedAt.IsZero() {
			same = same.Where("digested_at IS NULL")
		} else {
			same = same.Where("digested_at = ?", utc(u.DigestedAt))
		}
		n, err := affected(same.Updates(set{"digested_at": utc(at)}))
		if err != nil || n == 0 || len(waits) == 0 {
			return err
		}
		mailed = true
		return tx.notify(creditnotes.Notice{Kind: creditnotes.NoticeInbox, To: u.Email, Language: u.Language, Address: address,
			Facts: creditnotes.NoticeFacts{User: u.Name, Waits: waits}})
	})
	return mailed && err == nil, err
}
