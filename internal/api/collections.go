package api

import (
	"bufio"
	"io"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/intake"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
)

// collectionInput says that the money of a driver arrived.
type collectionInput struct {
	SessionInput
	Body struct {
		CollectedAt time.Time     `json:"collected_at" doc:"when the money arrived"`
		Amount      *money.Micros `json:"amount,omitempty" doc:"net; where it is given it must be the driver amount: part payments are not collections"`
	}
}

// collectSession records that the money of a driver arrived.
func (c *call) collectSession(in *collectionInput) (*One[SessionHistory], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.CollectedAt.IsZero() {
		return nil, c.invalid("body.collected_at", "expected a time")
	}
	if _, err := c.Store.CollectSession(c.ctx, c.name(), s.ID, in.Body.CollectedAt, in.Body.Amount); err != nil {
		return nil, err
	}
	return c.session(&in.SessionInput)
}

// tableInput says how a file of records is taken in.
type tableInput struct {
	Name      string `query:"name" maxLength:"200" default:"api" doc:"says in the audit log where the records came from"`
	KeepGoing bool   `query:"keep_going" doc:"take the good records and tell of the bad ones; otherwise one bad record refuses all"`
	Check     bool   `query:"check" doc:"say what would become of the records, and change nothing"`
}

// ImportedRecords says what became of the records of a file.
type ImportedRecords struct {
	store.TableResult
	Problems []ProblemDetail `json:"problems,omitempty" nullable:"false" doc:"the first hundred of what is wrong with the bad records"`
}

// importCollections takes in a file of collections.
func (c *call) importCollections(in *tableInput) (*One[ImportedRecords], error) {
	return importTable(c, in, intake.ReadCollections, func(list iter.Seq2[creditnotes.FromFile[sessions.Collection], error], opts store.ImportOptions) (store.TableResult, error) {
		result, err := c.Store.ImportCollections(c.ctx, c.name(), list, opts)
		return store.TableResult{New: result.Collected, Unchanged: result.Unchanged, Rejected: result.Rejected}, err
	})
}

// importTopUps takes in a file of top-ups.
func (c *call) importTopUps(in *tableInput) (*One[ImportedRecords], error) {
	return importTable(c, in, intake.ReadTopUps, func(list iter.Seq2[creditnotes.FromFile[creditnotes.TopUp], error], opts store.ImportOptions) (store.TableResult, error) {
		return c.Store.ImportTopUps(c.ctx, c.name(), list, opts)
	})
}

// importRecords takes in a file of custom records.
func (c *call) importRecords(in *tableInput) (*One[ImportedRecords], error) {
	currencyOf, err := c.Store.Currencies(c.ctx)
	if err != nil {
		return nil, err
	}
	read := func(name string, r io.Reader) iter.Seq2[creditnotes.FromFile[creditnotes.CustomRecord], error] {
		return intake.ReadRecords(name, r, currencyOf)
	}
	return importTable(c, in, read, func(list iter.Seq2[creditnotes.FromFile[creditnotes.CustomRecord], error], opts store.ImportOptions) (store.TableResult, error) {
		return c.Store.ImportRecords(c.ctx, c.name(), list, opts)
	})
}

// importTable reads the file of a request and takes it in.
func importTable[T any](
	c *call, in *tableInput, read func(string, io.Reader) iter.Seq2[creditnotes.FromFile[T], error],
	take func(iter.Seq2[creditnotes.FromFile[T], error], store.ImportOptions) (store.TableResult, error),
) (*One[ImportedRecords], error) {
	content, err := flow.Unpacked(c.r.Body, c.unpacked)
	if err != nil {
		return nil, err
	}
	var out ImportedRecords
	opts := store.ImportOptions{Name: in.Name, KeepGoing: in.KeepGoing, Check: in.Check}
	opts.Rejected = func(err error) {
		for _, f := range fault.Of(err) {
			if len(out.Problems) < mostProblems {
				out.Problems = append(out.Problems, c.record(f))
			}
		}
	}
	if out.TableResult, err = take(read(in.Name, bufio.NewReader(content)), opts); err != nil {
		return nil, c.ofRecords(err)
	}
	return &One[ImportedRecords]{out}, nil
}
