package store

import (
	"context"
)

// SavedFilter is a filter of a list that a user gave a name.
type SavedFilter struct {
	ID    int64
	Path  string // of the list
	Name  string
	Query string // of the address, without its question mark
}

// Address is that of the list with the filter.
func (f SavedFilter) Address() string { return f.Path + "?" + f.Query }

// savedFilterRow is a row of saved_filters.
type savedFilterRow struct {
	ID     int64  `gorm:"column:id"`
	UserID int64  `gorm:"column:user_id"`
	Path   string `gorm:"column:path"`
	Name   string `gorm:"column:name"`
	Query  string `gorm:"column:query"`
}

// TableName implements schema.Tabler.
func (savedFilterRow) TableName() string { return "saved_filters" }

// SavedFilters are the filters that a user saved of a list, by name.
func (s *Store) SavedFilters(ctx context.Context, user int64, path string) ([]SavedFilter, error) {
	rows, err := find[savedFilterRow](s.db(ctx).Where("user_id = ? AND path = ?", user, path).Order("name"))
	list := make([]SavedFilter, len(rows))
	for i, r := range rows {
		list[i] = SavedFilter{r.ID, r.Path, r.Name, r.Query}
	}
	return list, err
}

// SaveFilter keeps a filter of a user, in place of the one of the same list and
// name.
func (s *Store) SaveFilter(ctx context.Context, user int64, f SavedFilter) error {
	return s.inTx(ctx, func(tx *Tx) error {
		id, err := tx.takeIDs("saved_filters", 1)
		if err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO saved_filters (id, user_id, path, name, query) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, path, name) DO UPDATE SET query = excluded.query`, id, user, f.Path, f.Name, f.Query)
		return err
	})
}

// DeleteFilter forgets a saved filter of a user; one that is not there is none.
func (s *Store) DeleteFilter(ctx context.Context, user, id int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM saved_filters WHERE user_id = $1 AND id = $2", user, id)
		return err
	})
}
