package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	modernc "modernc.org/sqlite"

	"creditrun/internal/fault"
)

// readers is how many connections may read a SQLite database at once.
const readers = 4

// openSQLite opens the writing connection, which creates the file and turns on
// the write-ahead log, and then the reading ones.
func (s *Store) openSQLite(ctx context.Context, path string) (err error) {
	s.dialect = sqliteDialect
	if s.readOnly {
		return s.openSQLiteToRead(ctx, path)
	}
	createPrivate(path)
	if s.writeSQL, err = sql.Open("sqlite", sqliteDSN(path, "immediate")); err != nil {
		return sqliteFault(path, err)
	}
	s.writeSQL.SetMaxOpenConns(1)
	if err := tryWriting(ctx, s.writeSQL); err != nil {
		return sqliteFault(path, err)
	}
	s.writer.open(path)
	return s.openReaders(path)
}

// openReaders opens the connections that read, and GORM on both.
func (s *Store) openReaders(path string) (err error) {
	if s.readSQL, err = sql.Open("sqlite", sqliteDSN(path, "deferred", "query_only(1)")); err != nil {
		return sqliteFault(path, err)
	}
	s.readSQL.SetMaxOpenConns(readers)
	s.readSQL.SetMaxIdleConns(readers)
	if s.write, err = gorm.Open(sqliteDialector{sqlite.Dialector{DriverName: "sqlite", Conn: utcPool{s.writeSQL}}}, s.gormConfig()); err != nil {
		return sqliteFault(path, err)
	}
	s.read, err = gorm.Open(sqliteDialector{sqlite.Dialector{DriverName: "sqlite", Conn: utcPool{s.readSQL}}}, s.gormConfig())
	return err
}

// openSQLiteToRead opens a database that may not be written to, such as a copy on
// a read-only disk. A file beside which nothing can be made is read as it is,
// which is safe as long as no process writes; a write-ahead log that was never
// written back belongs to it and must be readable.
func (s *Store) openSQLiteToRead(ctx context.Context, path string) (err error) {
	mode := "mode=ro"
	if log, err := os.Stat(path + "-wal"); errors.Is(err, os.ErrNotExist) || err == nil && log.Size() == 0 {
		mode = "immutable=1"
	}
	if s.readSQL, err = sql.Open("sqlite", sqliteFile(path)+"?"+mode+"&_time_format=sqlite&_timezone=UTC&_pragma=query_only(1)&_pragma="+busyTimeout); err != nil {
		return sqliteFault(path, err)
	}
	var pages int
	if err := s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&pages); err != nil {
		return sqliteFault(path, err)
	}
	s.writeSQL = s.readSQL
	s.read, err = gorm.Open(sqliteDialector{sqlite.Dialector{DriverName: "sqlite", Conn: utcPool{s.readSQL}}}, s.gormConfig())
	s.write = s.read
	return err
}

// createPrivate makes the file of a database that is not there yet, for this user
// alone to read; SQLite gives the files beside it the same mode. What goes wrong
// SQLite finds out, too, and says better.
func createPrivate(path string) {
	if file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = file.Close()
	}
}

// sqliteDSN names a database file with the pragmas that every connection sets.
// Times are written in one format and one zone, so that comparing them as text
// is comparing them as times.
func sqliteDSN(path, txLock string, pragmas ...string) string {
	query := url.Values{
		"_txlock":      {txLock},
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
		"_pragma": append([]string{
			busyTimeout, "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)",
		}, pragmas...),
	}
	return sqliteFile(path) + "?" + query.Encode()
}

func sqliteFile(path string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
}

// tryWriting finds out whether the file may be written to before anything
// depends on it. Another process that writes at the moment is no obstacle.
func tryWriting(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err == nil {
		_, err = tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS write_check (one integer)")
		err = errors.Join(err, tx.Rollback())
	}
	if code, ok := sqliteCode(err); ok && code&0xff == sqliteBusy {
		return nil
	}
	return err
}

// sqliteFault says what is wrong with a database file.
func sqliteFault(path string, err error) error {
	args := fault.Args{"path": path}
	switch code, _ := sqliteCode(err); code & 0xff {
	case sqliteNotADatabase, sqliteCorrupt:
		return fault.Wrap(fault.Unavailable, "database_not_a_database", args, err)
	case sqliteFull:
		return fault.Wrap(fault.Unavailable, "database_full", args, err)
	case sqliteReadOnly, sqlitePermission, sqliteCannotOpen, sqliteIOError:
		if noRoom(filepath.Dir(path)) {
			return fault.Wrap(fault.Unavailable, "database_full", args, err)
		}
		return fault.Wrap(fault.Unavailable, "database_not_writable", args, err)
	}
	var notThere *os.PathError
	if errors.As(err, &notThere) {
		return fault.Wrap(fault.Unavailable, "database_not_writable", args, err)
	}
	return err
}

// noRoom reports whether a folder has no room for the smallest files beside a
// database, of which SQLite only says that it cannot make them.
func noRoom(folder string) bool {
	file, err := os.CreateTemp(folder, ".creditrun-*")
	if err == nil {
		_, err = file.Write(make([]byte, 64<<10))
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return errors.Is(err, syscall.ENOSPC)
}

// The primary result codes of SQLite that are told apart (sqlite3.h).
const (
	sqlitePermission   = 3
	sqliteBusy         = 5
	sqliteLocked       = 6
	sqliteReadOnly     = 8
	sqliteIOError      = 10
	sqliteCorrupt      = 11
	sqliteFull         = 13
	sqliteCannotOpen   = 14
	sqliteNotADatabase = 26
)

// The extended result codes of SQLite that are told apart.
const (
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteTrigger    = 1811
	sqliteUnique     = 2067
)

// sqliteCode returns the extended result code of an error of SQLite.
func sqliteCode(err error) (int, bool) {
	var e *modernc.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}

// sqliteDialector is GORM's, with the errors of the driver in use here.
type sqliteDialector struct{ sqlite.Dialector }

// Translate implements gorm.ErrorTranslator.
func (sqliteDialector) Translate(err error) error { return translateError(err) }
