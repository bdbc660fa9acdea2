package mailer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Journal is a folder that holds what a mail server answered until the database
// has it: one small file per mail, for the moment between the two. A process
// that is killed in that moment, or whose database is away, leaves the file
// behind, and the next one records it. A nil journal holds nothing.
type Journal struct{ folder string }

// NewJournal returns the journal in a folder, which need not exist yet.
func NewJournal(folder string) *Journal { return &Journal{folder} }

// journalEntry is what is known of one delivery.
type journalEntry struct {
	Delivery int64               `json:"delivery"`
	Attempt  creditnotes.Attempt `json:"attempt"`
}

const journalEnding = ".answer"

func (j *Journal) path(handover string) string {
	return filepath.Join(j.folder, handover+journalEnding)
}

// keep writes an entry, unless it is there already. What is written survives the
// death of the process; with durable it survives a power cut.
func (j *Journal) keep(e journalEntry, durable bool) error {
	if j == nil || e.Attempt.Handover == "" {
		return nil
	}
	content, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(j.folder, 0o700); err != nil {
		return err
	}
	once := os.O_EXCL
	if durable {
		once = os.O_TRUNC
	}
	file, err := os.OpenFile(j.path(e.Attempt.Handover), os.O_CREATE|os.O_WRONLY|once, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if durable && err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// drop removes an entry that is recorded.
func (j *Journal) drop(handover string) {
	if j != nil && handover != "" {
		_ = os.Remove(j.path(handover))
	}
}

// find returns the entry of a handover, or nil.
func (j *Journal) find(handover string) (*journalEntry, error) {
	if j == nil || handover == "" {
		return nil, nil
	}
	content, err := os.ReadFile(j.path(handover))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var e journalEntry
	if json.Unmarshal(content, &e) != nil {
		return nil, nil // the process died while it wrote: nothing is known
	}
	return &e, nil
}

// settle records an entry where the delivery still waits for it.
func (j *Journal) settle(ctx context.Context, o Outbox, e *journalEntry) error {
	d, _, _, err := o.Delivery(ctx, e.Delivery)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	open := err == nil && d.Handover == e.Attempt.Handover && (d.State == creditnotes.DeliverySending || d.State == creditnotes.DeliveryParked)
	if open {
		if err := o.Finish(ctx, e.Delivery, e.Attempt); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	j.drop(e.Attempt.Handover)
	return nil
}

// Replay records what processes left behind that died before they could do so,
// and returns how many mails that were.
func (d *Deliverer) Replay(ctx context.Context) (n int, err error) {
	if d.Journal == nil {
		return 0, nil
	}
	entries, err := os.ReadDir(d.Journal.folder)
	if err != nil {
		return 0, nil // there is none yet
	}
	for _, entry := range entries {
		handover, ok := strings.CutSuffix(entry.Name(), journalEnding)
		if !ok {
			continue
		}
		e, err := d.Journal.find(handover)
		if err != nil {
			return n, fmt.Errorf("mail journal: %w", err)
		}
		if e == nil {
			d.Journal.drop(handover)
			continue
		}
		if err := d.Journal.settle(ctx, d.Outbox, e); err != nil {
			return n, fmt.Errorf("mail journal: %w", err)
		}
		n++
	}
	return n, nil
}

// Close removes the folder if nothing is in it.
func (j *Journal) Close() {
	if j != nil {
		_ = os.Remove(j.folder)
	}
}

// recordPauses are the pauses between the tries to record what is known.
var recordPauses = []time.Duration{
	0, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
}

// record records an attempt. While the database cannot take what a mail server
// said, that stays in the journal, and recording it is tried again.
// done ends the tries; the journal keeps what is known.
func (d *Deliverer) record(ctx context.Context, done <-chan struct{}, id int64, a creditnotes.Attempt) error {
	e := journalEntry{id, a}
	if err := d.Journal.keep(e, false); err != nil {
		d.log().WarnContext(ctx, "mail journal cannot be written", "err", err)
	}
	var err error
	for i, pause := range recordPauses {
		if i > 0 && !d.pauseFor(done, pause) {
			break
		}
		err = d.Outbox.Finish(ctx, id, a)
		if err == nil || fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
			d.Journal.drop(a.Handover)
			return err
		}
		if a.Handover == "" {
			break // the mail was not handed over: nothing is lost
		}
		_ = d.Journal.keep(e, true)
	}
	return err
}

// pauseFor waits and reports whether it could wait so long.
func (d *Deliverer) pauseFor(done <-chan struct{}, pause time.Duration) bool {
	wait := d.After
	if wait == nil {
		wait = time.After
	}
	select {
	case <-done:
		return false
	case <-wait(pause):
		return true
	}
}
