package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"path"
	"strings"

	"creditrun/internal/sessions"
)

// Kind is what a file holds.
type Kind string

// The kinds of files.
const (
	KindNetwork    Kind = "network"    // network file (YAML)
	KindCSV        Kind = "csv"        // sessions as CSV
	KindOCPI       Kind = "ocpi"       // sessions as OCPI CDRs
	KindCompressed Kind = "compressed" // sessions of either format, compressed with gzip
	KindUnknown    Kind = ""

	KindCollections Kind = "collections" // when the money of drivers arrived, as CSV
	KindTopUps      Kind = "top_ups"     // top-ups as CSV
	KindRecords     Kind = "records"     // custom records as CSV

	KindBank Kind = "bank" // an answer of a bank: camt.053, camt.054 or pain.002
)

// Sniff tells what a file holds by the end of its name, and where that says
// nothing by its first bytes. Which table it is, if it is one, say its columns.
func Sniff(name string, first []byte) Kind {
	if isXML(name, first) {
		return KindBank
	}
	kind := sniff(name, first)
	if kind != KindCSV && kind != KindCompressed {
		return kind
	}
	header := headerOf(first)
	if table := ofColumns(header); table != KindCSV && !bytes.ContainsAny(header, "{[") {
		return table
	}
	return kind
}

// isXML reports whether a file begins as XML, or is called so.
func isXML(name string, first []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(first, []byte("\uFEFF")), " \t\r\n")
	return bytes.HasPrefix(start, []byte("<")) || strings.EqualFold(path.Ext(name), ".xml")
}

func sniff(name string, first []byte) Kind {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".yaml", ".yml":
		return KindNetwork
	case ".csv":
		return KindCSV
	case ".json", ".ndjson", ".jsonl":
		return KindOCPI
	case ".gz":
		return KindCompressed
	}
	first = bytes.TrimLeft(bytes.TrimPrefix(first, []byte("\uFEFF")), " \t\r\n")
	line, _, _ := bytes.Cut(first, []byte("\n"))
	switch {
	case len(first) == 0:
		return KindUnknown
	case bytes.HasPrefix(first, gzipMagic):
		return KindCompressed
	case first[0] == '{' || first[0] == '[':
		return KindOCPI
	case bytes.ContainsAny(line, ",;") && (bytes.Contains(line, []byte("evse_id")) || ofColumns(line) != KindCSV):
		return KindCSV
	case bytes.IndexByte(first, ':') > 0:
		return KindNetwork
	}
	return KindUnknown
}

var gzipMagic = []byte{0x1f, 0x8b}

// OpenSessions reads sessions from a file, whether CSV or OCPI, compressed
// with gzip or not: what it is shows in its first bytes. Errors of records are
// yielded as ReadCSV does. Two records with one id and different content are an
// error of the file (domain.md §3.4), unless the source says which was changed
// later. With keepGoing every record of such an id is an error of its own and
// the others are good, so the file is read twice; what is no file is kept in a
// temporary one.
func OpenSessions(name string, r io.Reader, keepGoing bool) (iter.Seq2[sessions.Session, error], Kind, error) {
	if !keepGoing {
		list, kind, err := openRecords(name, r)
		if err != nil {
			return nil, kind, err
		}
		return once(name, list), kind, nil
	}
	file, done, err := rewindable(r)
	if err != nil {
		return nil, KindUnknown, unreadable(name, 0, err)
	}
	begin, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		done()
		return nil, KindUnknown, unreadable(name, 0, err)
	}
	list, kind, err := openRecords(name, file)
	if err != nil {
		done()
		return nil, kind, err
	}
	again := func(yield func(record, error) bool) {
		var second records
		_, err := file.Seek(begin, io.SeekStart)
		if err == nil {
			second, _, err = openRecords(name, file)
		}
		if err != nil {
			yield(record{}, unreadable(name, 0, err))
			return
		}
		second(yield)
	}
	good := apart(name, list, again)
	return func(yield func(sessions.Session, error) bool) {
		defer done()
		good(yield)
	}, kind, nil
}

// openRecords finds out what a file holds and reads it.
func openRecords(name string, r io.Reader) (records, Kind, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	first, err := in.Peek(len(gzipMagic))
	if err != nil && err != io.EOF {
		return nil, KindUnknown, unreadable(name, 0, err)
	}
	if bytes.Equal(first, gzipMagic) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, KindUnknown, unreadable(name, 0, err)
		}
		in = bufio.NewReaderSize(unzipped, 64<<10)
	}
	first, err = in.Peek(4096)
	if err != nil && err != io.EOF {
		return nil, KindUnknown, unreadable(name, 0, err)
	}
	first = bytes.TrimLeft(bytes.TrimPrefix(first, []byte("\uFEFF")), " \t\r\n")
	switch {
	case len(first) == 0:
		return nil, KindUnknown, empty(name)
	case first[0] == '{' || first[0] == '[':
		return readOCPI(name, in), KindOCPI, nil
	}
	return readCSV(name, in), KindCSV, nil
}
