package creditnotes

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// Printer knows what documents can say. It is asked before numbers are taken,
// so that nothing is issued that cannot be printed (domain.md §12).
type Printer interface {
	// Try reports what would keep the files of a note from being made. It makes
	// none, and does not look at the sessions.
	Try(n *Note) error
	// TryInvoice reports what would keep the e-invoice of a note from being
	// written, which does not keep the note from being made.
	TryInvoice(n *Note) error
	// TryFile reports what would keep an e-invoice of another kind from being
	// written.
	TryFile(n *Note, kind FileKind) error
	// Replaced lists the characters of a text that are not printed as they are
	// written.
	Replaced(text string) []Replacement
}

// Replacement is a character that is printed as something else: a look-alike,
// nothing, or the sign for what no font has.
type Replacement struct {
	Character rune
	By        string
}

// invoiced returns a fault where no e-invoice could be written of a note whose
// recipient's country requires one (domain.md §9.4).
func (r *Runner) invoiced(n *Note, s Settings) *fault.Fault {
	if r.Printer == nil || !s.needsEInvoice(n.Document.Recipient.Country, n.Document.Month) {
		return nil
	}
	if err := recovered(func() error { return r.Printer.TryInvoice(n) }); err != nil {
		r.logPanic(err, slog.String("recipient", n.Recipient))
		if list := fault.Of(err); len(list) > 0 {
			return list[0]
		}
		return fault.Wrap(fault.NotReady, "note_unprintable", fault.Args{"recipient": n.Recipient, "reason": err.Error()}, err)
	}
	return nil
}

// printable returns a fault where a note could not be printed.
func (r *Runner) printable(n *Note) *fault.Fault {
	if r.Printer == nil {
		return nil
	}
	if err := recovered(func() error { return r.Printer.Try(n) }); err != nil {
		r.logPanic(err, slog.String("recipient", n.Recipient))
		return fault.Wrap(fault.NotReady, "note_unprintable", fault.Args{"recipient": n.Recipient, "reason": err.Error()}, err)
	}
	return nil
}

// withLogo gives a note the content of its logo, as it is rendered with.
func (r *Runner) withLogo(ctx context.Context, n *Note) (err error) {
	if name := n.Document.Logo; name != "" {
		n.Logo, err = r.Store.Asset(ctx, name)
	}
	return err
}

// logosOf are the logos that the documents of a run may have, where they are printed.
func (r *Runner) logosOf(ctx context.Context, settings *Settings) (map[string][]byte, error) {
	logos := map[string][]byte{}
	for _, name := range settings.Logos() {
		if r.Printer == nil {
			break
		}
		content, err := r.Store.Asset(ctx, name)
		if err != nil {
			return nil, err
		}
		logos[name] = content
	}
	return logos, nil
}

// printable fails the owners of notes that could not be printed, or would lack
// an e-invoice that is required; the shard is
// then drafted again without them.
func (j *draftJob) printable(notes []*Note, d *drafter) error {
	for _, note := range notes {
		if note.State != Draft {
			continue
		}
		note.Logo = j.logos[note.Document.Logo]
		failed := j.runner.printable(note)
		note.Logo = nil
		if failed == nil {
			failed = j.runner.invoiced(note, j.run.Settings)
		}
		if failed == nil {
			failed = j.runner.deliverable(note, j.run.Settings, j.signs.lost(note))
		}
		if failed == nil {
			continue
		}
		for _, o := range d.shard.allOwners() {
			if slices.Contains(note.Owners, o.entity.Key) {
				o.failed = failed
			}
		}
		return errOwnerFailed
	}
	return nil
}

// checkReason refuses a reason that is no text: neither a document nor a
// database can hold it.
func (q CancelRequest) checkReason() *fault.Fault {
	switch {
	case strings.TrimSpace(q.Reason) == "":
		return fault.New(fault.Usage, "cancel_without_reason", fault.Args{"number": q.Number}).At("reason")
	case !utf8.ValidString(q.Reason) || strings.ContainsRune(q.Reason, 0):
		return fault.New(fault.Usage, "cancel_reason_not_text", fault.Args{"number": q.Number}).At("reason")
	}
	return nil
}

// signs collects what documents print otherwise than it is written, for the
// readiness check.
type signs struct {
	printer  Printer
	mu       sync.Mutex
	seen     map[string]bool // places
	sessions map[*owner]int  // how many of an owner were found
	found    []Finding
}

func newSigns(p Printer) *signs {
	return &signs{printer: p, seen: map[string]bool{}, sessions: map[*owner]int{}}
}

// lost takes the networks by which a note cannot go; nil where no one asks.
func (s *signs) lost(n *Note) func(entities.Channel, error) {
	if s == nil {
		return nil
	}
	return func(c entities.Channel, why error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.found = append(s.found, Finding{Warns, fault.New(fault.NotReady, "delivery_fallback", fault.Args{"recipient": n.Recipient, "channel": string(c)})})
		for _, f := range fault.Of(why) {
			s.found = append(s.found, Finding{Warns, f})
		}
	}
}

// look checks a text; where names its place as a path in the network file.
func (s *signs) look(owner, where, text string) (replaced bool) {
	list := s.printer.Replaced(text)
	if len(list) == 0 {
		return false
	}
	named := make([]string, len(list))
	for i, one := range list {
		named[i] = fmt.Sprintf("%U → %q", one.Character, one.By)
		if one.By == "" {
			named[i] = fmt.Sprintf("%U → –", one.Character)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[owner+" "+where] {
		return true
	}
	s.seen[owner+" "+where] = true
	s.found = append(s.found, Finding{Warns, fault.New(fault.NotReady, "text_replaced", fault.Args{
		"owner": owner, "where": where, "signs": strings.Join(named, ", "),
	})})
	return true
}

// sessionsNamed is how many sessions of an owner are named: one source of
// strange ids gives them to all.
const sessionsNamed = 3

// session looks at what the pages of sessions print, where an owner gets them.
func (s *signs) session(o *owner, name, evse string) {
	if o.group.recipient.SessionDetail != entities.DetailPDF {
		return
	}
	s.look(o.entity.Key, "evses/"+evse, evse)
	s.mu.Lock()
	enough := s.sessions[o] >= sessionsNamed
	s.mu.Unlock()
	if !enough && s.look(o.entity.Key, "sessions/"+name, name) {
		s.mu.Lock()
		s.sessions[o]++
		s.mu.Unlock()
	}
}

// network looks at everything that the notes of a plan print of the network,
// owner by owner.
func (s *signs) network(p *Plan, day entities.Date) {
	operator := p.Network.Operator()
	s.entity(operator.Key, operator)
	seen := map[string]bool{operator.Key: true}
	for _, g := range p.groups {
		for _, o := range g.owners {
			if o.entity == operator {
				continue
			}
			recipient, _ := p.recipientOf(o.entity, day)
			for _, e := range []*entities.Entity{o.entity, recipient} {
				if !seen[e.Key] {
					seen[e.Key] = true
					s.entity(o.entity.Key, e)
				}
			}
		}
	}
	for _, station := range p.Network.Stations() {
		for _, key := range stationOwners(station) {
			if key != operator.Key {
				s.look(key, "stations/"+station.Key+"/name", station.Name)
			}
		}
	}
}

// stationOwners are the keys of all who own a station or did.
func stationOwners(station *entities.Station) (keys []string) {
	for _, o := range station.Owners {
		keys = append(keys, o.Entity)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// entity looks at what documents print of an entity.
func (s *signs) entity(owner string, e *entities.Entity) {
	party := partyOf(e)
	for _, field := range []struct{ name, text string }{
		{"name", party.Name}, {"street", party.Street}, {"postcode", party.Postcode}, {"city", party.City}, {"vat_id", party.VATID},
		{"tax_number", party.TaxNumber}, {"register_number", party.RegisterNumber}, {"email", party.Email}, {"phone", party.Phone},
		{"customer_ref", party.CustomerRef}, {"agreement", e.Agreement.Reference}, {"bank/holder", party.Bank.Holder},
	} {
		s.look(owner, "entities/"+e.Key+"/"+field.name, field.text)
	}
}

// settings looks at the words of the settings and the tax accounts that are
// printed.
func (s *signs) settings(config *Configuration) {
	for _, key := range config.Settings.LayoutKeys() {
		for field, text := range config.Settings.Layouts[key] {
			if strings.Contains(field, ".") {
				s.look("", "settings/layouts/"+key+"/"+field, text)
			}
		}
	}
	for language, text := range config.Settings.PaymentTerms.Text {
		s.look("", "settings/payment_terms/"+language, text)
	}
	for _, account := range config.TaxAccounts {
		for language, text := range account.Name {
			s.look("", "tax_accounts/"+account.Key+"/name/"+language, text)
		}
		for language, text := range account.ExemptionReason {
			s.look("", "tax_accounts/"+account.Key+"/exemption_reason/"+language, text)
		}
	}
}

// findings are what was found, in order.
func (s *signs) findings() []Finding {
	if s == nil {
		return nil
	}
	slices.SortStableFunc(s.found, func(a, b Finding) int { return cmp.Compare(a.Fault.Error(), b.Fault.Error()) })
	return s.found
}
