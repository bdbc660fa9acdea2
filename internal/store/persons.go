package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// tieRow is a row of user_ties.
type tieRow struct {
	ID      int64     `gorm:"column:id"`
	Actor   string    `gorm:"column:actor"`
	Subject string    `gorm:"column:subject"`
	Hand    string    `gorm:"column:hand"`
	At      time.Time `gorm:"column:at"`
}

// TableName implements schema.Tabler.
func (tieRow) TableName() string { return "user_ties" }

// tie keeps what an actor did to the account of another person, in the
// transaction that does it.
func (tx *Tx) tie(by access.Actor, subject string, hand access.Hand) error {
	if by.Server || by.Name == subject {
		return nil
	}
	id, err := tx.takeIDs("user_tie", 1)
	if err != nil {
		return err
	}
	return create(tx.db, tieRow{ID: id, Actor: by.Name, Subject: subject, Hand: string(hand), At: utc(tx.now())})
}

// SecondPerson refuses, with a Forbidden fault, that a person approves what
// another person did when the two count as one person (access.OnePerson).
func (s *Store) SecondPerson(ctx context.Context, first, second string) error {
	return secondPerson(s.db(ctx), first, second, s.now())
}

func secondPerson(db *gorm.DB, first, second string, now time.Time) error {
	rows, err := find[tieRow](db.Where("at > ?", now.Add(-access.TiedFor)))
	if err != nil {
		return fmt.Errorf("ties of users: %w", err)
	}
	var ties []access.Tie
	for _, row := range rows {
		ties = append(ties, access.Tie{Actor: row.Actor, Subject: row.Subject, Hand: access.Hand(row.Hand), At: row.At})
	}
	a, err := userOrName(db, first)
	if err != nil {
		return err
	}
	b, err := userOrName(db, second)
	if err != nil {
		return err
	}
	until, one := access.OnePerson(a, b, ties, now)
	switch {
	case !one:
		return nil
	case until.IsZero():
		return fault.New(fault.Forbidden, "persons_are_one", fault.Args{"first": first, "second": second})
	}
	return fault.New(fault.Forbidden, "persons_are_tied", fault.Args{"first": first, "second": second, "until": until.UTC().Format("2006-01-02 15:04 UTC")})
}

// userOrName is a user, or nothing but a name where there is no such user: that
// of the schedule, or of a person on the command line.
func userOrName(db *gorm.DB, name string) (access.User, error) {
	u, err := oneUser(db.Where("name = ?", name), name)
	if fault.Is(err, fault.NotFound) {
		return access.User{Name: name}, nil
	}
	if err != nil {
		return access.User{}, err
	}
	return *u, nil
}

// tellAdministrators mails all administrators of the operator.
func (tx *Tx) tellAdministrators(kind creditnotes.NoticeKind, facts creditnotes.NoticeFacts) error {
	return tx.tellStaff(kind, facts, access.Admin)
}

// tellStaff mails all users of the operator who have one of the roles.
func (tx *Tx) tellStaff(kind creditnotes.NoticeKind, facts creditnotes.NoticeFacts, roles ...access.Role) error {
	operator, err := tx.operatorKey()
	if err != nil {
		return err
	}
	list, err := tx.staff(operator, roles...)
	if err != nil {
		return err
	}
	var notices []creditnotes.Notice
	for _, u := range list {
		if u.Email != "" {
			notices = append(notices, creditnotes.Notice{Kind: kind, To: u.Email, Language: u.Language, Facts: facts})
		}
	}
	return tx.notify(notices...)
}

// tellOfUser mails all administrators what was done to a user.
func (tx *Tx) tellOfUser(by access.Actor, user, deed string) error {
	return tx.tellAdministrators(creditnotes.NoticeUser, creditnotes.NoticeFacts{Who: by.Name, User: user, Deed: deed, Server: by.Server})
}

// tellOfAdded mails all administrators that there is another one, and of every
// user who was added on the command line of the server.
func (tx *Tx) tellOfAdded(by access.Actor, u *access.User) error {
	operator, err := tx.operatorKey()
	switch {
	case err != nil:
		return err
	case governs(u, operator):
		return tx.tellOfUser(by, u.Name, "administrator")
	case by.Server:
		return tx.tellOfUser(by, u.Name, "created")
	}
	return nil
}

// userChange is what a person makes of a user.
type userChange struct {
	by            access.Actor
	before, after *access.User
}

// reroled reports whether the user gets other roles or another entity.
func (c userChange) reroled() bool {
	return c.before.Entity != c.after.Entity || words(c.before.Roles) != words(c.after.Roles)
}

// afterChange ties the person who changed a user to the user, mails the former address of
// the user, and all administrators what they have to know.
func (tx *Tx) afterChange(c userChange) error {
	operator, err := tx.operatorKey()
	if err != nil {
		return err
	}
	moved := c.before.Email != c.after.Email
	if c.reroled() {
		if err := tx.tie(c.by, c.after.Name, access.Reroled); err != nil {
			return err
		}
	}
	if moved {
		if err := tx.tie(c.by, c.after.Name, access.Moved); err != nil {
			return err
		}
		if err := tx.moved(c); err != nil {
			return err
		}
	}
	var deeds []string
	switch {
	case governs(c.after, operator) && !governs(c.before, operator):
		deeds = append(deeds, "administrator")
	case c.by.Server && c.reroled():
		deeds = append(deeds, "roles")
	}
	if moved && (c.by.Server || c.by.Name != c.after.Name) {
		deeds = append(deeds, "address")
	}
	for _, deed := range deeds {
		if err := tx.tellOfUser(c.by, c.after.Name, deed); err != nil {
			return err
		}
	}
	return nil
}

// moved voids the links that went or go to the former address of a user, and
// tells that address.
func (tx *Tx) moved(c userChange) error {
	if err := tx.voidAllLinks(c.after.ID); err != nil {
		return err
	}
	if c.before.Email == "" {
		return nil
	}
	return tx.notify(creditnotes.Notice{
		Kind: creditnotes.NoticeMoved, To: c.before.Email, Language: c.before.Language,
		Facts: creditnotes.NoticeFacts{Who: c.by.Name, User: c.after.Name, Server: c.by.Server},
	})
}
