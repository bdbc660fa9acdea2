package export

import (
	"archive/zip"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
	"time"
	"unicode"

	"creditrun/creditnotes"
)

// Bundle writes the stored files of notes into one ZIP, as they come, and
// returns how many. A file that bears the name of an earlier one gets a
// counter; names are cleaned so that every system can unpack them. An error
// leaves a ZIP without an end, which no program takes for whole.
func Bundle(w io.Writer, files iter.Seq2[creditnotes.File, error]) (n int, err error) {
	archive := zip.NewWriter(w)
	taken := map[string]bool{}
	for file, err := range files {
		if err != nil {
			return n, err
		}
		name := free(taken, cleaned(file.Name))
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: firstDay}
		if file.MediaType == "application/pdf" { // compressed within
			header.Method = zip.Store
		}
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return n, fmt.Errorf("file %s: %w", name, err)
		}
		if _, err := entry.Write(file.Content); err != nil {
			return n, fmt.Errorf("file %s: %w", name, err)
		}
		n++
	}
	return n, archive.Close()
}

// firstDay is the earliest day that a ZIP can tell: without one its files bear
// a day that does not exist.
var firstDay = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// free returns a name that is not taken yet, and takes it. Upper and lower
// case are the same, as they are to some file systems.
func free(taken map[string]bool, name string) string {
	unique := name
	for i := 2; taken[strings.ToLower(unique)]; i++ {
		ending := path.Ext(name)
		unique = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ending), i, ending)
	}
	taken[strings.ToLower(unique)] = true
	return unique
}

// cleaned replaces what a file name must not hold on one system or another, so
// that no name leads out of its folder.
func cleaned(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	if name = strings.TrimLeft(strings.TrimRight(name, ". "), ". "); name == "" {
		return "file"
	}
	return name
}
