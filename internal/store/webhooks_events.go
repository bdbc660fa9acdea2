package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// hookPayload is what is posted of an event.
type hookPayload struct {
	ID      string    `json:"id"`
	Type    HookEvent `json:"type"`
	Created time.Time `json:"created"`
	Data    any       `json:"data"`
}

// runData is a run in a payload.
type runData struct {
	Run    string     `json:"run"`
	Month  string     `json:"month"`
	Stage  string     `json:"stage"`
	Notes  int        `json:"notes"`
	Totals []runTotal `json:"totals"`
	// Failure is why the run stopped; of run.failed only.
	Failure *failureData `json:"failure,omitempty"`
}

// runTotal is what the notes of a run come to in one currency.
type runTotal struct {
	Currency string `json:"currency"`
	Notes    int    `json:"notes"`
	Net      string `json:"net"`
	Gross    string `json:"gross"`
}

// noteData is a credit note, a fee invoice or a cancellation in a payload.
type noteData struct {
	Number    string   `json:"number"`
	Kind      string   `json:"kind"`
	Recipient string   `json:"recipient"`
	Owners    []string `json:"owners"`
	Currency  string   `json:"currency"`
	Net       string   `json:"net"`
	Gross     string   `json:"gross"`
	Date      string   `json:"date"`
	Run       string   `json:"run"`
}

// deliveryData is a mailing in a payload.
type deliveryData struct {
	Number   string `json:"number"`
	Copy     int    `json:"copy"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	Reply    string `json:"reply"`
	// Open counts the recipients that have not got the mail.
	Open int `json:"open"`
}

// tell writes what has happened for every active webhook that wants to know of
// it, with the jobs that post it, in the transaction in which it happens: a
// rollback takes the events along, a commit keeps them all. The data of the
// events are asked for only when there is such a webhook.
func (tx *Tx) tell(event HookEvent, data func() ([]any, error)) error {
	hooks, err := tx.hooksFor(event)
	if err != nil || len(hooks) == 0 {
		return err
	}
	list, err := data()
	if err != nil {
		return fmt.Errorf("event %s: %w", event, err)
	}
	rows, err := tx.hookRows(event, hooks, list)
	if err != nil || len(rows) == 0 {
		return err
	}
	if err := create(tx.db, rows...); err != nil {
		return err
	}
	return tx.queueHooks(rows)
}

// hooksFor are the active webhooks that want an event.
func (tx *Tx) hooksFor(event HookEvent) (ids []int64, err error) {
	rows, err := find[webhookRow](tx.db.Where("active").Order("id"))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		h, err := row.webhook()
		if err != nil {
			return nil, err
		}
		if slices.Contains(h.Events, event) {
			ids = append(ids, h.ID)
		}
	}
	return ids, nil
}

// hookRows are the rows of events in their order, each for all its webhooks.
func (tx *Tx) hookRows(event HookEvent, hooks []int64, list []any) ([]webhookDeliveryRow, error) {
	id, err := tx.takeIDs("webhook_deliveries", len(list)*len(hooks))
	if err != nil {
		return nil, err
	}
	now := utc(tx.now())
	var rows []webhookDeliveryRow
	for _, data := range list {
		p := hookPayload{ID: "evt_" + rand.Text(), Type: event, Created: now.Truncate(time.Second), Data: data}
		text, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", event, err)
		}
		for _, hook := range hooks {
			rows = append(rows, webhookDeliveryRow{
				ID: id, WebhookID: hook, Event: string(event), EventID: p.ID, Payload: string(text), State: string(HookQueued), CreatedAt: now,
			})
			id++
		}
	}
	return rows, nil
}

// tellRun reports that a run has reached a stage.
func (tx *Tx) tellRun(event HookEvent, run *creditnotes.Run, stage creditnotes.Stage) error {
	return tx.tell(event, func() ([]any, error) {
		d, err := tx.runData(run, stage)
		return []any{d}, err
	})
}

// tellFailure tells why a run stopped, or why the scheduled run of a month
// could not begin: then it has no name.
func (tx *Tx) tellFailure(run *creditnotes.Run, failure *creditnotes.Failure) error {
	return tx.tell(RunFailed, func() ([]any, error) {
		d, err := tx.runData(run, run.Stage)
		d.Failure = new(failureData).of(failure)
		return []any{d}, err
	})
}

// runData is a run with what its notes come to.
func (tx *Tx) runData(run *creditnotes.Run, stage creditnotes.Stage) (runData, error) {
	type sum struct {
		currency   string
		notes      int
		net, gross int64
	}
	d := runData{Run: run.Name, Month: string(run.Month), Stage: string(stage), Totals: []runTotal{}}
	sums, err := collect(tx.ctx, tx.sql, func(s *sum) []any { return []any{&s.currency, &s.notes, &s.net, &s.gross} }, `
		SELECT currency, count(*), CAST(sum(net) AS bigint), CAST(sum(gross) AS bigint) FROM credit_notes
		WHERE run_id = $1 AND kind = 'credit_note' AND state IN ('draft', 'issued') GROUP BY currency ORDER BY currency`, run.ID)
	for _, s := range sums {
		digits, _ := money.Digits(s.currency)
		d.Notes += s.notes
		d.Totals = append(d.Totals, runTotal{s.currency, s.notes, money.Amount(s.net).Format(digits), money.Amount(s.gross).Format(digits)})
	}
	return d, err
}

// tellIssued tells of notes that have their numbers now: of credit notes and of
// fee invoices, each with what cancels them.
func (tx *Tx) tellIssued(notes []*creditnotes.Note) error {
	var credits, fees []*creditnotes.Note
	for _, n := range notes {
		if n.OfFees() {
			fees = append(fees, n)
		} else {
			credits = append(credits, n)
		}
	}
	return errors.Join(tx.tellNotes(CreditNoteIssued, credits), tx.tellNotes(FeeInvoiceIssued, fees))
}

func (tx *Tx) tellNotes(event HookEvent, notes []*creditnotes.Note) error {
	if len(notes) == 0 {
		return nil
	}
	return tx.tell(event, func() ([]any, error) {
		runs := map[int64]string{}
		list := make([]any, len(notes))
		for i, n := range notes {
			if runs[n.RunID] == "" {
				run, err := first[runRow](tx.db.Where("id = ?", n.RunID))
				if err != nil {
					return nil, err
				}
				runs[n.RunID] = orZero(run).Name
			}
			digits := n.Document.CurrencyDigits
			list[i] = noteData{
				Number: n.Number, Kind: string(n.Kind), Recipient: n.Recipient, Owners: n.Owners, Currency: n.Currency,
				Net: n.Net.Format(digits), Gross: n.Gross.Format(digits), Date: string(n.Date), Run: runs[n.RunID],
			}
		}
		return list, nil
	})
}

// tellDelivery tells that a mailing has failed, is parked, or did not reach some
// recipients.
func (tx *Tx) tellDelivery(id int64) error {
	return tx.tell(DeliveryFailed, func() ([]any, error) {
		var d deliveryData
		err := tx.scanRow(`SELECT `+carriedNumber+`, d.copy, d.state, d.attempts, d.reply,
				(SELECT count(*) FROM delivery_recipients r WHERE r.delivery_id = d.id AND r.state <> 'accepted')
			FROM deliveries d `+carrier+` WHERE d.id = $1`, []any{id},
			&d.Number, &d.Copy, &d.State, &d.Attempts, &d.Reply, &d.Open)
		d.Reply = withoutAddresses(d.Reply)
		return []any{d}, err
	})
}

var mailAddress = regexp.MustCompile(`[^\s<>()\[\],;:"']+@[^\s<>()\[\],;:"']+`)

// withoutAddresses hides the e-mail addresses that mail servers like to repeat.
func withoutAddresses(text string) string {
	return strings.TrimSpace(mailAddress.ReplaceAllString(text, "•••"))
}
