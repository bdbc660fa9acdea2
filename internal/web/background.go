package web

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/tasks"
)

// pageTasks are the kinds of work that go on after the page that started them
// was answered.
type pageTasks struct {
	previews *tasks.Kind[preview]
	whatIfs  *tasks.Kind[whatIf]
	checks   *tasks.Kind[creditnotes.AuditChain] // of the audit log
	months   *tasks.Kind[monthNow]
	runs     *tasks.Kind[bool] // the outcome is kept with the run
}

// How long and how many outcomes are kept.
const (
	previewLasts = 10 * time.Minute // long enough to read one
	answerLasts  = 24 * time.Hour
	maxPreviews  = 4 // few enough for the memory that those of large networks take
)

func newPageTasks(r *tasks.Runner) pageTasks {
	return pageTasks{
		previews: tasks.NewKind[preview](r, tasks.Rule{Kind: "preview", AtOnce: maxPreviews, Newest: true, Keep: previewLasts, Cached: maxPreviews}),
		whatIfs:  tasks.NewKind[whatIf](r, tasks.Rule{Kind: "what_if", AtOnce: 1, Newest: true, Keep: answerLasts}),
		checks:   tasks.NewKind[creditnotes.AuditChain](r, tasks.Rule{Kind: "audit_check", AtOnce: 1, Newest: true, Keep: answerLasts}),
		// Anyone who looks starts it again, so there is nothing to find after a restart.
		months: tasks.NewKind[monthNow](r, tasks.Rule{Kind: "month_so_far", Unrecorded: true, Keep: previewLasts, Cached: 1}),
		runs:   tasks.RunWork(r),
	}
}

// answerWithin is how long a page waits for what goes on in the background,
// before it says that it is not done yet.
const answerWithin = time.Second
