package creditnotes

import (
	"time"

	"creditrun/entities"
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
	Contracts    []Contract
	Settings     Settings
	// ActiveSince is when the feature was last turned on; zero when it never was.
	ActiveSince time.Time
	// Restored is the restore from a backup that waits to be confirmed, or nil.
	Restored *Restored
}

// Contract is kept as it was imported until a settlement report needs it.
type Contract struct {
	Key        string
	Definition string // JSON
}

// Changes counts what an import did, by section of the network file.
type Changes struct {
	Section   string `json:"section"`
	Created   int    `json:"created"`
	Updated   int    `json:"updated"`
	Unchanged int    `json:"unchanged"`
}
