package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// proposalsView lists the changes that decide where money goes and wait for a
// second person, and those that were decided.
type proposalsView struct {
	List    *List // of those that were decided
	Waiting []proposalView
	Decided []proposalView
}

// proposalView is one such change.
type proposalView struct {
	creditnotes.Proposal
	Name          string // of the subject
	Path          string // of the subject; empty: it has no page
	Before, After []string
	May           bool   // the visitor may decide
	Refused       string // why the visitor may not approve; empty: may
	Confirm       confirmView
}

// proposals lists what waits.
func (v *visit) proposals() error { return v.showProposals(v.form("")) }

func (v *visit) showProposals(f *form) error {
	waiting, err := v.waiting(creditnotes.ProposalFilter{})
	if err != nil {
		return err
	}
	all, err := v.Store.Proposals(v.r.Context(), creditnotes.ProposalFilter{})
	if err != nil {
		return err
	}
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/changes", Size: rowsPerPage, Order: "-asked"})
	view := proposalsView{List: l, Waiting: waiting}
	decided := slices.DeleteFunc(all, func(p creditnotes.Proposal) bool { return p.State == creditnotes.ProposalWaiting })
	for _, p := range Rows(l, decided, v.proposalColumns()...) {
		view.Decided = append(view.Decided, v.proposalLine(p))
	}
	f.fail(l.Err())
	return v.showForm(f, "proposals", v.message("changes_title"), view)
}

func (v *visit) proposalColumns() []Column[creditnotes.Proposal] {
	return []Column[creditnotes.Proposal]{
		{Head{Key: "subject", Message: "change_subject"}, ByText(v.subjectName)},
		{Head{Key: "matter", Message: "change_matter"}, ByText(func(p creditnotes.Proposal) string { return string(p.Matter) })},
		{Head: Head{Message: "change_before"}},
		{Head: Head{Message: "change_after"}},
		{Head{Key: "asked", Message: "change_asked"}, By(func(p creditnotes.Proposal) int64 { return p.ID })},
		{Head{Key: "decided", Message: "change_decided"}, By(func(p creditnotes.Proposal) int64 { return p.DecidedAt.UnixMilli() })},
	}
}

// waiting are the changes that wait, the latest first, ready to be decided.
// Only the operator's people see them.
func (v *visit) waiting(f creditnotes.ProposalFilter) ([]proposalView, error) {
	if !v.who.Operator {
		return nil, nil
	}
	f.Waiting = true
	list, err := v.Store.Proposals(v.r.Context(), f)
	if err != nil {
		return nil, err
	}
	var views []proposalView
	for _, p := range list {
		view := v.proposalLine(p)
		view.May = v.may(access.ChangeEntities)
		view.Confirm = v.confirmTo("/changes")
		if view.Refused, err = v.refusedApproval(p); err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// refusedApproval says why the visitor may not approve a change, or nothing.
func (v *visit) refusedApproval(p creditnotes.Proposal) (string, error) {
	if p.AskedBy == v.name() {
		return v.message("change_own"), nil
	}
	err := v.Store.SecondPerson(v.r.Context(), p.AskedBy, v.name())
	if fault.Is(err, fault.Forbidden) {
		return v.Texts.Fault(v.lang, fault.Of(err)[0]), nil
	}
	return "", err
}

// proposalLine is a change in words.
func (v *visit) proposalLine(p creditnotes.Proposal) proposalView {
	return proposalView{
		Proposal: p, Name: v.subjectName(p), Path: subjectPath(p),
		Before: v.proposalWords(p, p.Before), After: v.proposalWords(p, p.After),
	}
}

func (v *visit) subjectName(p creditnotes.Proposal) string {
	switch p.Matter {
	case creditnotes.MatterSetting:
		return v.message(settingLabel(p.Subject))
	case creditnotes.MatterOwner, creditnotes.MatterConnector:
		return p.Subject
	}
	return v.entityName(p.Subject)
}

// subjectPath is the page of what a change is about.
func subjectPath(p creditnotes.Proposal) string {
	switch p.Matter {
	case creditnotes.MatterSetting:
		return "/settings#" + p.Subject
	case creditnotes.MatterOwner:
		return stationPath(p.Subject)
	case creditnotes.MatterConnector:
		var station string
		if json.Unmarshal([]byte(p.After), &station) != nil || station == "" {
			return ""
		}
		return stationPath(station)
	}
	return entityPath(p.Subject)
}

// proposalWords writes what was or will be, line by line.
func (v *visit) proposalWords(p creditnotes.Proposal, value string) (lines []string) {
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	read := func(into any) { _ = json.Unmarshal([]byte(value), into) } // is ours; empty where it was not kept
	switch p.Matter {
	case creditnotes.MatterBank:
		var bank entities.Bank
		read(&bank)
		add(bank.Holder)
		add(groupsOfFour(bank.IBAN))
		add(bank.BIC)
	case creditnotes.MatterOwner:
		var owners []entities.Ownership
		read(&owners)
		for _, o := range owners {
			add(v.message("change_owner_from", "From", v.momentOf(o.From), "Owner", v.entityName(o.Entity)))
		}
	case creditnotes.MatterEmail:
		read(&lines)
	case creditnotes.MatterSetting:
		var text string
		read(&text)
		if b, err := v.snapshot(v.r.Context()); err == nil {
			text = v.settingWords(p.Subject, text, b)
		}
		add(text)
	case creditnotes.MatterAlternate:
		var key string
		read(&key)
		if key != "" {
			add(v.entityName(key))
		}
	default:
		var text string
		read(&text)
		add(text)
	}
	return lines
}

// momentOf writes a moment of the configuration as it was typed: the day, with
// the time where there is one.
func (v *visit) momentOf(m entities.Moment) string {
	day, rest, timed := strings.Cut(string(m), "T")
	text := v.Texts.Date(v.lang, entities.Date(day))
	if timed {
		text += " " + rest
	}
	return text
}

// approveProposal lets a change apply.
func (v *visit) approveProposal() error {
	if f := v.form(""); f.fail(v.confirm()) {
		return v.showProposals(f)
	}
	return v.decideProposal(v.Store.Approve, "change_approved")
}

// rejectProposal throws a change away.
func (v *visit) rejectProposal() error { return v.decideProposal(v.Store.Reject, "change_rejected") }

func (v *visit) decideProposal(decide func(ctx context.Context, who string, id int64) error, message string) error {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "proposal_unknown", fault.Args{"change": v.r.PathValue("id")})
	}
	p, err := v.Store.Proposal(v.r.Context(), id)
	if err != nil {
		return err
	}
	if f := v.form(""); f.fail(decide(v.r.Context(), v.name(), id)) {
		return v.showProposals(f)
	}
	return v.done("/changes", message, "Subject", v.subjectName(*p))
}

// saved says that something was saved, and what of it waits for a second
// person.
func (v *visit) saved(target string, waiting []creditnotes.Proposal, key string, args ...any) error {
	if len(waiting) == 0 {
		return v.done(target, key, args...)
	}
	var matters []string
	for _, p := range waiting {
		matters = append(matters, v.message(fmt.Sprintf("matter_%s", p.Matter)))
	}
	slices.Sort(matters)
	text, err := v.text(key, args...)
	if err != nil {
		return err
	}
	more, err := v.text("change_waits", "Matters", strings.Join(slices.Compact(matters), ", "))
	if err != nil {
		return err
	}
	v.sessions.Put(v.r.Context(), "flash", text+" "+more)
	return v.redirect(target)
}

// confirmedIfTyped reports whether the visitor has confirmed a form in which the
// password is needed only for what decides where money goes: a wrong password
// is an error, none is not.
func (v *visit) confirmedIfTyped() (bool, error) {
	if v.who.User.PasswordHash != "" && v.r.PostFormValue("confirm_password") == "" {
		return false, nil
	}
	err := v.confirm()
	if fault.Is(err, fault.Forbidden) && v.who.User.PasswordHash == "" {
		return false, nil // the other server was not asked a moment ago
	}
	return err == nil, err
}
