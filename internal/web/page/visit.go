// Package page is what the pages of all areas are made of: the visit of a user
// with language, rights and messages, how a page is shown and what is shown when
// something goes wrong, lists, forms, confirmation by password, links, and the
// words that several areas use. It knows no page.
package page

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
)

// Visit is one request to one page.
type Visit struct {
	*Site
	W      http.ResponseWriter
	R      *http.Request
	Who    *access.Visitor // nil: no one has logged in
	Lang   string          // of the page, with the numbers of a region (locales.WithNumbers)
	Faults []ProblemLine   // on top of the page
	Status int

	zoneName string // in which times are shown; empty: that of the operator
}

// Answer makes a handler of a route: it finds out who asks, checks the right,
// and turns what goes wrong into a page.
func (s *Site) Answer(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &Visit{Site: s, W: w, R: r, Status: http.StatusOK}
		w.Header().Set("Cache-Control", "no-store")
		err := v.attempt(rt)
		if err != nil {
			v.apologize(err)
		}
	})
}

// attempt serves the route; a panic is an error like any other, but for the one
// that breaks the connection off.
func (v *Visit) attempt(rt Route) (err error) {
	defer func() {
		switch broken := recover(); broken {
		case nil:
		case http.ErrAbortHandler:
			flow.CutOff()
		default:
			err = fmt.Errorf("panic: %v\n%s", broken, debug.Stack())
		}
	}()
	if v.Who, err = v.visitor(); err != nil {
		return err
	}
	chosen := v.look()
	v.Lang, v.zoneName = chosen.lang, chosen.zone
	switch {
	case rt.Right == Anyone:
	case v.Who == nil:
		return v.toLogin()
	case !v.admits(rt):
		return fault.New(fault.Forbidden, "right_missing", nil)
	}
	forget, err := v.takeIn(rt)
	if err != nil {
		return err
	}
	defer forget()
	return rt.Serve(v)
}

// takeIn reads the form of a request before anything is done with it, once it
// is known that the visitor may send it: nothing that others wait for waits for
// a browser. Forget removes the temporary files of the form.
func (v *Visit) takeIn(rt Route) (forget func(), err error) {
	forget = func() {
		if v.R.MultipartForm != nil {
			_ = v.R.MultipartForm.RemoveAll() // the system clears its temporary files, too
		}
	}
	if v.R.Method != http.MethodPost {
		return forget, nil
	}
	most := cmp.Or(rt.Most, MostForm)
	if v.R.ContentLength > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	if most > MostPicture {
		leave, err := v.gate.Enter(v.R.Context(), v.Name())
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, most)
	if err = v.R.ParseForm(); err == nil {
		err = v.R.ParseMultipartForm(MostForm)
	}
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return forget, nil
	case errors.As(err, &tooLarge):
	case flow.Explain(err) != err:
		err = flow.Explain(err)
	default:
		err = fault.Wrap(fault.Usage, "form_unreadable", nil, err)
	}
	forget()
	return nil, err
}

// admits reports whether the visitor may use a route.
func (v *Visit) admits(rt Route) bool {
	return (rt.Right == Everyone || v.Who.May(rt.Right)) && (!rt.Operator || v.Who.Operator)
}

// May reports whether the visitor has a right; who has not logged in has none.
func (v *Visit) May(right access.Right) bool { return v.Who != nil && v.Who.May(right) }

// Name is who the audit log names.
func (v *Visit) Name() string { return v.Who.User.Name }

// Actor is the visitor as who changes users.
func (v *Visit) Actor() access.Actor { return access.Actor{Name: v.Name()} }

// toLogin sends a visitor who has not logged in to the login page, and from
// there back here.
func (v *Visit) toLogin() error {
	if v.Refreshes() { // a part of a page cannot show the login
		v.W.Header().Set("HX-Redirect", "/login")
		v.W.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	q := url.Values{}
	if v.R.Method == http.MethodGet && v.R.URL.Path != "/" {
		q.Set("next", v.R.URL.RequestURI())
	}
	if v.R.Method == http.MethodPost {
		q.Set("next", v.cameFrom())
		q.Set("form", "kept")
	}
	if len(q) == 0 {
		return v.Redirect("/login")
	}
	return v.Redirect("/login?" + q.Encode())
}

// cameFrom is the page of ours from which a form was sent: the one that the
// browser names, where there is one at that address.
func (v *Visit) cameFrom() string {
	u, err := url.Parse(v.R.Referer())
	if err != nil || u.Host != v.R.Host || RouteOf(v.routes, u.EscapedPath()) == nil {
		return "/"
	}
	return u.RequestURI()
}

// Refreshes reports whether the browser asks for a part of a page.
func (v *Visit) Refreshes() bool { return v.R.Header.Get("HX-Request") == "true" }

// Redirect sends the browser to another page of ours with a GET.
func (v *Visit) Redirect(target string) error {
	http.Redirect(v.W, v.R, target, http.StatusSeeOther)
	return nil
}

// Done says with a message of the locales that something was done, on the page
// to which the browser is sent.
func (v *Visit) Done(target, key string, args ...any) error {
	text, err := v.Text(key, args...)
	if err != nil {
		return err
	}
	v.sessions.Put(v.R.Context(), "flash", text)
	return v.Redirect(target)
}

// Local makes sure that an address given by the browser is one of ours.
func Local(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(target, "\\") {
		return "/"
	}
	return u.RequestURI()
}

// Nowhere answers for addresses that are not on the site map.
func (v *Visit) Nowhere() error { return fault.New(fault.NotFound, "page_unknown", nil) }

// apologize shows what went wrong. What is not meant for people goes to the
// log, and the page shows where to find it there.
func (v *Visit) apologize(err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = fault.New(fault.Invalid, "request_too_large", fault.Args{"megabytes": tooLarge.Limit >> 20})
		v.W.Header().Set("Connection", "close") // the rest of the form is not wanted
	}
	if v.empty(err) {
		return
	}
	view := sorryView{}
	if faults := fault.Of(err); len(faults) > 0 {
		v.Status = faults[0].Kind.HTTPStatus()
		for _, f := range faults {
			view.Sentences = append(view.Sentences, v.texts.PageFault(v.Lang, f))
		}
	} else if v.R.Context().Err() != nil {
		return // the browser has gone
	} else if logged := LoggedError(err); logged != nil {
		v.Status, view.Reference = http.StatusInternalServerError, logged.Reference
	} else {
		v.Status = http.StatusInternalServerError
		view.Reference = rand.Text()[:8]
		v.log.Error("page failed", "ref", view.Reference, "method", v.R.Method, "path", v.logged(), "err", err)
	}
	title, _ := v.Text("sorry_title")
	if err := v.Show("sorry", title, view); err != nil {
		v.log.Error("error page failed", "err", err)
		http.Error(v.W, "error "+view.Reference, http.StatusInternalServerError)
	}
}

// empty answers for a page that needs a network where there is none yet, and
// reports whether it did: that is no error, but the beginning.
func (v *Visit) empty(err error) bool {
	faults := fault.Of(err)
	if v.R.Method != http.MethodGet || v.Refreshes() || len(faults) != 1 || faults[0].Key != "network_empty" {
		return false
	}
	return v.ShowAs("empty", "empty_title", nil) == nil
}

// LoggedError is the error in err that has been logged already, or nil.
func LoggedError(err error) *creditnotes.LoggedError {
	logged, _ := errors.AsType[*creditnotes.LoggedError](err)
	return logged
}

// logged is the path of the request for the log: without the secret that lets
// a user in.
func (v *Visit) logged() string {
	if secret := v.R.PathValue("secret"); secret != "" {
		return strings.ReplaceAll(v.R.URL.Path, secret, "…")
	}
	return v.R.URL.Path
}

// sorryView is the page that says what went wrong.
type sorryView struct {
	Sentences []string
	Reference string // of the line in the log
}

// ID is the number {id} of the address; what is none is not there.
func (v *Visit) ID(unknown, noun string) (int64, error) {
	id, err := strconv.ParseInt(v.R.PathValue("id"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, unknown, fault.Args{noun: v.R.PathValue("id")})
	}
	return id, nil
}
