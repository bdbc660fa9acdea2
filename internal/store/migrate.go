package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"creditrun/internal/fault"
)

//go:embed migrations/postgres/*.sql migrations/sqlite/*.sql
var migrations embed.FS

// versionTable is where goose notes which migrations were applied.
const versionTable = "goose_db_version"

// migrateTries is how often a process that lost the race for a migration of a
// SQLite file looks again; each time another process has got further.
const migrateTries = 30

// Migrate brings the schema up to date, ours and that of the job queue. Any
// number of processes may do so at once: each migration is applied once.
func (s *Store) Migrate(ctx context.Context) error {
	if s.dialect == postgresDialect {
		return s.locked(ctx, func() error { return s.migrateBoth(ctx) })
	}
	// SQLite has no lock that outlives a transaction. Each migration is one
	// transaction, so who comes second fails, sees it applied and goes on.
	var err error
	for range migrateTries {
		if err = s.migrateBoth(ctx); err == nil || ctx.Err() != nil || fault.Is(err, fault.NotReady) {
			break
		}
	}
	return err
}

func (s *Store) migrateBoth(ctx context.Context) error {
	provider, err := s.goose()
	if err != nil {
		return err
	}
	applied, err := s.schemaVersion(ctx)
	if err != nil {
		return err
	}
	if err := notNewer(applied, provider); err != nil {
		return err
	}
	if applied == 0 {
		if _, err := provider.UpByOne(ctx); err != nil {
			return fmt.Errorf("schema: %w", translateError(err))
		}
	}
	if err := s.eachOnce(ctx); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("schema: %w", translateError(err))
	}
	if err := s.migrateJobs(ctx); err != nil {
		return fmt.Errorf("schema of the job queue: %w", translateError(err))
	}
	if err := s.recordMovements(ctx); err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	if err := s.sumOldLines(ctx); err != nil {
		return fmt.Errorf("sums of lines: %w", err)
	}
	return s.recordEvidence(ctx)
}

// eachOnce makes SQLite refuse to record a migration a second time, so that the
// transaction of a process that comes second is undone. Some migrations would
// otherwise succeed twice, such as one that replaces a trigger.
func (s *Store) eachOnce(ctx context.Context) error {
	if s.dialect == postgresDialect {
		return nil
	}
	return s.inTx(ctx, func(tx *Tx) error {
		if _, err := tx.exec("DELETE FROM " + versionTable + " WHERE id NOT IN (SELECT min(id) FROM " + versionTable + " GROUP BY version_id)"); err != nil {
			return err
		}
		_, err := tx.exec("CREATE UNIQUE INDEX IF NOT EXISTS goose_db_version_once ON " + versionTable + " (version_id)")
		return err
	})
}

// SchemaIsCurrent reports whether every migration was applied. It changes
// nothing. A database whose schema is newer than the program is a NotReady
// fault: what this program does not know it might spoil.
func (s *Store) SchemaIsCurrent(ctx context.Context) (bool, error) {
	applied, err := s.schemaVersion(ctx)
	if err != nil || applied == 0 {
		return false, err
	}
	provider, err := s.goose()
	if err != nil {
		return false, err
	}
	if err := notNewer(applied, provider); err != nil {
		return false, err
	}
	if applied < newest(provider) {
		return false, nil
	}
	return s.jobsAreCurrent(ctx)
}

// schemaVersion is the number of the last migration that was applied; 0 for a
// database without a schema.
func (s *Store) schemaVersion(ctx context.Context) (applied int64, err error) {
	exists, err := s.tableExists(ctx, versionTable)
	if err != nil || !exists {
		return 0, err
	}
	err = s.readSQL.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable+" WHERE is_applied").Scan(&applied)
	if err != nil {
		return 0, fmt.Errorf("schema version: %w", translateError(err))
	}
	return applied, nil
}

// newest is the number of the last migration of the program.
func newest(provider *goose.Provider) int64 {
	sources := provider.ListSources()
	return sources[len(sources)-1].Version
}

// notNewer refuses a schema that a later version of the program has made.
func notNewer(applied int64, provider *goose.Provider) error {
	if known := newest(provider); applied > known {
		return fault.New(fault.NotReady, "schema_newer", fault.Args{"schema": applied, "newest": known})
	}
	return nil
}

func (s *Store) tableExists(ctx context.Context, name string) (exists bool, err error) {
	query := "SELECT to_regclass($1) IS NOT NULL"
	if s.dialect == sqliteDialect {
		query = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)"
	}
	if err := s.readSQL.QueryRowContext(ctx, query, name).Scan(&exists); err != nil {
		return false, fmt.Errorf("table %s: %w", name, translateError(err))
	}
	return exists, nil
}

func (s *Store) goose() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations/"+string(s.dialect))
	if err != nil {
		return nil, err
	}
	dialect := database.DialectPostgres
	if s.dialect == sqliteDialect {
		dialect = database.DialectSQLite3
	}
	return goose.NewProvider(dialect, s.writeSQL, folder, goose.WithSlog(slog.New(slog.DiscardHandler)))
}

// migrationLock is the number of PostgreSQL's advisory lock for migrations.
const migrationLock = 20_261_031

// locked runs what one process at a time may do, on a connection of its own
// that holds PostgreSQL's advisory lock for migrations; it goes with the
// process. The lock is asked for again and again instead of waited for: a
// waiting statement would keep others from building indexes meanwhile.
func (s *Store) locked(ctx context.Context, do func() error) (err error) {
	conn, err := s.writeSQL.Conn(ctx)
	if err != nil {
		return translateError(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for mine := false; !mine; {
		if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", migrationLock).Scan(&mine); err != nil {
			return fmt.Errorf("lock for migrations: %w", translateError(err))
		}
		if !mine {
			if err := pause(ctx, 3); err != nil {
				return err
			}
		}
	}
	defer func() {
		_, unlocking := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock)
		err = errors.Join(err, unlocking)
	}()
	return do()
}
