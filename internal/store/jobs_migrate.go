package store

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// migrateJobs brings the tables of the job queue up to date.
func (s *Store) migrateJobs(ctx context.Context) error {
	if s.dialect == postgresDialect {
		return migrateQueue(ctx, riverdatabasesql.New(s.writeSQL))
	}
	return migrateQueue(ctx, riversqlite.New(s.writeSQL))
}

// jobsAreCurrent reports whether the tables of the job queue are up to date.
func (s *Store) jobsAreCurrent(ctx context.Context) (bool, error) {
	if s.dialect == postgresDialect {
		return queueIsCurrent(ctx, riverdatabasesql.New(s.readSQL))
	}
	return queueIsCurrent(ctx, riversqlite.New(s.readSQL))
}

func migrateQueue[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	migrator, err := rivermigrate.New(driver, quiet())
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func queueIsCurrent[T any](ctx context.Context, driver riverdriver.Driver[T]) (bool, error) {
	migrator, err := rivermigrate.New(driver, quiet())
	if err != nil {
		return false, err
	}
	result, err := migrator.Validate(ctx)
	if err != nil {
		return false, err
	}
	return result.OK, nil
}

func quiet() *rivermigrate.Config {
	return &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
}
