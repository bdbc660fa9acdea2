package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"creditrun/internal/fault"
)

// Purpose is what an uploaded file is for.
type Purpose string

// The purposes of files.
const (
	UploadOfBank   Purpose = "bank"     // an answer of a bank
	UploadOfIntake Purpose = "intake"   // a network file, sessions, or a table of records
	UploadRejected Purpose = "rejected" // made while a file was looked at: the records that were left out
)

// Upload is a file that was uploaded, to be looked at before it is taken in.
type Upload struct {
	ID      string
	Purpose Purpose
	Name    string // of the file, without its folder
	Size    int64  // in bytes
	At      time.Time
	Who     string // login
}

// uploadsLast is how long an uploaded file is kept, and uploadPart how many bytes
// of it are in a row.
const (
	uploadsLast = 24 * time.Hour
	uploadPart  = 1 << 20
)

// uploadRow is a row of uploads.
type uploadRow struct {
	ID         string    `gorm:"column:id"`
	Purpose    string    `gorm:"column:purpose"`
	Name       string    `gorm:"column:name"`
	Size       int64     `gorm:"column:size"`
	UploadedAt time.Time `gorm:"column:uploaded_at"`
	UploadedBy string    `gorm:"column:uploaded_by"`
}

// TableName implements schema.Tabler.
func (uploadRow) TableName() string { return "uploads" }

// uploadPartRow is a row of upload_parts.
type uploadPartRow struct {
	UploadID string `gorm:"column:upload_id"`
	Place    int    `gorm:"column:place"`
	Content  []byte `gorm:"column:content"`
}

// TableName implements schema.Tabler.
func (uploadPartRow) TableName() string { return "upload_parts" }

// AddUpload keeps a file of a user for a day, and forgets those that are older.
// The size is in bytes.
func (s *Store) AddUpload(ctx context.Context, who string, purpose Purpose, name string, size int64, content io.ReadSeeker) (*Upload, error) {
	u := Upload{ID: strings.ToLower(rand.Text()), Purpose: purpose, Name: name, Size: size, At: utc(s.now()), Who: who}
	return &u, s.inTx(ctx, func(tx *Tx) error {
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := affected(tx.db.Where("uploaded_at < ?", utc(tx.now().Add(-uploadsLast))).Delete(&uploadRow{})); err != nil {
			return err
		}
		if err := create(tx.db, uploadRow{u.ID, string(u.Purpose), u.Name, u.Size, u.At, u.Who}); err != nil {
			return err
		}
		for place := 0; ; place++ {
			part := make([]byte, uploadPart)
			n, err := io.ReadFull(content, part)
			if n > 0 {
				if err := create(tx.db, uploadPartRow{u.ID, place, part[:n]}); err != nil {
					return err
				}
			}
			switch {
			case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
				return nil
			case err != nil:
				return fmt.Errorf("upload: %w", err)
			}
		}
	})
}

// Upload finds the upload of a user, or gives a NotFound fault upload_unknown.
func (s *Store) Upload(ctx context.Context, who string, purpose Purpose, id string) (*Upload, error) {
	row, err := first[uploadRow](s.db(ctx).Where("id = ? AND purpose = ? AND uploaded_by = ? AND uploaded_at >= ?",
		id, string(purpose), who, utc(s.now().Add(-uploadsLast))))
	if err != nil || row == nil {
		return nil, errorOr(err, fault.New(fault.NotFound, "upload_unknown", nil))
	}
	return &Upload{row.ID, Purpose(row.Purpose), row.Name, row.Size, row.UploadedAt.UTC(), row.UploadedBy}, nil
}

// OpenUpload reads an upload from its beginning.
func (s *Store) OpenUpload(ctx context.Context, u *Upload) io.ReadSeeker {
	return &uploadReader{s: s, ctx: ctx, id: u.ID}
}

// uploadReader reads an upload part by part.
type uploadReader struct {
	s     *Store
	ctx   context.Context
	id    string
	place int
	part  []byte // of it, what was not handed out
}

// Read implements io.Reader.
func (r *uploadReader) Read(p []byte) (int, error) {
	if len(r.part) == 0 {
		row, err := first[uploadPartRow](r.s.db(r.ctx).Where("upload_id = ? AND place = ?", r.id, r.place))
		if err != nil || row == nil {
			return 0, errorOr(err, io.EOF)
		}
		r.part = row.Content
		r.place++
	}
	n := copy(p, r.part)
	r.part = r.part[n:]
	return n, nil
}

// Seek implements io.Seeker. It goes back to the beginning, and nowhere else.
func (r *uploadReader) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("an upload is read from its beginning")
	}
	r.place, r.part = 0, nil
	return 0, nil
}
