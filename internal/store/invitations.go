package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// invitationRow is a row of invitations: a link by which a user sets a
// password, once.
type invitationRow struct {
	Hash      string    `gorm:"column:hash"`
	UserID    int64     `gorm:"column:user_id"`
	CreatedAt time.Time `gorm:"column:created_at"`
	ExpiresAt time.Time `gorm:"column:expires_at"`
}

// Invite keeps the hash of a secret with which a user sets a password once,
// until it expires. Earlier invitations of the user are void.
func (s *Store) Invite(ctx context.Context, who string, userID int64, hash string, expires time.Time) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if _, err := tx.exec("DELETE FROM invitations WHERE user_id = $1", userID); err != nil {
			return err
		}
		return tx.invite(who, u, hash, expires)
	})
}

// invite adds an invitation and forgets those that have expired.
func (tx *Tx) invite(who string, u *access.User, hash string, expires time.Time) error {
	if _, err := tx.exec("DELETE FROM invitations WHERE expires_at <= $1", tx.now()); err != nil {
		return err
	}
	row := invitationRow{Hash: hash, UserID: u.ID, CreatedAt: utc(tx.now()), ExpiresAt: utc(expires)}
	if err := add(tx, "invitations", []invitationRow{row}); err != nil {
		return err
	}
	return tx.audit(Entry{Who: who, Action: "user.invited", Subject: u.Name, After: row.ExpiresAt.Format(time.RFC3339)})
}

// InvitedUser returns who was invited with a secret. One that is unknown, used
// or expired, or of an inactive user, is a Forbidden fault invitation_void.
func (s *Store) InvitedUser(ctx context.Context, hash string) (*access.User, error) {
	return invited(ctx, s.readSQL, hash, s.now())
}

func invited(ctx context.Context, q querier, hash string, now time.Time) (*access.User, error) {
	list, err := users(ctx, q, "WHERE active AND id IN (SELECT user_id FROM invitations WHERE hash = $1 AND expires_at > $2)", hash, now)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Forbidden, "invitation_void", nil)
	}
	return &list[0], nil
}

// AcceptInvitation sets the password of who was invited and uses the secret
// up; all other invitations and all logins of the user end. Faults are those
// of InvitedUser.
func (s *Store) AcceptInvitation(ctx context.Context, hash, passwordHash string) (accepted *access.User, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockUsers(); err != nil {
			return err
		}
		u, err := invited(tx.ctx, tx.sql, hash, tx.now())
		if err != nil {
			return err
		}
		if err := tx.setPassword(u.Name, u, passwordHash); err != nil {
			return err
		}
		u.PasswordHash = passwordHash
		u.Epoch++
		accepted = u
		return nil
	})
	if err != nil {
		return nil, err
	}
	return accepted, nil
}

// FirstAdministrator invites an administrator as long as none can log in: no
// active administrator of the operator has a password or is linked to an
// OpenID account. Where there is none at all it makes one, called admin, with
// the roles admin and finance. It may be called at every start, by several
// processes at once: invitations made here stay valid beside each other until
// one is accepted. When it is not needed, the hash is not kept.
func (s *Store) FirstAdministrator(ctx context.Context, hash string, expires time.Time) (needed bool, err error) {
	const who = "start"
	err = s.inTx(ctx, func(tx *Tx) error {
		needed = false
		if err := tx.lockUsers(); err != nil {
			return err
		}
		operator, err := tx.operatorKey()
		if err != nil {
			return err
		}
		admins, err := tx.administrators(operator)
		if err != nil {
			return err
		}
		for _, u := range admins {
			if u.PasswordHash != "" || u.OIDCSubject != "" {
				return nil
			}
		}
		needed = true
		if len(admins) == 0 {
			u, err := tx.addAdministrator(s, who)
			if err != nil {
				return err
			}
			admins = append(admins, *u)
		}
		return tx.invite(who, &admins[0], hash, expires)
	})
	return needed, err
}

// addAdministrator adds the user admin, or admin2, admin3 … where somebody
// else is called so: no user that is there already gets more rights.
func (tx *Tx) addAdministrator(s *Store, who string) (*access.User, error) {
	names, err := collect(tx.ctx, tx.sql, func(name *string) []any { return []any{name} }, "SELECT name FROM users WHERE name LIKE 'admin%'")
	if err != nil {
		return nil, err
	}
	name, taken := "admin", " "+strings.Join(names, " ")+" "
	for i := 2; strings.Contains(taken, " "+name+" "); i++ {
		name = fmt.Sprint("admin", i)
	}
	return tx.addUser(s, who, access.User{Name: name, Roles: []access.Role{access.Admin, access.Finance}})
}
