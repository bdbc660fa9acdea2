package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// sessionSettings are the settings of each connection to PostgreSQL. What the URL
// of the database says wins.
//
// The limits end a statement, a wait for a lock or an idle transaction that takes
// longer. Statements are not compiled: compiling takes 0.4 s, which is longer than
// what it saves in any statement of this program, and the planner orders it by
// costs that it only guesses.
var sessionSettings = []struct {
	name, value string
	limit       bool
}{
	{"statement_timeout", "30min", true}, // the largest books are proven in less
	{"lock_timeout", "30s", true},
	{"idle_in_transaction_session_timeout", "2min", true},
	{"jit", "off", false},
}

// kindLimits are the limits of transactions that need others. An import reads a
// file inside its transaction, which may come through a pipe.
var kindLimits = map[txKind]string{
	long:    "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '10min', true), set_config('idle_in_transaction_session_timeout', '10min', true)",
	patient: "SELECT set_config('lock_timeout', '10min', true)",
}

// configure makes the settings of a new connection in one statement, but those
// that the URL names.
func (s *Store) configure(given map[string]string) func(context.Context, *pgx.Conn) error {
	query, args := "SELECT 0", []any{}
	for _, setting := range sessionSettings {
		if _, named := given[setting.name]; named || setting.limit && s.unhurried {
			continue
		}
		args = append(args, setting.name, setting.value)
		query += fmt.Sprintf(", set_config($%d, $%d, false)", len(args)-1, len(args))
	}
	return func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, query, args...); err != nil {
			return fmt.Errorf("settings of the connection: %w", err)
		}
		return nil
	}
}

// noticeAfter is how long a transaction may take before it is looked whether it
// waits for another one, and how often again.
const noticeAfter = 3 * time.Second

// beginPostgres begins a transaction and watches whether it has to wait for
// another one.
func (s *Store) beginPostgres(ctx context.Context, conn *sql.Conn, kind txKind) (*sql.Tx, func(error) error, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	if limits := kindLimits[kind]; limits != "" && !s.unhurried {
		if _, err := tx.ExecContext(ctx, limits); err != nil {
			return nil, nil, errors.Join(err, tx.Rollback())
		}
	}
	watch := s.watch(ctx, conn)
	return tx, func(err error) error {
		last := watch.end()
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == lockNotAvailable {
			return busyFault(last, err)
		}
		return err
	}, nil
}

// lockWatch looks every few seconds what a transaction waits for.
type lockWatch struct {
	store *Store
	pid   uint32
	mu    sync.Mutex
	timer *time.Timer
	last  Wait // for what it waited last
	over  bool
}

func (s *Store) watch(ctx context.Context, conn *sql.Conn) *lockWatch {
	w := &lockWatch{store: s}
	_ = conn.Raw(func(raw any) error {
		w.pid = raw.(*stdlib.Conn).Conn().PgConn().PID()
		return nil
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(noticeAfter, func() { w.look(ctx) })
	return w
}

func (w *lockWatch) look(ctx context.Context) {
	wait, waits := w.store.blocker(ctx, w.pid)
	w.mu.Lock()
	over := w.over
	if waits {
		w.last = wait
	}
	if !over {
		w.timer.Reset(noticeAfter)
	}
	w.mu.Unlock()
	if waits && !over {
		w.store.waitingFor(wait)
	}
}

// end stops watching and says for what the transaction waited last.
func (w *lockWatch) end() Wait {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.timer.Stop()
	return w.last
}

// blocking is a session that another one waits for.
type blocking struct {
	PID         int
	Application string
	State       string
	Since       time.Time
}

// blocker finds the session that a session waits for. One of a process that was
// silent for as long as a lease lasts is ended.
func (s *Store) blocker(ctx context.Context, pid uint32) (Wait, bool) {
	ctx, done := context.WithTimeout(ctx, noticeAfter)
	defer done()
	list, err := collect(ctx, s.readSQL, func(b *blocking) []any { return []any{&b.PID, &b.Application, &b.State, &b.Since} }, `
		SELECT a.pid, a.application_name, coalesce(a.state, '?'), coalesce(a.xact_start, a.backend_start, clock_timestamp())
		FROM unnest(pg_blocking_pids($1)) AS b (pid) JOIN pg_stat_activity a ON a.pid = b.pid ORDER BY 4`, int(pid))
	if err != nil || len(list) == 0 {
		return Wait{}, false
	}
	first := list[0]
	wait := Wait{Who: fmt.Sprintf("%s (PostgreSQL pid %d, %s)", first.Application, first.PID, first.State), Since: first.Since}
	known, err := find[peerRow](s.db(ctx))
	if err != nil {
		return wait, true
	}
	now, err := s.databaseNow(s.db(ctx))
	i := slices.IndexFunc(known, func(p peerRow) bool { return p.Application == first.Application })
	if err == nil && i >= 0 && known[i].silent(now) {
		s.endSessions(ctx, &known[i])
	}
	return wait, true
}

// applicationName names this process to PostgreSQL: what it does, its process id
// and host, after the name that the URL gives, if it does.
func (s *Store) applicationName(given string) string {
	name := fmt.Sprintf("%s %d@%s", s.identity.Command, s.identity.PID, s.identity.Host)
	if given != "" {
		name = given + " " + name
	}
	const most = 63 // what PostgreSQL keeps
	return name[:min(len(name), most)]
}
