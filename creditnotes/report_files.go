package creditnotes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"time"

	"creditrun/internal/fault"
)

// ReportRows are what a settlement report lists beside its totals: the lines that
// were collected for previous periods, and the records. Each may be read more than
// once.
type ReportRows struct {
	Previous iter.Seq2[ReportLine, error]
	Records  iter.Seq2[ReportRecord, error]
}

// ReportPrinter sets settlement reports on paper, in the language of the report.
type ReportPrinter interface {
	ReportPDF(r *SettlementReport, rows ReportRows) ([]byte, error)
}

// ReportWorkbook writes a settlement report as a workbook (XLSX), in its language.
type ReportWorkbook func(w io.Writer, r *SettlementReport, rows ReportRows) error

// RenderReport makes and stores the files of a settlement report once, before it
// is mailed.
func (r *Runner) RenderReport(ctx context.Context, id int64, printer ReportPrinter) error {
	f, err := r.Store.FrozenReportByID(ctx, id)
	if err != nil {
		return err
	}
	return r.renderReport(ctx, f, printer)
}

// renderReports makes the files of the reports that go with a note.
func (r *Runner) renderReports(ctx context.Context, noteID int64, printer ReportPrinter) error {
	list, err := r.Store.ReportsWith(ctx, noteID)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := r.renderReport(ctx, f, printer); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) renderReport(ctx context.Context, f *FrozenReport, printer ReportPrinter) error {
	stored, err := r.Store.ReportFiles(ctx, f.ID)
	if err != nil || len(stored) > 0 {
		return err
	}
	report, err := f.Report()
	if err != nil {
		return err
	}
	kinds := []FileKind{FilePDF}
	if report.Mail.XLSX && r.Workbook != nil {
		kinds = append(kinds, FileXLSX)
	}
	var files []File
	for _, kind := range kinds {
		file, err := r.reportFile(ctx, f, report, kind, printer)
		if err != nil {
			return err
		}
		files = append(files, *file)
	}
	return r.Store.SaveReportFiles(ctx, f.ID, files)
}

// ReportFile returns the document or the workbook of a settlement report: as it
// was mailed, or made from the frozen report where it was not mailed.
func (r *Runner) ReportFile(ctx context.Context, f *FrozenReport, kind FileKind) (*File, error) {
	stored, err := r.Store.ReportFiles(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	for i := range stored {
		if stored[i].Kind == kind {
			return &stored[i], nil
		}
	}
	report, err := f.Report()
	if err != nil {
		return nil, err
	}
	printer, _ := r.Printer.(ReportPrinter)
	return r.reportFile(ctx, f, report, kind, printer)
}

func (r *Runner) reportFile(ctx context.Context, f *FrozenReport, report *SettlementReport, kind FileKind, printer ReportPrinter) (*File, error) {
	run, err := r.Store.RunByID(ctx, f.RunID)
	if err != nil {
		return nil, err
	}
	if report.Logo != "" {
		if report.LogoFile, err = r.Store.Asset(ctx, report.Logo); err != nil {
			return nil, err
		}
	}
	file := &File{ReportID: f.ID, Kind: kind, Name: f.FileName(kind)}
	err = r.Store.ReportView(ctx, func(reader ReportReader) error {
		book, err := BookOf(reader, report)
		if err != nil {
			return err
		}
		rows := ReportRows{book.Previous(ctx, f, run), book.Records(ctx, f, run)}
		switch {
		case kind == FilePDF && printer != nil:
			file.MediaType = "application/pdf"
			file.Content, err = printer.ReportPDF(report, rows)
		case kind == FileXLSX && r.Workbook != nil:
			var out bytes.Buffer
			file.MediaType = TypeXLSX
			err = r.Workbook(&out, report, rows)
			file.Content = out.Bytes()
		default:
			err = fault.New(fault.NotFound, "file_not_stored", fault.Args{"number": f.Name, "kind": string(kind)})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s of report %s: %w", kind, f.Name, err)
	}
	sum := sha256.Sum256(file.Content)
	file.SHA256 = hex.EncodeToString(sum[:])
	return file, nil
}

// BookOf makes the reports of the owner of a report with what was known of the
// owner when it was frozen.
func BookOf(reader ReportReader, report *SettlementReport) (*ReportBook, error) {
	zone, err := time.LoadLocation(report.TimeZone)
	if err != nil {
		return nil, err
	}
	return &ReportBook{Reader: reader, Zone: zone, Owner: func(key string) (ReportOwner, bool) {
		return ReportOwner{Name: report.OwnerName, Recipient: report.Recipient, Shared: report.Shared}, key == report.Owner
	}}, nil
}
