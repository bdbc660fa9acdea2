package page

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
)

// NoteListRow is one note of the list.
type NoteListRow struct {
	creditnotes.NoteEntry
	Path      string
	Recipient string        // name
	Owners    string        // names
	PaidOn    entities.Date // by a payout that was executed; empty: it was not, or the visitor does not see it
}

// NoteRows are the rows of notes in their order.
func (v *Visit) NoteRows(b *snapshot.Snapshot, list []creditnotes.NoteEntry) (rows []NoteListRow, err error) {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	paid, err := v.store.PaidNotes(v.R.Context(), ids...)
	for _, n := range list {
		row := NoteListRow{NoteEntry: n, Path: NotePath(&n), Recipient: b.Names(n.Recipient), Owners: b.Names(n.Owners...)}
		if v.Who.Sees(n.Recipient) {
			row.PaidOn = paid[n.ID].On
		}
		rows = append(rows, row)
	}
	return rows, err
}
