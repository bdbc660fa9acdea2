package intake

import (
	"embed"
	"slices"
)

// An example of every kind of file that people write: a network, and what
// happened in it.
//
//go:embed examples
var examples embed.FS

// Format describes a kind of file for the people who write one.
type Format struct {
	Kind     Kind
	Example  string   // name of the example
	Columns  []string // of a CSV file; none for a network file
	Required int      // how many of them, the first, every file has
}

// Formats are the kinds of files that people write, in the order in which a new
// network needs them.
func Formats() []Format {
	return []Format{
		{Kind: KindNetwork, Example: "network.yaml"},
		{KindCSV, "sessions.csv", slices.Clone(columns), requiredColumns},
		{KindCollections, "collections.csv", slices.Clone(collectionColumns), requiredOfCollections},
		{KindTopUps, "top-ups.csv", slices.Clone(topUpColumns), requiredOfTopUps},
		{KindRecords, "records.csv", slices.Clone(recordColumns), requiredOfRecords},
	}
}

// Example is an example by its name; ok is false where there is none.
func Example(name string) (content []byte, ok bool) {
	content, err := examples.ReadFile("examples/" + name)
	return content, err == nil
}
