package notes

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/web/page"
)

// judgedView says which sessions could not be released or made invalid.
type judgedView struct {
	Done    int
	Action  string
	Refused []refusedSession
	Back    string
}

// refusedSession is a session about which no one can decide, and why.
type refusedSession struct {
	Path string
	Text string
}

// JudgeSessions releases the chosen sessions, or makes them invalid, or says
// what those are that have the id of another.
func (v *Visit) JudgeSessions() error {
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	form := v.R.PostForm
	back := page.Local(form.Get("back"))
	ids, reason, err := chosenSessions(form)
	if err != nil {
		return v.rejudge(back, err)
	}
	decide := v.decisions(form)[form.Get("action")]
	if decide == nil {
		return v.Nowhere()
	}
	if len(ids) > 1 && form.Get("sure") != strconv.Itoa(len(ids)) {
		return v.askSure(form, ids, reason, back)
	}
	done, refused, err := decide(v.R.Context(), v.Name(), ids, reason)
	if err != nil {
		return err
	}
	if len(refused) == 0 {
		if form.Get("action") == "merge" && strings.HasPrefix(back, "/sessions/") {
			back = "/sessions" // the record is a version of another session now
		}
		return v.Done(back, fmt.Sprintf("sessions_done_%s", form.Get("action")), "Count", done)
	}
	view := judgedView{Done: done, Action: form.Get("action"), Back: back}
	for id, f := range refused {
		view.Refused = append(view.Refused, refusedSession{page.SessionPath(id), v.Texts.PageFault(v.Lang, f)})
	}
	slices.SortFunc(view.Refused, func(x, y refusedSession) int { return cmp.Compare(x.Text, y.Text) })
	v.Status = fault.Conflict.HTTPStatus()
	return v.ShowAs("sessions_judged", "sessions_judged", view)
}

// sureView asks once more before something is decided about several sessions.
type sureView struct {
	Action, Reason, Back string
	IDs                  []int64
	Released             []string // ids of those that the form showed as released
	Count                int
	Energy               money.Quantity
}

// askSure says what is about to be decided about how many sessions.
func (v *Visit) askSure(form url.Values, ids []int64, reason, back string) error {
	found, err := v.Store.SessionsByID(v.R.Context(), ids)
	if err != nil {
		return err
	}
	view := sureView{Action: form.Get("action"), Reason: reason, Back: back, IDs: ids, Released: form["released"], Count: len(ids)}
	for _, s := range found {
		view.Energy += s.Energy
	}
	v.Status = fault.Unconfirmed.HTTPStatus()
	return v.ShowAs("sessions_sure", "sessions_judge", view)
}

// decision is what can be decided about sessions.
type decision func(ctx context.Context, who string, ids []int64, reason string) (int, map[int64]*fault.Fault, error)

func (v *Visit) decisions(form url.Values) map[string]decision {
	return map[string]decision{
		"release": v.Store.ReleaseSessions, "separate": v.Store.SeparateSessions, "merge": v.Store.TakeAsCorrections,
		"invalidate": func(ctx context.Context, who string, ids []int64, reason string) (int, map[int64]*fault.Fault, error) {
			return v.Store.InvalidateSessions(ctx, who, ids, reason, idsOf(form["released"]))
		},
	}
}

// idsOf reads the ids among texts. It is never nil.
func idsOf(texts []string) []int64 {
	ids := []int64{}
	for _, text := range texts {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// chosenSessions reads what the form is about.
func chosenSessions(form url.Values) (ids []int64, reason string, err error) {
	if ids = idsOf(form["id"]); len(ids) == 0 {
		return nil, "", fault.New(fault.Invalid, "sessions_none_chosen", nil)
	}
	if reason = strings.TrimSpace(form.Get("reason")); reason == "" {
		return nil, "", fault.New(fault.Invalid, "decision_without_reason", nil).At("reason")
	}
	return ids, reason, nil
}

// rejudge shows again the page from which a form came, with what was wrong.
func (v *Visit) rejudge(back string, problem error) error {
	target, err := url.Parse(back)
	if err != nil {
		return err
	}
	if id, ok := strings.CutPrefix(target.Path, "/sessions/"); ok {
		v.R.SetPathValue("id", id)
		f := v.Form(judgeForm)
		f.Fail(problem)
		return v.showSession(f)
	}
	v.R.URL.RawQuery = target.RawQuery
	return v.showSessions(v.askedSessions(), problem)
}
