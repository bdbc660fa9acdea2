package journal

import (
	"cmp"
	"time"

	"creditrun/entities"
)

// File is a file of a journal.
type File struct {
	Name    string
	Content []byte
}

// State is a month that was closed, as lists show it.
type State struct {
	ID       int64
	Month    entities.Month
	ClosedAt time.Time
	ClosedBy string
	Entries  int
	Controls []Control
	Files    []StoredFile
}

// Open is what is in no journal yet of a month, by its date.
type Open struct {
	Month     entities.Month
	Documents int
	Others    int // payouts, payments, top-ups and adjustments
}

// Check is what the journal of a month would hold if it were closed now.
type Check struct {
	Month    entities.Month
	Entries  int
	Controls []Control
	Missing  []Place // without which it cannot be closed
	Lacking  []Place // without which it cannot be exported in DATEV's format
}

// StoredFile is a file that was exported.
type StoredFile struct {
	Format Format
	Name   string
	Size   int64
}

// Format is a form in which a journal is exported.
type Format string

// The formats.
const (
	DATEV Format = "datev"
	CSV   Format = "csv"
	XLSX  Format = "xlsx"
	JSON  Format = "json"
)

// Formats are all formats.
func Formats() []Format { return []Format{DATEV, CSV, XLSX, JSON} }

// Render writes the files of a journal in one format.
type Render func(*Journal, *Config) ([]File, error)

// Config is what exports need of the settings.
type Config struct {
	Consultant, Client int               // numbers that DATEV gave
	MostRows           int               // of a booking batch; 0: 99,999
	YearStart          string            // month and day on which the fiscal year begins: 01-01
	AccountLength      int               // digits of ledger accounts
	Currency           string            // of the ledger
	TaxKeys            map[string]string // datev_key by key of the tax account; "0": none is written
}

// FiscalYear is the first day of the fiscal year of a day.
func (c *Config) FiscalYear(day entities.Date) entities.Date {
	month := day.Month()
	start := cmp.Or(c.YearStart, "01-01")
	if string(day[len("2006-"):]) < start {
		month = month.AddMonths(-12)
	}
	return entities.Date(month[:len("2006-")]) + entities.Date(start)
}
