package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// addValidations stores how the files of a note were checked.
func (tx *Tx) addValidations(noteID int64, files []creditnotes.File) error {
	for _, f := range files {
		if f.Validation == nil {
			continue
		}
		_, err := tx.exec(`INSERT INTO validations (note_id, kind, record, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (note_id, kind) DO NOTHING`, noteID, string(f.Kind), string(jsonOf(f.Validation)), tx.now())
		if err != nil {
			return fmt.Errorf("validation of %s: %w", f.Name, err)
		}
	}
	return nil
}

// Validations returns what is known of the validity of the files of a note, the
// PDF first, with the reports that were attached, the earliest first.
func (s *Store) Validations(ctx context.Context, noteID int64) ([]creditnotes.FileValidation, error) {
	files, err := s.FileInfos(ctx, noteID)
	if err != nil {
		return nil, err
	}
	type row struct{ kind, record string }
	records, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.kind, &r.record} },
		"SELECT kind, record FROM validations WHERE note_id = $1", noteID)
	if err != nil {
		return nil, err
	}
	known := map[creditnotes.FileKind]*creditnotes.Validation{}
	for _, r := range records {
		v := &creditnotes.Validation{}
		if err := json.Unmarshal([]byte(r.record), v); err != nil {
			return nil, fmt.Errorf("validation of note %d, %s: %w", noteID, r.kind, err)
		}
		known[creditnotes.FileKind(r.kind)] = v
	}
	reports, err := s.validationReports(ctx, noteID)
	if err != nil {
		return nil, err
	}
	list := make([]creditnotes.FileValidation, len(files))
	for i, f := range files {
		list[i] = creditnotes.FileValidation{Kind: f.Kind, Name: f.Name, SHA256: f.SHA256, Record: known[f.Kind], Reports: reports[f.Kind]}
	}
	return list, nil
}

func (s *Store) validationReports(ctx context.Context, noteID int64) (map[creditnotes.FileKind][]creditnotes.ValidationReport, error) {
	list, err := collect(ctx, s.readSQL, func(r *creditnotes.ValidationReport) []any {
		return []any{&r.ID, &r.NoteID, &r.Kind, &r.Validator, &r.Version, &r.Result, &r.Name, &r.SHA256, &r.CreatedAt, &r.CreatedBy}
	}, `SELECT id, note_id, kind, validator, version, result, name, sha256, created_at, created_by
		FROM validation_reports WHERE note_id = $1 ORDER BY id`, noteID)
	byKind := map[creditnotes.FileKind][]creditnotes.ValidationReport{}
	for _, r := range list {
		r.CreatedAt = r.CreatedAt.UTC()
		byKind[r.Kind] = append(byKind[r.Kind], r)
	}
	return byKind, err
}

// ValidationReport returns an attached report of a note with its content, or a
// NotFound fault.
func (s *Store) ValidationReport(ctx context.Context, noteID, id int64) (*creditnotes.ValidationReport, error) {
	list, err := collect(ctx, s.readSQL, func(r *creditnotes.ValidationReport) []any { return []any{&r.Name, &r.SHA256, &r.Content} },
		"SELECT name, sha256, content FROM validation_reports WHERE note_id = $1 AND id = $2", noteID, id)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "file_not_stored", fault.Args{"number": fmt.Sprint(id), "kind": "validation"})
	}
	if err != nil {
		return nil, err
	}
	list[0].ID, list[0].NoteID = id, noteID
	return &list[0], nil
}

// AttachValidation implements creditnotes.ValidationStore.
func (s *Store) AttachValidation(ctx context.Context, number string, r *creditnotes.ValidationReport) error {
	note, err := s.NoteByNumber(ctx, number)
	if err != nil {
		return err
	}
	if _, err := s.File(ctx, note.ID, number, r.Kind); err != nil {
		return err
	}
	sum := sha256.Sum256(r.Content)
	r.NoteID, r.SHA256 = note.ID, hex.EncodeToString(sum[:])
	return s.durably(ctx, func(tx *Tx) error {
		id, err := tx.takeIDs("validation_reports", 1)
		if err != nil {
			return err
		}
		r.ID, r.CreatedAt = id, tx.now()
		n, err := tx.exec(`INSERT INTO validation_reports (id, note_id, kind, validator, version, result, name, content, sha256, created_at, created_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (note_id, kind, sha256) DO NOTHING`,
			r.ID, r.NoteID, string(r.Kind), r.Validator, r.Version, string(r.Result), r.Name, r.Content, r.SHA256, r.CreatedAt, r.CreatedBy)
		if err != nil || n == 0 {
			return err
		}
		return tx.audit(Entry{Who: r.CreatedBy, Action: creditnotes.ActionValidationAttached, Subject: number,
			After: string(jsonOf(map[string]string{"file": string(r.Kind), "validator": r.Validator, "result": string(r.Result), "sha256": r.SHA256}))})
	})
}
