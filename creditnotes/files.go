package creditnotes

import (
	"slices"

	"creditrun/entities"
)

// File is a stored rendition of an issued note, or of a settlement report. Stored
// once, never changed.
type File struct {
	NoteID    int64
	ReportID  int64 // 0: of something else
	PayoutID  int64 // of whose remittance advice it is; 0: of something else
	Kind      FileKind
	Name      string // GS-2026-00001.pdf
	MediaType string
	SHA256    string // hex
	Content   []byte
	Asked     bool // it was made when someone asked for it, and not with the note
	// Validation is how it was checked when it was made; nil: not known, as of
	// files that were read from a store.
	Validation *Validation
}

// FileInfo is a stored file without its content.
type FileInfo struct {
	Kind      FileKind
	Name      string // GS-2026-00001.pdf
	MediaType string
	SHA256    string // hex
	Bytes     int
}

// FileKind says which rendition a file is.
type FileKind string

// The kinds of files.
const (
	FilePDF          FileKind = "pdf"           // PDF/A-3 with the others inside
	FileCSV          FileKind = "csv"           // the sessions
	FileCII          FileKind = "cii"           // factur-x.xml: EN 16931 as CII
	FileUBL          FileKind = "ubl"           // EN 16931 as UBL 2.1
	FileXRechnung    FileKind = "xrechnung"     // XRechnung as UBL 2.1
	FileXRechnungCII FileKind = "xrechnung-cii" // XRechnung as CII
	FilePeppol       FileKind = "peppol"        // Peppol BIS as UBL 2.1
	FileFrance       FileKind = "france"        // French profile as CII
	FileXLSX         FileKind = "xlsx"          // the sessions, or a settlement report, as a workbook
)

// TypeXLSX is the media type of a workbook.
const TypeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// MediaType is the type of files of this kind on their way by mail or over the web.
func (k FileKind) MediaType() string {
	switch k {
	case FilePDF:
		return "application/pdf"
	case FileCSV:
		return "text/csv; charset=utf-8"
	case FileXLSX:
		return TypeXLSX
	}
	return "application/xml"
}

// Mailed returns those of the files of a note that are attached to its mail: by
// the channel pdf the document, by the channel xrechnung the XRechnung, and with
// either the sessions, as a workbook where there is one and else as CSV. No
// channel is pdf, and so is xrechnung where a note has no such file. The other
// invoices for machines are inside the document. What was made when asked for is no
// part of the mail.
func Mailed(files []File, channels []entities.Channel) []File {
	files = slices.DeleteFunc(files, func(f File) bool { return f.Asked })
	has := func(kind FileKind) bool {
		return slices.ContainsFunc(files, func(f File) bool { return f.Kind == kind })
	}
	kinds := []FileKind{FileCSV}
	if has(FileXLSX) {
		kinds[0] = FileXLSX
	}
	if slices.Contains(channels, entities.ChannelXRechnung) && has(FileXRechnung) {
		kinds = append(kinds, FileXRechnung)
		if slices.Contains(channels, entities.ChannelPDF) {
			kinds = append(kinds, FilePDF)
		}
	} else {
		kinds = append(kinds, FilePDF)
	}
	return slices.DeleteFunc(files, func(f File) bool { return !slices.Contains(kinds, f.Kind) })
}

// FileName returns the name of a file of this kind: the name that the number
// of its note has in files (numbering.FileName) and an ending. No ending ends
// in another one, so files of different notes have different names.
func (k FileKind) FileName(number string) string { return number + endings[k] }

// endings follow the number in the names of files.
var endings = map[FileKind]string{
	FilePDF:          ".pdf",
	FileCSV:          ".csv",
	FileCII:          "-factur-x.xml",
	FileUBL:          "-ubl.xml",
	FileXRechnung:    "-xrechnung.xml",
	FileXRechnungCII: "-xrechnung-cii.xml",
	FilePeppol:       "-peppol.xml",
	FileFrance:       "-france.xml",
	FileXLSX:         ".xlsx",
}
