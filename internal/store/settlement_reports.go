package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// reportRow is a row of settlement_reports.
type reportRow struct {
	ID            int64     `gorm:"column:id"`
	RunID         int64     `gorm:"column:run_id"`
	OwnerID       int64     `gorm:"column:owner_id"`
	Currency      string    `gorm:"column:currency"`
	Name          string    `gorm:"column:name"`
	PeriodFrom    string    `gorm:"column:period_from"`
	PeriodTo      string    `gorm:"column:period_to"`
	Cutoff        time.Time `gorm:"column:cutoff"`
	FrozenAt      time.Time `gorm:"column:frozen_at"`
	LastCancel    int64     `gorm:"column:last_cancellation"`
	LastMovement  int64     `gorm:"column:last_movement"`
	LastReport    int64     `gorm:"column:last_report"`
	AwaitedDriver int64     `gorm:"column:awaited_driver"`
	AwaitedShare  int64     `gorm:"column:awaited_share"`
	Content       []byte    `gorm:"column:content"`
	SHA256        string    `gorm:"column:sha256"`
	NoteID        *int64    `gorm:"column:note_id"`
	RecipientKey  string    `gorm:"column:recipient_key"`
}

// TableName implements schema.Tabler.
func (reportRow) TableName() string { return "settlement_reports" }

// SaveReports implements creditnotes.ReportWriter.
func (w *issueWriter) SaveReports(list []*creditnotes.FrozenReport, who string) error {
	if len(list) == 0 {
		return nil
	}
	ids, err := entityIDs(w.tx.db)
	if err != nil {
		return err
	}
	first, err := w.tx.takeIDs("settlement_reports", len(list))
	if err != nil {
		return err
	}
	rows, entries := make([]reportRow, len(list)), make([]Entry, len(list))
	for i, f := range list {
		f.ID = first + int64(i)
		rows[i] = reportRow{
			ID: f.ID, RunID: f.RunID, OwnerID: ids[f.Owner], Currency: f.Currency, Name: f.Name, PeriodFrom: string(f.Period.From), PeriodTo: string(f.Period.To),
			Cutoff: utc(f.Cutoff), FrozenAt: utc(f.FrozenAt),
			LastCancel: f.Horizon.Cancellation, LastMovement: f.Horizon.Movement, LastReport: f.Horizon.Report, AwaitedDriver: int64(f.Awaited.Driver), AwaitedShare: int64(f.Awaited.Share),
			Content: f.Content, SHA256: f.SHA256, NoteID: orNull(f.NoteID), RecipientKey: f.Recipient,
		}
		entries[i] = Entry{Who: who, Action: creditnotes.ActionReported, Subject: f.Name, After: f.SHA256}
	}
	if err := create(w.tx.db, rows...); err != nil {
		return fmt.Errorf("settlement reports: %w", err)
	}
	for _, f := range list {
		for _, topUp := range f.TopUps {
			if _, err := w.tx.exec("INSERT INTO settlement_report_top_ups (report_id, top_up_id) VALUES ($1, $2)", f.ID, topUp); err != nil {
				return fmt.Errorf("top-ups of report %s: %w", f.Name, err)
			}
		}
	}
	return w.tx.audit(entries...)
}

// ReportHorizon implements creditnotes.ReportReader.
func (w *issueWriter) ReportHorizon(ctx context.Context) (creditnotes.ReportHorizon, error) {
	if err := w.tx.lock("settlement_reports"); err != nil {
		return creditnotes.ReportHorizon{}, err
	}
	return w.reportReader.ReportHorizon(ctx)
}

// reportSelect reads reports p with the keys of their owners.
const reportSelect = `SELECT p.id, p.name, p.run_id, e.key, p.currency, p.period_from, p.period_to, p.cutoff, p.frozen_at, p.last_cancellation, p.last_movement, p.last_report,
		p.awaited_driver, p.awaited_share, p.sha256, p.content, p.recipient_key, coalesce(p.note_id, 0), coalesce(n.number, '')
	FROM settlement_reports p JOIN entities e ON e.id = p.owner_id LEFT JOIN credit_notes n ON n.id = p.note_id`

func reportFields(f *creditnotes.FrozenReport) []any {
	return []any{&f.ID, &f.Name, &f.RunID, &f.Owner, &f.Currency, &f.Period.From, &f.Period.To, &f.Cutoff, &f.FrozenAt, &f.Horizon.Cancellation, &f.Horizon.Movement, &f.Horizon.Report,
		&f.Awaited.Driver, &f.Awaited.Share, &f.SHA256, &f.Content, &f.Recipient, &f.NoteID, &f.Number}
}

func frozenReports(ctx context.Context, q querier, rest string, args ...any) (list []*creditnotes.FrozenReport, err error) {
	for f, err := range each(ctx, q, reportFields, reportSelect+rest, args...) {
		if err != nil {
			return nil, err
		}
		f.Cutoff, f.FrozenAt = f.Cutoff.UTC(), f.FrozenAt.UTC()
		list = append(list, &f)
	}
	return list, nil
}

// FrozenReports implements creditnotes.VerifyStore.
func (b *books) FrozenReports(ctx context.Context) ([]*creditnotes.FrozenReport, error) {
	list, err := frozenReports(ctx, b.q, " ORDER BY p.run_id, p.name")
	for _, f := range list {
		f.Earlier = f.FrozenAt.Before(b.since)
	}
	return list, err
}

// LastReports implements creditnotes.ReportReader.
func (r *reportReader) LastReports(ctx context.Context, at creditnotes.ReportMoment) (map[creditnotes.ReportKey]*creditnotes.FrozenReport, error) {
	list, err := frozenReports(ctx, r.q, ` WHERE p.id = (SELECT max(x.id) FROM settlement_reports x
		WHERE x.owner_id = p.owner_id AND x.currency = p.currency AND x.id <= $1)`, at.Report)
	last := make(map[creditnotes.ReportKey]*creditnotes.FrozenReport, len(list))
	for _, f := range list {
		last[creditnotes.ReportKey{Owner: f.Owner, Currency: f.Currency}] = f
	}
	return last, err
}

// Reports lists the settlement reports that fit a filter, the latest first,
// without their content.
func (s *Store) Reports(ctx context.Context, f creditnotes.ReportFilter, page creditnotes.Page) (list []*creditnotes.FrozenReport, next, previous string, err error) {
	where := s.reportCondition(f)
	first, second, err := placeOf(page)
	if err != nil {
		return nil, "", "", err
	}
	place := []any{}
	if first != "" {
		id, broken := strconv.ParseInt(second, 10, 64)
		if broken != nil {
			return nil, "", "", cursorFault(page)
		}
		place = []any{first, id}
	}
	order := keyset{"p.period_to", "p.id"}.narrow(&where, page, place)
	rows, err := frozenReports(ctx, s.readSQL, " "+where.String()+limited(order, page.Size()+1), where.args...)
	if err != nil {
		return nil, "", "", err
	}
	list, next, previous = inOrder(rows, page, func(f **creditnotes.FrozenReport) string {
		return cursorOf(string((*f).Period.To), fmt.Sprint((*f).ID))
	})
	return list, next, previous, nil
}

func (s *Store) reportCondition(f creditnotes.ReportFilter) (where condition) {
	if f.Owner != "" {
		where.and("e.key = ?", f.Owner)
	}
	if f.Name != "" {
		where.and("p.name = ?", f.Name)
	}
	if f.Currency != "" {
		where.and("p.currency = ?", f.Currency)
	}
	if f.RunID != 0 {
		where.and("p.run_id = ?", f.RunID)
	}
	if f.From != "" {
		where.and("p.period_to >= ?", string(f.From))
	}
	if f.Until != "" {
		where.and("p.period_from <= ?", string(f.Until))
	}
	if f.Scope != nil {
		where.and("e.key "+s.dialect.in("?"), s.dialect.texts(f.Scope))
	}
	return where
}

// FrozenReport finds a report by its name; the scope is as in ReportFilter.
func (s *Store) FrozenReport(ctx context.Context, name string, scope []string) (*creditnotes.FrozenReport, error) {
	list, _, _, err := s.Reports(ctx, creditnotes.ReportFilter{Name: name, Scope: scope}, creditnotes.Page{Limit: 1})
	if err == nil && (len(list) == 0 || name == "") { // a filter without a name is none
		err = fault.New(fault.NotFound, "report_unknown", fault.Args{"report": name})
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// ReportView calls fn with what a report is made of, in one unchanging view.
func (s *Store) ReportView(ctx context.Context, fn func(creditnotes.ReportReader) error) error {
	return s.snapshot(ctx, func(v view) error { return fn(&reportReader{v, s.dialect}) })
}

// RunByID finds a run.
func (s *Store) RunByID(ctx context.Context, id int64) (*creditnotes.Run, error) {
	names, err := column[string](ctx, s.readSQL, "SELECT name FROM runs WHERE id = $1", id)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return s.RunByName(ctx, names[0])
}
