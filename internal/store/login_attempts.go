package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"creditrun/internal/access"
)

// attemptRow is a row of login_attempts: what is known of a key since the last
// success.
type attemptRow struct {
	Key      string    `gorm:"column:key;primaryKey"`
	Failures int       `gorm:"column:failures"`
	FailedAt time.Time `gorm:"column:failed_at"`
	ClosedTo time.Time `gorm:"column:closed_to"`
}

// TableName implements schema.Tabler.
func (attemptRow) TableName() string { return "login_attempts" }

// What is guessed begins the key of a throttle. All but the address
// are followed by a login name.
const (
	GuessedPassword     = "name:"    // with the name that was typed
	GuessedCode         = "code:"    // the one-time code, by who knew the password
	GuessedConfirmation = "confirm:" // the password once more, or a code, by who is logged in
	GuessedFrom         = "addr:"    // with the address of the client, behind which many people may sit
)

// The throttle of logins.
const (
	attemptsOfName    = 5  // the failure from which on a name waits
	attemptsOfAddress = 30 // the same for an address
	longestWait       = 15 * time.Minute
	calmAfter         = 15 * time.Minute // quiet for so long, failures count from one again
	attemptsKept      = 24 * time.Hour
)

// LoginWait returns until when no login may be tried with a key; the zero time
// means now.
func (s *Store) LoginWait(ctx context.Context, key string) (until time.Time, err error) {
	row, err := first[attemptRow](s.db(ctx).Where("key = ? AND closed_to > ?", key, s.now()))
	if err != nil || row == nil {
		return time.Time{}, err
	}
	return row.ClosedTo, nil
}

// LoginFailed counts a failed login. From the fifth of a name on, or the
// thirtieth of an address, the key waits one second, and twice as long after
// each further one, a quarter of an hour at most; the first time, the audit log
// says so. All processes count
// together. A caller that counts an attempt before the password is looked at, and calls
// LoginSucceeded when it was right, leaves no gap for many at once.
func (s *Store) LoginFailed(ctx context.Context, key string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		now := utc(tx.now())
		if err := tx.forgetAttempts(); err != nil {
			return err
		}
		row := attemptRow{Key: key, FailedAt: now, ClosedTo: now}
		locked := clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.Assignments(set{"key": key})}
		if err := inTable(tx.db.Clauses(locked, clause.Returning{}).Create(&row)); err != nil {
			return err
		}
		row.fail(now)
		err := inTable(tx.db.Model(&row).Updates(set{"failures": row.Failures, "failed_at": row.FailedAt, "closed_to": row.ClosedTo}))
		if err != nil || row.Failures != row.limit() {
			return err
		}
		return tx.auditThrottle(key)
	})
}

// auditThrottle notes that a key has to wait from now on. The log names users
// and no one else: what was typed as a name may be a password, and addresses are
// personal data, which the log could never forget.
func (tx *Tx) auditThrottle(key string) error {
	const who, action = "login", "login.throttled"
	guessed, name, _ := strings.Cut(key, ":")
	if guessed += ":"; guessed == GuessedFrom {
		return tx.audit(Entry{Who: who, Action: action, After: "address"})
	}
	found, err := users(tx.db.Where("name = ?", name))
	if err != nil || len(found) == 0 {
		return err
	}
	after := map[string]string{GuessedPassword: "password", GuessedCode: "code", GuessedConfirmation: "confirmation"}[guessed]
	return tx.audit(Entry{Who: who, Action: action, Subject: name, After: after})
}

// ConfirmationFailed notes in the audit log that a user who is logged in gave a
// wrong password for something dangerous. Where says for what: the path of a
// form.
func (s *Store) ConfirmationFailed(ctx context.Context, user, where string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return tx.audit(Entry{Who: user, Action: "confirmation.failed", Subject: user, After: where})
	})
}

// Unlock lets a user try again at once, whatever failed before, and returns
// whether anything had been counted. Addresses keep their failures.
func (s *Store) Unlock(ctx context.Context, who string, userID int64) (counted bool, err error) {
	err = s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		keys := []string{GuessedPassword + u.Name, GuessedCode + u.Name, GuessedConfirmation + u.Name}
		n, err := affected(tx.db.Where("key IN ?", keys).Delete(&attemptRow{}))
		if counted = n > 0; err != nil || !counted {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "user.unlocked", Subject: u.Name})
	})
	return counted, err
}

// fail counts one more failure.
func (r *attemptRow) fail(now time.Time) {
	if !now.Before(r.FailedAt.Add(calmAfter)) && !now.Before(r.ClosedTo.Add(calmAfter)) {
		r.Failures = 0
	}
	r.Failures++
	r.FailedAt, r.ClosedTo = now, now
	if beyond := r.Failures - r.limit(); beyond >= 0 {
		r.ClosedTo = now.Add(min(longestWait, time.Second<<min(beyond, 10)))
	}
}

// limit is the failure from which on the key waits.
func (r *attemptRow) limit() int {
	if strings.HasPrefix(r.Key, GuessedFrom) {
		return attemptsOfAddress
	}
	return attemptsOfName
}

// LoginSucceeded forgets the failures of a key. An address keeps its own:
// otherwise anyone who has one account could guess the passwords of others from
// there for ever.
func (s *Store) LoginSucceeded(ctx context.Context, key string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.forgetAttempts(); err != nil {
			return err
		}
		return inTable(tx.db.Where("key = ? AND key NOT LIKE 'addr:%'", key).Delete(&attemptRow{}))
	})
}

// forgetAttempts deletes what is older than a day: names and addresses are
// personal data.
func (tx *Tx) forgetAttempts() error {
	return inTable(tx.db.Where("failed_at <= ?", tx.now().Add(-attemptsKept)).Delete(&attemptRow{}))
}
