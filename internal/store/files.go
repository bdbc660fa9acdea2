package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// fileRow is a row of files.
type fileRow struct {
	NoteID    int64     `gorm:"column:note_id"`
	Kind      string    `gorm:"column:kind"`
	Name      string    `gorm:"column:name"`
	MediaType string    `gorm:"column:media_type"`
	SHA256    string    `gorm:"column:sha256"`
	Content   []byte    `gorm:"column:content"`
	CreatedAt time.Time `gorm:"column:created_at;autoCreateTime:false"`
	Asked     bool      `gorm:"column:asked"`
}

// TableName implements schema.Tabler.
func (fileRow) TableName() string { return "files" }

// Files returns the stored files of a note, the PDF first. Names follow from the
// number and not from what was stored: earlier versions gave GS/2026-1 and
// GS-2026/1 one name.
func (s *Store) Files(ctx context.Context, noteID int64) ([]creditnotes.File, error) {
	return s.files(ctx, noteID, s.db(ctx).Order("kind DESC"))
}

// File implements creditnotes.AskedFileStore.
func (s *Store) File(ctx context.Context, noteID int64, number string, kind creditnotes.FileKind) (*creditnotes.File, error) {
	list, err := s.files(ctx, noteID, s.db(ctx).Where("kind = ?", string(kind)))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "file_not_stored", fault.Args{"number": number, "kind": string(kind)})
	}
	return &list[0], nil
}

// FileInfos implements creditnotes.NoteStore.
func (s *Store) FileInfos(ctx context.Context, noteID int64) ([]creditnotes.FileInfo, error) {
	list, err := collect(ctx, s.readSQL, func(f *creditnotes.FileInfo) []any { return []any{&f.Kind, &f.MediaType, &f.SHA256, &f.Bytes} },
		"SELECT kind, media_type, sha256, length(content) FROM files WHERE note_id = $1 ORDER BY kind DESC", noteID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	number, err := s.fileName(ctx, noteID)
	for i := range list {
		list[i].Name = list[i].Kind.FileName(number)
	}
	return list, err
}

// files reads the files of a note that a query wants.
func (s *Store) files(ctx context.Context, noteID int64, query *gorm.DB) ([]creditnotes.File, error) {
	rows, err := find[fileRow](query.Where("note_id = ?", noteID))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	number, err := s.fileName(ctx, noteID)
	if err != nil {
		return nil, err
	}
	var list []creditnotes.File
	for _, r := range rows {
		kind := creditnotes.FileKind(r.Kind)
		list = append(list, creditnotes.File{
			NoteID: r.NoteID, Kind: kind, Name: kind.FileName(number), MediaType: r.MediaType, SHA256: r.SHA256, Content: r.Content, Asked: r.Asked,
		})
	}
	return list, nil
}

// fileName is the number of a note as its files are named. Where an earlier
// note has the same number but for upper and lower case, the names of the later
// one end in a hash.
func (s *Store) fileName(ctx context.Context, noteID int64) (string, error) {
	var number string
	var taken bool
	err := s.readSQL.QueryRowContext(ctx, `SELECT n.number, EXISTS (SELECT 1 FROM credit_notes o
			WHERE lower(o.number) = lower(n.number) AND (o.issued_at < n.issued_at OR o.issued_at = n.issued_at AND o.id < n.id))
		FROM credit_notes n WHERE n.id = $1`, noteID).Scan(&number, &taken)
	if err != nil {
		return "", fmt.Errorf("file names of note %d: %w", noteID, translateError(err))
	}
	if taken {
		return numbering.FileNameApart(number), nil
	}
	return numbering.FileName(number), nil
}

// SaveFiles implements creditnotes.NoteStore. With the files of the last note
// its run is complete, and the note's mailing may start.
func (s *Store) SaveFiles(ctx context.Context, noteID int64, files []creditnotes.File) error {
	queue, err := s.jobQueue()
	if err != nil {
		return err
	}
	return s.durably(ctx, func(tx *Tx) error {
		stored, err := tx.addFiles(noteID, files)
		if err != nil || stored == nil {
			return err
		}
		if err := tx.addHandovers(noteID, files); err != nil {
			return err
		}
		if err := tx.addValidations(noteID, files); err != nil {
			return err
		}
		var number string
		if err := tx.scanRow("SELECT number FROM credit_notes WHERE id = $1", []any{noteID}, &number); err != nil {
			return err
		}
		waiting, err := column[int64](ctx, tx.sql,
			"SELECT d.id FROM deliveries d WHERE (d.note_id = $1 OR d.note_id = (SELECT mailed_with FROM credit_notes WHERE id = $1)) AND d.state = 'queued' AND "+rendered, noteID)
		if err != nil {
			return err
		}
		if err := queue.deliver(tx, waiting); err != nil {
			return err
		}
		if err := tx.audit(renderedEntry("render", number, stored)); err != nil {
			return err
		}
		return tx.completeRunOf(noteID)
	})
}

// AddFile implements creditnotes.AskedFileStore.
func (s *Store) AddFile(ctx context.Context, who, number string, f creditnotes.File) error {
	f.Asked = true
	return s.durably(ctx, func(tx *Tx) error {
		stored, err := tx.addFiles(f.NoteID, []creditnotes.File{f})
		if err != nil || stored == nil {
			return err
		}
		if err := tx.addValidations(f.NoteID, []creditnotes.File{f}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: creditnotes.ActionFileMade, Subject: number, After: string(jsonOf(stored))})
	})
}

func renderedEntry(who, number string, files map[creditnotes.FileKind]string) Entry {
	return Entry{Who: who, Action: creditnotes.ActionRendered, Subject: number, After: string(jsonOf(files))}
}

// addFiles stores the files of a note and returns their SHA-256 by kind, or nil
// where another worker has stored them.
func (tx *Tx) addFiles(noteID int64, files []creditnotes.File) (map[creditnotes.FileKind]string, error) {
	stored := map[creditnotes.FileKind]string{}
	for _, f := range files {
		sum := sha256.Sum256(f.Content)
		stored[f.Kind] = hex.EncodeToString(sum[:])
		n, err := tx.exec(`INSERT INTO files (note_id, kind, name, media_type, sha256, content, created_at, asked)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (note_id, kind) DO NOTHING`,
			noteID, string(f.Kind), f.Name, f.MediaType, stored[f.Kind], f.Content, tx.now(), f.Asked)
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", f.Name, err)
		}
		if n == 0 {
			return nil, nil
		}
	}
	return stored, nil
}

// completeRunOf completes the run of a note when no note of it waits for files:
// one that was cancelled keeps no one waiting.
func (tx *Tx) completeRunOf(noteID int64) error {
	// Two workers storing the last two notes must not each miss the other.
	if _, err := first[runRow](tx.forUpdate().Where("id = (SELECT run_id FROM credit_notes WHERE id = ?)", noteID)); err != nil {
		return err
	}
	row, err := first[runRow](tx.db.Where(`stage = 'issued' AND id = (SELECT run_id FROM credit_notes WHERE id = $1)
		AND NOT EXISTS (SELECT 1 FROM credit_notes n WHERE n.run_id = runs.id AND `+unrendered+`
			AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id))`, noteID))
	if err != nil || row == nil {
		return err
	}
	run, err := row.run()
	if err != nil {
		return err
	}
	return tx.advanceRun(run, creditnotes.StageIssued, creditnotes.StageCompleted, "render")
}

// assetRow is a row of assets.
type assetRow struct {
	SHA256  string `gorm:"column:sha256;primaryKey"`
	Content []byte `gorm:"column:content"`
}

// TableName implements schema.Tabler.
func (assetRow) TableName() string { return "assets" }

// SaveAsset keeps a file that documents will refer to and returns the SHA-256
// of its content.
func (s *Store) SaveAsset(ctx context.Context, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	name := hex.EncodeToString(sum[:])
	err := s.inTx(ctx, func(tx *Tx) error {
		return create(tx.db.Clauses(clause.OnConflict{DoNothing: true}), assetRow{name, content})
	})
	return name, err
}

// Asset implements creditnotes.NoteStore.
func (s *Store) Asset(ctx context.Context, sha256 string) ([]byte, error) {
	row, err := first[assetRow](s.db(ctx).Where("sha256 = ?", sha256))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "asset_unknown", fault.Args{"sha256": sha256})
	}
	return orZero(row).Content, err
}
