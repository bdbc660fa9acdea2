package api

import (
	"fmt"
	"net/http"
	"testing"
)

// A question is asked, waits in the inbox, is asked back and answered by
// programs; a Sub-CPO sees its own threads and announcements only.
func TestThreadsOfPrograms(t *testing.T) {
	w := newWorld(t)
	paul, felix, vera := w.as("paul"), w.as("felix"), w.as("vera")
	session := read[Items[Session]](paul.get("/sessions?limit=1").is(http.StatusOK)).Items[0]
	ask := "/sessions/" + session.Source + "%2F" + session.Session + "/questions"
	paul.post(ask, object{"reason": "nonsense", "text": "why?"}).is(http.StatusUnprocessableEntity)
	asked := read[ShownThread](paul.post(ask, object{"reason": "price", "text": "why?"}).is(http.StatusCreated))
	if asked.Kind != "question" || asked.Reason != "price" || asked.WaitsFor != "operator" || len(asked.Messages) != 1 {
		t.Errorf("%+v", asked)
	}
	inbox := read[Items[InboxItem]](felix.get("/inbox").is(http.StatusOK)).Items
	if len(inbox) == 0 || inbox[0].Kind != "questions" || inbox[0].Count != 1 {
		t.Errorf("%+v", inbox)
	}
	path := fmt.Sprintf("/threads/%d", asked.ID)
	if back := read[ShownThread](felix.post(path+"/messages", object{"text": "Which?"}).is(http.StatusCreated)); back.WaitsFor != "sub_cpo" {
		t.Errorf("%+v", back)
	}
	vera.post(path+"/answer", object{"text": "x"}).problem(http.StatusForbidden, "right_missing")
	felix.post(path+"/close", nil).problem(http.StatusConflict, "thread_needs_answer")
	if done := read[ShownThread](felix.post(path+"/answer", object{"text": "23 cents"}).is(http.StatusOK)); done.State != "settled" || len(done.Messages) != 3 {
		t.Errorf("%+v", done)
	}
	other := read[ShownThread](felix.post("/threads", object{"entity": "frischmarkt", "subject": "New meter", "text": "When?"}).is(http.StatusCreated))
	paul.get(fmt.Sprintf("/threads/%d", other.ID)).problem(http.StatusNotFound, "thread_unknown")
	paul.post(fmt.Sprintf("/threads/%d/messages", other.ID), object{"text": "x"}).problem(http.StatusNotFound, "thread_unknown")
	paul.post("/threads", object{"entity": "frischmarkt", "subject": "x", "text": "x"}).problem(http.StatusNotFound, "entity_unknown")
	if list := all[Thread](paul, "/threads?limit=1"); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	if list := all[Thread](felix, "/threads?limit=1"); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	felix.post("/announcements", object{"title": "Everyone", "text": "x"}).is(http.StatusCreated)
	felix.post("/announcements", object{"title": "Other", "text": "x", "entity": "frischmarkt"}).is(http.StatusCreated)
	if list := all[Announcement](paul, "/announcements"); len(list) != 1 || list[0].AnnouncedBy != "" {
		t.Errorf("%+v", list)
	}
}
