package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/settlement"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// Configuration is everything the operator configured, as it is stored and as
// a network file lists it (formats.md §1).
type Configuration struct {
	Entities     []entities.Entity // the operator is the one without a parent
	Stations     []entities.Station
	Connectors   []entities.Connector // those a station claims
	Media        []entities.Medium
	Partners     []entities.Partner
	Tariffs      tariffs.Config
	TaxAccounts  []TaxAccount
	NumberRanges []numbering.Range
	Contracts    []settlement.Contract
	Settings     Settings
	// ActiveSince is when the feature was last turned on; zero when it never was.
	ActiveSince time.Time
	// Restored is the restore from a backup that waits to be confirmed, or nil.
	Restored *Restored
}

// Changes counts and names what an import did, by section of the network file.
type Changes struct {
	Section   string         `json:"section"`
	Created   int            `json:"created"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Records   []RecordChange `json:"records,omitempty" nullable:"false"` // in the order of the file
}

// RecordChange says what became of one record.
type RecordChange struct {
	Key    string   `json:"key"`
	Change Change   `json:"change" enum:"created,updated,unchanged"`
	Fields []string `json:"fields,omitempty" nullable:"false"` // of an updated one: what is different
}

// Change is what became of a record.
type Change string

// What becomes of records.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Unchanged Change = "unchanged"
)

// Add counts one record; fields are those that are different.
func (c *Changes) Add(what Change, key string, fields ...string) {
	switch what {
	case Created:
		c.Created++
	case Updated:
		c.Updated++
	case Unchanged:
		c.Unchanged++
	}
	c.Records = append(c.Records, RecordChange{key, what, fields})
}
