package store

import "fmt"

// takeIDs takes n consecutive ids of a kind of row and returns the first. The
// ids are made here and not by the database, so that rows can refer to each
// other before they are written. A rolled back transaction gives them back.
func (tx *Tx) takeIDs(name string, n int) (first int64, err error) {
	err = tx.scanRow(`INSERT INTO id_counters (name, next) VALUES ($1, 1 + $2)
		ON CONFLICT (name) DO UPDATE SET next = id_counters.next + $2
		RETURNING next - $2`, []any{name, int64(n)}, &first)
	if err != nil {
		return 0, fmt.Errorf("ids of %s: %w", name, err)
	}
	return first, nil
}

// version returns what a counter is at, which is the id it would give next,
// and keeps others from moving it until the transaction ends.
func (tx *Tx) version(name string) (int64, error) { return tx.takeIDs(name, 0) }

// lock keeps others from moving a counter, and from locking it, until the
// transaction ends.
func (tx *Tx) lock(name string) error {
	_, err := tx.version(name)
	return err
}

// bump moves a counter on by one.
func (tx *Tx) bump(name string) error {
	_, err := tx.takeIDs(name, 1)
	return err
}
