package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/process"
)

// A SQLite file has one writer at a time, and SQLite does not say which process
// that is. Every writer therefore enters itself into a small file beside the
// database, which those read who cannot write for long.

// busyTries is how often a busy file is tried, busyTimeout milliseconds each.
const (
	busyTries   = 20
	busyTimeout = "busy_timeout(3000)"
)

// writerLength is how long the record of a writer is, filled up with blanks.
const writerLength = 512

// writerRecord is the file beside a database that names its writer.
type writerRecord struct {
	mu   sync.Mutex
	file *os.File
}

// writerNow is who writes, as the file says it.
type writerNow struct {
	Process process.Identity
	Since   time.Time
}

// open makes the file. Where that is not possible writers stay unnamed.
func (w *writerRecord) open(path string) {
	w.file, _ = os.OpenFile(path+"-writer", os.O_CREATE|os.O_RDWR, 0o600)
}

func (w *writerRecord) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file != nil {
		_ = w.file.Close()
		w.file = nil
	}
}

// enter names the process that has begun to write.
func (w *writerRecord) enter(i process.Identity, since time.Time) {
	content, err := json.Marshal(writerNow{i, since})
	if err == nil && len(content) < writerLength {
		w.put(content)
	}
}

// clear takes the name away when the process has written, unless the next has
// entered itself already.
func (w *writerRecord) clear(i process.Identity) {
	if now := w.read(); now != nil && now.Process == i {
		w.put(nil)
	}
}

func (w *writerRecord) put(content []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return
	}
	record := make([]byte, writerLength)
	for i := copy(record, content); i < len(record); i++ {
		record[i] = ' '
	}
	_, _ = w.file.WriteAt(record, 0)
}

// alive is read for a writer that is not known to be gone.
func (w *writerRecord) alive() *writerNow {
	now := w.read()
	if now == nil || now.Process.State() == process.Gone {
		return nil
	}
	return now
}

// read says who entered itself last; nil when it has written since.
func (w *writerRecord) read() *writerNow {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	record := make([]byte, writerLength)
	if n, err := w.file.ReadAt(record, 0); err != nil && n == 0 {
		return nil
	}
	var now writerNow
	if json.Unmarshal(record, &now) != nil {
		return nil
	}
	return &now
}

// beginSQLite begins a transaction that writes. While another process writes it
// is tried again, and who that is told to who waits; after a minute it is given
// up with the name.
func (s *Store) beginSQLite(ctx context.Context, conn *sql.Conn, kind txKind) (tx *sql.Tx, end func(error) error, err error) {
	synchronous := "PRAGMA synchronous = NORMAL"
	if kind == durable {
		synchronous = "PRAGMA synchronous = FULL"
	}
	if !s.readOnly {
		if _, err := conn.ExecContext(ctx, synchronous); err != nil {
			return nil, nil, err
		}
	}
	for try := 1; ; try++ {
		if tx, err = conn.BeginTx(ctx, nil); err == nil {
			break
		}
		if code, _ := sqliteCode(err); code&0xff != sqliteBusy {
			return nil, nil, err
		}
		wait := s.writerWait()
		if try >= s.busyTries {
			return nil, nil, busyFault(wait, err)
		}
		s.waitingFor(wait)
	}
	s.writer.enter(s.identity, s.now().UTC())
	return tx, func(err error) error {
		s.writer.clear(s.identity)
		return err
	}, nil
}

func (s *Store) writerWait() Wait {
	now := s.writer.alive()
	if now == nil {
		return Wait{}
	}
	return Wait{Who: now.Process.String(), Since: now.Since}
}

// busyFault says who does not let others write.
func busyFault(w Wait, err error) *fault.Fault {
	args := fault.Args{"who": w.Who, "since": ""}
	if !w.Since.IsZero() {
		args["since"] = w.Since.UTC().Format(time.RFC3339)
	}
	return fault.Wrap(fault.Unavailable, "database_busy", args, errors.Join(err))
}
