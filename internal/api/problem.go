package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Problem is an answer that says what went wrong (RFC 9457).
type Problem struct {
	Type     string          `json:"type" example:"urn:creditrun:fault:entity_unknown" doc:"urn:creditrun:fault:KEY, which stays the same whatever the words; about:blank where the status says it all"`
	Title    string          `json:"title" doc:"the status in words"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail,omitempty" doc:"a sentence for people, in the language that Accept-Language asks for"`
	Instance string          `json:"instance,omitempty" doc:"urn:creditrun:log:REF names the line in the log of the server"`
	Errors   []ProblemDetail `json:"errors,omitempty" nullable:"false" doc:"everything that is wrong, where it is more than one thing or has a place"`
}

// ProblemDetail is one of several things that went wrong.
type ProblemDetail struct {
	Type     string            `json:"type"`
	Detail   string            `json:"detail"`
	Location string            `json:"location,omitempty" example:"body.vat_id" doc:"the field or parameter, or the line of a file"`
	Args     map[string]string `json:"args,omitempty" doc:"the particulars that the sentence mentions"`
}

// Error makes a problem an error that huma answers as it is.
func (p *Problem) Error() string { return p.Type + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

const (
	problemType = "application/problem+json"
	blank       = "about:blank"
)

// typeOf names a sort of problem for programs.
func typeOf(key string) string { return "urn:creditrun:fault:" + key }

// statusOf is the HTTP status of a fault.
func statusOf(f *fault.Fault) int {
	switch f.Key {
	case "token_refused":
		return http.StatusUnauthorized
	case "upload_too_slow":
		return http.StatusRequestTimeout
	case "record_changed", "key_taken":
		return http.StatusPreconditionFailed
	case "record_unread":
		return http.StatusPreconditionRequired
	}
	return f.Kind.HTTPStatus()
}

// problem turns an error into an answer. What is not meant for people goes to
// the log, and the answer says where to find it there.
func (c *call) problem(err error) *Problem {
	var ready *Problem
	var tooLarge *http.MaxBytesError
	faults := fault.Of(err)
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &tooLarge):
		p := c.problemOf([]*fault.Fault{fault.New(fault.Invalid, "request_too_large", fault.Args{"megabytes": tooLarge.Limit >> 20})})
		p.Status, p.Title = http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge)
		return p
	case len(faults) > 0:
		return c.problemOf(faults)
	}
	reference := rand.Text()[:8]
	if logged := (*creditnotes.LoggedError)(nil); errors.As(err, &logged) {
		reference = logged.Reference
	} else if !errors.Is(err, context.Canceled) {
		c.Log.Error("request failed", "ref", reference, "method", c.r.Method, "path", c.r.URL.Path, "err", err)
	}
	p := c.problemOf([]*fault.Fault{fault.New(fault.Unavailable, "unexpected", nil)})
	p.Status, p.Title = http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError)
	p.Instance = "urn:creditrun:log:" + reference
	return p
}

// problemOf tells of faults; the first says what it is on the whole.
func (c *call) problemOf(faults []*fault.Fault) *Problem {
	first := faults[0]
	status := statusOf(first)
	p := &Problem{Type: typeOf(first.Key), Title: http.StatusText(status), Status: status, Detail: c.words(first)}
	for _, f := range faults {
		p.Errors = append(p.Errors, c.detail(f))
	}
	if len(faults) == 1 && p.Errors[0].Location == "" && len(p.Errors[0].Args) == 0 {
		p.Errors = nil
	}
	return p
}

// oneElement is how intake names the one element of a body that was put into a
// network file of its own.
var oneElement = regexp.MustCompile(`^(operator\b|[a-z_]+\[0\])\.?`)

// detail tells of one fault. The field it names, if any, is in the body.
func (c *call) detail(f *fault.Fault) ProblemDetail {
	d := ProblemDetail{Type: typeOf(f.Key), Detail: c.words(f)}
	for key, value := range f.Args {
		switch key {
		case "file", "record": // the sender knows them
			continue
		}
		if d.Args == nil {
			d.Args = map[string]string{}
		}
		d.Args[key] = fmt.Sprint(value)
	}
	if field := d.Args["field"]; field != "" {
		d.Location = "body." + field
	}
	return d
}

// ofElement makes the places in a problem those in the body of one element.
func (p *Problem) ofElement() *Problem {
	for i := range p.Errors {
		if field, ok := strings.CutPrefix(p.Errors[i].Location, "body."); ok {
			p.Errors[i].Location = strings.TrimSuffix("body."+oneElement.ReplaceAllString(field, ""), ".")
			delete(p.Errors[i].Args, "line")
		}
	}
	return p
}

// invalid is what is wrong with one place of a request, in the words in which
// huma says the like.
func (c *call) invalid(location, message string) error {
	return c.ofModel(&huma.ErrorModel{
		Status: http.StatusUnprocessableEntity, Errors: []*huma.ErrorDetail{{Message: message, Location: location}},
	})
}

// asProblems makes problems of what huma itself finds wrong with a request.
func asProblems(ctx huma.Context, _ string, v any) (any, error) {
	if model, ok := v.(*huma.ErrorModel); ok {
		return callOf(ctx.Context()).ofModel(model), nil
	}
	return v, nil
}

func (c *call) ofModel(model *huma.ErrorModel) *Problem {
	p := &Problem{Type: blank, Title: http.StatusText(model.Status), Status: model.Status, Detail: model.Detail}
	if len(model.Errors) == 0 {
		return p
	}
	f := fault.New(fault.Invalid, "request_invalid", nil)
	p.Type, p.Detail = typeOf(f.Key), c.words(f)
	for _, e := range model.Errors {
		p.Errors = append(p.Errors, ProblemDetail{Type: p.Type, Detail: e.Message, Location: e.Location})
	}
	return p
}

// refuse answers with a problem outside of any operation.
func (c *call) refuse(w http.ResponseWriter, err error) {
	p := c.problem(err)
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(p) // the client has disconnected
}

// nowhere answers for a path or a method that there is not; the handler is what
// the standard library has for it.
func (c *call) nowhere(w http.ResponseWriter, handler http.Handler) {
	var standard statusOnly
	handler.ServeHTTP(&standard, c.r)
	if allow := standard.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		c.refuse(w, &Problem{Type: blank, Title: http.StatusText(http.StatusMethodNotAllowed), Status: http.StatusMethodNotAllowed})
		return
	}
	c.refuse(w, fault.New(fault.NotFound, "page_unknown", nil))
}

// statusOnly hears what a handler would answer.
type statusOnly struct{ header http.Header }

func (s *statusOnly) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}

func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

func (s *statusOnly) WriteHeader(int) {}
