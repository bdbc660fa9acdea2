package store

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// ChangeUser changes full name, e-mail address, entity, roles, language and
// whether the user is active; everything else has methods of its own. Other
// roles, another entity and deactivating end all logins; deactivating also
// revokes all API tokens, which stay revoked, and voids invitations. The last active
// administrator of the operator stays one (Conflict fault last_admin), and
// no one changes the own roles or entity (Forbidden fault own_roles). Nothing
// happens when nothing is different. Anyone who gives a user other roles, another
// entity or another e-mail address counts as one person with the user for a
// time; the former address is told of the new one.
//
// seen, if given, is the UserFingerprint that a person saw: where the user is
// another one by now, nothing is changed (Conflict fault record_changed).
func (s *Store) ChangeUser(ctx context.Context, by access.Actor, u access.User, seen ...string) error {
	return s.changeUser(ctx, u.ID, func(tx *Tx, stored *access.User) error {
		u.Name, u.NumberFormat, u.TimeZone = stored.Name, stored.NumberFormat, stored.TimeZone
		if err := tx.checkSeen(seen, UserFingerprint(stored), u.Name, AuditFilter{Action: "user", Subject: u.Name}); err != nil {
			return err
		}
		if err := s.checkUser(tx, &u); err != nil {
			return err
		}
		before := told(stored)
		if told(&u) == before {
			return nil
		}
		c := userChange{by, stored, &u}
		if c.reroled() && by.Name == u.Name && !by.Server {
			return fault.New(fault.Forbidden, "own_roles", fault.Args{"user": u.Name}).At("roles")
		}
		epoch := stored.Epoch
		if stored.Active && !u.Active || c.reroled() {
			epoch++
		}
		if err := tx.setUser(u.ID, set{
			"full_name": u.FullName, "email": u.Email, "entity_key": nullText(u.Entity), "roles": jsonOf(u.Roles),
			"language": u.Language, "active": u.Active, "epoch": epoch,
		}); err != nil {
			return err
		}
		if err := tx.stillGoverned(stored); err != nil {
			return err
		}
		if stored.Active && !u.Active {
			if err := tx.revokeTokens(by.Name, &u); err != nil {
				return err
			}
		}
		if err := tx.afterChange(c); err != nil {
			return err
		}
		return tx.audit(Entry{Who: by.Name, Action: "user.updated", Subject: u.Name, Before: before, After: toldBy(by, &u)})
	})
}

// UserFingerprint differs whenever what ChangeUser can change does.
func UserFingerprint(u *access.User) string { return creditnotes.FingerprintOf([]byte(told(u))) }

// SetLook changes alone how a user has pages written, so that a user who chooses
// it cannot undo what an administrator changes meanwhile. An unknown language or
// time zone is an Invalid fault.
func (s *Store) SetLook(ctx context.Context, who string, userID int64, look access.Look) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if look == u.Look() {
			return nil
		}
		if look.Language != "" && !s.supportsLanguage(look.Language) {
			return fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": look.Language}).At("language")
		}
		if _, err := look.Zone(); err != nil {
			return fault.New(fault.Invalid, "user_zone_unknown", fault.Args{"zone": look.TimeZone}).At("time_zone")
		}
		if err := tx.setUser(userID, set{"language": look.Language, "number_format": look.NumberFormat, "time_zone": look.TimeZone}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "user.updated", Subject: u.Name, Before: string(jsonOf(u.Look())), After: string(jsonOf(look))})
	})
}

// changeUser runs a change on a user as it is stored, alone among all changes
// of users.
func (s *Store) changeUser(ctx context.Context, id int64, change func(tx *Tx, stored *access.User) error) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockUsers(); err != nil {
			return err
		}
		stored, err := oneUser(tx.db.Where("id = ?", id), id)
		if err != nil {
			return err
		}
		return change(tx, stored)
	})
}

// setUser gives a user new values.
func (tx *Tx) setUser(id int64, values set) error {
	return inTable(tx.db.Model(&userRow{}).Where("id = ?", id).Updates(values))
}

// stillGoverned refuses a change of a user after which the operator has no
// active administrator, where it had one before.
func (tx *Tx) stillGoverned(before *access.User) error {
	operator, err := tx.operatorKey()
	if err != nil {
		return err
	}
	if !governs(before, operator) {
		return nil
	}
	left, err := tx.administrators(operator)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return fault.New(fault.Conflict, "last_admin", fault.Args{"user": before.Name})
	}
	return nil
}

// operatorKey is the key of the operator, or "" while there is none.
func (tx *Tx) operatorKey() (string, error) {
	operator, err := first[entityRow](tx.operator())
	if err != nil || operator == nil {
		return "", err
	}
	return operator.Key, nil
}

// operator is the query of the operator: the entity without a parent.
func (tx *Tx) operator() *gorm.DB { return tx.db.Where("parent_key IS NULL") }

// governs reports whether a user is an active administrator of the operator.
func governs(u *access.User, operator string) bool { return worksFor(u, operator, access.Admin) }

// worksFor reports whether a user is active, belongs to the operator and has one
// of the roles.
func worksFor(u *access.User, operator string, roles ...access.Role) bool {
	return u.Active && (u.Entity == "" || u.Entity == operator) && slices.ContainsFunc(roles, u.Has)
}

// administrators lists the active administrators of the operator.
func (tx *Tx) administrators(operator string) ([]access.User, error) {
	return tx.staff(operator, access.Admin)
}

// staff lists the active users of the operator who have one of the roles.
func (tx *Tx) staff(operator string, roles ...access.Role) ([]access.User, error) {
	active, err := users(tx.db.Where("active").Order("id"))
	if err != nil {
		return nil, err
	}
	var list []access.User
	for i := range active {
		if worksFor(&active[i], operator, roles...) {
			list = append(list, active[i])
		}
	}
	return list, nil
}

// SetPassword keeps the hash of a new password and ends all logins of the
// user, invitations included. The empty hash takes the password away.
func (s *Store) SetPassword(ctx context.Context, by access.Actor, userID int64, hash string) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if err := tx.reset(by, u.Name, "password"); err != nil {
			return err
		}
		return tx.setPassword(by.Name, u, hash)
	})
}

// reset ties an actor to a user whose way in is taken away or replaced, and
// tells all administrators. Of what users do to themselves no one is told.
func (tx *Tx) reset(by access.Actor, user, deed string) error {
	if by.Name == user && !by.Server {
		return nil
	}
	if err := tx.tie(by, user, access.Reset); err != nil {
		return err
	}
	return tx.tellOfUser(by, user, deed)
}

func (tx *Tx) setPassword(who string, u *access.User, hash string) error {
	if err := tx.setUser(u.ID, set{"password_hash": hash, "epoch": gorm.Expr("epoch + 1")}); err != nil {
		return err
	}
	if err := inTable(tx.db.Where("user_id = ?", u.ID).Delete(&invitationRow{})); err != nil {
		return err
	}
	return tx.audit(Entry{Who: who, Action: "user.password_set", Subject: u.Name})
}

// SetTOTP keeps the secret of one-time codes, or removes it when it is empty,
// and ends all logins of the user.
func (s *Store) SetTOTP(ctx context.Context, by access.Actor, userID int64, secret string) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if err := tx.reset(by, u.Name, "second_factor"); err != nil {
			return err
		}
		return tx.setTOTP(by.Name, u, secret)
	})
}

func (tx *Tx) setTOTP(who string, u *access.User, secret string) error {
	if err := tx.setUser(u.ID, set{"totp_secret": secret, "totp_step": 0, "epoch": gorm.Expr("epoch + 1")}); err != nil {
		return err
	}
	action := "user.totp_set"
	if secret == "" {
		action = "user.totp_removed"
	}
	return tx.audit(Entry{Who: who, Action: action, Subject: u.Name})
}

// UseTOTPStep uses up a step of one-time codes: true for exactly one of all
// who try, and only for a later one than the last.
func (s *Store) UseTOTPStep(ctx context.Context, userID, step int64) (used bool, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		n, err := affected(tx.db.Model(&userRow{}).Where("id = ? AND totp_step < ?", userID, step).Update("totp_step", step))
		used = n == 1
		return err
	})
	return used, err
}

// LinkOIDC links a user to an account of an OpenID provider; an empty subject
// takes the link away and ends all logins of the user. An account
// that belongs to another user already is a Conflict fault.
func (s *Store) LinkOIDC(ctx context.Context, by access.Actor, userID int64, issuer, subject string) error {
	if subject == "" {
		issuer = ""
	}
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		if u.OIDCIssuer == issuer && u.OIDCSubject == subject {
			return nil
		}
		ended := 0
		if subject == "" {
			ended = 1
		}
		err := tx.setUser(userID, set{"oidc_issuer": issuer, "oidc_subject": subject, "epoch": gorm.Expr("epoch + ?", ended)})
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return fault.New(fault.Conflict, "oidc_account_taken", fault.Args{"user": u.Name})
		}
		if err != nil {
			return err
		}
		if err := tx.reset(by, u.Name, "openid"); err != nil {
			return err
		}
		return tx.audit(Entry{Who: by.Name, Action: "user.oidc_linked", Subject: u.Name, Before: u.OIDCIssuer, After: issuer})
	})
}
