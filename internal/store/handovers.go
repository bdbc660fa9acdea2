package store

import (
	"context"
	"database/sql"
	"slices"

	"creditrun/creditnotes"
)

// addHandovers queues those of the files of a note that go to an access point.
func (tx *Tx) addHandovers(noteID int64, files []creditnotes.File) error {
	for _, f := range files {
		if !slices.Contains([]creditnotes.FileKind{creditnotes.FilePeppol, creditnotes.FileFrance}, f.Kind) {
			continue
		}
		_, err := tx.exec(`INSERT INTO handovers (note_id, kind, state, created_at) VALUES ($1, $2, 'queued', $3)
			ON CONFLICT (note_id, kind) DO NOTHING`, noteID, string(f.Kind), tx.now())
		if err != nil {
			return err
		}
	}
	return nil
}

// Handovers lists the files of a note that go to an access point.
func (s *Store) Handovers(ctx context.Context, noteID int64) ([]creditnotes.Handover, error) {
	return s.handovers(ctx, "h.note_id = $1 ORDER BY h.kind", noteID)
}

// QueuedHandovers lists what is not handed over yet, the oldest first. It is empty
// while a restore waits to be confirmed.
func (s *Store) QueuedHandovers(ctx context.Context) ([]creditnotes.Handover, error) {
	if waits, err := s.Restored(ctx); err != nil || waits != nil {
		return nil, err
	}
	return s.handovers(ctx, "h.state = 'queued' ORDER BY h.note_id, h.kind")
}

func (s *Store) handovers(ctx context.Context, where string, args ...any) ([]creditnotes.Handover, error) {
	type row struct {
		creditnotes.Handover
		written sql.NullTime
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.NoteID, &r.Number, &r.Kind, &r.State, &r.CreatedAt, &r.written}
	}, "SELECT h.note_id, n.number, h.kind, h.state, h.created_at, h.written_at FROM handovers h JOIN credit_notes n ON n.id = h.note_id WHERE "+where, args...)
	var list []creditnotes.Handover
	for _, r := range rows {
		r.CreatedAt, r.WrittenAt = r.CreatedAt.UTC(), r.written.Time.UTC()
		list = append(list, r.Handover)
	}
	return list, err
}

// HandoverFile returns the file that is to be handed over.
func (s *Store) HandoverFile(ctx context.Context, h creditnotes.Handover) (*creditnotes.File, error) {
	return s.File(ctx, h.NoteID, h.Number, h.Kind)
}

// HandedOver records that a file was written for an access point; a second time
// changes nothing.
func (s *Store) HandedOver(ctx context.Context, h creditnotes.Handover) error {
	return s.durably(ctx, func(tx *Tx) error {
		n, err := tx.exec("UPDATE handovers SET state = 'written', written_at = $1 WHERE note_id = $2 AND kind = $3 AND state = 'queued'",
			tx.now(), h.NoteID, string(h.Kind))
		if err != nil || n == 0 {
			return err
		}
		return tx.audit(Entry{Who: "access point", Action: creditnotes.ActionHandedOver, Subject: h.Number, After: string(h.Kind)})
	})
}
