package store_test

import (
	"context"
	"sync"
	"testing"

	"creditrun/creditnotes"
)

// pausedShard lets something happen when a shard is written and not committed.
type pausedShard struct {
	creditnotes.Store
	meanwhile func()
}

func (s pausedShard) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return s.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error {
		err := fn(w)
		s.meanwhile()
		return err
	})
}

func TestShardIsNotCommittedIntoADiscardedRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		if w.s.IsSQLite() {
			return // anyone who writes is alone
		}
		w.Charged(workedExample()...)
		other := w.Elsewhere()
		slow := w.NewRunner(pausedShard{w.s, sync.OnceFunc(func() {
			if err := other.Discard(t.Context(), "2026-10", "berta"); err != nil {
				t.Error(err)
			}
		})})
		slow.Workers = 1
		_, err := slow.Run(t.Context(), byAnna("2026-10"))
		says(t, err, "run_stage_changed")
		if n := w.rows("lines"); n != 0 {
			t.Errorf("%d sessions are settled by a discarded run", n)
		}
	})
}
