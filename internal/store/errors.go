package store

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"creditrun/internal/fault"
)

// translateError gives the errors of both databases one vocabulary: GORM's
// for violated constraints, faults for what an operator can fix. Everything
// else, and nil, comes back as it is; so does what was translated before.
func translateError(err error) error {
	if err == nil || errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, gorm.ErrForeignKeyViolated) || fault.Of(err) != nil {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return translatePostgres(pg, err)
	}
	if connecting := (*pgconn.ConnectError)(nil); errors.As(err, &connecting) {
		return fault.Wrap(fault.Unavailable, "database_lost", nil, err)
	}
	if code, ok := sqliteCode(err); ok {
		return translateSQLite(code, err)
	}
	if connectionEnded(err) {
		return fault.Wrap(fault.Unavailable, "database_lost", nil, err)
	}
	return err
}

// givenUp is translateError for a transaction that is not tried again: what could be
// tried again without end is said in words.
func givenUp(err error) error {
	if err = translateError(err); err == nil || fault.Of(err) != nil {
		return err
	}
	var pg *pgconn.PgError
	if code, _ := sqliteCode(err); code&0xff == sqliteBusy || errors.As(err, &pg) && pg.Code == lockNotAvailable {
		return busyFault(Wait{}, err)
	}
	return err
}

// connectionEnded reports whether an error of the driver says that the server
// went away, or could not be reached again.
func connectionEnded(err error) bool {
	var refused *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &refused) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		strings.Contains(err.Error(), "conn closed")
}

// lockNotAvailable is PostgreSQL's code for a lock that did not come in time.
const lockNotAvailable = "55P03"

func translatePostgres(pg *pgconn.PgError, err error) error {
	switch {
	case pg.Code == "23505":
		return errors.Join(gorm.ErrDuplicatedKey, err)
	case pg.Code == "23503":
		return errors.Join(gorm.ErrForeignKeyViolated, err)
	case pg.Code == "23001" && strings.HasPrefix(pg.Message, immutable):
		return immutableFault(pg.Message, err)
	case pg.Code == "22021": // a zero byte, or what is no UTF-8
		return fault.Wrap(fault.Invalid, "text_not_readable", nil, err)
	case pg.Code == "42P01", pg.Code == "42703":
		return fault.Wrap(fault.NotReady, "schema_old", nil, err)
	case pg.Code == "53100":
		return fault.Wrap(fault.Unavailable, "database_full", fault.Args{"path": "PostgreSQL"}, err)
	case pg.Code == "25006":
		return fault.Wrap(fault.Unavailable, "database_read_only", nil, err)
	case pg.Code == "57014" && strings.Contains(pg.Message, "statement timeout"):
		return fault.Wrap(fault.Unavailable, "database_slow", nil, err)
	case pg.Code == "25P03":
		return fault.Wrap(fault.Unavailable, "database_lost", nil, err)
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "57P"):
		return fault.Wrap(fault.Unavailable, "database_lost", nil, err)
	}
	return err
}

func translateSQLite(code int, err error) error {
	switch code {
	case sqlitePrimaryKey, sqliteUnique:
		return errors.Join(gorm.ErrDuplicatedKey, err)
	case sqliteForeignKey:
		return errors.Join(gorm.ErrForeignKeyViolated, err)
	case sqliteTrigger:
		if _, text, ok := strings.Cut(err.Error(), immutable); ok {
			return immutableFault(immutable+text, err)
		}
	}
	switch code & 0xff {
	case sqliteFull:
		return fault.Wrap(fault.Unavailable, "database_full", fault.Args{"path": "SQLite"}, err)
	case sqliteReadOnly:
		return fault.Wrap(fault.Unavailable, "database_read_only", nil, err)
	case sqliteIOError:
		return fault.Wrap(fault.Unavailable, "database_lost", nil, err)
	case sqliteCorrupt, sqliteNotADatabase:
		return fault.Wrap(fault.Unavailable, "database_damaged", nil, err)
	}
	if text := err.Error(); strings.Contains(text, "no such table") || strings.Contains(text, "no such column") {
		return fault.Wrap(fault.NotReady, "schema_old", nil, err)
	}
	return err
}

// immutable begins the messages of the triggers that refuse changes to what
// is issued.
const immutable = "immutable: "

func immutableFault(message string, err error) error {
	what, _, _ := strings.Cut(strings.TrimPrefix(message, immutable), " (")
	return fault.Wrap(fault.Conflict, "immutable", fault.Args{"what": what}, err)
}

// again reports whether the database asks for the whole transaction to be tried
// again: a serialization failure, a deadlock, or a busy SQLite file.
func again(err error) bool {
	if fault.Of(err) != nil {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	code, _ := sqliteCode(err)
	return code&0xff == sqliteBusy || code&0xff == sqliteLocked
}
