package store

import "context"

// HasSessions reports whether any session was taken in.
func (s *Store) HasSessions(ctx context.Context) (has bool, err error) {
	err = s.readSQL.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sessions)").Scan(&has)
	return has, translateError(err)
}
