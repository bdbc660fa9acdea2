package document

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/internal/fault"
	"creditrun/internal/pdf"
	"creditrun/internal/proof"
)

// invoices write a note as an invoice for machines, by kind of file, and have it
// checked by the guard of the note. A fault says that the note has no such file;
// so does nil, without any.
type invoices map[creditnotes.FileKind]func(n *creditnotes.Note, g *einvoice.Guard) (*written, error)

// The orders of the session detail (domain.md §2.2).
const (
	detailNone = "none" // no sessions at all
	detailPDF  = "pdf"  // also as pages of the document
)

// mostFiles is how many files a note has as a rule.
const mostFiles = 6

// Files makes the files that a note and its recipient need in one pass over its
// sessions: the PDF/A-3 document first, which contains the Factur-X invoice, the
// XRechnung and the sessions as the recipient prefers them; then these and the
// invoices for networks one by one. A note that an invoice standard cannot carry,
// or whose master data is less than it asks for, is without that file. The same
// note and sessions always give the same bytes.
func (r *Renderer) Files(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	files, err := r.files(n, details)
	if err != nil {
		return nil, fmt.Errorf("files of note %s: %w", nameOf(n), err)
	}
	return files, nil
}

func (r *Renderer) files(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	return r.filesOf(r.newLetter(n), details)
}

// filesOf makes the files of a letter.
func (r *Renderer) filesOf(l *letter, details iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	n := l.note
	var sessions *annex
	if n.Document.SessionDetail == detailPDF && !n.OfFees() {
		sessions = r.newAnnex(n)
	}
	files := make([]creditnotes.File, 1, mostFiles)
	if n.Document.SessionDetail != detailNone && listsSessions(n) {
		lists, err := r.sessionFiles(l, sessions, details)
		if err != nil {
			return nil, fmt.Errorf("session file: %w", err)
		}
		files = append(files, lists...)
	}
	einvoices, err := r.einvoices(n)
	if err != nil {
		return nil, err
	}
	files = append(files, einvoices...)
	content, err := r.document(l, sessions, files[1:])
	if err != nil {
		return nil, fmt.Errorf("PDF: %w", err)
	}
	files[0] = fileOf(n, creditnotes.FilePDF, content)
	files[0].Validation = &creditnotes.Validation{Checks: []creditnotes.ValidationCheck{}, RuleSets: paperRules}
	return files, nil
}

// einvoices are the e-invoices that the document has inside, and those for networks.
func (r *Renderer) einvoices(n *creditnotes.Note) ([]creditnotes.File, error) {
	kinds := append([]creditnotes.FileKind{creditnotes.FileCII, creditnotes.FileXRechnung}, creditnotes.HandedOver(n)...)
	made, guard := make([]*creditnotes.File, len(kinds)), &einvoice.Guard{}
	for _, i := range checkOrder(len(kinds)) {
		invoice, err := r.invoice(n, kinds[i], guard)
		if err != nil {
			return nil, err
		}
		if invoice != nil {
			f := fileOf(n, kinds[i], invoice.content)
			f.Validation = validationOf(invoice.profile)
			made[i] = &f
		}
	}
	var files []creditnotes.File
	for _, f := range made {
		if f != nil {
			files = append(files, *f)
		}
	}
	return files, nil
}

// checkOrder are the places of e-invoices in the order in which they are checked: the
// XRechnung has most rules that the guard knows, so that it tells it most.
func checkOrder(n int) []int {
	order := []int{1}
	for i := 2; i < n; i++ {
		order = append(order, i)
	}
	return append(order, 0)
}

// AskedFile makes one file of a note that Files does not make for its recipient: an
// e-invoice, or the workbook of its sessions. It is nil where there is none for such
// notes. A fault says what master data lacks; so does an invoice that the second
// opinion doubts.
func (r *Renderer) AskedFile(n *creditnotes.Note, kind creditnotes.FileKind, details iter.Seq2[creditnotes.Detail, error]) (*creditnotes.File, error) {
	if kind == creditnotes.FileXLSX {
		var out bytes.Buffer
		err := r.SessionWorkbook(&out, n, details)
		return new(fileOf(n, kind, out.Bytes())), err
	}
	write := r.invoices[kind]
	if write == nil || n.Number == "" {
		return nil, nil
	}
	invoice, err := write(n, &einvoice.Guard{})
	if err != nil || invoice == nil {
		return nil, err
	}
	f := fileOf(n, kind, invoice.content)
	f.Validation = validationOf(invoice.profile)
	return &f, nil
}

// sessionFiles make the sessions of a letter as CSV and, for recipients who
// prefer it, as a workbook, and set the annex of the document where there is one.
// A fee invoice without sessions has none.
func (r *Renderer) sessionFiles(l *letter, sessions *annex, details iter.Seq2[creditnotes.Detail, error]) (files []creditnotes.File, err error) {
	n := l.note
	var list, workbook bytes.Buffer
	writers := []sessionWriter{newSessionCSV(&list)}
	if sessions != nil {
		writers = append(writers, sessions)
	}
	if n.Document.SessionDetail == detailXLSX {
		book, err := r.newSessionBook(&workbook, n)
		if err != nil {
			return nil, err
		}
		writers = append(writers, book)
	}
	count := 0
	if err := writeSessions(n, counted(details, &count), writers...); err != nil {
		return nil, err
	}
	if l.unlisted = n.OfFees() && count == 0; l.unlisted {
		return nil, nil
	}
	files = append(files, fileOf(n, creditnotes.FileCSV, list.Bytes()))
	if workbook.Len() > 0 {
		files = append(files, fileOf(n, creditnotes.FileXLSX, workbook.Bytes()))
	}
	return files, nil
}

// Try reports what would keep Files from making the files of a note, as far as
// the note alone shows it: it sets the letter and builds the invoices, and
// writes neither.
func (r *Renderer) Try(n *creditnotes.Note) error {
	if err := r.try(n); err != nil {
		return fmt.Errorf("note for %s: %w", n.Recipient, err)
	}
	return nil
}

// TryInvoice reports what would keep the invoice of EN 16931 of a note from being
// written: faults of its master data, or the doubt of the second opinion.
func (r *Renderer) TryInvoice(n *creditnotes.Note) error { return r.TryFile(n, creditnotes.FileCII) }

// TryFile reports what would keep an e-invoice of a kind from being written: that
// there is none for such notes, faults of master data, or the doubt of the second
// opinion.
func (r *Renderer) TryFile(n *creditnotes.Note, kind creditnotes.FileKind) error {
	numbered := *n // as an invoice needs it
	numbered.Number = "1"
	invoice, err := r.invoices[kind](&numbered, &einvoice.Guard{})
	if err == nil && invoice == nil {
		err = fmt.Errorf("%s is not for such notes", kind)
	}
	return err
}

func (r *Renderer) try(n *creditnotes.Note) error {
	l := r.newLetter(n)
	if _, err := l.dress(r); err != nil {
		return err
	}
	if _, err := l.compose(nil); err != nil {
		return err
	}
	numbered := *n // as an invoice needs it
	numbered.Number = "1"
	return einvoice.Try(&numbered, r.texts)
}

// invoice is nothing where a note cannot have it: drafts, figures or master
// data that the standard does not take. A doubtful one is left out as well, for
// a wrong invoice is worse than none.
func (r *Renderer) invoice(n *creditnotes.Note, kind creditnotes.FileKind, g *einvoice.Guard) (*written, error) {
	write := r.invoices[kind]
	if write == nil || n.Number == "" {
		return nil, nil
	}
	invoice, err := write(n, g)
	if err == nil {
		return invoice, nil
	}
	var impossible *fault.Fault
	var doubt doubtful
	if !errors.As(err, &impossible) && !errors.As(err, &doubt) {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	if r.Missing != nil {
		r.Missing(n, kind, err)
	}
	return nil, nil
}

func fileOf(n *creditnotes.Note, kind creditnotes.FileKind, content []byte) creditnotes.File {
	return creditnotes.File{NoteID: n.ID, Kind: kind, Name: FileName(n, kind), MediaType: kind.MediaType(), Content: content}
}

// dress reads the colors and the logo of a letter.
func (l *letter) dress(r *Renderer) (colors palette, err error) {
	if colors, err = paletteOf(l.note.Document.Color); err != nil {
		return colors, err
	}
	l.logo, err = r.logos.read(l.note.Logo)
	return colors, err
}

// document sets the letter and puts files into it.
func (r *Renderer) document(l *letter, sessions *annex, files []creditnotes.File) ([]byte, error) {
	colors, err := l.dress(r)
	if err != nil {
		return nil, err
	}
	pages, err := l.compose(sessions)
	if err != nil {
		return nil, err
	}
	attached := l.attachments(files)
	properties := l.properties()
	if slices.ContainsFunc(attached, func(a pdf.Attachment) bool { return a.Name == facturX.FileName }) {
		properties.Invoice = &facturX
	}
	content, err := pdf.Write(r.face, &pdf.Document{Properties: properties, Pages: pages, Structure: l.root, Attachments: attached, Outline: l.outline(), Recolor: colors})
	if err == nil && l.note.Proof != nil {
		err = l.note.Proof.Sign(content)
	}
	if err != nil {
		return nil, err
	}
	return content, l.err
}

// longFrom is from how many pages on a document has an outline.
const longFrom = 3

// outline is that of a long document.
func (l *letter) outline() []pdf.Heading {
	if len(l.pages) < longFrom {
		return nil
	}
	return l.outlined
}

// producer is the program, as the documents name it: without a version, so
// that an update changes no byte of what was there before.
const producer = "creditrun"

// facturX is how readers find the invoice in a document (Factur-X 1.0).
var facturX = pdf.FacturX{FileName: "factur-x.xml", DocumentType: "INVOICE", Version: "1.0", Level: "EN 16931"}

// properties takes the time from the note: the moment it was issued, for a
// draft the begin of its day.
func (l *letter) properties() pdf.Properties {
	n := l.note
	at := n.IssuedAt.UTC()
	if n.IssuedAt.IsZero() {
		at = n.Date.In(time.UTC)
	}
	if at.IsZero() {
		at = time.Unix(0, 0).UTC()
	}
	return pdf.Properties{
		Title: l.title() + " " + l.numberOrDraft(), Author: n.Document.Issuer.Name,
		Language: n.Language, Producer: producer, At: at,
	}
}

// attachments chooses what goes into the PDF. One invoice says the same as the
// page: a reader takes the Alternative for the document, so there are never two.
// The other one, the sessions, and what proves the document are supplements.
func (l *letter) attachments(files []creditnotes.File) []pdf.Attachment {
	var list []pdf.Attachment
	for _, f := range files {
		a := pdf.Attachment{Name: f.Name, Content: f.Content}
		switch f.Kind {
		case creditnotes.FileCII:
			a.Name, a.MediaType, a.Relation, a.Description = facturX.FileName, "text/xml", pdf.Alternative, "Factur-X, EN 16931 (CII)"
		case creditnotes.FileXRechnung:
			a.MediaType, a.Relation, a.Description = "text/xml", pdf.Supplement, "XRechnung (UBL)"
		case creditnotes.FileXLSX:
			a.MediaType, a.Relation, a.Description = creditnotes.TypeXLSX, pdf.Supplement, l.say("column_sessions")
		case creditnotes.FileCSV:
			if l.note.Document.SessionDetail == detailXLSX {
				continue
			}
			a.MediaType, a.Relation, a.Description = "text/csv", pdf.Supplement, l.say("column_sessions")
		default:
			continue
		}
		list = append(list, a)
	}
	if l.note.Proof != nil {
		list = append(list, pdf.Attachment{
			Name: proof.FileName, MediaType: "application/json", Relation: pdf.Supplement, Description: "Proof (creditrun check)",
			Content: l.note.Proof.Attachment, Plain: true,
		})
	}
	return list
}
