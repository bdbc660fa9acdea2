package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
)

// visit is one request of somebody to one page.
type visit struct {
	*Server
	w      http.ResponseWriter
	r      *http.Request
	who    *access.Visitor // nil: nobody has logged in
	lang   string
	faults []problemLine // on top of the page
	status int
}

// answer makes a handler of a route: it finds out who asks, checks the right,
// and turns what goes wrong into a page.
func (s *Server) answer(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Server: s, w: w, r: r, status: http.StatusOK}
		w.Header().Set("Cache-Control", "no-store")
		err := v.attempt(rt)
		if err != nil {
			v.apologise(err)
		}
	})
}

// attempt serves the route; a panic is an error like any other, but for the one
// that breaks the connection off.
func (v *visit) attempt(rt route) (err error) {
	defer func() {
		switch broken := recover(); broken {
		case nil:
		case http.ErrAbortHandler:
			flow.CutOff()
		default:
			err = fmt.Errorf("panic: %v\n%s", broken, debug.Stack())
		}
	}()
	if v.who, err = v.visitor(); err != nil {
		return err
	}
	v.lang = v.language()
	switch {
	case rt.right == anyone:
	case v.who == nil:
		return v.toLogin()
	case !v.admits(rt):
		return fault.New(fault.Forbidden, "right_missing", nil)
	}
	forget, err := v.takeIn(rt)
	if err != nil {
		return err
	}
	defer forget()
	return rt.serve(v)
}

// How many bytes a form may have: one with a picture, and any other.
const (
	mostPicture = 4 << 20
	mostForm    = 1 << 20
)

// takeIn reads the form of a request before anything is done with it, once it
// is known that the visitor may send it: nothing that others wait for waits for
// a browser. Forget removes the temporary files of the form.
func (v *visit) takeIn(rt route) (forget func(), err error) {
	forget = func() {
		if v.r.MultipartForm != nil {
			_ = v.r.MultipartForm.RemoveAll() // the system clears its temporary files, too
		}
	}
	if v.r.Method != http.MethodPost {
		return forget, nil
	}
	most := int64(mostForm)
	if rt.withPicture() {
		most = mostPicture
	}
	if v.r.ContentLength > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
	if err = v.r.ParseForm(); err == nil {
		err = v.r.ParseMultipartForm(mostForm)
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

// admits tells whether the visitor may use a route.
func (v *visit) admits(rt route) bool {
	return (rt.right == everyone || v.who.May(rt.right)) && (!rt.operator || v.who.Operator)
}

// may tells whether the visitor has a right; nobody has none.
func (v *visit) may(right access.Right) bool { return v.who != nil && v.who.May(right) }

// name is who the audit log names.
func (v *visit) name() string { return v.who.User.Name }

// actor is the visitor as who changes users.
func (v *visit) actor() access.Actor { return access.Actor{Name: v.name()} }

// toLogin sends somebody who has not logged in to the login page, and from
// there back here.
func (v *visit) toLogin() error {
	if v.refreshes() { // a part of a page cannot show the login
		v.w.Header().Set("HX-Redirect", "/login")
		v.w.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	target := "/login"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/" {
		target += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	return v.redirect(target)
}

// refreshes tells whether the browser asks for a part of a page.
func (v *visit) refreshes() bool { return v.r.Header.Get("HX-Request") == "true" }

// redirect sends the browser to another page of ours with a GET.
func (v *visit) redirect(target string) error {
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
	return nil
}

// done says with a message of the locales that something was done, on the page
// to which the browser is sent.
func (v *visit) done(target, key string, args ...any) error {
	text, err := v.text(key, args...)
	if err != nil {
		return err
	}
	v.sessions.Put(v.r.Context(), "flash", text)
	return v.redirect(target)
}

// local makes sure that an address given by the browser is one of ours.
func local(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(target, "\\") {
		return "/"
	}
	return u.RequestURI()
}

// nowhere answers for addresses that are not on the site map.
func (v *visit) nowhere() error { return fault.New(fault.NotFound, "page_unknown", nil) }

// apologise shows what went wrong. What is not meant for people goes to the
// log, and the page shows where to find it there.
func (v *visit) apologise(err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = fault.New(fault.Invalid, "request_too_large", fault.Args{"megabytes": tooLarge.Limit >> 20})
		v.w.Header().Set("Connection", "close") // the rest of the form is not wanted
	}
	view := sorryView{}
	if faults := fault.Of(err); len(faults) > 0 {
		v.status = faults[0].Kind.HTTPStatus()
		for _, f := range faults {
			view.Sentences = append(view.Sentences, v.Texts.Fault(v.lang, f))
		}
	} else if v.r.Context().Err() != nil {
		return // the browser has gone
	} else if logged := loggedError(err); logged != nil {
		v.status, view.Reference = http.StatusInternalServerError, logged.Reference
	} else {
		v.status = http.StatusInternalServerError
		view.Reference = rand.Text()[:8]
		v.Log.Error("page failed", "ref", view.Reference, "method", v.r.Method, "path", v.logged(), "err", err)
	}
	title, _ := v.text("sorry_title")
	if err := v.show("sorry", title, view); err != nil {
		v.Log.Error("error page failed", "err", err)
		http.Error(v.w, "error "+view.Reference, http.StatusInternalServerError)
	}
}

// loggedError is the error in err that has been logged already, or nil.
func loggedError(err error) *creditnotes.LoggedError {
	logged, _ := errors.AsType[*creditnotes.LoggedError](err)
	return logged
}

// logged is the path of the request for the log: without the secret that lets
// somebody in.
func (v *visit) logged() string {
	if secret := v.r.PathValue("secret"); secret != "" {
		return strings.ReplaceAll(v.r.URL.Path, secret, "…")
	}
	return v.r.URL.Path
}

// sorryView is the page that says what went wrong.
type sorryView struct {
	Sentences []string
	Reference string // of the line in the log
}
