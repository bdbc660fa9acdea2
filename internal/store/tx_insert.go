package store

import (
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// insertRows is how many rows one INSERT carries at most on SQLite; more gains
// nothing.
const insertRows = 100

// insertFrom is copyFrom for SQLite: one prepared INSERT of many rows, used
// again and again, and a shorter one for the rest.
func (tx *Tx) insertFrom(table string, columns []string, source pgx.CopyFromSource) (n int64, err error) {
	var full *sql.Stmt
	batch := make([]any, 0, insertRows*len(columns))
	for source.Next() {
		values, err := source.Values()
		if err != nil {
			return n, err
		}
		if len(values) != len(columns) {
			return n, fmt.Errorf("%d values for %d columns", len(values), len(columns))
		}
		batch = append(batch, values...)
		if len(batch) < cap(batch) {
			continue
		}
		if full == nil {
			if full, err = tx.sql.PrepareContext(tx.ctx, insertOf(table, columns, insertRows)); err != nil {
				return n, err
			}
			defer full.Close()
		}
		if _, err := full.ExecContext(tx.ctx, batch...); err != nil {
			return n, err
		}
		n += insertRows
		batch = batch[:0]
	}
	if err := source.Err(); err != nil {
		return n, err
	}
	rest := len(batch) / len(columns)
	if rest > 0 {
		_, err = tx.sql.ExecContext(tx.ctx, insertOf(table, columns, rest), batch...)
	}
	return n + int64(rest), err
}

// insertOf writes an INSERT of many rows.
func insertOf(table string, columns []string, rows int) string {
	one := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
	return "INSERT INTO " + table + " (" + strings.Join(columns, ",") + ") VALUES " +
		one + strings.Repeat(","+one, rows-1)
}
