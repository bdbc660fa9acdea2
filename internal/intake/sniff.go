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
)

// Sniff tells what a file holds by the end of its name, and where that says
// nothing by its first bytes.
func Sniff(name string, first []byte) Kind {
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
	case bytes.Contains(line, []byte("evse_id")) && bytes.ContainsAny(line, ",;"):
		return KindCSV
	case bytes.IndexByte(first, ':') > 0:
		return KindNetwork
	}
	return KindUnknown
}

var gzipMagic = []byte{0x1f, 0x8b}

// OpenSessions reads sessions from a file, whether CSV or OCPI, compressed
// with gzip or not: what it is shows in its first bytes. The sequence is that
// of ReadCSV or ReadOCPI.
func OpenSessions(name string, r io.Reader) (iter.Seq2[sessions.Session, error], Kind, error) {
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
		return ReadOCPI(name, in), KindOCPI, nil
	}
	return ReadCSV(name, in), KindCSV, nil
}
