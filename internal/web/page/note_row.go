package page

import (
	"creditrun/creditnotes"
)

// NoteListRow is one note of the list.
type NoteListRow struct {
	creditnotes.NoteEntry
	Path      string
	Recipient string // name
	Owners    string // names
}
