package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// report finds a settlement report by id, or nil.
func (d *Data) report(id int64) *creditnotes.FrozenReport {
	for i := range d.Reports {
		if d.Reports[i].ID == id {
			return new(d.Reports[i])
		}
	}
	return nil
}

// FrozenReport implements creditnotes.ReportStore.
func (s *Store) FrozenReport(_ context.Context, name string, scope []string) (*creditnotes.FrozenReport, error) {
	for _, f := range s.read().Reports {
		if f.Name == name && (scope == nil || slices.Contains(scope, f.Owner)) {
			return &f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "report_unknown", fault.Args{"report": name})
}

// FrozenReportByID implements creditnotes.ReportStore.
func (s *Store) FrozenReportByID(_ context.Context, id int64) (*creditnotes.FrozenReport, error) {
	if f := s.read().report(id); f != nil {
		return f, nil
	}
	return nil, fault.New(fault.NotFound, "report_unknown", fault.Args{"report": id})
}

// ReportsWith implements creditnotes.ReportStore.
func (s *Store) ReportsWith(_ context.Context, noteID int64) (list []*creditnotes.FrozenReport, err error) {
	for _, f := range s.read().Reports {
		if f.NoteID == noteID && noteID != 0 {
			list = append(list, &f)
		}
	}
	return list, nil
}

// RunByID implements creditnotes.ReportStore.
func (s *Store) RunByID(_ context.Context, id int64) (*creditnotes.Run, error) {
	if r := s.read().run(id); r != nil {
		return r.domain(), nil
	}
	return nil, nil
}

// ReportView implements creditnotes.ReportStore.
func (s *Store) ReportView(_ context.Context, fn func(creditnotes.ReportReader) error) error {
	return fn(reportReader{s.read()})
}

// ReportFiles implements creditnotes.ReportStore.
func (s *Store) ReportFiles(_ context.Context, id int64) ([]creditnotes.File, error) {
	return s.read().reportFiles(id), nil
}

func (d *Data) reportFiles(id int64) []creditnotes.File {
	return slices.DeleteFunc(slices.Clone(d.Files), func(f creditnotes.File) bool { return f.ReportID != id })
}

// SaveReportFiles implements creditnotes.ReportStore.
func (s *Store) SaveReportFiles(ctx context.Context, id int64, files []creditnotes.File) error {
	return s.write(ctx, func(t *tx) error {
		report := t.report(id)
		if report == nil {
			return fault.New(fault.NotFound, "report_unknown", fault.Args{"report": id})
		}
		if len(t.reportFiles(id)) > 0 {
			return nil
		}
		sums := map[creditnotes.FileKind]string{}
		for _, f := range files {
			sum := sha256.Sum256(f.Content)
			f.NoteID, f.ReportID, f.Content, f.SHA256 = 0, id, bytes.Clone(f.Content), hex.EncodeToString(sum[:])
			f.Name = f.Kind.FileName(numbering.FileName(report.Name))
			sums[f.Kind] = f.SHA256
			t.Files = append(t.Files, f)
		}
		t.audit("render", creditnotes.ActionRendered, report.Name, "", jsonOf(sums))
		return nil
	})
}

// ReportDeliveries implements creditnotes.ReportStore.
func (s *Store) ReportDeliveries(_ context.Context, id int64) ([]creditnotes.Delivery, error) {
	return slices.DeleteFunc(slices.Clone(s.read().Deliveries), func(d creditnotes.Delivery) bool { return d.ReportID != id }), nil
}

// undeliveredReports are the reports of a run whose latest mail of their own did
// not reach everyone, by name.
func (d *Data) undeliveredReports(runID int64) (list []creditnotes.Undelivered) {
	for _, f := range d.Reports {
		u := creditnotes.Undelivered{Number: f.Name, Recipient: f.Recipient}
		for _, mailing := range d.Deliveries {
			if mailing.ReportID != f.ID || f.RunID != runID {
				continue
			}
			u.Delivery = copied(mailing)
			for _, r := range mailing.Recipients {
				if r.State == creditnotes.RecipientAccepted {
					u.Reached = append(u.Reached, r.Address)
				}
			}
		}
		if u.ReportID != 0 && isUndelivered(&u.Delivery) {
			list = append(list, u)
		}
	}
	return list
}
