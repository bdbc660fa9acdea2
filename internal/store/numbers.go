package store

import (
	"context"
	"database/sql"
	"errors"

	"creditrun/numbering"
)

// LastNumber is the number that a range gave last to a document that counts in
// the scope: in its latest period the one with the highest sequence; empty
// where it gave none.
func (s *Store) LastNumber(ctx context.Context, c numbering.Counter) (number string, err error) {
	err = s.readSQL.QueryRowContext(ctx, `SELECT number FROM credit_notes
		WHERE range_key = $1 AND scope = $2 AND number IS NOT NULL ORDER BY period DESC, sequence DESC LIMIT 1`, c.Range, c.Scope).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return number, translateError(err)
}
