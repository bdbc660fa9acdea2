package store

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// tokenRow is a row of api_tokens.
type tokenRow struct {
	ID         int64      `gorm:"column:id"`
	UserID     int64      `gorm:"column:user_id"`
	Name       string     `gorm:"column:name"`
	Hash       string     `gorm:"column:hash"`
	Prefix     string     `gorm:"column:prefix"`
	Scopes     jsonText   `gorm:"column:scopes"`
	CreatedAt  time.Time  `gorm:"column:created_at"`
	ExpiresAt  time.Time  `gorm:"column:expires_at"`
	LastUsedAt *time.Time `gorm:"column:last_used_at"`
	RevokedAt  *time.Time `gorm:"column:revoked_at"`
}

// TableName implements schema.Tabler.
func (tokenRow) TableName() string { return "api_tokens" }

func (r *tokenRow) domain() (access.Token, error) {
	t := access.Token{
		ID: r.ID, UserID: r.UserID, Name: r.Name, Hash: r.Hash, Prefix: r.Prefix, CreatedAt: r.CreatedAt,
		ExpiresAt: r.ExpiresAt, LastUsedAt: orZero(r.LastUsedAt), RevokedAt: orZero(r.RevokedAt),
	}
	return t, r.Scopes.read("scopes", &t.Scopes)
}

// AddToken keeps an API token with user, name, hash, prefix, scopes and
// expiry. It has a name and at least one scope and expires in the future; all
// faults come back at once. All administrators are told of a token that
// another person than the user makes.
func (s *Store) AddToken(ctx context.Context, by access.Actor, t access.Token) (*access.Token, error) {
	if err := checkToken(&t, s.now()); err != nil {
		return nil, err
	}
	err := s.changeUser(ctx, t.UserID, func(tx *Tx, u *access.User) (err error) {
		if t.ID, err = tx.takeIDs("token", 1); err != nil {
			return err
		}
		t.CreatedAt, t.ExpiresAt = utc(tx.now()), utc(t.ExpiresAt)
		t.LastUsedAt, t.RevokedAt = time.Time{}, time.Time{}
		row := tokenRow{
			ID: t.ID, UserID: t.UserID, Name: t.Name, Hash: t.Hash, Prefix: t.Prefix, Scopes: jsonOf(t.Scopes),
			CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
		}
		if err := create(tx.db, row); err != nil {
			return err
		}
		if by.Server || by.Name != u.Name {
			if err := tx.tellOfUser(by, u.Name, "token"); err != nil {
				return err
			}
		}
		return tx.audit(Entry{Who: by.Name, Action: "token.created", Subject: u.Name, After: toldToken(&t)})
	})
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// longestTokenName is how many characters the name of a token has at most.
const longestTokenName = 100

func checkToken(t *access.Token, now time.Time) error {
	var faults fault.List
	if n := utf8.RuneCountInString(t.Name); n == 0 || n > longestTokenName {
		faults = append(faults, fault.New(fault.Invalid, "token_name_invalid", nil).At("token_name"))
	}
	unknown := func(r access.Right) bool { return !slices.Contains(access.Rights(), r) }
	if len(t.Scopes) == 0 || slices.ContainsFunc(t.Scopes, unknown) {
		faults = append(faults, fault.New(fault.Invalid, "token_scopes_invalid", fault.Args{"known": words(access.Rights())}).At("scopes"))
	}
	if !t.ExpiresAt.After(now) {
		faults = append(faults, fault.New(fault.Invalid, "token_expiry_invalid", nil).At("days"))
	}
	return faults.Err()
}

// toldToken is what the audit log records of a token: nothing with which it
// could be used.
func toldToken(t *access.Token) string {
	return string(jsonOf(struct {
		ID        int64          `json:"id"`
		Name      string         `json:"name"`
		Scopes    []access.Right `json:"scopes"`
		ExpiresAt time.Time      `json:"expires_at"`
	}{t.ID, t.Name, t.Scopes, t.ExpiresAt}))
}

// Tokens lists the API tokens of a user, revoked and expired ones included.
func (s *Store) Tokens(ctx context.Context, userID int64) ([]access.Token, error) {
	return tokens(s.db(ctx).Where("user_id = ?", userID).Order("id"))
}

// tokens returns the API tokens of a query.
func tokens(query *gorm.DB) (list []access.Token, err error) {
	rows, err := find[tokenRow](query)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		t, err := row.domain()
		if err != nil {
			return nil, fmt.Errorf("token %d: %w", row.ID, err)
		}
		list = append(list, t)
	}
	return list, nil
}

// tokenNotedEvery is how exactly the last use of a token is known.
const tokenNotedEvery = time.Minute

// TokenByHash returns an API token that may be used, and its user, and notes
// the use. One that is unknown, revoked or expired, or whose user is inactive,
// is a Forbidden fault token_refused that does not say which.
func (s *Store) TokenByHash(ctx context.Context, hash string) (*access.Token, *access.User, error) {
	now := utc(s.now())
	refused := fault.New(fault.Forbidden, "token_refused", nil)
	list, err := tokens(s.db(ctx).Where("hash = ? AND revoked_at IS NULL AND expires_at > ?", hash, now))
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		return nil, nil, refused
	}
	t := &list[0]
	u, err := s.User(ctx, t.UserID)
	if err != nil {
		return nil, nil, err
	}
	if !u.Active {
		return nil, nil, refused
	}
	if now.Sub(t.LastUsedAt) >= tokenNotedEvery {
		t.LastUsedAt = now
		err = s.inTx(ctx, func(tx *Tx) error {
			return inTable(tx.db.Model(&tokenRow{}).Where("id = ?", t.ID).Update("last_used_at", now))
		})
	}
	if err != nil {
		return nil, nil, err
	}
	return t, u, nil
}

// RevokeToken ends an API token of a user for good; a token that the user does
// not have is a NotFound fault. Revoking it again changes nothing.
func (s *Store) RevokeToken(ctx context.Context, who string, userID, tokenID int64) error {
	return s.changeUser(ctx, userID, func(tx *Tx, u *access.User) error {
		list, err := tokens(tx.db.Where("id = ? AND user_id = ?", tokenID, userID))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, "token_unknown", fault.Args{"token": tokenID})
		}
		n, err := affected(tx.db.Model(&tokenRow{}).Where("id = ? AND revoked_at IS NULL", tokenID).Update("revoked_at", tx.now()))
		if err != nil || n == 0 {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "token.revoked", Subject: u.Name, Before: toldToken(&list[0])})
	})
}

// revokeTokens ends all API tokens and links of a user.
func (tx *Tx) revokeTokens(who string, u *access.User) error {
	list, err := tokens(tx.db.Where("user_id = ? AND revoked_at IS NULL", u.ID).Order("id"))
	if err != nil {
		return err
	}
	if err := inTable(tx.db.Model(&tokenRow{}).Where("user_id = ? AND revoked_at IS NULL", u.ID).Update("revoked_at", tx.now())); err != nil {
		return err
	}
	if err := tx.voidAllLinks(u.ID); err != nil {
		return err
	}
	entries := make([]Entry, len(list))
	for i := range list {
		entries[i] = Entry{Who: who, Action: "token.revoked", Subject: u.Name, Before: toldToken(&list[i])}
	}
	return tx.audit(entries...)
}
