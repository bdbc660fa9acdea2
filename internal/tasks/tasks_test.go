package tasks_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/tasks"
)

// result is what the tasks of the tests come to.
type result struct {
	Sum    int
	Failed *fault.Fault
}

// process is one process with tasks.
type process struct {
	runner *tasks.Runner
	sums   *tasks.Kind[result]
	stop   context.CancelFunc
}

func start(t *testing.T, s tasks.Store, rule tasks.Rule) *process {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	p := &process{runner: tasks.NewRunner(ctx, s, storetest.Now, slog.New(slog.DiscardHandler)), stop: stop}
	p.sums = tasks.NewKind[result](p.runner, rule)
	t.Cleanup(func() { stop(); p.runner.Close() })
	return p
}

var sums = tasks.Rule{Kind: "sum", Keep: time.Hour}

func comesTo(n int) func(context.Context, *tasks.Progress) (result, error) {
	return func(context.Context, *tasks.Progress) (result, error) { return result{Sum: n}, nil }
}

func fails(err error) func(context.Context, *tasks.Progress) (result, error) {
	return func(context.Context, *tasks.Progress) (result, error) { return result{}, err }
}

// waits ends with its context.
func waits(ctx context.Context, _ *tasks.Progress) (result, error) {
	<-ctx.Done()
	return result{}, ctx.Err()
}

func latest(t *testing.T, k *tasks.Kind[result], subject string) *tasks.State[result] {
	t.Helper()
	task, err := k.Latest(t.Context(), "anna", subject)
	if err != nil {
		t.Fatal(err)
	}
	if task == nil {
		return nil
	}
	s := task.State()
	return &s
}

func TestAnOutcomeIsFoundOnAnotherProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		first := start(t, open(), sums)
		owner := fault.New(fault.NotReady, "tax_account_unset", fault.Args{"account": "s19", "count": 1_000_000})
		first.sums.Start("anna", "done", func(_ context.Context, p *tasks.Progress) (result, error) {
			p.Set(3, 4)
			return result{Sum: 7, Failed: owner}, nil
		})
		first.sums.Start("anna", "fault", fails(fault.New(fault.Conflict, "key_taken", fault.Args{"key": "x"})))
		first.sums.Start("anna", "error", fails(errors.New("the disk is full")))
		first.sums.Start("anna", "panic", func(context.Context, *tasks.Progress) (result, error) { panic("broken") })
		first.runner.Close()
		second := start(t, open(), sums)
		if s := latest(t, second.sums, "done"); s == nil || s.Status != tasks.Done || s.Value.Sum != 7 || s.Progress.Done != 3 ||
			s.Value.Failed.Key != owner.Key || s.Value.Failed.Args["count"] != int64(1_000_000) {
			t.Errorf("done: %+v", s)
		}
		if s := latest(t, second.sums, "fault"); s == nil || s.Status != tasks.Failed || !fault.Is(s.Err, fault.Conflict) {
			t.Errorf("fault: %+v", s)
		}
		for _, subject := range []string{"error", "panic"} {
			s, before := latest(t, second.sums, subject), latest(t, first.sums, subject)
			logged, _ := errors.AsType[*creditnotes.LoggedError](s.Err)
			known, _ := errors.AsType[*creditnotes.LoggedError](before.Err)
			if logged == nil || known == nil || logged.Reference == "" || logged.Reference != known.Reference {
				t.Errorf("%s: %v, and %v where it ran", subject, s.Err, before.Err)
			}
		}
		if task, err := second.sums.Find(t.Context(), "paul", latest(t, second.sums, "done").ID); task != nil || err != nil {
			t.Errorf("another user finds %+v, %v", task, err)
		}
		joined, err := second.sums.Join(t.Context(), "anna", "done", fails(errors.New("started again")))
		if err != nil || joined.State().Value.Sum != 7 {
			t.Errorf("joined %+v, %v", joined.State(), err)
		}
		if err := second.sums.ForgetLatest(t.Context(), "anna", "done"); err != nil || latest(t, second.sums, "done") != nil {
			t.Errorf("not forgotten: %v", err)
		}
	})
}

func TestATaskOfAProcessThatEndedWasStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		first, second := start(t, open(), sums), start(t, open(), sums)
		first.sums.Start("anna", "x", waits)
		if s := latest(t, second.sums, "x"); s == nil || s.Over() {
			t.Errorf("under way: %+v", s)
		}
		first.stop()
		first.runner.Close()
		if s := latest(t, second.sums, "x"); s == nil || s.Status != tasks.Stopped || !fault.Is(s.Err, fault.Unavailable) {
			t.Errorf("stopped: %+v", s)
		}
	})
}

func TestSoManyAtOnceAndTheNewestOfAUser(t *testing.T) {
	p := start(t, nil, tasks.Rule{Kind: "sum", AtOnce: 1, Newest: true, Keep: time.Hour, Cached: 2})
	older := p.sums.Start("anna", "older", waits)
	newer := p.sums.Start("anna", "newer", comesTo(1)) // stops the older one and takes its place
	if s := older.Within(time.Minute); s.Status != tasks.Stopped || !fault.Is(s.Err, fault.Unavailable) {
		t.Errorf("the older one: %+v", s)
	}
	if s := newer.Within(time.Minute); s.Value.Sum != 1 {
		t.Errorf("the newer one: %+v", s)
	}
	begun, hold := make(chan struct{}), make(chan struct{})
	held := p.sums.Start("paul", "held", func(context.Context, *tasks.Progress) (result, error) {
		close(begun)
		<-hold
		return result{}, nil
	})
	<-begun // a task that only waits for its place may be overtaken
	waiting := p.sums.Start("anna", "waiting", comesTo(2))
	if s := waiting.Within(50 * time.Millisecond); s.Over() {
		t.Errorf("two at once: %+v", s)
	}
	close(hold)
	held.Within(time.Minute)
	if s := waiting.Within(time.Minute); s.Value.Sum != 2 {
		t.Errorf("the next one: %+v", s)
	}
	if latest(t, p.sums, "older") != nil {
		t.Error("more outcomes than are cached")
	}
}

func TestWhatIsForgottenStaysForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		p := start(t, open(), sums)
		task := p.sums.Start("anna", "x", waits)
		if err := p.sums.Forget(t.Context(), task.State().ID); err != nil {
			t.Fatal(err)
		}
		task.Within(time.Minute)
		p.runner.Close()
		if s := latest(t, start(t, open(), sums).sums, "x"); s != nil {
			t.Errorf("it is there again: %+v", s)
		}
	})
}

// away is a store that does not answer.
type away struct{ tasks.Store }

func (away) SaveTask(context.Context, *tasks.Record) error { return errors.New("away") }

func TestWorkGoesOnWhileTheStoreIsAway(t *testing.T) {
	p := start(t, away{}, sums)
	if s := p.sums.Start("anna", "x", comesTo(3)).Within(time.Minute); s.Value.Sum != 3 {
		t.Errorf("%+v", s)
	}
	done := make(chan struct{})
	p.runner.Go(func(context.Context) { defer close(done); panic("broken") }) // ends nothing
	<-done
}
