package month

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// progressEvery is how often the database is asked how far a run has come.
const progressEvery = time.Second

// followFor is how long one stream lasts: then the browser asks again, and
// anyone who has lost the right to see the run is refused.
const followFor = 10 * time.Minute

// progressView is how far a run has come, stage by stage.
type progressView struct {
	Path  string // of the run
	Steps []progressStep
	Live  bool // it goes on by itself
	// Stopped: a person would have to work on it and no one does.
	Stopped bool
	Stage   creditnotes.Stage
}

// progressStep is one stage of a run.
type progressStep struct {
	Key   string    // draft, release, issue, render, deliver
	State stepState // as of now
	Done  int
	Of    int // 0: nothing to count
	// Sessions were given their outcome; drafting only.
	Sessions int64
	// What the rate counts: sessions, documents, mails.
	PerSecond int64
	Left      int64 // seconds until the step is done; 0: not known
	Failed    int   // mailings that did not reach anyone
	Queued    int   // mailings that wait
}

// stepState says whether a stage is over.
type stepState string

// The states of stages.
const (
	stepWaits stepState = "waits"
	stepNow   stepState = "now"
	stepAsks  stepState = "asks" // a person has to decide
	stepDone  stepState = "done"
	stepNone  stepState = "none" // there is nothing to do in it
)

// maxFollowers is how many browsers may follow runs at once; each asks the
// database every second.
const maxFollowers = 100

// pace is what was done when a person began to watch, from which follows how
// fast it goes.
type pace struct {
	since    time.Time
	stage    creditnotes.Stage
	owners   int
	sessions int64
	rendered int
	sent     int
}

// progress asks how far a run has come. Without a pace no one knows how fast.
func (v *Visit) progress(run *creditnotes.Run, from *pace) (progressView, error) {
	view := progressView{Path: page.RunPath(run.Name)}
	p, err := v.Store.RunProgress(v.R.Context(), run.ID)
	if err != nil {
		return view, err
	}
	owners := 0
	if p.Stage == creditnotes.StageDrafting {
		if owners, err = v.ownersOf(v.R.Context()); err != nil {
			return view, err
		}
	}
	approve := run.Settings.Release == creditnotes.ReleaseApprove
	view.Steps, view.Live = progressSteps(p, max(owners, p.OwnersDone), approve)
	if from != nil {
		from.rate(v.Now(), p, view.Steps)
	}
	view.Stage = p.Stage
	view.Stopped, err = v.stopped(v.R.Context(), run, p.Stage)
	view.Live = view.Live && !view.Stopped
	return view, err
}

// stopped reports whether a run has to go on at its stage and no process works on
// it.
func (s *Pages) stopped(ctx context.Context, run *creditnotes.Run, stage creditnotes.Stage) (bool, error) {
	if !unfinished(run, stage) {
		return false, nil
	}
	t, err := s.Work.Runs.Latest(ctx, "", run.Name)
	if err != nil {
		return false, err
	}
	if t != nil && t.State().Status == tasks.UnderWay {
		return false, nil
	}
	taken, err := s.Store.RunIsTaken(ctx, run.Name)
	return !taken, err
}

// unfinished reports whether a run has to go on at its stage without anyone's
// decision.
func unfinished(run *creditnotes.Run, stage creditnotes.Stage) bool {
	switch stage {
	case creditnotes.StageDrafting, creditnotes.StageReleased:
		return true
	case creditnotes.StageDrafted:
		return run.Settings.Release == creditnotes.ReleaseAutomatic
	}
	return false
}

// ownersOf counts the owners that a run drafts.
func (s *Pages) ownersOf(ctx context.Context) (int, error) {
	b, err := s.Snapshots.Current(ctx)
	if err != nil {
		return 0, err
	}
	return b.Owners()
}

// The stages in their order.
var stageOrder = map[creditnotes.Stage]int{
	creditnotes.StageDrafting: 0, creditnotes.StageDrafted: 1, creditnotes.StageReleased: 2, creditnotes.StageIssued: 3, creditnotes.StageCompleted: 5,
}

// progressSteps says of each stage whether it is over, and whether the run goes
// on without anyone.
func progressSteps(p *store.Progress, owners int, approve bool) ([]progressStep, bool) {
	if p.Stage == creditnotes.StageDiscarded {
		return nil, false
	}
	at := stageOrder[p.Stage]
	state := func(step int) stepState {
		switch {
		case step < at:
			return stepDone
		case step == at:
			return stepNow
		}
		return stepWaits
	}
	mails := mailSteps(p)
	steps := []progressStep{
		{Key: "draft", State: state(0), Done: p.OwnersDone, Of: owners, Sessions: p.SessionsDone},
		{Key: "release", State: state(1)},
		{Key: "issue", State: state(2), Of: p.NotesTotal},
		{Key: "render", State: state(3), Done: p.NotesRendered, Of: p.NotesTotal},
		mails,
	}
	if steps[1].State == stepNow && approve {
		steps[1].State = stepAsks
	}
	if at > 2 {
		steps[2].Done = p.NotesTotal
	}
	live := at < 5 && steps[1].State != stepAsks || mails.State == stepNow
	return steps, live
}

func mailSteps(p *store.Progress) progressStep {
	s := progressStep{Key: "deliver", State: stepWaits}
	for state, n := range p.Deliveries {
		s.Of += n
		switch state {
		case creditnotes.DeliverySent:
			s.Done += n
		case creditnotes.DeliveryFailed, creditnotes.DeliveryParked, creditnotes.DeliveryIncomplete:
			s.Failed += n
		default:
			s.Queued += n
		}
	}
	switch {
	case s.Queued > 0 && stageOrder[p.Stage] >= 3:
		s.State = stepNow
	case p.Stage == creditnotes.StageCompleted && s.Of == 0:
		s.State = stepNone
	case p.Stage == creditnotes.StageCompleted:
		s.State = stepDone
	}
	return s
}

// rate fills in how fast the steps under way go and how long they take yet.
func (from *pace) rate(now time.Time, p *store.Progress, steps []progressStep) {
	if from.since.IsZero() || from.stage != p.Stage {
		*from = pace{now, p.Stage, p.OwnersDone, p.SessionsDone, p.NotesRendered, p.Deliveries[creditnotes.DeliverySent]}
		return
	}
	elapsed := now.Sub(from.since)
	for i := range steps {
		s := &steps[i]
		if s.State != stepNow {
			continue
		}
		switch s.Key {
		case "draft":
			s.PerSecond = perSecond(p.SessionsDone-from.sessions, elapsed)
			s.Left = secondsLeft(s.Done-from.owners, s.Of-s.Done, elapsed)
		case "render":
			s.PerSecond = perSecond(int64(s.Done-from.rendered), elapsed)
			s.Left = secondsLeft(s.Done-from.rendered, s.Of-s.Done, elapsed)
		case "deliver":
			s.PerSecond = perSecond(int64(s.Done-from.sent), elapsed)
			s.Left = secondsLeft(s.Done-from.sent, s.Queued, elapsed)
		}
	}
}

func perSecond(n int64, elapsed time.Duration) int64 {
	if elapsed < time.Second {
		return 0
	}
	return n * int64(time.Second) / int64(elapsed)
}

// secondsLeft is how long the rest takes at the speed so far, rounded up; 0
// when nothing was done so far.
func secondsLeft(done, left int, elapsed time.Duration) int64 {
	if done <= 0 {
		return 0
	}
	seconds := int64(elapsed/time.Millisecond) * int64(left) / int64(done)
	return (seconds + 999) / 1000
}

// FollowRun sends how far a run has come until it is done, the browser goes or
// the process ends. What it sends comes from the database, so it does not
// matter which process works on the run. Events: progress with the new steps;
// stage when the page shows another one; done when there is nothing more to
// follow.
func (v *Visit) FollowRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if v.followers.Add(1) > v.MaxFollowers {
		v.followers.Add(-1)
		v.W.WriteHeader(http.StatusServiceUnavailable) // no person reads it
		return nil
	}
	defer v.followers.Add(-1)
	stream := newEvents(v.W)
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	long := time.NewTimer(followFor)
	defer long.Stop()
	var from pace
	for stage := creditnotes.Stage(v.R.FormValue("stage")); ; {
		view, err := v.progress(run, &from)
		if err != nil {
			return v.dropped(err)
		}
		part, err := v.Render("run", "progress", view)
		if err == nil {
			err = stream.send("progress", part.Bytes())
		}
		if err == nil && from.stage != stage {
			err = stream.send("stage", []byte(from.stage))
			stage = from.stage
		}
		if err == nil && !view.Live {
			err = stream.send("done", []byte(from.stage))
		}
		if err != nil || !view.Live {
			return v.dropped(err)
		}
		select {
		case <-v.R.Context().Done():
			return nil
		case <-v.Background.Done():
			return nil
		case <-long.C:
			return nil
		case <-tick.C:
		}
	}
}

// dropped ends a stream: what has begun cannot become an error page any more.
func (v *Visit) dropped(err error) error {
	if err != nil && v.R.Context().Err() == nil {
		v.Log.Error("progress of a run", "err", err)
	}
	return nil
}

// events is a stream of server-sent events.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// newEvents begins a stream. It may last longer than a request may take to be
// read.
func newEvents(w http.ResponseWriter) *events {
	e := &events{w, http.NewResponseController(w)}
	_ = e.control.SetReadDeadline(time.Time{}) // a connection without deadlines needs none lifted
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not keep it back
	return e
}

// send sends one event; each line of the data has a line of its own.
func (e *events) send(name string, data []byte) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "event: %s\n", name)
	for line := range bytes.Lines(data) {
		fmt.Fprintf(&out, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	out.WriteByte('\n')
	if _, err := out.WriteTo(e.w); err != nil {
		return err
	}
	return e.control.Flush()
}
