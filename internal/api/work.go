package api

import (
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/tasks"
)

// Kinds of background work.
const (
	workExport    = "accounting_export"
	workArchive   = "archive"
	workReminders = "reminders"
	workReprice   = "reprice"
)

// keepWork is how long the outcome of background work can be asked for.
const keepWork = 24 * time.Hour

// Work is background work that a request of the user started. Why it failed is in
// problem, as the request would have answered.
type Work struct {
	ID      string       `json:"id"`
	Kind    string       `json:"kind" enum:"accounting_export,archive,reminders,reprice"`
	Subject string       `json:"subject" doc:"what it is about: the month, the year, the day, or the key of the rate or contract"`
	State   tasks.Status `json:"state" enum:"under_way,done,failed,stopped" doc:"stopped: the server ended before it was done; ask again"`
	Begun   time.Time    `json:"begun_at"`
	Ended   *time.Time   `json:"ended_at,omitempty"`
	Done    int          `json:"done,omitempty" doc:"steps that are done, where they are counted"`
	Of      int          `json:"of,omitempty" doc:"steps in all"`
	Result  string       `json:"result,omitempty" format:"uri-reference" doc:"where the result is, once it is done"`
	Problem *Problem     `json:"problem,omitempty"`
}

// workInput names background work.
type workInput struct {
	ID string `path:"id"`
}

// workPath is the address of background work.
func workPath(id string) string { return Base + "/work/" + id }

// work shows what became of background work that the user started.
func (c *call) work(in *workInput) (*One[Work], error) {
	for _, find := range []func(string) (*Work, error){
		func(id string) (*Work, error) {
			return workOf(c, c.journals, workExport, id, func(s *tasks.State[bool]) string { return "/accounting/months/" + s.Subject })
		},
		func(id string) (*Work, error) {
			return workOf(c, c.archiving, workArchive, id, func(s *tasks.State[creditnotes.KeptArchive]) string {
				return "/archives/" + strconv.FormatInt(s.Value.ID, 10) + "/" + s.Value.FileName()
			})
		},
		func(id string) (*Work, error) {
			return workOf(c, c.reminding, workReminders, id, func(*tasks.State[[]string]) string { return "/reminders" })
		},
		func(id string) (*Work, error) {
			return workOf(c, c.repricing, workReprice, id, func(*tasks.State[creditnotes.RepriceJSON]) string { return "/reprices" })
		},
	} {
		if w, err := find(in.ID); w != nil || err != nil {
			return &One[Work]{orNone(w)}, err
		}
	}
	return nil, fault.New(fault.NotFound, "work_unknown", fault.Args{"work": in.ID})
}

func orNone(w *Work) Work {
	if w == nil {
		return Work{}
	}
	return *w
}

// workOf is a task of a kind that the user started; nil: there is none with the id.
func workOf[T any](c *call, kind *tasks.Kind[T], name, id string, result func(*tasks.State[T]) string) (*Work, error) {
	task, err := kind.Find(c.ctx, c.name(), id)
	if err != nil || task == nil {
		return nil, err
	}
	s := task.State()
	w := &Work{ID: s.ID, Kind: name, Subject: s.Subject, State: s.Status, Begun: c.at(s.Begun), Done: s.Progress.Done, Of: s.Progress.Of}
	if s.Over() {
		ended := c.at(s.Ended)
		w.Ended = &ended
	}
	switch {
	case s.Err != nil:
		w.Problem = c.problem(s.Err)
	case s.Status == tasks.Done:
		w.Result = Base + result(&s)
	}
	return w, nil
}
