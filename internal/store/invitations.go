package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// invitationRow is a row of invitations: a link by which a user sets a
// password or removes the second factor, once.
type invitationRow struct {
	Hash      string    `gorm:"column:hash"`
	UserID    int64     `gorm:"column:user_id"`
	CreatedAt time.Time `gorm:"column:created_at"`
	ExpiresAt time.Time `gorm:"column:expires_at"`
	Purpose   string    `gorm:"column:purpose"`
}

// TableName implements schema.Tabler.
func (invitationRow) TableName() string { return "invitations" }

// LinkPurpose is what a link is for.
type LinkPurpose string

// The purposes of links.
const (
	ToSetPassword        LinkPurpose = "password"
	ToRemoveSecondFactor LinkPurpose = "second_factor"
)

// Invite keeps the hash of a secret with which a user sets a password once,
// until it expires. Earlier links of the user to do so are void. It is for the
// command line of the server, which prints the link; people on the pages use
// MailLink. All administrators are told.
func (s *Store) Invite(ctx context.Context, by access.Actor, userID int64, hash string, expires time.Time) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if err := tx.voidLinks(userID, ToSetPassword); err != nil {
			return err
		}
		if err := tx.invite(by.Name, u, hash, expires); err != nil {
			return err
		}
		return tx.tellOfUser(by, u.Name, "invited")
	})
}

// MailLink has a link mailed to the e-mail address of a user as it is stored:
// no one else gets to see it. The link begins with the address of the pages.
// Earlier links for the same purpose are void. Anyone who asks and the user
// count as one person for a time; all administrators are told. A user without an e-mail
// address is an Invalid fault. Where there is no second factor to remove nothing
// happens.
func (s *Store) MailLink(ctx context.Context, by access.Actor, userID int64, purpose LinkPurpose, address string) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if purpose == ToRemoveSecondFactor && u.TOTPSecret == "" {
			return nil
		}
		deed, err := tx.mailLink(by, u, purpose, address)
		if err != nil {
			return err
		}
		return tx.tellOfUser(by, u.Name, deed)
	})
}

// mailLink has a link mailed and returns how notices name that.
func (tx *Tx) mailLink(by access.Actor, u *access.User, purpose LinkPurpose, address string) (deed string, err error) {
	if u.Email == "" {
		return "", fault.New(fault.Invalid, "user_without_email", fault.Args{"user": u.Name})
	}
	if err := tx.voidLinks(u.ID, purpose); err != nil {
		return "", err
	}
	kind, hand, action := creditnotes.NoticeInvited, access.Invited, "user.invited"
	deed = "invited"
	switch {
	case purpose == ToRemoveSecondFactor:
		kind, hand, deed, action = creditnotes.NoticeSecondFactor, access.Reset, "second_factor", "user.totp_reset_asked"
	case u.PasswordHash != "":
		kind, deed = creditnotes.NoticeReset, "reset"
	}
	if err := tx.tie(by, u.Name, hand); err != nil {
		return "", err
	}
	facts := creditnotes.NoticeFacts{Who: by.Name, User: u.Name}
	if err := tx.notify(creditnotes.Notice{Kind: kind, To: u.Email, Language: u.Language, Facts: facts, UserID: u.ID, Address: address}); err != nil {
		return "", err
	}
	return deed, tx.audit(Entry{Who: by.Name, Action: action, Subject: u.Name})
}

// LinkVoid is the reply of a notice whose link ended before it was sent.
const LinkVoid = "void"

// voidLinks ends the links of a user for a purpose: those that were sent, and
// those that wait to be.
func (tx *Tx) voidLinks(userID int64, purpose LinkPurpose) error {
	if err := inTable(tx.db.Where("user_id = ? AND purpose = ?", userID, string(purpose)).Delete(&invitationRow{})); err != nil {
		return err
	}
	return inTable(tx.db.Model(&noticeRow{}).
		Where("user_id = ? AND state = 'queued' AND (kind = 'second_factor') = ?", userID, purpose == ToRemoveSecondFactor).
		Updates(set{"state": string(creditnotes.DeliveryFailed), "reply": LinkVoid}))
}

// voidAllLinks ends the links of a user for whatever purpose.
func (tx *Tx) voidAllLinks(userID int64) error {
	return errors.Join(tx.voidLinks(userID, ToSetPassword), tx.voidLinks(userID, ToRemoveSecondFactor))
}

// link keeps the hash of the link of a notice that is about to be sent.
func (tx *Tx) link(n *creditnotes.Notice, hash string) error {
	purpose := ToSetPassword
	if n.Kind == creditnotes.NoticeSecondFactor {
		purpose = ToRemoveSecondFactor
	}
	ended := tx.db.Where("user_id = ? AND purpose = ? OR expires_at <= ?", n.UserID, string(purpose), tx.now())
	if err := inTable(ended.Delete(&invitationRow{})); err != nil {
		return err
	}
	return create(tx.db, invitationRow{
		Hash: hash, UserID: n.UserID, CreatedAt: utc(tx.now()), ExpiresAt: utc(tx.now().Add(LinkLasts)), Purpose: string(purpose),
	})
}

// invite adds an invitation and forgets those that have expired.
func (tx *Tx) invite(who string, u *access.User, hash string, expires time.Time) error {
	if err := inTable(tx.db.Where("expires_at <= ?", tx.now()).Delete(&invitationRow{})); err != nil {
		return err
	}
	row := invitationRow{Hash: hash, UserID: u.ID, CreatedAt: utc(tx.now()), ExpiresAt: utc(expires), Purpose: string(ToSetPassword)}
	if err := create(tx.db, row); err != nil {
		return err
	}
	return tx.audit(Entry{Who: who, Action: "user.invited", Subject: u.Name, After: row.ExpiresAt.Format(time.RFC3339)})
}

// InvitedUser returns whose link a secret is of, and what the link is for. One
// that is unknown, used or expired, or of an inactive user, is a Forbidden fault
// invitation_void.
func (s *Store) InvitedUser(ctx context.Context, hash string) (*access.User, LinkPurpose, error) {
	for _, purpose := range []LinkPurpose{ToSetPassword, ToRemoveSecondFactor} {
		u, err := invited(s.db(ctx), hash, purpose, s.now())
		if !fault.Is(err, fault.Forbidden) {
			return u, purpose, err
		}
	}
	return nil, "", voidLink()
}

func voidLink() error { return fault.New(fault.Forbidden, "invitation_void", nil) }

func invited(db *gorm.DB, hash string, purpose LinkPurpose, now time.Time) (*access.User, error) {
	link := db.Model(&invitationRow{}).Select("user_id").Where("hash = ? AND purpose = ? AND expires_at > ?", hash, string(purpose), now)
	list, err := users(db.Where("active AND id IN (?)", link))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, voidLink()
	}
	return &list[0], nil
}

// AcceptInvitation sets the password of the invited user and uses the secret
// up; all other links and all logins of the user end. Faults are those of
// InvitedUser.
func (s *Store) AcceptInvitation(ctx context.Context, hash, passwordHash string) (*access.User, error) {
	return s.useLink(ctx, hash, ToSetPassword, func(tx *Tx, u *access.User) error {
		u.PasswordHash = passwordHash
		return tx.setPassword(u.Name, u, passwordHash)
	})
}

// RemoveSecondFactor removes the second factor of whose link it is and uses the
// secret up; all logins of the user end. Faults are those of InvitedUser.
func (s *Store) RemoveSecondFactor(ctx context.Context, hash string) (*access.User, error) {
	return s.useLink(ctx, hash, ToRemoveSecondFactor, func(tx *Tx, u *access.User) error {
		if err := tx.voidLinks(u.ID, ToRemoveSecondFactor); err != nil {
			return err
		}
		u.TOTPSecret = ""
		return tx.setTOTP(u.Name, u, "")
	})
}

// useLink does what a link is for; doing it ends all logins of the user.
func (s *Store) useLink(ctx context.Context, hash string, purpose LinkPurpose, do func(tx *Tx, u *access.User) error) (user *access.User, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockUsers(); err != nil {
			return err
		}
		if user, err = invited(tx.db, hash, purpose, tx.now()); err != nil {
			return err
		}
		if err := do(tx, user); err != nil {
			return err
		}
		user.Epoch++
		return nil
	})
	if err != nil {
		return nil, err
	}
	return user, nil
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
			u, err := tx.addAdministrator(s, access.Actor{Name: who, Server: true})
			if err != nil {
				return err
			}
			admins = append(admins, *u)
		}
		return tx.invite(who, &admins[0], hash, expires)
	})
	return needed, err
}

// addAdministrator adds the user admin, or admin2, admin3 … where another
// user has that name: no user that is there already gets more rights.
func (tx *Tx) addAdministrator(s *Store, by access.Actor) (*access.User, error) {
	var names []string
	if err := inTable(tx.db.Model(&userRow{}).Where("name LIKE 'admin%'").Pluck("name", &names)); err != nil {
		return nil, err
	}
	name, taken := "admin", " "+strings.Join(names, " ")+" "
	for i := 2; strings.Contains(taken, " "+name+" "); i++ {
		name = fmt.Sprint("admin", i)
	}
	return tx.addUser(s, by, access.User{Name: name, Roles: []access.Role{access.Admin, access.Finance}})
}
