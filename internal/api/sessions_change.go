package api

import (
	"context"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/intake"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// decisionInput is what a person decides about a session.
type decisionInput struct {
	SessionInput
	Body struct {
		Reason string `json:"reason" minLength:"1" doc:"is kept in the audit log"`
	}
}

// releaseSession lets the next run credit a held session all the same.
func (c *call) releaseSession(in *decisionInput) (*One[SessionHistory], error) {
	return c.decide(in, c.Store.ReleaseSession)
}

// invalidateSession makes every run hold a session.
func (c *call) invalidateSession(in *decisionInput) (*One[SessionHistory], error) {
	return c.decide(in, c.Store.InvalidateSession)
}

// separateSession says that a record with the id of another session is a
// session of its own.
func (c *call) separateSession(in *decisionInput) (*One[SessionHistory], error) {
	return c.decide(in, c.Store.SeparateSession)
}

// takeAsCorrection says that a record with the id of another session corrects
// that session, and returns what the record has become part of.
func (c *call) takeAsCorrection(in *decisionInput) (*One[SessionHistory], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	if err := c.Store.TakeAsCorrection(c.ctx, c.name(), s.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return c.session(&SessionInput{ID: s.Source + "/" + s.ReusedID})
}

// correctionInput is what a person corrects of a session.
type correctionInput struct {
	SessionInput
	Body struct {
		Reason  string          `json:"reason" minLength:"1" doc:"is kept in the audit log"`
		Invalid bool            `json:"invalid,omitempty" doc:"it was no charge: what it was paid is taken back"`
		End     time.Time       `json:"end,omitzero" doc:"when it really ended"`
		Energy  *money.Quantity `json:"energy_kwh,omitempty" doc:"the energy that it really had"`
	}
}

// correctSession makes the next version of a session, credited or not.
func (c *call) correctSession(in *correctionInput) (*One[SessionHistory], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.Energy != nil && *in.Body.Energy < 0 {
		return nil, c.invalid("body.energy_kwh", "expected 0 or more")
	}
	change := creditnotes.SessionChange{Invalid: in.Body.Invalid, End: in.Body.End, Energy: in.Body.Energy}
	if err := c.Store.CorrectSession(c.ctx, c.name(), s.ID, change, in.Body.Reason); err != nil {
		return nil, err
	}
	return c.session(&in.SessionInput)
}

// Released says how many sessions were released.
type Released struct {
	Released int `json:"released"`
}

// releaseBlocked releases all sessions that a session blocks.
func (c *call) releaseBlocked(in *decisionInput) (*One[Released], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	ids, err := c.Runner.Blocked(c.ctx, s)
	if err != nil {
		return nil, err
	}
	done, _, err := c.Store.ReleaseSessions(c.ctx, c.name(), ids, in.Body.Reason)
	return &One[Released]{Released{done}}, err
}

func (c *call) decide(
	in *decisionInput, decide func(ctx context.Context, who string, id int64, reason string) error,
) (*One[SessionHistory], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	if err := decide(c.ctx, c.name(), s.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return c.session(&in.SessionInput)
}

// importInput says how a file of sessions is taken in.
type importInput struct {
	Name      string `query:"name" maxLength:"200" default:"api" doc:"says in the audit log where the sessions came from"`
	KeepGoing bool   `query:"keep_going" doc:"take the good records and tell of the bad ones; otherwise one bad record refuses all"`
	Check     bool   `query:"check" doc:"say what would become of the records, and change nothing"`
	Correct   bool   `query:"as_correction" doc:"the records are right although they are older than what is stored, or name another connector or day"`
}

// ImportedSessions says what became of the records.
type ImportedSessions struct {
	store.ImportResult
	Problems []ProblemDetail `json:"problems,omitempty" nullable:"false" doc:"the first hundred of what is wrong with the bad records"`
}

// mostProblems is how many problems of bad records are told.
const mostProblems = 100

// importSessions takes in a file of sessions.
func (c *call) importSessions(in *importInput) (*One[ImportedSessions], error) {
	content, err := flow.Unpacked(c.r.Body, c.unpacked)
	if err != nil {
		return nil, err
	}
	list, _, err := intake.OpenSessions(in.Name, content, in.KeepGoing)
	if err != nil {
		return nil, c.ofRecords(err)
	}
	var out ImportedSessions
	opts := store.ImportOptions{Name: in.Name, KeepGoing: in.KeepGoing, AsCorrection: in.Correct, Check: in.Check}
	opts.Rejected = func(err error) {
		for _, f := range fault.Of(err) {
			if len(out.Problems) < mostProblems {
				out.Problems = append(out.Problems, c.record(f))
			}
		}
	}
	if out.ImportResult, err = c.Store.ImportSessions(c.ctx, c.name(), list, opts); err != nil {
		return nil, c.ofRecords(err)
	}
	return &One[ImportedSessions]{out}, nil
}

// ofRecords makes the places in a problem those in a file of records. It keeps
// an error that a body too large has caused, though it comes as a fault.
func (c *call) ofRecords(err error) error {
	faults := fault.Of(err)
	p := c.problem(err)
	for i := range p.Errors {
		if i < len(faults) {
			p.Errors[i] = c.record(faults[i])
		}
	}
	if len(p.Errors) > mostProblems {
		p.Errors = p.Errors[:mostProblems]
	}
	return p
}

// record tells of one fault of a record: its line and its field.
func (c *call) record(f *fault.Fault) ProblemDetail {
	d := c.detail(f)
	if line, ok := f.Args["line"].(int); ok && line > 0 {
		d.Location = "line " + strconv.Itoa(line)
		if field := d.Args["field"]; field != "" {
			d.Location += ", " + field
		}
	}
	return d
}
