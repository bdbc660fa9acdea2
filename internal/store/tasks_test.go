package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/tasks"
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// aTask is a preview of anna that is under way.
func aTask(id string) *tasks.Record {
	now := storetest.Now()
	return &tasks.Record{
		ID: id, Kind: "preview", Subject: "2026-10", Who: "anna", Status: tasks.UnderWay, Begun: now, Beat: now, Expires: now.Add(time.Hour),
	}
}

func TestATaskIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		saved := aTask("t1")
		noError(t, s.SaveTask(t.Context(), saved))
		noError(t, s.BeatTask(t.Context(), "t1", saved.Begun.Add(time.Second), tasks.Count{Done: 3, Of: 7}))
		saved.Beat, saved.Progress = saved.Begun.Add(time.Second), tasks.Count{Done: 3, Of: 7}
		same := func(r *tasks.Record, err error) {
			t.Helper()
			noError(t, err)
			if !reflect.DeepEqual(r, saved) {
				t.Errorf("got %+v instead of %+v", r, saved)
			}
		}
		none := func(r *tasks.Record, err error) {
			t.Helper()
			if noError(t, err); r != nil {
				t.Errorf("got %+v", r)
			}
		}
		same(s.TaskByID(t.Context(), "preview", "t1"))
		same(open().LatestTask(t.Context(), "preview", "anna", "2026-10")) // on another process
		saved.Status, saved.Ended, saved.Result = tasks.Done, saved.Beat, []byte{0, 1, 2}
		noError(t, s.SaveTask(t.Context(), saved))
		noError(t, s.BeatTask(t.Context(), "t1", saved.Begun.Add(time.Minute), tasks.Count{})) // too late
		same(s.LatestTask(t.Context(), "preview", "", "2026-10"))
		saved.Status, saved.Result, saved.Reference = tasks.Failed, nil, "ABC"
		saved.Failure = fault.List{fault.New(fault.NotReady, "feature_inactive", fault.Args{"run": "x"})}
		noError(t, s.SaveTask(t.Context(), saved))
		same(s.TaskByID(t.Context(), "preview", "t1"))
		none(s.TaskByID(t.Context(), "what_if", "t1"))
		none(s.LatestTask(t.Context(), "preview", "paul", "2026-10"))
		none(s.LatestTask(t.Context(), "preview", "anna", "2026-11"))
		noError(t, s.ForgetTask(t.Context(), "t1"))
		noError(t, s.ForgetTask(t.Context(), "t1"))
		none(s.TaskByID(t.Context(), "preview", "t1"))
	})
}

func TestTasksAreFewAndExpire(t *testing.T) {
	now := storetest.Now()
	storetest.EachAt(t, func() time.Time { return now }, func(t *testing.T, open func() *store.Store) {
		s := open()
		for i := range 205 {
			one := aTask(fmt.Sprint(i))
			one.Begun = one.Begun.Add(time.Duration(i) * time.Second)
			noError(t, s.SaveTask(t.Context(), one))
		}
		for id, kept := range map[string]bool{"4": false, "5": true, "204": true} {
			if r, err := s.TaskByID(t.Context(), "preview", id); err != nil || (r != nil) != kept {
				t.Errorf("task %s: %+v, %v", id, r, err)
			}
		}
		if r, err := s.LatestTask(t.Context(), "preview", "anna", "2026-10"); err != nil || r == nil || r.ID != "204" {
			t.Errorf("the latest is %+v, %v", r, err)
		}
		now = now.Add(2 * time.Hour)
		defer func() { now = storetest.Now() }()
		if r, err := s.TaskByID(t.Context(), "preview", "204"); err != nil || r != nil {
			t.Errorf("expired: %+v, %v", r, err)
		}
	})
}

func TestATaskWhoseProcessIsGoneWasStopped(t *testing.T) {
	now := storetest.Now()
	storetest.EachAt(t, func() time.Time { return now }, func(t *testing.T, open func() *store.Store) {
		defer func() { now = storetest.Now() }()
		mine, other := open(), open()
		noError(t, mine.SaveTask(t.Context(), aTask("t1")))
		status := func(s *store.Store) tasks.Status {
			t.Helper()
			r, err := s.TaskByID(t.Context(), "preview", "t1")
			noError(t, err)
			return r.Status
		}
		if got := status(other); got != tasks.UnderWay {
			t.Errorf("while its process lives it is %s", got)
		}
		now = now.Add(3 * time.Minute) // nothing was heard of its process
		if got := status(other); got != tasks.Stopped {
			t.Errorf("when nothing was heard of its process it is %s", got)
		}
		if got := status(mine); got != tasks.UnderWay {
			t.Errorf("its own process reads it as %s", got)
		}
	})
}
