package upload

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/intake"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// Outcome is what a file would do, or did. It is kept as the result of a task.
type Outcome struct {
	Kind intake.Kind
	// AsCorrection says that the sessions are right although they are older than what
	// is stored, or name another connector or day (domain.md §3.4).
	AsCorrection bool

	// Of a network file.
	Network []creditnotes.Changes
	Waits   []Waiting
	Version int64 // of the configuration that the file was compared with

	// Of records; what does not occur with a kind is 0.
	New, Changed, Unchanged, Collected, IDReused, Rounded int
	Rejected                                              int
	RejectedFile                                          string // id of the upload with them; empty: none
	LeftOut                                               int    // of the rejected ones, not in that file
	Reasons                                               []*fault.Fault
}

// Waiting is a change of a network file that waits for a second person.
type Waiting struct{ Matter, Subject string }

// stored is how many records would be stored, or were.
func (o *Outcome) stored() int {
	n := o.New + o.Changed + o.Collected
	for _, s := range o.Network {
		n += s.Created + s.Updated
	}
	return n + len(o.Waits)
}

const (
	mostUnpacked  = 1 << 30  // bytes of a file that is compressed
	mostRejected  = 16 << 20 // bytes of the file with the rejected records
	mostReasons   = 20       // reasons that the page shows
	firstBytes    = 4096     // by which a kind is told
	mostOfNetwork = 64 << 20 // bytes of a network file
)

// job is one look at a file, or taking it in.
type job struct {
	*Pages
	site    *page.Site
	file    *store.Upload
	who     string
	lang    string
	check   bool
	correct bool  // the sessions are right, whatever is stored
	version int64 // of the configuration that the check of a network file saw
}

// run works on the file in the background.
func (j *job) run(ctx context.Context, p *tasks.Progress) (Outcome, error) {
	content, err := flow.Unpacked(j.Store.OpenUpload(ctx, j.file), mostUnpacked)
	if err != nil {
		return Outcome{}, err
	}
	reader := bufio.NewReaderSize(content, 1<<16)
	first, _ := reader.Peek(firstBytes)
	o := Outcome{Kind: intake.Sniff(plainName(j.file.Name), first), AsCorrection: j.correct}
	if o.Kind == intake.KindNetwork {
		err := j.takeNetwork(ctx, &o, reader)
		return o, err
	}
	rejects := intake.NewRejects(first, mostRejected, func(f *fault.Fault) string { return j.Texts.PageFault(j.lang, f) })
	opts := store.ImportOptions{
		Name: j.file.Name, KeepGoing: true, Check: j.check, AsCorrection: j.correct, Progress: func(n int) { p.Set(n, 0) },
		Rejected: func(err error) {
			rejects.Add(err)
			o.addReasons(err)
		},
	}
	if err := j.takeRecords(ctx, &o, reader, opts); err != nil {
		return Outcome{}, err
	}
	o.Rejected = max(o.Rejected, rejects.Count)
	return o, j.keepRejected(ctx, &o, rejects)
}

// takeRecords takes in a file of sessions or a table, of any size.
func (j *job) takeRecords(ctx context.Context, o *Outcome, r io.Reader, opts store.ImportOptions) error {
	table := func(t store.TableResult, err error) error {
		o.New, o.Changed, o.Unchanged, o.Rejected = t.New, t.Changed, t.Unchanged, t.Rejected
		return err
	}
	switch o.Kind {
	case intake.KindCollections:
		t, err := j.Store.ImportCollections(ctx, j.who, intake.ReadCollections(j.file.Name, r), opts)
		o.Collected, o.Unchanged, o.Rejected = t.Collected, t.Unchanged, t.Rejected
		return err
	case intake.KindTopUps:
		return table(j.Store.ImportTopUps(ctx, j.who, intake.ReadTopUps(j.file.Name, r), opts))
	case intake.KindRecords:
		currencyOf, err := j.Store.Currencies(ctx)
		if err != nil {
			return err
		}
		return table(j.Store.ImportRecords(ctx, j.who, intake.ReadRecords(j.file.Name, r, currencyOf), opts))
	}
	list, _, err := intake.OpenSessions(plainName(j.file.Name), r, true)
	if err != nil {
		return err
	}
	s, err := j.Store.ImportSessions(ctx, j.who, list, opts)
	o.New, o.Changed, o.Unchanged, o.Collected = s.New, s.Corrected, s.Unchanged, s.Collected
	o.Rejected, o.IDReused, o.Rounded = s.Rejected, s.IDReused, s.Rounded
	return err
}

// addReasons keeps the first reasons for the page, without the records.
func (o *Outcome) addReasons(err error) {
	for _, f := range fault.Of(err) {
		if len(o.Reasons) == mostReasons {
			return
		}
		copied := *f
		copied.Args = fault.Args{}
		for name, value := range f.Args {
			if name != "record" {
				copied.Args[name] = value
			}
		}
		o.Reasons = append(o.Reasons, &copied)
	}
}

// keepRejected keeps the rejected records as a file, if there are any.
func (j *job) keepRejected(ctx context.Context, o *Outcome, rejects *intake.Rejects) error {
	content, left := rejects.Content()
	if rejects.Count == 0 {
		return nil
	}
	u, err := j.Store.AddUpload(ctx, j.who, store.UploadRejected, "rejected-"+plainName(j.file.Name), int64(len(content)), bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("rejected records: %w", err)
	}
	o.RejectedFile, o.LeftOut = u.ID, left
	return nil
}

// takeNetwork takes in a network file, all or nothing. Entities without bank
// data keep those they have.
func (j *job) takeNetwork(ctx context.Context, o *Outcome, r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, mostOfNetwork+1))
	if err != nil {
		return fault.Wrap(fault.Invalid, intake.FaultUnreadable, fault.Args{"file": j.file.Name}, err)
	}
	if len(text) > mostOfNetwork {
		return fault.New(fault.Invalid, "request_too_large", fault.Args{"megabytes": int64(mostOfNetwork >> 20)})
	}
	n, err := intake.ReadNetwork(j.file.Name, bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := j.keepBanks(ctx, n); err != nil {
		return err
	}
	config, settings, err := n.Configuration()
	if err != nil {
		return err
	}
	var waiting []creditnotes.Proposal
	if j.check {
		o.Network, waiting, o.Version, err = j.Store.CheckChange(ctx, j.who, config, settings)
	} else {
		o.Network, waiting, err = j.Store.ChangeConfiguration(ctx, j.who, true, j.version, config, settings)
	}
	for _, p := range waiting {
		o.Waits = append(o.Waits, Waiting{string(p.Matter), p.Subject})
	}
	return n.WithLines(err)
}

// keepBanks leaves the bank data of entities as they are where the file has none.
func (j *job) keepBanks(ctx context.Context, n *intake.Network) error {
	b, err := j.site.Snapshot(ctx)
	if err != nil {
		return err
	}
	stored := map[string]entities.Bank{}
	for i := range b.Config.Entities {
		stored[b.Config.Entities[i].Key] = b.Config.Entities[i].Bank
	}
	keep := func(e *entities.Entity) {
		if e.Bank == (entities.Bank{}) {
			e.Bank = stored[e.Key]
		}
	}
	keep(&n.Operator)
	for i := range n.Entities {
		keep(&n.Entities[i])
	}
	return nil
}
