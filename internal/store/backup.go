package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
)

// A backup is one file for both databases: a line of JSON that says what it is
// (BackupInfo), the rows of all tables, compressed, and a line with the SHA-256
// of everything before it. A table comes after those that it refers to.
//
// The job queue is not in it: jobs are made anew from the states of what they
// work on. Neither are logins on the pages, which must not come back to life.

// backupFormat begins the first line of a backup.
const backupFormat = "creditrun backup 1"

// BackupInfo is the first line of a backup.
type BackupInfo struct {
	Format    string    `json:"format"`
	Program   string    `json:"program"` // version of the program that wrote it
	Schema    int64     `json:"schema"`  // number of its last migration
	Database  string    `json:"database"`
	TakenAt   time.Time `json:"taken_at"`
	AuditHead string    `json:"audit_head"` // ID:HASH of the last entry of the audit log
	Notes     int64     `json:"documents"`  // issued
	Sessions  int64     `json:"sessions"`   // stored versions of sessions
}

// notBackedUp are tables of ours that are left out of backups.
// What is made again of the rest is left out, too.
var notBackedUp = []string{"web_sessions", "logins", "login_attempts", "record_sums", "record_summed", "record_touched", "record_nets",
	"open_books", "open_lines", "open_holds", "open_entries", "open_charges", "open_touched", "reprice_found", "archives", "archive_parts"}

// backupTable is a table with its columns, in the order in which they are
// written.
type backupTable struct {
	Name    string       `json:"table"`
	Columns []string     `json:"columns"`
	Types   []columnType `json:"types"`
}

// columnType is what a column holds, the same on both databases.
type columnType string

const (
	integerColumn columnType = "integer"
	booleanColumn columnType = "boolean"
	textColumn    columnType = "text"
	bytesColumn   columnType = "bytes"
	timeColumn    columnType = "time"
)

// columnTypes are the types of columns as the databases call them.
var columnTypes = map[string]columnType{
	"INT8": integerColumn, "INT4": integerColumn, "INT2": integerColumn, "INTEGER": integerColumn, "BIGINT": integerColumn,
	"BOOL": booleanColumn, "BOOLEAN": booleanColumn,
	"TEXT":  textColumn,
	"BYTEA": bytesColumn, "BLOB": bytesColumn,
	"TIMESTAMPTZ": timeColumn, "DATETIME": timeColumn,
}

// Backup writes a backup of the database as it is at this moment, while others
// go on writing to it. It takes the same memory whatever the size.
func (s *Store) Backup(ctx context.Context, w io.Writer, program string) (info BackupInfo, err error) {
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	err = s.snapshot(ctx, func(q view) error {
		if info, err = s.backupInfo(ctx, q, program); err != nil {
			return err
		}
		head, err := json.Marshal(info)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(head, '\n')); err != nil {
			return err
		}
		return s.backupRows(ctx, q, out)
	})
	if err != nil {
		return info, fmt.Errorf("backup: %w", err)
	}
	_, err = io.WriteString(w, backupTrailer(sum.Sum(nil)))
	return info, err
}

// backupTrailer is the last line of a backup. It always has the same length.
func backupTrailer(sum []byte) string { return fmt.Sprintf("\nsha256:%x\n", sum) }

var trailerLength = int64(len(backupTrailer(make([]byte, sha256.Size))))

func (s *Store) backupInfo(ctx context.Context, q querier, program string) (BackupInfo, error) {
	info := BackupInfo{Format: backupFormat, Program: program, Database: string(s.dialect), TakenAt: utc(s.now())}
	var head creditnotes.AuditHead
	err := q.QueryRowContext(ctx, `SELECT h.id, h.hash, (SELECT max(version_id) FROM `+versionTable+` WHERE is_applied),
		(SELECT count(*) FROM credit_notes WHERE number IS NOT NULL), (SELECT count(*) FROM sessions) FROM audit_head h`).
		Scan(&head.ID, &head.Hash, &info.Schema, &info.Notes, &info.Sessions)
	info.AuditHead = head.String()
	return info, err
}

// backupRows writes all tables.
func (s *Store) backupRows(ctx context.Context, q querier, w io.Writer) error {
	tables, err := backedUp(ctx, q, s.dialect)
	if err != nil {
		return err
	}
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	out := &backupWriter{w: bufio.NewWriterSize(packed, 1<<16)}
	for _, table := range tables {
		if err := out.table(ctx, q, table); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	if err := out.w.WriteByte(endOfTables); err != nil {
		return err
	}
	if err := out.w.Flush(); err != nil {
		return err
	}
	return packed.Close()
}

// tableQueries list the tables of ours, and which of them refers to which.
var tableQueries = map[dialect]struct{ tables, references string }{
	postgresDialect: {`
		SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname !~ '^(river|goose)_' ORDER BY 1`, `
		SELECT c.relname, r.relname FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class r ON r.oid = o.confrelid
		WHERE o.contype = 'f' AND c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^(river|goose)_'`},
	sqliteDialect: {`
		SELECT name FROM sqlite_master WHERE type = 'table'
			AND name NOT LIKE 'river\_%' ESCAPE '\' AND name NOT LIKE 'goose\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY 1`, `
		SELECT t.name, f."table" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
			AND t.name NOT LIKE 'river\_%' ESCAPE '\' AND t.name NOT LIKE 'goose\_%' ESCAPE '\'`},
}

// backedUp lists the tables of a backup, each after those it refers to.
func backedUp(ctx context.Context, q querier, d dialect) ([]string, error) {
	tables, err := column[string](ctx, q, tableQueries[d].tables)
	if err != nil {
		return nil, err
	}
	tables = slices.DeleteFunc(tables, func(t string) bool { return slices.Contains(notBackedUp, t) })
	type reference struct{ from, to string }
	references, err := collect(ctx, q, func(r *reference) []any { return []any{&r.from, &r.to} }, tableQueries[d].references)
	if err != nil {
		return nil, err
	}
	var sorted []string
	for len(sorted) < len(tables) {
		before := len(sorted)
		for _, table := range tables {
			waits := slices.ContainsFunc(references, func(r reference) bool {
				return r.from == table && r.to != table && !slices.Contains(sorted, r.to)
			})
			if !waits && !slices.Contains(sorted, table) {
				sorted = append(sorted, table)
			}
		}
		if len(sorted) == before {
			return nil, fmt.Errorf("tables refer to each other in a circle: %s", strings.Join(tables, ", "))
		}
	}
	return sorted, nil
}

// describe reads the columns of a table.
func describe(name string, rows *sql.Rows) (backupTable, error) {
	columns, err := rows.ColumnTypes()
	table := backupTable{Name: name}
	for _, column := range columns {
		kind, known := columnTypes[strings.ToUpper(column.DatabaseTypeName())]
		if !known {
			return table, fmt.Errorf("column %s has the type %s, which backups do not know", column.Name(), column.DatabaseTypeName())
		}
		table.Columns = append(table.Columns, column.Name())
		table.Types = append(table.Types, kind)
	}
	return table, err
}
