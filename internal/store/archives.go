package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// archiveRow is a row of archives.
type archiveRow struct {
	ID       int64     `gorm:"column:id"`
	Year     int       `gorm:"column:year"`
	MadeAt   time.Time `gorm:"column:made_at"`
	MadeBy   string    `gorm:"column:made_by"`
	Complete bool      `gorm:"column:complete"`
	Size     int64     `gorm:"column:size"`
	SHA256   string    `gorm:"column:sha256"`
}

// TableName implements schema.Tabler.
func (archiveRow) TableName() string { return "archives" }

func (r *archiveRow) domain() creditnotes.KeptArchive {
	return creditnotes.KeptArchive{ID: r.ID, Year: r.Year, MadeAt: r.MadeAt.UTC(), MadeBy: r.MadeBy, Size: r.Size, SHA256: r.SHA256}
}

// archivePartRow is a row of archive_parts.
type archivePartRow struct {
	ArchiveID int64  `gorm:"column:archive_id"`
	Place     int    `gorm:"column:place"`
	Content   []byte `gorm:"column:content"`
}

// TableName implements schema.Tabler.
func (archivePartRow) TableName() string { return "archive_parts" }

// archivePart is how many bytes of an archive are written at once.
const archivePart = 1 << 20

// unfinishedLasts is how long an archive may be in the making before it counts as
// left behind.
const unfinishedLasts = 24 * time.Hour

// KeepArchive makes the archive of a year and keeps it in the place of the one of
// that year that is kept. Write writes the ZIP; it is read again by ArchiveContent.
// Where write fails, nothing is kept.
func (s *Store) KeepArchive(ctx context.Context, who string, year int, write func(io.Writer) error) (*creditnotes.KeptArchive, error) {
	w := &archiveKeeper{ctx: ctx, store: s, row: archiveRow{Year: year, MadeAt: utc(s.now()), MadeBy: who}}
	err := s.inTx(ctx, func(tx *Tx) error {
		if err := tx.dropArchives("NOT complete AND made_at < $1", tx.now().Add(-unfinishedLasts)); err != nil {
			return err
		}
		var err error
		if w.row.ID, err = tx.takeIDs("archives", 1); err != nil {
			return err
		}
		return create(tx.db, w.row)
	})
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	sum := sha256.New()
	if err = write(io.MultiWriter(w, sum)); err == nil {
		err = w.flush()
	}
	if err == nil {
		err = w.complete(who, hex.EncodeToString(sum.Sum(nil)))
	}
	if err != nil {
		return nil, errors.Join(err, s.inTx(context.WithoutCancel(ctx), func(tx *Tx) error { return tx.dropArchives("id = $1", w.row.ID) }))
	}
	kept := w.row.domain()
	return &kept, nil
}

// archiveKeeper writes the parts of an archive.
type archiveKeeper struct {
	ctx   context.Context
	store *Store
	row   archiveRow
	part  bytes.Buffer
	place int
}

// Write implements io.Writer.
func (w *archiveKeeper) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		some := p[:min(len(p), archivePart-w.part.Len())]
		w.part.Write(some)
		n, p = n+len(some), p[len(some):]
		if w.part.Len() == archivePart {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (w *archiveKeeper) flush() error {
	if w.part.Len() == 0 {
		return nil
	}
	err := w.store.inTx(w.ctx, func(tx *Tx) error { return create(tx.db, archivePartRow{w.row.ID, w.place, w.part.Bytes()}) })
	w.row.Size, w.place = w.row.Size+int64(w.part.Len()), w.place+1
	w.part.Reset()
	return err
}

// complete lets the archive be found, and deletes the earlier ones of its year.
func (w *archiveKeeper) complete(who, sum string) error {
	w.row.Complete, w.row.SHA256 = true, sum
	return w.store.inTx(w.ctx, func(tx *Tx) error {
		if err := tx.dropArchives("complete AND year = $1 AND id < $2", w.row.Year, w.row.ID); err != nil {
			return err
		}
		err := inTable(tx.db.Model(&archiveRow{}).Where("id = ?", w.row.ID).Updates(set{"complete": true, "size": w.row.Size, "sha256": sum}))
		if err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "archive.made", Subject: strconv.Itoa(w.row.Year), After: string(jsonOf(map[string]string{"sha256": sum}))})
	})
}

func (tx *Tx) dropArchives(where string, args ...any) error {
	_, err := tx.exec("DELETE FROM archive_parts WHERE archive_id IN (SELECT id FROM archives WHERE "+where+")", args...)
	if err == nil {
		_, err = tx.exec("DELETE FROM archives WHERE "+where, args...)
	}
	return err
}

// Archives lists the archives that are kept, the latest year first.
func (s *Store) Archives(ctx context.Context) ([]creditnotes.KeptArchive, error) {
	rows, err := find[archiveRow](s.db(ctx).Where("complete").Order("year DESC, id DESC"))
	if err != nil {
		return nil, fmt.Errorf("archives: %w", err)
	}
	list := make([]creditnotes.KeptArchive, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
	}
	return list, nil
}

// Archive returns an archive that is kept, or a NotFound fault.
func (s *Store) Archive(ctx context.Context, id int64) (*creditnotes.KeptArchive, error) {
	row, err := first[archiveRow](s.db(ctx).Where("id = ? AND complete", id))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fault.New(fault.NotFound, "archive_unknown", fault.Args{"archive": id})
	}
	kept := row.domain()
	return &kept, nil
}

// ArchiveContent yields the ZIP of an archive part by part.
func (s *Store) ArchiveContent(ctx context.Context, id int64) iter.Seq2[[]byte, error] {
	return each(ctx, s.readSQL, func(b *[]byte) []any { return []any{b} }, "SELECT content FROM archive_parts WHERE archive_id = $1 ORDER BY place", id)
}

// DeleteArchive deletes an archive that is kept. It can be made again.
func (s *Store) DeleteArchive(ctx context.Context, who string, id int64) error {
	kept, err := s.Archive(ctx, id)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.dropArchives("id = $1", id); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "archive.deleted", Subject: strconv.Itoa(kept.Year), Before: string(jsonOf(map[string]string{"sha256": kept.SHA256}))})
	})
}

// archivedFiles are the stored files that belong to no note and no settlement
// report: of each its folder, whose it is, what ends its name, and the content.
var archivedFiles = []struct{ folder, query string }{
	{"bank-files", `SELECT f.name, '', f.content FROM payout_files f JOIN payout_batches b ON b.id = f.batch_id
		WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY f.batch_id, f.place`},
	{"advices", `SELECT p.number, f.kind, f.content FROM remittance_files f JOIN payouts p ON p.id = f.payout_id JOIN payout_batches b ON b.id = p.batch_id
		WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY p.number, f.kind`},
	{"reminders", "SELECT r.number, 'pdf', r.file FROM reminders r WHERE r.day >= $1 AND r.day <= $2 ORDER BY r.number"},
	{"validations", `SELECT n.number || '-' || v.kind || '.json', '', v.record FROM validations v JOIN credit_notes n ON n.id = v.note_id
		WHERE n.date >= $1 AND n.date <= $2 ORDER BY n.number, v.kind`},
	{"validations", `SELECT n.number || '-' || r.kind || '-' || CAST(r.id AS text) || '-' || r.name, '', r.content FROM validation_reports r JOIN credit_notes n ON n.id = r.note_id
		WHERE n.date >= $1 AND n.date <= $2 ORDER BY n.number, r.kind, r.id`},
	{"journals", `SELECT f.name, '', f.content FROM journal_files f JOIN journals j ON j.id = f.journal_id
		WHERE j.month || '-01' >= $1 AND j.month || '-31' <= $2 ORDER BY j.month, f.format, f.place`},
	{"entity-documents", "SELECT d.entity_key || '_' || d.name, '', d.content FROM entity_documents d WHERE " + documentOfYear + " ORDER BY d.entity_key, d.id"},
}

// fileEnding matches what the ending of a file name must not have.
var fileEnding = regexp.MustCompile(`[^A-Za-z0-9.]`)

// documentOfYear chooses the documents about entities that are valid on some day of
// the year, also those that were withdrawn.
const documentOfYear = "(d.valid_until = '' OR d.valid_until >= $1) AND d.valid_from <= $2"

// ArchiveFiles yields the files of a calendar year that belong to no note and no
// settlement report: bank files, remittance advices, reminders, journals, how
// documents were validated, and documents about entities that are valid in the year.
func (s *Store) ArchiveFiles(ctx context.Context, year int) iter.Seq2[creditnotes.ArchiveFile, error] {
	first, last := fmt.Sprintf("%04d-01-01", year), fmt.Sprintf("%04d-12-31", year)
	type row struct {
		name, kind string
		content    []byte
	}
	return func(yield func(creditnotes.ArchiveFile, error) bool) {
		for _, some := range archivedFiles {
			for r, err := range each(ctx, s.readSQL, func(r *row) []any { return []any{&r.name, &r.kind, &r.content} }, some.query, first, last) {
				switch {
				case r.kind != "":
					r.name = creditnotes.FileKind(r.kind).FileName(numbering.FileName(r.name))
				case strings.ContainsAny(r.name, `/\`): // of a number or key: no folder, and none above
					ending := path.Ext(r.name)
					r.name = numbering.FileName(strings.TrimSuffix(r.name, ending)) + fileEnding.ReplaceAllString(ending, "_")
				}
				if !yield(creditnotes.ArchiveFile{Folder: some.folder, Name: r.name, Content: r.content}, err) || err != nil {
					return
				}
			}
		}
	}
}
