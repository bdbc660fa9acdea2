package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Balance is what an entity is owed by its documents in one currency: the sum
// of its credit notes and, negative, of their cancellations. Payments are not
// part of it.
type Balance struct {
	Currency      string
	Notes         int // credit notes
	Cancellations int
	Gross         money.Amount
}

// Statement lists what was issued to a recipient in a range of dates, in one
// currency.
type Statement struct {
	Currency  string
	Opening   money.Amount // gross, before the range
	Movements []Movement   // by date and number
	Closing   money.Amount
}

// Movement is one document of a statement.
type Movement struct {
	NoteID  int64
	Date    entities.Date
	Number  string
	Kind    numbering.DocumentType
	Net     money.Amount
	Tax     money.Amount
	Gross   money.Amount
	Balance money.Amount // after it
}
