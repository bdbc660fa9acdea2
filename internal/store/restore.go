package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"creditrun/internal/fault"
)

// CheckBackup reads a backup of a size in bytes from its beginning to its end
// and returns its first line. What is no backup, was cut off or changed is an
// Invalid fault; name is what the file is called in it.
func CheckBackup(name string, file io.ReadSeeker, size int64) (info BackupInfo, err error) {
	damaged := fault.New(fault.Invalid, "backup_damaged", fault.Args{"file": name})
	if info, err = backupHead(name, file); err != nil {
		return info, err
	}
	if size < trailerLength {
		return info, damaged
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return info, err
	}
	sum := sha256.New()
	if _, err := io.CopyN(sum, file, size-trailerLength); err != nil {
		return info, err
	}
	trailer, err := io.ReadAll(file)
	if err == nil && !bytes.Equal(trailer, []byte(backupTrailer(sum.Sum(nil)))) {
		err = damaged
	}
	return info, err
}

// backupHead reads the first line of a backup.
func backupHead(name string, file io.ReadSeeker) (info BackupInfo, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return info, err
	}
	line, err := bufio.NewReader(io.LimitReader(file, 1<<12)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return info, err
	}
	if json.Unmarshal(line, &info) != nil || info.Format != backupFormat {
		return info, fault.New(fault.Invalid, "backup_unknown", fault.Args{"file": name})
	}
	return info, nil
}

// Restore puts a backup that CheckBackup accepted into the database, which must
// be empty, and brings the schema up to date: all of it or nothing. From then on
// nothing is issued or sent until the restore is confirmed (ConfirmRestore);
// files that were being made when the backup was taken are queued again. On
// PostgreSQL it is for the owner of the tables.
func (s *Store) Restore(ctx context.Context, who, name string, file io.ReadSeeker, size int64) error {
	info, err := backupHead(name, file)
	if err != nil {
		return err
	}
	if s.dialect == sqliteDialect {
		err = s.prepareRestore(ctx, info)
	} else {
		err = s.locked(ctx, func() error { return s.prepareRestore(ctx, info) })
	}
	if err != nil {
		return err
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.load(file, size); err != nil {
			return err
		}
		return tx.restored(who, info)
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	return s.requeueLost(ctx, Work{Render: func(context.Context, int64) error { return nil }})
}

// prepareRestore gives an empty database the schema of the backup.
func (s *Store) prepareRestore(ctx context.Context, info BackupInfo) error {
	provider, err := s.goose()
	if err != nil {
		return err
	}
	if known := newest(provider); info.Schema > known {
		return fault.New(fault.NotReady, "backup_newer", fault.Args{"schema": info.Schema, "newest": known, "version": info.Program})
	}
	applied, err := s.schemaVersion(ctx)
	if err != nil {
		return err
	}
	if applied > info.Schema {
		return fault.New(fault.Conflict, "restore_schema", fault.Args{"schema": applied, "backup": info.Schema})
	}
	if applied > 0 {
		if err := s.empty(ctx, s.readSQL); err != nil {
			return err
		}
	}
	if _, err := provider.UpTo(ctx, info.Schema); err != nil {
		return fmt.Errorf("schema: %w", translateError(err))
	}
	return s.migrateJobs(ctx)
}

// filledByMigrations are tables that are not empty in an empty database.
var filledByMigrations = []string{"audit_head"}

// empty refuses a database in which there is anything.
func (s *Store) empty(ctx context.Context, q querier) error {
	tables, err := column[string](ctx, q, tableQueries[s.dialect].tables)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if slices.Contains(filledByMigrations, table) {
			continue
		}
		var filled bool
		if err := q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+table+")").Scan(&filled); err != nil {
			return translateError(err)
		}
		if filled {
			return fault.New(fault.Conflict, "restore_not_empty", fault.Args{"table": table})
		}
	}
	return nil
}

// load writes the rows of a backup into the tables, with the triggers that
// protect them taken away meanwhile: parts of issued documents are refused
// otherwise. Afterwards every guard is what it was.
func (tx *Tx) load(file io.ReadSeeker, size int64) error {
	s := Store{dialect: tx.dialect}
	if err := s.empty(tx.ctx, tx.sql); err != nil {
		return err
	}
	guards, err := guardsOf(tx.ctx, tx.sql, tx.dialect)
	if err != nil {
		return err
	}
	tables, err := backedUp(tx.ctx, tx.sql, tx.dialect)
	if err != nil {
		return err
	}
	protect, err := tx.unprotect(tables)
	if err != nil {
		return err
	}
	for _, table := range filledByMigrations {
		if _, err := tx.exec("DELETE FROM " + table); err != nil {
			return err
		}
	}
	if err := tx.loadRows(file, size, tables); err != nil {
		return err
	}
	// Links that were used after the backup must not work again.
	if err := inTable(tx.db.Where("TRUE").Delete(&invitationRow{})); err != nil {
		return err
	}
	if tx.dialect == postgresDialect { // what waits to be checked holds a table as it is
		if _, err := tx.exec("SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return err
		}
	}
	for _, statement := range protect {
		if _, err := tx.exec(statement); err != nil {
			return fmt.Errorf("protect the tables: %w", err)
		}
	}
	after, err := guardsOf(tx.ctx, tx.sql, tx.dialect)
	if err == nil && !maps.Equal(guards, after) {
		err = errors.New("the guards of the database are not what they were")
	}
	return err
}

// unprotect takes the triggers of tables away until the end of the transaction
// and returns the statements that bring them back.
func (tx *Tx) unprotect(tables []string) (protect []string, err error) {
	if tx.dialect == postgresDialect {
		for _, table := range tables {
			if _, err := tx.exec("ALTER TABLE " + table + " DISABLE TRIGGER USER"); err != nil {
				return nil, err
			}
			protect = append(protect, "ALTER TABLE "+table+" ENABLE TRIGGER USER")
		}
		return protect, nil
	}
	if _, err := tx.exec("PRAGMA defer_foreign_keys = ON"); err != nil {
		return nil, err
	}
	type trigger struct{ name, sql string }
	triggers, err := collect(tx.ctx, tx.sql, func(t *trigger) []any { return []any{&t.name, &t.sql} },
		"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name NOT LIKE 'river%' ORDER BY name")
	for _, t := range triggers {
		if _, err := tx.exec("DROP TRIGGER " + t.name); err != nil {
			return nil, err
		}
		protect = append(protect, t.sql)
	}
	return protect, err
}

// loadRows reads the tables of a backup and writes their rows.
func (tx *Tx) loadRows(file io.ReadSeeker, size int64, tables []string) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	content := bufio.NewReaderSize(io.LimitReader(file, size-trailerLength), 1<<16)
	if _, err := content.ReadBytes('\n'); err != nil {
		return err
	}
	unpacked, err := gzip.NewReader(content)
	if err != nil {
		return err
	}
	reader := &backupReader{bufio.NewReaderSize(unpacked, 1<<16)}
	loaded := 0
	for ; ; loaded++ {
		table, err := reader.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !slices.Contains(tables, table.Name) {
			return fmt.Errorf("table %s: the schema does not have it", table.Name)
		}
		if err := tx.loadTable(table, reader); err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
	}
	if loaded != len(tables) {
		return fmt.Errorf("%d tables for the %d of the schema", loaded, len(tables))
	}
	return nil
}

func (tx *Tx) loadTable(table backupTable, reader *backupReader) error {
	rows := &tableRows{reader: reader, values: make([]any, len(table.Columns))}
	if tx.dialect == sqliteDialect && slices.Contains(table.Types, bytesColumn) {
		return tx.loadOneByOne(table, rows)
	}
	_, err := tx.copyFrom(table.Name, table.Columns, rows)
	return err
}

// loadOneByOne writes rows that may be large, one at a time.
func (tx *Tx) loadOneByOne(table backupTable, rows *tableRows) error {
	insert, err := tx.sql.PrepareContext(tx.ctx, insertOf(table.Name, table.Columns, 1))
	if err != nil {
		return translateError(err)
	}
	defer insert.Close()
	for rows.Next() {
		if _, err := insert.ExecContext(tx.ctx, utcArgs(rows.values)...); err != nil {
			return translateError(err)
		}
	}
	return rows.Err()
}

// restored records the restore, which holds back what is issued and sent, and
// checks the end of the audit log against the first line of the backup.
func (tx *Tx) restored(who string, info BackupInfo) error {
	var head auditHeadRow
	if err := tx.scanRow("SELECT id, hash FROM audit_head", nil, &head.ID, &head.Hash); err != nil {
		return err
	}
	if loaded := fmt.Sprintf("%d:%s", head.ID, head.Hash); loaded != info.AuditHead {
		return fmt.Errorf("the audit log ends with %s, that of the backup with %s", loaded, info.AuditHead)
	}
	id, err := tx.takeIDs("restores", 1)
	if err != nil {
		return err
	}
	row := restoreRow{ID: id, RestoredAt: tx.now(), RestoredBy: who, BackupAt: info.TakenAt, BackupHead: info.AuditHead, Documents: "[]"}
	if err := create(tx.db, row); err != nil {
		return err
	}
	return tx.audit(Entry{Who: who, Action: "database.restored", Subject: "database", After: strings.TrimSpace(string(jsonOf(info)))})
}
