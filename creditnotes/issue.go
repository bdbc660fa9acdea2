package creditnotes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// Ready reports whether the configuration allows a run at all (domain.md §8.2,
// §9.1): it stops a run before anything is created.
func Ready(config *Configuration) error {
	var list fault.List
	if f := config.Settings.licensed(); f != nil {
		list = append(list, f)
	}
	if config.Restored != nil {
		list = append(list, config.Restored.Fault())
	}
	if !config.Settings.Active {
		list = append(list, fault.New(fault.NotReady, "feature_inactive", nil))
	}
	if f := config.usable(config.Settings.NumberRange, numbering.CreditNote); f != nil {
		list = append(list, f)
	}
	if config.taxAccount(config.Settings.TaxAccount) == nil {
		list = append(list, fault.New(fault.NotReady, "tax_account_unset", fault.Args{"account": config.Settings.TaxAccount}))
	}
	return list.Err()
}

// licensed reports whether the license right is there, without which no one runs,
// approves, sends or cancels.
func (s Settings) licensed() *fault.Fault {
	if s.CreditRun {
		return nil
	}
	return fault.New(fault.Forbidden, "licence_withdrawn", nil)
}

// Range returns a number range by key, or nil.
func (c *Configuration) Range(key string) *numbering.Range {
	i := slices.IndexFunc(c.NumberRanges, func(r numbering.Range) bool { return r.Key == key })
	if i < 0 {
		return nil
	}
	return &c.NumberRanges[i]
}

func (c *Configuration) taxAccount(key string) *TaxAccount {
	i := slices.IndexFunc(c.TaxAccounts, func(a TaxAccount) bool { return a.Key == key })
	if i < 0 {
		return nil
	}
	return &c.TaxAccounts[i]
}

// usable tells what keeps a range from numbering a kind of document.
func (c *Configuration) usable(key string, kind numbering.DocumentType) *fault.Fault {
	if f := numbering.CheckUsable(c.Range(key), kind); f != nil {
		if f.Args == nil {
			f.Args = fault.Args{}
		}
		f.Args["range"] = key
		return f
	}
	return nil
}

// issue numbers the drafts of a released run in walk order and freezes them,
// all in one transaction: after it either every note of the run is issued and
// queued for rendering and mailing, or none is and no number is taken.
func (r *Runner) issue(ctx context.Context, run *Run, config *Configuration, who string) error {
	if run.Stage != StageReleased {
		return nil
	}
	if f := config.usable(run.Settings.NumberRange, numbering.CreditNote); f != nil {
		return f
	}
	date, err := r.dateOfIssue(ctx, run, config)
	if err != nil {
		return err
	}
	network, err := entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
	if err != nil {
		return err
	}
	err = r.Store.WriteIssue(ctx, func(w IssueWriter) error {
		notes, err := w.Drafts(run.ID)
		if err != nil {
			return err
		}
		if date != run.DocumentDate {
			for _, note := range notes {
				note.redate(date, config)
			}
			if err := w.Redate(run, date, notes); err != nil {
				return err
			}
		}
		ranges := func(n *Note) (*numbering.Range, *fault.Fault) { return config.rangeOf(n, run.Settings) }
		if err := r.number(w, notes, ranges); err != nil {
			return err
		}
		if err := w.AddDeliveries(r.deliveries(notes, run.Settings)); err != nil {
			return err
		}
		if err := w.Issue(notes, who); err != nil {
			return err
		}
		if err := r.freezeReports(ctx, w, &freezing{run, network, settlement.NewContracts(config.Contracts), mailCarriersOf(notes), who}); err != nil {
			return err
		}
		after := StageIssued
		if len(notes) == 0 {
			after = StageCompleted
		}
		return w.AdvanceRun(run, StageReleased, after, who)
	})
	if err == nil {
		run.DocumentDate = date
	}
	return err
}

// number takes the numbers of notes as one block per counter, in the order of
// the notes, and seals each note.
func (r *Runner) number(w IssueWriter, notes []*Note, rangeOf func(*Note) (*numbering.Range, *fault.Fault)) error {
	blocks, ranges := map[numbering.Counter][]*Note{}, map[numbering.Counter]*numbering.Range{}
	var order []numbering.Counter
	for _, note := range notes {
		numberRange, f := rangeOf(note)
		if f != nil {
			return f
		}
		c := numberRange.Counter(string(note.Date), note.Recipient)
		if blocks[c] == nil {
			order = append(order, c)
		}
		blocks[c], ranges[c] = append(blocks[c], note), numberRange
	}
	now := r.Now().UTC().Truncate(time.Microsecond)
	for _, c := range order {
		numberRange := ranges[c]
		first, err := w.TakeNumbers(numberRange, c, len(blocks[c]))
		if err != nil {
			return err
		}
		for i, note := range blocks[c] {
			note.Range, note.Scope, note.Period = numberRange.Key, c.Scope, c.Period
			note.Sequence = first + int64(i)
			note.State, note.IssuedAt = Issued, now
			if note.Number, err = numberRange.Format(string(note.Date), note.Recipient, note.Sequence); err != nil {
				return err
			}
			if note.Hash, err = note.Seal(); err != nil {
				return err
			}
		}
	}
	return nil
}

// deliveries are the mailings of notes: none while automatic mail is off, when
// notes are then sent by hand, if at all.
func (r *Runner) deliveries(notes []*Note, settings Settings) []Delivery {
	var list []Delivery
	if settings.Mail {
		joinMails(notes, settings)
	}
	for _, note := range notes {
		if settings.Mail && note.Document.ByMail() && len(note.Document.MailTo) > 0 && note.MailedWith == 0 {
			list = append(list, r.delivery(note, 0))
		}
	}
	return list
}

func (r *Runner) delivery(note *Note, copy int) Delivery {
	return Delivery{
		NoteID: note.ID, State: DeliveryQueued, Copy: copy, To: note.Document.MailTo, ReplyTo: note.Document.ReplyTo,
		MessageID: r.MessageID(note.Number, copy, note.Document.Issuer.Email),
		CreatedAt: r.Now().UTC().Truncate(time.Microsecond),
	}
}

// Seal returns the SHA-256 over everything an issued note says. verify computes
// it again.
func (n *Note) Seal() (string, error) {
	content, err := json.Marshal(struct {
		Number, Kind, Range, Scope, Period string
		Sequence                           int64
		Owners                             []string
		Recipient, Language, Currency      string
		Date, From, To                     entities.Date
		Positions                          []Position
		Taxes                              []TaxTotal
		Net, Tax, Gross                    int64
		Document                           Document
		Cancels                            int64
		IssuedAt                           string
	}{
		n.Number, string(n.Kind), n.Range, n.Scope, n.Period, n.Sequence, n.Owners, n.Recipient, n.Language, n.Currency,
		n.Date, n.PeriodFrom, n.PeriodTo, n.Positions, n.Taxes, int64(n.Net), int64(n.Tax), int64(n.Gross),
		n.Document, n.Cancels, n.IssuedAt.UTC().Format(time.RFC3339Nano),
	})
	if err != nil {
		return "", fmt.Errorf("seal note %q: %w", n.Number, err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}
