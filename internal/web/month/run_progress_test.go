package month

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

func TestTimeLeftFollowsFromThePace(t *testing.T) {
	from := pace{}
	at := func(seconds int, p store.Progress) progressStep {
		steps, _ := progressSteps(&p, 100, false)
		from.rate(today.Add(time.Duration(seconds)*time.Second), &p, steps)
		return steps[stageOrder[p.Stage]]
	}
	drafting := func(owners int, sessions int64) store.Progress {
		return store.Progress{Stage: creditnotes.StageDrafting, OwnersDone: owners, SessionsDone: sessions}
	}
	if s := at(0, drafting(10, 1000)); s.PerSecond != 0 || s.Left != 0 {
		t.Errorf("at first: %+v", s)
	}
	if s := at(4, drafting(20, 5000)); s.PerSecond != 1000 || s.Left != 32 {
		t.Errorf("later: %+v", s)
	}
	rendering := func(n int) store.Progress {
		return store.Progress{Stage: creditnotes.StageIssued, NotesTotal: 50, NotesRendered: n}
	}
	at(5, rendering(5)) // another stage has another pace
	if s := at(7, rendering(25)); s.PerSecond != 10 || s.Left != 3 {
		t.Errorf("rendering: %+v", s)
	}
}

func TestMailsOfARunKeepItAlive(t *testing.T) {
	p := store.Progress{Stage: creditnotes.StageCompleted, NotesTotal: 2, NotesRendered: 2, Deliveries: map[creditnotes.DeliveryState]int{
		creditnotes.DeliveryQueued: 1, creditnotes.DeliverySent: 1}}
	steps, live := progressSteps(&p, 2, false)
	if !live || steps[4].State != stepNow || steps[4].Done != 1 || steps[4].Of != 2 {
		t.Errorf("%t %+v", live, steps[4])
	}
	p.Deliveries = map[creditnotes.DeliveryState]int{creditnotes.DeliveryFailed: 1, creditnotes.DeliverySent: 1}
	if steps, live = progressSteps(&p, 2, false); live || steps[4].Failed != 1 || steps[4].State != stepDone {
		t.Errorf("%t %+v", live, steps[4])
	}
	p = store.Progress{Stage: creditnotes.StageDrafted}
	if steps, live = progressSteps(&p, 2, true); live || steps[1].State != stepAsks {
		t.Errorf("%t %+v", live, steps[1])
	}
}
