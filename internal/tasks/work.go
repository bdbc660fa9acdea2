package tasks

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/gob"
	"errors"
	"io"
	"sync"
	"time"

	"creditrun/creditnotes"
)

// begin records a task and lets the work go on beside the request.
func (k *Kind[T]) begin(ctx context.Context, t *Task[T], fn func(context.Context, *Progress) (T, error)) {
	s := t.State()
	record := Record{ID: s.ID, Kind: k.rule.Kind, Subject: s.Subject, Who: s.Who, Status: UnderWay, Begun: s.Begun, Beat: s.Begun}
	record.Expires = s.Begun.Add(k.rule.Keep + longest)
	if !k.unrecorded() {
		// Where that fails, the end of the task is recorded nevertheless.
		_ = k.runner.keep(beginPatience, func(ctx context.Context) error { return k.runner.store.SaveTask(ctx, &record) })
	}
	k.runner.group.Go(func() {
		defer t.stop()
		value, err := k.work(ctx, t, fn)
		record.Status, err = k.runner.explained(ctx, &record, err)
		record.Ended = k.runner.now()
		t.change(func(s *State[T]) { s.Value, s.Err, s.Status, s.Ended = value, err, record.Status, record.Ended })
		close(t.done)
		if !k.unrecorded() {
			k.end(t, record)
		}
	})
}

// longest is how long a task may take before the store may forget it.
const longest = 7 * 24 * time.Hour

// work waits for its turn and does the work.
func (k *Kind[T]) work(ctx context.Context, t *Task[T], fn func(context.Context, *Progress) (T, error)) (value T, err error) {
	leave, err := k.places.Enter(ctx)
	if err != nil {
		return value, err
	}
	defer leave()
	defer k.beat(t)()
	progress := &Progress{count: func(c Count) { t.change(func(s *State[T]) { s.Progress = c }) }}
	err = recovered(func() error {
		value, err = fn(ctx, progress)
		return err
	})
	return value, err
}

// beat records how far a task is until stop is called.
func (k *Kind[T]) beat(t *Task[T]) (stop func()) {
	if k.unrecorded() {
		return func() {}
	}
	ended := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for last := (Count{}); ; {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			s := t.State()
			if s.Progress == last {
				continue
			}
			last = s.Progress
			_ = k.runner.keep(beginPatience, func(ctx context.Context) error {
				return k.runner.store.BeatTask(ctx, s.ID, k.runner.now(), last)
			})
		}
	})
	return func() { close(ended); beating.Wait() }
}

// end records what became of a task.
func (k *Kind[T]) end(t *Task[T], record Record) {
	s := t.State()
	record.Beat, record.Progress, record.Expires = record.Ended, s.Progress, record.Ended.Add(k.rule.Keep)
	if record.Status == Done {
		result, err := encode(&s.Value)
		if err != nil {
			k.runner.log.Error("the result of background work could not be encoded", record.Kind, record.Subject, "err", err)
		}
		record.Result = result
	}
	t.saving.Lock()
	defer t.saving.Unlock()
	if t.forgotten {
		return
	}
	err := k.runner.keep(endPatience, func(ctx context.Context) error { return k.runner.store.SaveTask(ctx, &record) })
	if err != nil {
		k.runner.log.Warn("the end of background work could not be recorded", record.Kind, record.Subject, "err", err)
	}
}

// read makes a task of a record. A result that is not kept, or was encoded by
// another version of the program, makes it one that was never there (nil).
func (k *Kind[T]) read(r *Record) *Task[T] {
	s := State[T]{ID: r.ID, Subject: r.Subject, Who: r.Who, Begun: r.Begun, Ended: r.Ended, Status: r.Status, Progress: r.Progress}
	t := &Task[T]{done: make(chan struct{}), stop: func() {}}
	switch r.Status {
	case UnderWay: // of another process: it does not say when it has ended
		t.state = s
		return t
	case Done:
		if err := decode(r.Result, &s.Value); err != nil {
			return nil
		}
	case Stopped:
		s.Err = Interrupted()
	case Failed:
		if s.Err = r.Failure.Err(); s.Err == nil {
			s.Err = &creditnotes.LoggedError{Reference: r.Reference, Err: errors.New("background work failed")}
		}
	}
	t.state = s
	close(t.done)
	return t
}

// maxResult is how many bytes of a result are kept in the store; a larger one
// stays in memory only.
const maxResult = 8 << 20

// encode packs a result; nil where it is too large to be kept.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	packed, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := gob.NewEncoder(packed).Encode(value); err != nil {
		return nil, err
	}
	if err := packed.Close(); err != nil || b.Len() > maxResult {
		return nil, err
	}
	return b.Bytes(), nil
}

func decode(result []byte, value any) error {
	if len(result) == 0 {
		return io.ErrUnexpectedEOF
	}
	return gob.NewDecoder(flate.NewReader(bytes.NewReader(result))).Decode(value)
}
