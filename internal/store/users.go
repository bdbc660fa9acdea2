package store

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// userRow is a row of users.
type userRow struct {
	ID           int64      `gorm:"column:id"`
	Name         string     `gorm:"column:name"`
	FullName     string     `gorm:"column:full_name"`
	Email        string     `gorm:"column:email"`
	Entity       nullText   `gorm:"column:entity_key"`
	Roles        jsonText   `gorm:"column:roles"`
	Language     string     `gorm:"column:language"`
	NumberFormat string     `gorm:"column:number_format"`
	TimeZone     string     `gorm:"column:time_zone"`
	PasswordHash string     `gorm:"column:password_hash"`
	TOTPSecret   string     `gorm:"column:totp_secret"`
	TOTPStep     int64      `gorm:"column:totp_step"`
	OIDCIssuer   string     `gorm:"column:oidc_issuer"`
	OIDCSubject  string     `gorm:"column:oidc_subject"`
	Active       bool       `gorm:"column:active"`
	Digest       string     `gorm:"column:digest"`
	DigestedAt   *time.Time `gorm:"column:digested_at"`
	Epoch        int        `gorm:"column:epoch"`
	CreatedAt    time.Time  `gorm:"column:created_at"`
	LastLoginAt  *time.Time `gorm:"column:last_login_at"`
}

// TableName implements schema.Tabler.
func (userRow) TableName() string { return "users" }

func userRowOf(u access.User) userRow {
	return userRow{
		ID: u.ID, Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: nullText(u.Entity), Roles: jsonOf(u.Roles),
		Language: u.Language, NumberFormat: u.NumberFormat, TimeZone: u.TimeZone, PasswordHash: u.PasswordHash, TOTPSecret: u.TOTPSecret, TOTPStep: u.TOTPStep,
		OIDCIssuer: u.OIDCIssuer, OIDCSubject: u.OIDCSubject, Active: u.Active, Digest: string(u.Digest), Epoch: u.Epoch,
		CreatedAt: utc(u.CreatedAt), LastLoginAt: utcOrNull(u.LastLoginAt),
	}
}

func (r *userRow) domain() (access.User, error) {
	u := access.User{
		ID: r.ID, Name: r.Name, FullName: r.FullName, Email: r.Email, Entity: string(r.Entity), Language: r.Language, NumberFormat: r.NumberFormat, TimeZone: r.TimeZone,
		PasswordHash: r.PasswordHash, TOTPSecret: r.TOTPSecret, TOTPStep: r.TOTPStep, OIDCIssuer: r.OIDCIssuer,
		OIDCSubject: r.OIDCSubject, Active: r.Active, Digest: access.Digest(r.Digest), DigestedAt: orZero(r.DigestedAt).UTC(), Epoch: r.Epoch, CreatedAt: r.CreatedAt, LastLoginAt: orZero(r.LastLoginAt),
	}
	return u, r.Roles.read("roles", &u.Roles)
}

// userTold is what the audit log records of a user: no secrets.
type userTold struct {
	Name     string        `json:"name"`
	FullName string        `json:"full_name"`
	Email    string        `json:"email"`
	Entity   string        `json:"entity"`
	Roles    []access.Role `json:"roles"`
	Language string        `json:"language"`
	Active   bool          `json:"active"`
	Server   bool          `json:"server,omitempty"` // was done on the command line of the server
}

func told(u *access.User) string { return toldBy(access.Actor{}, u) }

func toldBy(by access.Actor, u *access.User) string {
	return string(jsonOf(userTold{u.Name, u.FullName, u.Email, u.Entity, u.Roles, u.Language, u.Active, by.Server}))
}

// UserFilter narrows a listing of users; zero fields match everything.
type UserFilter struct {
	Text  string // within name, full name, e-mail address or entity, in upper or lower case
	After string // only users whose names come later: the next page
	Limit int
}

// FindUsers lists users by name.
func (s *Store) FindUsers(ctx context.Context, f UserFilter) ([]access.User, error) {
	query := s.db(ctx).Order("name")
	if f.Text != "" {
		within := "%" + likeText.Replace(strings.ToLower(f.Text)) + "%"
		query = query.Where(`name LIKE ? ESCAPE '!' OR lower(full_name) LIKE ? ESCAPE '!' OR lower(email) LIKE ? ESCAPE '!' OR lower(coalesce(entity_key, '')) LIKE ? ESCAPE '!'`,
			within, within, within, within)
	}
	if f.After != "" {
		query = query.Where("name > ?", f.After)
	}
	if f.Limit > 0 {
		query = query.Limit(f.Limit)
	}
	return users(query)
}

// likeText makes a text one that LIKE … ESCAPE '!' takes literally.
var likeText = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Users lists all users by name.
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	return users(s.db(ctx).Order("name"))
}

// users returns the users of a query.
func users(query *gorm.DB) (list []access.User, err error) {
	rows, err := find[userRow](query)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		u, err := row.domain()
		if err != nil {
			return nil, fmt.Errorf("user %q: %w", row.Name, err)
		}
		list = append(list, u)
	}
	return list, withCustomRoles(query, list)
}

// oneUser returns the user of a query, or a NotFound fault that names it.
func oneUser(query *gorm.DB, name any) (*access.User, error) {
	list, err := users(query)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "user_unknown", fault.Args{"user": name})
	}
	return &list[0], nil
}

// User returns a user by id, or a NotFound fault.
func (s *Store) User(ctx context.Context, id int64) (*access.User, error) {
	return oneUser(s.db(ctx).Where("id = ?", id), id)
}

// UserByName returns a user by the name for the login, in upper or lower case,
// or a NotFound fault.
func (s *Store) UserByName(ctx context.Context, name string) (*access.User, error) {
	return oneUser(s.db(ctx).Where("name = ?", strings.ToLower(name)), name)
}

// UserByOIDC returns the user who is linked to an account of an OpenID
// provider, or a NotFound fault.
func (s *Store) UserByOIDC(ctx context.Context, issuer, subject string) (*access.User, error) {
	return oneUser(s.db(ctx).Where("oidc_issuer = ? AND oidc_subject = ? AND oidc_subject <> ''", issuer, subject), subject)
}

// AddUser adds a user with name, full name, e-mail address, entity, roles,
// language and password hash, active from now on; an empty entity is that of
// the operator. Faults say what is wrong with the name, the e-mail address,
// the entity, the roles and the language. Anyone who adds a person and the user
// count as one person for a time.
func (s *Store) AddUser(ctx context.Context, by access.Actor, u access.User) (added *access.User, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		added, err = tx.addUser(s, by, u)
		return err
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// AddInvited adds a user as AddUser does and has a link to set a password
// mailed, as MailLink does: both or neither.
func (s *Store) AddInvited(ctx context.Context, by access.Actor, u access.User, address string) (added *access.User, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if added, err = tx.addUser(s, by, u); err != nil {
			return err
		}
		_, err := tx.mailLink(by, added, ToSetPassword, address)
		return err
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// AddLinked adds a user as AddUser does and keeps the hash of a link to set a
// password, as Invite does: for the command line of the server, which prints the
// link.
func (s *Store) AddLinked(ctx context.Context, by access.Actor, u access.User, hash string, expires time.Time) (added *access.User, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if added, err = tx.addUser(s, by, u); err != nil {
			return err
		}
		return tx.invite(by.Name, added, hash, expires)
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

func (tx *Tx) addUser(s *Store, by access.Actor, u access.User) (*access.User, error) {
	if err := tx.lockUsers(); err != nil {
		return nil, err
	}
	u.ID = 0
	if err := s.checkUser(tx, &u); err != nil {
		return nil, err
	}
	id, err := tx.takeIDs("user", 1)
	if err != nil {
		return nil, err
	}
	added := access.User{
		ID: id, Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: u.Entity, Roles: u.Roles, Language: u.Language,
		PasswordHash: u.PasswordHash, Active: true, Digest: access.DigestDaily, CreatedAt: utc(tx.now()),
	}
	err = create(tx.db, userRowOf(added))
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, fault.New(fault.Conflict, "user_name_taken", fault.Args{"user": u.Name}).At("name")
	}
	if err != nil {
		return nil, err
	}
	if err := tx.tie(by, added.Name, access.Created); err != nil {
		return nil, err
	}
	if err := tx.tellOfAdded(by, &added); err != nil {
		return nil, err
	}
	return &added, tx.audit(Entry{Who: by.Name, Action: "user.created", Subject: u.Name, After: toldBy(by, &added)})
}

// lockUsers keeps others from changing users until the transaction ends: the
// last administrator is known only among all of them.
func (tx *Tx) lockUsers() error { return tx.lock("user") }

// checkUser reports what is wrong with a user and fills in the operator where no
// entity is named.
func (s *Store) checkUser(tx *Tx, u *access.User) error {
	var faults fault.List
	if u.ID == 0 { // the name of a user stays as it is
		if f := access.CheckName(u.Name); f != nil {
			faults = append(faults, f)
		}
	}
	if a, err := mail.ParseAddress(u.Email); u.Email != "" && (err != nil || a.Address != u.Email) {
		faults = append(faults, fault.New(fault.Invalid, "user_email_invalid", fault.Args{"email": u.Email}).At("email"))
	}
	known, err := tx.knownRoles()
	if err != nil {
		return err
	}
	unknown := func(r access.Role) bool { return !slices.Contains(known, r) }
	if len(u.Roles) == 0 || slices.ContainsFunc(u.Roles, unknown) {
		faults = append(faults, fault.New(fault.Invalid, "user_roles_invalid", fault.Args{"known": words(known)}).At("roles"))
	}
	u.Roles = slices.Compact(slices.Sorted(slices.Values(u.Roles)))
	if u.Language != "" && !s.supportsLanguage(u.Language) {
		faults = append(faults, fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": u.Language}).At("language"))
	}
	query := tx.db.Where("key = ?", u.Entity)
	if u.Entity == "" {
		query = tx.operator()
	}
	entity, err := first[entityRow](query)
	if err != nil {
		return err
	}
	switch {
	case entity != nil:
		u.Entity = entity.Key
	case u.Entity != "":
		faults = append(faults, fault.New(fault.Invalid, "entity_unknown", fault.Args{"entity": u.Entity}).At("entity"))
	}
	return faults.Err()
}

// knownRoles are the built-in roles and those that administrators made.
func (tx *Tx) knownRoles() ([]access.Role, error) {
	custom, err := customRoles(tx.db)
	if err != nil {
		return nil, err
	}
	known := access.Roles()
	for _, role := range custom {
		known = append(known, role.Role)
	}
	return known, nil
}

// words joins roles or rights for a message.
func words[W ~string](list []W) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
