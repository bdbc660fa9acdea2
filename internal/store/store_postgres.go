package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"creditrun/internal/fault"
)

// connections is how many connections one process opens at most.
const connections = 16

// openPostgres opens the pool and tries it once.
func (s *Store) openPostgres(ctx context.Context, url string) error {
	s.dialect = postgresDialect
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fault.Wrap(fault.Usage, "database_url", fault.Args{"url": withoutPassword(url)}, errors.Unwrap(err))
	}
	config.RuntimeParams["timezone"] = "UTC"
	s.application = s.applicationName(config.RuntimeParams["application_name"])
	config.RuntimeParams["application_name"] = s.application
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	configure := s.configure(config.RuntimeParams)
	s.writeSQL = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		readTimesAsUTC(conn)
		return configure(ctx, conn)
	}))
	s.writeSQL.SetMaxOpenConns(connections)
	s.writeSQL.SetMaxIdleConns(connections)
	s.writeSQL.SetConnMaxIdleTime(5 * time.Minute)
	s.readSQL = s.writeSQL
	if err := s.writeSQL.PingContext(ctx); err != nil {
		return fault.Wrap(fault.Unavailable, "database_unreachable", fault.Args{"url": withoutPassword(url), "reason": serverReason(err)}, err)
	}
	s.write, err = gorm.Open(postgresDialector{&postgres.Dialector{Config: &postgres.Config{Conn: utcPool{s.writeSQL}}}}, s.gormConfig())
	s.read = s.write
	return err
}

// readTimesAsUTC keeps times from coming back in the zone of the machine.
func readTimesAsUTC(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// serverReason is what the server said, in its own words, or why it said
// nothing.
func serverReason(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Message
	}
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err.Error()
}

// postgresDialector is GORM's, with the same errors as SQLite's.
type postgresDialector struct{ *postgres.Dialector }

// Translate implements gorm.ErrorTranslator.
func (postgresDialector) Translate(err error) error { return translateError(err) }
