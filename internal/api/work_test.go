package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/tasks"
)

// Work that goes on after its request was answered says how it ended.
func TestBackgroundWorkSaysWhyItFailed(t *testing.T) {
	w := newWorld(t)
	felix, anna := w.as("felix"), w.as("anna")
	ended := make(chan struct{})
	task := w.api.journals.Start("felix", "2026-10", func(_ context.Context, p *tasks.Progress) (bool, error) {
		p.Set(3, 7)
		<-ended
		return false, fault.New(fault.NotReady, "restore_unconfirmed", nil)
	})
	path := "/work/" + task.State().ID
	anna.get(path).problem(http.StatusNotFound, "work_unknown")
	if one := read[Work](felix.get(path).is(http.StatusOK)); one.State != tasks.UnderWay || one.Kind != workExport || one.Subject != "2026-10" || one.Ended != nil || one.Problem != nil {
		t.Errorf("under way: %+v", one)
	}
	close(ended)
	<-task.Done()
	one := read[Work](felix.get(path).is(http.StatusOK))
	if one.State != tasks.Failed || one.Problem == nil || one.Problem.Type != typeOf("restore_unconfirmed") || one.Problem.Detail == "" || one.Result != "" || one.Ended == nil || one.Of != 7 {
		t.Errorf("failed: %+v, %+v", one, one.Problem)
	}
}

func TestWorkThatTakesLongIsFoundAtItsLocation(t *testing.T) {
	w := newWorld(t)
	w.api.within = 0
	anna, before := w.as("anna"), make(chan struct{})
	w.api.repricing.Start("", "", func(context.Context, *tasks.Progress) (creditnotes.RepriceJSON, error) {
		<-before // the next one waits its turn
		return creditnotes.RepriceJSON{}, nil
	})
	answer := anna.post("/reprices", object{"rate": "no-such-rate", "from": "2026-10-01", "reason": "a test"}).is(http.StatusAccepted)
	path := strings.TrimPrefix(answer.header.Get("Location"), Base)
	if one := read[Work](anna.get(path).is(http.StatusOK)); one.State != tasks.UnderWay || one.Subject != "no-such-rate" {
		t.Errorf("under way: %+v", one)
	}
	close(before)
	task, err := w.api.repricing.Find(t.Context(), "anna", strings.TrimPrefix(path, "/work/"))
	must(t, err)
	<-task.Done()
	if one := read[Work](anna.get(path).is(http.StatusOK)); one.State != tasks.Failed || one.Problem == nil || !strings.Contains(one.Problem.Detail, "no-such-rate") {
		t.Errorf("failed: %+v, %+v", one, one.Problem)
	}
}
