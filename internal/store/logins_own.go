package store

import (
	"context"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// loginRow is a row of logins: a user who is logged in at the pages.
type loginRow struct {
	ID      int64     `gorm:"column:id"`
	UserID  int64     `gorm:"column:user_id"`
	Epoch   int       `gorm:"column:epoch"`
	Agent   string    `gorm:"column:agent"`
	BeganAt time.Time `gorm:"column:began_at"`
	SeenAt  time.Time `gorm:"column:seen_at"`
}

// TableName implements schema.Tabler.
func (loginRow) TableName() string { return "logins" }

// longestAgent is how many bytes of the name of a browser are kept.
const longestAgent = 300

// LogIn notes a login with a browser, in the audit log, too, and returns its id.
// It forgets the logins that began before lapsed. A user who is another one than
// read, with all logins ended meanwhile, is a Forbidden fault login_expired.
func (s *Store) LogIn(ctx context.Context, u *access.User, agent string, lapsed time.Time) (id int64, err error) {
	agent = shortened(agent, longestAgent)
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := inTable(tx.db.Where("began_at < ?", lapsed).Delete(&loginRow{})); err != nil {
			return err
		}
		if id, err = tx.takeIDs("login", 1); err != nil {
			return err
		}
		now := utc(tx.now())
		n, err := affected(tx.db.Model(&userRow{}).Where("id = ? AND epoch = ? AND active", u.ID, u.Epoch).Updates(set{"last_login_at": now}))
		switch {
		case err != nil:
			return err
		case n == 0:
			return fault.New(fault.Forbidden, "login_expired", nil)
		}
		if err := create(tx.db, loginRow{ID: id, UserID: u.ID, Epoch: u.Epoch, Agent: agent, BeganAt: now, SeenAt: now}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: u.Name, Action: "user.logged_in", Subject: u.Name})
	})
	return id, err
}

// LoggedIn returns the active user of a login, or nil when it is over: the user
// logged out, here or elsewhere, or all logins of the user ended.
func (s *Store) LoggedIn(ctx context.Context, userID, login int64) (*access.User, error) {
	of := s.db(ctx).Model(&loginRow{}).Select("1").Where("logins.id = ? AND logins.user_id = users.id AND logins.epoch = users.epoch", login)
	list, err := users(s.db(ctx).Where("id = ? AND active AND EXISTS (?)", userID, of))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// SeenLogin notes that the user of a login is still there.
func (s *Store) SeenLogin(ctx context.Context, login int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.db.Model(&loginRow{}).Where("id = ?", login).Updates(set{"seen_at": utc(tx.now())}))
	})
}

// KeepLogin keeps a login after a change that ended all logins of its user. epoch is
// that of the user after the change: should another person have ended them, too,
// the login stays ended.
func (s *Store) KeepLogin(ctx context.Context, login int64, epoch int) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.db.Model(&loginRow{}).Where("id = ?", login).Updates(set{"epoch": epoch}))
	})
}

// LogOut ends a login.
func (s *Store) LogOut(ctx context.Context, login int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.db.Where("id = ?", login).Delete(&loginRow{}))
	})
}

// LogOutElsewhere ends all logins of a user but one, and returns how many ended.
func (s *Store) LogOutElsewhere(ctx context.Context, u *access.User, but int64) (ended int64, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if ended, err = affected(tx.db.Where("user_id = ? AND id <> ?", u.ID, but).Delete(&loginRow{})); err != nil || ended == 0 {
			return err
		}
		return tx.audit(Entry{Who: u.Name, Action: "user.logged_out_elsewhere", Subject: u.Name})
	})
	return ended, err
}

// Login is a user who is logged in at the pages with a browser.
type Login struct {
	ID          int64
	Agent       string // User-Agent of the browser
	Began, Seen time.Time
}

// Logins lists the logins of a user that go on, the latest first. began and seen are
// the times after which a login began and was used last to go on.
func (s *Store) Logins(ctx context.Context, u *access.User, began, seen time.Time) (list []Login, err error) {
	rows, err := find[loginRow](s.db(ctx).Where("user_id = ? AND epoch = ? AND began_at > ? AND seen_at > ?", u.ID, u.Epoch, began, seen).Order("id DESC"))
	for _, r := range rows {
		list = append(list, Login{ID: r.ID, Agent: r.Agent, Began: r.BeganAt, Seen: r.SeenAt})
	}
	return list, err
}
