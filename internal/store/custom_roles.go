package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// customRoleRow is a row of custom_roles.
type customRoleRow struct {
	Role   string   `gorm:"column:role;primaryKey"`
	Name   string   `gorm:"column:name"`
	Rights jsonText `gorm:"column:rights"`
}

// TableName implements schema.Tabler.
func (customRoleRow) TableName() string { return "custom_roles" }

func customRoleRowOf(r access.CustomRole) customRoleRow {
	return customRoleRow{Role: string(r.Role), Name: r.Name, Rights: jsonOf(r.Rights)}
}

func (r *customRoleRow) domain() (access.CustomRole, error) {
	role := access.CustomRole{Role: access.Role(r.Role), Name: r.Name}
	return role, r.Rights.read("rights", &role.Rights)
}

// CustomRoles lists the roles that administrators made, by key.
func (s *Store) CustomRoles(ctx context.Context) ([]access.CustomRole, error) {
	return customRoles(s.db(ctx))
}

func customRoles(db *gorm.DB) (list []access.CustomRole, err error) {
	rows, err := find[customRoleRow](db.Order("role"))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		role, err := row.domain()
		if err != nil {
			return nil, fmt.Errorf("role %q: %w", row.Role, err)
		}
		list = append(list, role)
	}
	return list, nil
}

// CustomRole returns the role of a key, or a NotFound fault.
func (s *Store) CustomRole(ctx context.Context, key access.Role) (*access.CustomRole, error) {
	row, err := first[customRoleRow](s.db(ctx).Where("role = ?", string(key)))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, customRoleUnknown(key)
	}
	role, err := row.domain()
	return &role, err
}

func customRoleUnknown(key access.Role) error {
	return fault.New(fault.NotFound, "custom_role_unknown", fault.Args{"role": string(key)})
}

// CustomRoleFingerprint differs whenever what SaveCustomRole can change does; it is
// "" of nil, a role that is not there.
func CustomRoleFingerprint(r *access.CustomRole) string {
	if r == nil {
		return ""
	}
	return creditnotes.FingerprintOf([]byte(jsonOf(r)))
}

// SaveCustomRole makes a role of rights, or changes its name and rights, which
// count at once for every user of it. seen, if given, is the
// CustomRoleFingerprint that a person saw: where the role is another one by now,
// nothing is changed (Conflict fault record_changed). No one changes a role of
// their own (Forbidden fault own_roles). Anyone who changes the rights of a
// role counts as one person with each of its users for a time, as with ChangeUser.
func (s *Store) SaveCustomRole(ctx context.Context, by access.Actor, r access.CustomRole, seen ...string) error {
	if err := r.Check(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *Tx) error {
		before, holders, err := tx.customRole(r.Role)
		if err != nil {
			return err
		}
		if err := tx.checkSeen(seen, CustomRoleFingerprint(before), string(r.Role), AuditFilter{Action: "role", Subject: string(r.Role)}); err != nil {
			return err
		}
		now := string(jsonOf(r))
		was := ""
		if before != nil {
			if was = string(jsonOf(before)); was == now {
				return nil
			}
		}
		if before != nil && !slices.Equal(before.Rights, r.Rights) {
			if err := tx.reroleHolders(by, r.Role, holders); err != nil {
				return err
			}
		}
		if err := upsert(tx.db, customRoleRowOf(r)); err != nil {
			return err
		}
		return tx.audit(Entry{Who: by.Name, Action: "role.saved", Subject: string(r.Role), Before: was, After: now})
	})
}

// reroleHolders refuses a change of a role by one of its users, and ties anyone else
// who changes it to all of them.
func (tx *Tx) reroleHolders(by access.Actor, role access.Role, holders []access.User) error {
	for _, u := range holders {
		if u.Name == by.Name && !by.Server {
			return fault.New(fault.Forbidden, "own_roles", fault.Args{"user": u.Name}).At("rights")
		}
		if err := tx.tie(by, u.Name, access.Reroled); err != nil {
			return err
		}
	}
	return nil
}

// DeleteCustomRole deletes a role that no user has; one that is used is a Conflict
// fault, one that is unknown a NotFound fault.
func (s *Store) DeleteCustomRole(ctx context.Context, by access.Actor, key access.Role) error {
	return s.inTx(ctx, func(tx *Tx) error {
		before, holders, err := tx.customRole(key)
		switch {
		case err != nil:
			return err
		case before == nil:
			return customRoleUnknown(key)
		case len(holders) > 0:
			names := make([]string, len(holders))
			for i, u := range holders {
				names[i] = u.Name
			}
			return fault.New(fault.Conflict, "custom_role_used", fault.Args{"role": string(key), "users": words(names)})
		}
		if err := inTable(tx.db.Where("role = ?", string(key)).Delete(&customRoleRow{})); err != nil {
			return err
		}
		return tx.audit(Entry{Who: by.Name, Action: "role.deleted", Subject: string(key), Before: string(jsonOf(before))})
	})
}

// customRole returns a role, nil where there is none, and its users, alone among
// all changes of users.
func (tx *Tx) customRole(key access.Role) (role *access.CustomRole, holders []access.User, err error) {
	if err := tx.lockUsers(); err != nil {
		return nil, nil, err
	}
	row, err := first[customRoleRow](tx.db.Where("role = ?", string(key)))
	if err != nil || row == nil {
		return nil, nil, err
	}
	found, err := row.domain()
	if err != nil {
		return nil, nil, err
	}
	all, err := users(tx.db.Order("name"))
	for _, u := range all {
		if u.Has(key) {
			holders = append(holders, u)
		}
	}
	return &found, holders, err
}

// withCustomRoles fills in the rights of the roles that administrators made.
func withCustomRoles(db *gorm.DB, list []access.User) error {
	builtIn := func(u access.User) bool {
		return !slices.ContainsFunc(u.Roles, func(r access.Role) bool { return !r.BuiltIn() })
	}
	if !slices.ContainsFunc(list, func(u access.User) bool { return !builtIn(u) }) {
		return nil
	}
	roles, err := customRoles(db.Session(&gorm.Session{NewDB: true}))
	if err != nil {
		return err
	}
	for i := range list {
		for _, role := range roles {
			if list[i].Has(role.Role) {
				list[i].CustomRoles = append(list[i].CustomRoles, role)
			}
		}
	}
	return nil
}
