package month

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// WorkOn starts work on a run and waits a moment for its end: what fails so
// soon comes back and is told at once, what fails later is told on the page of
// the run.
func (s *Pages) WorkOn(ctx context.Context, run string, fn func(context.Context) error) error {
	t := s.Work.Runs.Start("", run, func(ctx context.Context, _ *tasks.Progress) (bool, error) { return true, fn(ctx) })
	state := t.Within(answerWithin)
	if !state.Over() {
		return nil
	}
	if err := s.Work.Runs.Forget(context.WithoutCancel(ctx), state.ID); err != nil {
		return err
	}
	return state.Err
}

// trouble is why a run failed, in words: what is kept with it, or else what the
// latest work on it met before there was something to keep. What is worked on
// is not in trouble.
func (v *Visit) trouble(run *creditnotes.Run, stopped bool) (view troubleView, err error) {
	if run.Failure != nil && (stopped || run.Stage == creditnotes.StageIssued) {
		view.At = run.Failure.At
		view.Reasons, err = v.sentences(run.Failure.Faults, run.Failure.Reference)
		return view, err
	}
	t, err := v.Work.Runs.Latest(v.R.Context(), "", run.Name)
	if t == nil || err != nil {
		return view, err
	}
	state := t.State()
	if state.Status != tasks.Failed || run.FinishedAt.After(state.Ended) { // the run went on after it
		return view, nil
	}
	reference := ""
	if logged := page.LoggedError(state.Err); logged != nil {
		reference = logged.Reference
	}
	view.Reasons, err = v.sentences(fault.Of(state.Err), reference)
	return view, err
}

// troubleView is why something failed, and when.
type troubleView struct {
	At      time.Time // zero: just now
	Reasons []string
}

// sentences puts what went wrong into words.
func (v *Visit) sentences(faults []*fault.Fault, reference string) (list []string, err error) {
	if reference != "" {
		text, err := v.Text("sorry_reference", "Reference", reference)
		return []string{text}, err
	}
	for _, f := range faults {
		list = append(list, v.Texts.PageFault(v.Lang, f))
	}
	return list, nil
}
