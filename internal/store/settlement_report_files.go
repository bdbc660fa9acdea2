package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// FrozenReportByID implements creditnotes.ReportStore.
func (s *Store) FrozenReportByID(ctx context.Context, id int64) (*creditnotes.FrozenReport, error) {
	list, err := frozenReports(ctx, s.readSQL, " WHERE p.id = $1", id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "report_unknown", fault.Args{"report": strconv.FormatInt(id, 10)})
	}
	return list[0], nil
}

// ReportsWith implements creditnotes.ReportStore.
func (s *Store) ReportsWith(ctx context.Context, noteID int64) ([]*creditnotes.FrozenReport, error) {
	return frozenReports(ctx, s.readSQL, " WHERE p.note_id = $1 ORDER BY p.name", noteID)
}

// ReportFiles implements creditnotes.ReportStore.
func (s *Store) ReportFiles(ctx context.Context, id int64) ([]creditnotes.File, error) {
	return s.reportFiles(ctx, "r.id = $1", id)
}

// SaveReportFiles implements creditnotes.ReportStore. The audit log records the
// hashes of the files as those of a note.
func (s *Store) SaveReportFiles(ctx context.Context, id int64, files []creditnotes.File) error {
	return s.durably(ctx, func(tx *Tx) error {
		var name string
		if err := tx.scanRow("SELECT name FROM settlement_reports WHERE id = $1", []any{id}, &name); err != nil {
			return err
		}
		stored := map[creditnotes.FileKind]string{}
		for _, f := range files {
			sum := sha256.Sum256(f.Content)
			stored[f.Kind] = hex.EncodeToString(sum[:])
			n, err := tx.exec(`INSERT INTO settlement_report_files (report_id, kind, media_type, sha256, content, created_at)
				VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (report_id, kind) DO NOTHING`, id, string(f.Kind), f.MediaType, stored[f.Kind], f.Content, tx.now())
			if err != nil {
				return fmt.Errorf("file of report %s: %w", name, err)
			}
			if n == 0 {
				return nil // another process has stored them
			}
		}
		return tx.audit(renderedEntry("render", name, stored))
	})
}

// reportFiles reads the stored files of reports r, by report, the document first.
func (s *Store) reportFiles(ctx context.Context, where string, id int64) ([]creditnotes.File, error) {
	type row struct {
		creditnotes.File
		report string
	}
	rows, err := collect(ctx, s.readSQL, func(f *row) []any {
		return []any{&f.ReportID, &f.report, &f.Kind, &f.MediaType, &f.SHA256, &f.Content}
	}, `SELECT r.id, r.name, f.kind, f.media_type, f.sha256, f.content
		FROM settlement_report_files f JOIN settlement_reports r ON r.id = f.report_id
		WHERE `+where+` ORDER BY r.name, f.kind`, id)
	files := make([]creditnotes.File, len(rows))
	for i, f := range rows {
		files[i] = f.File
		files[i].Name = f.Kind.FileName(numbering.FileName(f.report))
	}
	return files, err
}
