package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// A model is a struct whose gorm tags name the columns of a table, and whose
// TableName names the table. The tables that people edit are read and written
// with them through GORM: tx.db in a transaction, Store.db outside of one.

// db is GORM on the connections that read.
func (s *Store) db(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }

// onConnection is GORM on a connection or a transaction of its own.
func onConnection(ctx context.Context, db *gorm.DB, pool gorm.ConnPool) *gorm.DB {
	db = db.Session(&gorm.Session{NewDB: true, Context: ctx})
	db.Statement.ConnPool = utcPool{pool}
	return db
}

// utcPool makes the times among the arguments of GORM's statements UTC.
type utcPool struct{ gorm.ConnPool }

// ExecContext implements gorm.ConnPool.
func (p utcPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.ConnPool.ExecContext(ctx, query, utcArgs(args)...)
}

// QueryContext implements gorm.ConnPool.
func (p utcPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.ConnPool.QueryContext(ctx, query, utcArgs(args)...)
}

// QueryRowContext implements gorm.ConnPool.
func (p utcPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.ConnPool.QueryRowContext(ctx, query, utcArgs(args)...)
}

// set are the new values of columns by name. Unlike a struct it writes zero
// values, too.
type set = map[string]any

// find reads all rows of a query.
func find[T any](query *gorm.DB) (rows []T, err error) {
	query = query.Find(&rows)
	return rows, inTable(query)
}

// first reads the first row of a query; nil, without an error, where there is
// none.
func first[T any](query *gorm.DB) (*T, error) {
	rows, err := find[T](query.Limit(1))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// exists reports whether a query has a row.
func exists[T any](query *gorm.DB) (bool, error) {
	var found []int
	query = query.Model(new(T)).Select("1").Limit(1).Scan(&found)
	return len(found) > 0, inTable(query)
}

// affected returns how many rows an update, a deletion or an insertion touched.
func affected(done *gorm.DB) (int64, error) { return done.RowsAffected, inTable(done) }

// inTable is the error of a statement, with the name of its table.
func inTable(done *gorm.DB) error {
	if done.Error == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", done.Statement.Table, done.Error)
}

// mostParameters is how many parameters one statement may have on both
// databases: SQLite takes 32,766.
const mostParameters = 30_000

// create writes rows that are new, in batches.
func create[T any](db *gorm.DB, rows ...T) error {
	if len(rows) == 0 {
		return nil
	}
	return inTable(db.Omit(clause.Associations).CreateInBatches(rows, max(1, mostParameters/len(columnsOf[T]()))))
}

// upsert writes rows in batches: those whose primary key is there already are
// replaced, the others added. A key must not occur twice among them.
func upsert[T any](db *gorm.DB, rows ...T) error {
	return create(db.Clauses(clause.OnConflict{UpdateAll: true}), rows...)
}

// columnsOf lists the columns of a model in the order of its fields.
func columnsOf[T any]() []string {
	parsed, err := schema.Parse(new(T), &schemas, schema.NamingStrategy{})
	if err != nil { // of a type that is no model; a test looks at every model
		return nil
	}
	return parsed.DBNames
}

var schemas sync.Map // by reflect.Type
