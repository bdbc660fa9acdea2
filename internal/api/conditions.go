package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// Tagged is one thing with the tag that a change of it is made conditional on.
type Tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// quoted is a fingerprint as an entity tag.
func quoted(fingerprint string) string { return `"` + fingerprint + `"` }

// tag is the entity tag of a record of the configuration. It is that of the
// whole record, also where the visitor sees less of it.
func (c *call) tag(r creditnotes.Record) (string, error) {
	fingerprint, err := c.snapshot.Config.FingerprintWhole(r)
	return quoted(fingerprint), err
}

// IfMatch names what a request replaces.
type IfMatch struct {
	IfMatch []string `header:"If-Match" doc:"the ETag that a GET answered: what was changed since is not replaced (412); * replaces whatever is there"`
}

// precondition is what the header asks for. Proxies that compress answers make
// entity tags weak; they are the same here.
func (m IfMatch) precondition() (p store.Precondition) {
	for _, tag := range m.IfMatch {
		if tag = strings.TrimSpace(tag); tag != "" {
			p.Matches = append(p.Matches, strings.Trim(strings.TrimPrefix(tag, "W/"), `"`))
		}
	}
	return p
}

// Conditions say what a PUT replaces. Without any, what another user changed
// last is not replaced.
type Conditions struct {
	IfMatch
	IfNoneMatch string `header:"If-None-Match" doc:"*: only create; where the key is taken nothing is done (412)"`
}

func (c *call) precondition(in Conditions) (store.Precondition, error) {
	p := in.precondition()
	switch strings.TrimSpace(in.IfNoneMatch) {
	case "":
	case "*":
		p.New = true
	default:
		return p, c.invalid("header.If-None-Match", "expected *")
	}
	return p, nil
}

// refused is the problem of a precondition that does not hold: what If-Match
// names and is not there is one of them.
func (c *call) refused(p store.Precondition, err error) *Problem {
	problem := c.problem(err)
	var f *fault.Fault
	if len(p.Matches) > 0 && errors.As(err, &f) && f.Key == "key_unknown" {
		problem.Status, problem.Title = http.StatusPreconditionFailed, http.StatusText(http.StatusPreconditionFailed)
	}
	return problem
}

// settingsTag is the entity tag of all settings.
func settingsTag(values map[string]string) (string, error) {
	text, err := json.Marshal(values)
	return quoted(creditnotes.FingerprintOf(text)), err
}
