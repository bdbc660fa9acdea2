package api

import (
	"context"
	"net/url"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/tasks"
)

// Run is a month end.
type Run struct {
	Run          string                   `json:"run" example:"2026-10"`
	Month        entities.Month           `json:"month" example:"2026-10"`
	Trigger      creditnotes.Trigger      `json:"trigger" enum:"manual,schedule"`
	Stage        creditnotes.Stage        `json:"stage" enum:"drafting,drafted,released,issued,completed,discarded"`
	DocumentDate entities.Date            `json:"document_date"`
	DateGiven    bool                     `json:"document_date_given" doc:"false: the run is dated the day of issue; until it is issued document_date is the day of drafting"`
	Cutoff       time.Time                `json:"cutoff" doc:"sessions received later belong to a later run"`
	CreatedAt    time.Time                `json:"created_at"`
	CreatedBy    string                   `json:"created_by"`
	ApprovedAt   time.Time                `json:"approved_at,omitzero"`
	ApprovedBy   string                   `json:"approved_by,omitempty"`
	FinishedAt   time.Time                `json:"finished_at,omitzero"`
	Failure      *creditnotes.FailureJSON `json:"failure,omitempty" doc:"why the run stopped, until it goes on"`
	Report       string                   `json:"report" format:"uri-reference"`
	Progress     string                   `json:"progress" format:"uri-reference"`
}

func (c *call) runOf(r *creditnotes.Run) Run {
	path := Base + "/runs/" + url.PathEscape(r.Name)
	return Run{
		Run: r.Name, Month: r.Month, Trigger: r.Trigger, Stage: r.Stage, DocumentDate: r.DocumentDate, DateGiven: r.DateGiven, Cutoff: c.at(r.Cutoff),
		CreatedAt: c.at(r.CreatedAt), CreatedBy: r.CreatedBy, ApprovedAt: c.at(r.ApprovedAt), ApprovedBy: r.ApprovedBy,
		FinishedAt: c.at(r.FinishedAt), Failure: r.Failure.JSON(c.words), Report: path, Progress: path + "/progress",
	}
}

// listRuns lists the runs.
func (c *call) listRuns(in *pageInput) (*List[Run], error) {
	all, err := c.Store.Runs(c.ctx)
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(r *creditnotes.Run) string { return r.Name })
	if err != nil {
		return nil, err
	}
	items := make([]Run, len(some))
	for i := range some {
		items[i] = c.runOf(&some[i])
	}
	return listed(c, items, place), nil
}

// RunInput names a run.
type RunInput struct {
	Name string `path:"name" example:"2026-10"`
}

// run shows what a run did, as the command prints it.
func (c *call) run(in *RunInput) (*One[creditnotes.ReportJSON], error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, err
	}
	report, err := c.Runner.Report(c.ctx, run)
	if err != nil {
		return nil, err
	}
	return &One[creditnotes.ReportJSON]{report.JSON(c.words)}, nil
}

// Progress is how far a run has come.
type Progress struct {
	Run           string                            `json:"run"`
	Stage         creditnotes.Stage                 `json:"stage" enum:"drafting,drafted,released,issued,completed,discarded"`
	Taken         bool                              `json:"taken" doc:"a process works on it"`
	OwnersDone    int                               `json:"owners_done"`
	SessionsDone  int64                             `json:"sessions_done"`
	NotesTotal    int                               `json:"notes_total"`
	NotesRendered int                               `json:"notes_rendered"`
	Deliveries    map[creditnotes.DeliveryState]int `json:"deliveries"`
}

func (c *call) runProgress(in *RunInput) (*One[Progress], error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, err
	}
	p, err := c.Store.RunProgress(c.ctx, run.ID)
	if err != nil {
		return nil, err
	}
	taken, err := c.Store.RunIsTaken(c.ctx, run.Name)
	return &One[Progress]{Progress{
		Run: run.Name, Stage: p.Stage, Taken: taken, OwnersDone: p.OwnersDone, SessionsDone: p.SessionsDone,
		NotesTotal: p.NotesTotal, NotesRendered: p.NotesRendered, Deliveries: p.Deliveries,
	}}, err
}

// startInput says which month is to be credited.
type startInput struct {
	Body struct {
		Month        string `json:"month" example:"2026-10"`
		DocumentDate string `json:"document_date,omitempty" example:"2026-10-31" doc:"the day of issue when left out; not in the future, and not before the last day of the month"`
		Confirmed    bool   `json:"confirmed,omitempty" doc:"confirms what would be refused as run_month_running (the month is not over) or run_date_before_last_document"`
	}
}

// startedRun is a run with its address.
type startedRun struct {
	Location string `header:"Location"`
	Body     Run
}

// startRun starts a run, or goes on with the unfinished one of the month, and
// answers as soon as it has a name.
func (c *call) startRun(in *startInput) (*startedRun, error) {
	if in.Body.Month == "" {
		return nil, c.invalid("body.month", "expected a month such as 2026-10")
	}
	q, err := c.request(in.Body.Month, in.Body.DocumentDate)
	if err != nil {
		return nil, err
	}
	q.Confirmed = in.Body.Confirmed
	run, carryOut, err := c.Runner.Begin(c.ctx, q)
	if err != nil {
		return nil, err
	}
	begun := c.runOf(run)
	// Why it fails is kept with the run.
	c.runs.Start("", begun.Run, func(ctx context.Context, _ *tasks.Progress) (bool, error) { return true, carryOut(ctx) })
	return &startedRun{begun.Report, begun}, nil
}

// request asks for a month end.
func (c *call) request(month, date string) (q creditnotes.Request, err error) {
	q = creditnotes.Request{Trigger: creditnotes.Manual, Who: c.name()}
	if q.Month, err = c.month(month); err != nil {
		return q, err
	}
	q.DocumentDate, err = day(date)
	return q, err
}

// approveRun releases a run and issues it. What has begun goes on when the
// caller goes away.
func (c *call) approveRun(in *RunInput) (*One[Run], error) {
	lasting := context.WithoutCancel(c.ctx)
	if _, err := c.Runner.Approve(lasting, in.Name, c.name()); err != nil {
		return nil, err
	}
	run, err := c.Store.RunByName(lasting, in.Name)
	if err != nil {
		return nil, err
	}
	return &One[Run]{c.runOf(run)}, nil
}

// discardRun throws a draft away.
func (c *call) discardRun(in *RunInput) (*none, error) {
	return &none{}, c.Runner.Discard(c.ctx, in.Name, c.name())
}

// previewInput says which month would be credited.
type previewInput struct {
	Month string `query:"month" required:"true" example:"2026-10"`
	Date  string `query:"date" example:"2026-10-31" doc:"document date"`
}

// preview drafts a month without keeping anything.
func (c *call) preview(in *previewInput) (*One[creditnotes.ReportJSON], error) {
	q, err := c.request(in.Month, in.Date)
	if err != nil {
		return nil, err
	}
	if err := c.snapshot.Valid(); err != nil {
		return nil, err
	}
	done, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer done()
	report, err := c.Runner.Preview(c.ctx, q)
	if err != nil {
		return nil, err
	}
	return &One[creditnotes.ReportJSON]{report.JSON(c.words)}, nil
}

// readinessInput says which month is to be credited.
type readinessInput struct {
	Month string `query:"month" example:"2026-10" doc:"the present month when left out"`
}

// Readiness is what would go wrong in a run.
type Readiness struct {
	Month    entities.Month          `json:"month"`
	Ready    bool                    `json:"ready"`
	Findings []Finding               `json:"findings" nullable:"false"`
	Held     []creditnotes.HeldGroup `json:"held" nullable:"false"`
	Warned   []creditnotes.HeldGroup `json:"warned" nullable:"false" doc:"credited although a rule applies that only warns"`
}

// Finding is one thing that the check found.
type Finding struct {
	Severity creditnotes.Severity `json:"severity" enum:"stops,fails,warns"`
	Finding  string               `json:"finding" doc:"the same whatever the words"`
	Args     fault.Args           `json:"args"`
	Text     string               `json:"text"`
}

func (c *call) readiness(in *readinessInput) (*One[Readiness], error) {
	if err := c.snapshot.Valid(); err != nil {
		return nil, err
	}
	month, err := c.month(in.Month)
	if err != nil {
		return nil, err
	}
	done, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer done()
	ready, err := c.Runner.Readiness(c.ctx, month)
	if err != nil {
		return nil, err
	}
	out := Readiness{Month: month, Ready: !ready.Stopped(), Findings: []Finding{}, Held: ready.Held, Warned: ready.Warned}
	if out.Held == nil {
		out.Held = []creditnotes.HeldGroup{}
	}
	if out.Warned == nil {
		out.Warned = []creditnotes.HeldGroup{}
	}
	for _, f := range ready.Findings {
		args := f.Fault.Args
		if args == nil {
			args = fault.Args{}
		}
		out.Findings = append(out.Findings, Finding{f.Severity, f.Fault.Key, args, c.words(f.Fault)})
	}
	return &One[Readiness]{out}, nil
}
