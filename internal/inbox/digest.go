package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// digestHour is the hour of the operator's day from which the daily mail goes
// out.
const digestHour = 7

// Digests mails what waits to the users who want that and returns how many mails
// it queued. It may be called at any time and by several processes: a user gets
// at most one mail a day, or one for each time that something new waits. address
// is where the pages are; it may be empty.
func Digests(ctx context.Context, s *store.Store, b *snapshot.Snapshot, now time.Time, address string) (mailed int, err error) {
	if b.Network == nil {
		return 0, nil
	}
	users, err := s.DigestUsers(ctx)
	if err != nil {
		return 0, err
	}
	var problems []error
	for i := range users {
		done, err := digest(ctx, s, b, &users[i], now, address)
		if err != nil {
			problems = append(problems, fmt.Errorf("digest of %q: %w", users[i].Name, err))
		}
		if done {
			mailed++
		}
	}
	return mailed, errors.Join(problems...)
}

// digest mails one user what waits, where it is time.
func digest(ctx context.Context, s *store.Store, b *snapshot.Snapshot, u *access.User, now time.Time, address string) (bool, error) {
	zone := b.Network.Zone()
	last := u.DigestedAt
	if last.IsZero() {
		last = u.CreatedAt
	}
	if u.Digest == access.DigestDaily && !dailyDue(last.In(zone), now.In(zone)) {
		return false, nil
	}
	items, err := Of(ctx, Asked{Store: s, Who: b.Visitor(u, nil), Now: now, Snapshot: b})
	if err != nil {
		return false, err
	}
	var waits []creditnotes.NoticeWaiting
	fresh := u.Digest == access.DigestDaily
	for _, item := range items {
		fresh = fresh || item.Newest.After(last)
		waits = append(waits, creditnotes.NoticeWaiting{Kind: string(item.Kind), Count: item.Count, Since: string(entities.DateOf(item.Oldest, zone))})
	}
	if !fresh {
		return false, nil
	}
	return s.MailDigest(ctx, u, now, address, waits)
}

// dailyDue reports whether the daily mail of today is due: it is past the hour,
// and the last one is from before.
func dailyDue(last, now time.Time) bool {
	due := time.Date(now.Year(), now.Month(), now.Day(), digestHour, 0, 0, 0, now.Location())
	return !now.Before(due) && last.Before(due)
}
