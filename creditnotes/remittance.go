package creditnotes

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// KindRemittance is the kind under which a remittance advice is set as a letter. No
// number range has it.
const KindRemittance numbering.DocumentType = "remittance"

// Actions of remittance advices in the audit log; the subject is the number of the
// payout.
const (
	ActionAdvised      = "payout.advised"       // After is FrozenRemittance.SHA256
	ActionAdviceMailed = "payout.advice_mailed" // After is Mailing.Seal
)

// Remittance tells a recipient what a payout paid and what was set off. It is
// frozen when the payout was executed. Amounts are in its currency.
type Remittance struct {
	PayoutID   int64          `json:"-"`
	Payout     string         `json:"payout"` // number, and end-to-end id at the bank
	Recipient  string         `json:"recipient"`
	Currency   string         `json:"currency"`
	Amount     money.Amount   `json:"amount"`
	ExecutedOn entities.Date  `json:"executed_on"`
	Account    string         `json:"account"` // its last four characters
	Items      []PaidDocument `json:"items"`
	Language   string         `json:"language"`
	Issuer     Party          `json:"issuer"`
	To         Party          `json:"to"`
	TimeZone   string         `json:"time_zone"`
	Color      string         `json:"color,omitempty"`
	Logo       string         `json:"logo,omitempty"` // SHA-256
	Layout     *PrintedLayout `json:"layout,omitempty"`
	FrozenAt   time.Time      `json:"frozen_at"`
}

// PaidDocument is a document that was paid; with a negative amount, one that was
// set off.
type PaidDocument struct {
	Kind      MovementKind  `json:"kind"`
	Reference string        `json:"reference"`
	Date      entities.Date `json:"date"`
	Amount    money.Amount  `json:"amount"`
}

// Letter is the head of an advice as a note has one. It has no positions.
func (a *Remittance) Letter() *Note {
	digits, _ := money.Digits(a.Currency)
	return &Note{
		Kind: KindRemittance, Number: a.Payout, Owners: []string{a.Recipient}, Recipient: a.Recipient, Language: a.Language, Currency: a.Currency,
		Date: a.ExecutedOn, IssuedAt: a.FrozenAt, PeriodFrom: a.ExecutedOn, PeriodTo: a.ExecutedOn, Gross: a.Amount,
		Document: Document{Issuer: a.Issuer, Recipient: a.To, TimeZone: a.TimeZone, Color: a.Color, Logo: a.Logo, Layout: a.Layout, CurrencyDigits: digits,
			Month: a.ExecutedOn.Month()},
	}
}

// Sums are what was owed to the recipient, and what was set off against it, which
// is at most 0.
func (a *Remittance) Sums() (owed, off money.Amount) {
	for _, i := range a.Items {
		if i.Amount > 0 {
			owed += i.Amount
		} else {
			off += i.Amount
		}
	}
	return owed, off
}

// FrozenRemittance is an advice as it is stored.
type FrozenRemittance struct {
	PayoutID int64
	Content  []byte // Remittance as JSON
	SHA256   string // of the content
	FrozenAt time.Time
}

// Remittance reads a frozen advice.
func (f *FrozenRemittance) Remittance() (*Remittance, error) {
	var a Remittance
	if err := json.Unmarshal(f.Content, &a); err != nil {
		return nil, fmt.Errorf("remittance advice: %w", err)
	}
	a.PayoutID = f.PayoutID
	return &a, nil
}

// RemittanceStore keeps remittance advices and what is sent of them.
type RemittanceStore interface {
	// ExecutedPayouts are the executed payouts without an advice: number,
	// recipient, amount, day, account and items.
	ExecutedPayouts(ctx context.Context) ([]Remittance, error)
	// AddRemittance stores an advice and queues its mail, where there is one, in one
	// transaction. It reports whether it did: another process may have been first,
	// and the payout may have come back meanwhile.
	AddRemittance(ctx context.Context, who string, f *FrozenRemittance, number string, mail *Delivery) (bool, error)
	// RemittanceOf finds the advice of a payout by its number.
	RemittanceOf(ctx context.Context, number string) (*FrozenRemittance, error)
	RemittanceByID(ctx context.Context, payoutID int64) (*FrozenRemittance, error)
	// RemittanceFiles are the stored files of an advice.
	RemittanceFiles(ctx context.Context, payoutID int64) ([]File, error)
	// SaveRemittanceFiles stores them once.
	SaveRemittanceFiles(ctx context.Context, payoutID int64, files []File) error
	// RemittanceDeliveries are the mailings of an advice, the original first.
	RemittanceDeliveries(ctx context.Context, payoutID int64) ([]Delivery, error)
}

// RemittancePrinter sets remittance advices on paper. The note has what is printed
// around them.
type RemittancePrinter interface {
	RemittancePDF(n *Note, a *Remittance) ([]byte, error)
}

// AdviseRemittances freezes the advices of all payouts that were executed, and
// queues their mails where mails are sent and the recipient has addresses. It
// returns how many there were; calling it again makes none twice.
func (r *Runner) AdviseRemittances(ctx context.Context, who string) (n int, err error) {
	if r.Remittances == nil {
		return 0, nil
	}
	executed, err := r.Remittances.ExecutedPayouts(ctx)
	if err != nil || len(executed) == 0 {
		return 0, err
	}
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return 0, err
	}
	plan, err := NewPlan(config, "")
	if err != nil {
		return 0, err
	}
	for i := range executed {
		added, err := r.advise(ctx, who, plan, config.Settings, &executed[i])
		if err != nil {
			return n, fmt.Errorf("remittance advice of %s: %w", executed[i].Payout, err)
		}
		if added {
			n++
		}
	}
	return n, nil
}

func (r *Runner) advise(ctx context.Context, who string, plan *Plan, settings Settings, a *Remittance) (bool, error) {
	to, operator := plan.Network.Tree.Entity(a.Recipient), plan.Network.Operator()
	if to == nil {
		return false, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": a.Recipient})
	}
	now := r.Now().UTC().Truncate(time.Microsecond)
	a.Language = cmp.Or(to.Language, settings.Language, operator.Language)
	a.Issuer, a.To, a.TimeZone = partyOf(operator), partyOf(to), plan.Network.Zone().String()
	look := settings.LookOf(to, a.Language)
	a.Color, a.Logo, a.Layout, a.FrozenAt = look.Color, look.Logo, look.Layout, now
	content, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(content)
	var mail *Delivery
	if settings.Mail && len(to.Emails) > 0 {
		mail = &Delivery{PayoutID: a.PayoutID, State: DeliveryQueued, To: to.Emails, ReplyTo: to.ReplyTo,
			MessageID: r.MessageID(a.Payout, 0, a.Issuer.Email), CreatedAt: now}
	}
	return r.Remittances.AddRemittance(ctx, who, &FrozenRemittance{a.PayoutID, content, hex.EncodeToString(sum[:]), now}, a.Payout, mail)
}

// RemittanceFile is the document of an advice: as it was mailed, or made from the
// frozen advice and stored.
func (r *Runner) RemittanceFile(ctx context.Context, f *FrozenRemittance) (*File, error) {
	for range 2 {
		stored, err := r.Remittances.RemittanceFiles(ctx, f.PayoutID)
		if err != nil {
			return nil, err
		}
		if len(stored) > 0 {
			return &stored[0], nil
		}
		if err := r.RenderRemittance(ctx, f); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the remittance advice is not stored")
}

// RenderRemittance makes and stores the document of an advice once.
func (r *Runner) RenderRemittance(ctx context.Context, f *FrozenRemittance) error {
	printer, ok := r.Printer.(RemittancePrinter)
	if !ok {
		return errors.New("the printer prints no remittance advices")
	}
	a, err := f.Remittance()
	if err != nil {
		return err
	}
	n := a.Letter()
	if err := r.withLogo(ctx, n); err != nil {
		return err
	}
	content, err := printer.RemittancePDF(n, a)
	if err != nil {
		return err
	}
	return r.Remittances.SaveRemittanceFiles(ctx, f.PayoutID, []File{{PayoutID: f.PayoutID, Kind: FilePDF, MediaType: "application/pdf", Content: content}})
}

// resendRemittance queues one more mail with an advice.
func (r *Runner) resendRemittance(ctx context.Context, f *FrozenRemittance, q ResendRequest, but []string) (*Delivery, error) {
	a, err := f.Remittance()
	if err != nil {
		return nil, err
	}
	d := Delivery{PayoutID: f.PayoutID, State: DeliveryQueued, CreatedAt: r.Now().UTC().Truncate(time.Microsecond)}
	if q.Addresses == AddressesStored {
		mails, err := r.Remittances.RemittanceDeliveries(ctx, f.PayoutID)
		if err != nil {
			return nil, err
		}
		if len(mails) == 0 {
			return nil, fault.New(fault.NotReady, "resend_without_recipient", fault.Args{"number": a.Payout, "recipient": a.Recipient})
		}
		d.To, d.ReplyTo = mails[0].To, mails[0].ReplyTo
	} else if err := r.address(ctx, &d, a.Letter(), q); err != nil {
		return nil, err
	}
	return r.queueAgain(ctx, &d, mailOf{a.Payout, a.Recipient, a.Issuer.Email}, q.Who, but)
}
