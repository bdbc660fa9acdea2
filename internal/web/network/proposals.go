package network

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// proposalsView lists the changes that decide where money goes and wait for a
// second person, and those that were decided.
type proposalsView struct {
	List    *page.List // of those that were decided
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
	Confirm       page.ConfirmView
}

// Proposals lists what waits.
func (v *Visit) Proposals() error { return v.showProposals(v.Form("")) }

func (v *Visit) showProposals(f *page.FormState) error {
	waiting, err := v.waiting(creditnotes.ProposalFilter{})
	if err != nil {
		return err
	}
	all, err := v.Store.Proposals(v.R.Context(), creditnotes.ProposalFilter{})
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/changes", Size: page.RowsPerPage, Order: "-asked"})
	view := proposalsView{List: l, Waiting: waiting}
	decided := slices.DeleteFunc(all, func(p creditnotes.Proposal) bool { return p.State == creditnotes.ProposalWaiting })
	for _, p := range page.Rows(l, decided, v.proposalColumns()...) {
		view.Decided = append(view.Decided, v.proposalLine(p))
	}
	f.Fail(l.Err())
	return v.ShowForm(f, "proposals", v.Message("changes_title"), view)
}

func (v *Visit) proposalColumns() []page.Column[creditnotes.Proposal] {
	return []page.Column[creditnotes.Proposal]{
		{Head: page.Head{Key: "subject", Message: "change_subject"}, By: page.ByText(v.subjectName)},
		{Head: page.Head{Key: "matter", Message: "change_matter"}, By: page.ByText(func(p creditnotes.Proposal) string { return string(p.Matter) })},
		{Head: page.Head{Message: "change_before"}},
		{Head: page.Head{Message: "change_after"}},
		{Head: page.Head{Key: "asked", Message: "change_asked"}, By: page.By(func(p creditnotes.Proposal) int64 { return p.ID })},
		{Head: page.Head{Key: "decided", Message: "change_decided"}, By: page.By(func(p creditnotes.Proposal) int64 { return p.DecidedAt.UnixMilli() })},
	}
}

// waiting are the changes that wait, the latest first, ready to be decided.
// Only the operator's people see them.
func (v *Visit) waiting(f creditnotes.ProposalFilter) ([]proposalView, error) {
	if !v.Who.Operator {
		return nil, nil
	}
	f.Waiting = true
	list, err := v.Store.Proposals(v.R.Context(), f)
	if err != nil {
		return nil, err
	}
	var views []proposalView
	for _, p := range list {
		view := v.proposalLine(p)
		view.May = v.May(access.ChangeEntities)
		view.Confirm = v.ConfirmTo("/changes")
		if view.Refused, err = v.refusedApproval(p); err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// refusedApproval says why the visitor may not approve a change, or nothing.
func (v *Visit) refusedApproval(p creditnotes.Proposal) (string, error) {
	if p.AskedBy == v.Name() {
		return v.Message("change_own"), nil
	}
	err := v.Store.SecondPerson(v.R.Context(), p.AskedBy, v.Name())
	if fault.Is(err, fault.Forbidden) {
		return v.Texts.PageFault(v.Lang, fault.Of(err)[0]), nil
	}
	return "", err
}

// proposalLine is a change in words.
func (v *Visit) proposalLine(p creditnotes.Proposal) proposalView {
	return proposalView{
		Proposal: p, Name: v.subjectName(p), Path: subjectPath(p),
		Before: v.proposalWords(p, p.Before), After: v.proposalWords(p, p.After),
	}
}

func (v *Visit) subjectName(p creditnotes.Proposal) string {
	switch p.Matter {
	case creditnotes.MatterSetting:
		return v.Message(page.SettingLabel(p.Subject))
	case creditnotes.MatterOwner, creditnotes.MatterConnector, creditnotes.MatterReprice:
		return p.Subject
	}
	return v.EntityName(p.Subject)
}

// subjectPath is the page of what a change is about.
func subjectPath(p creditnotes.Proposal) string {
	switch p.Matter {
	case creditnotes.MatterSetting:
		return "/settings#" + p.Subject
	case creditnotes.MatterOwner:
		return page.StationPath(p.Subject)
	case creditnotes.MatterReprice:
		return "/reprices"
	case creditnotes.MatterConnector:
		var station string
		if json.Unmarshal([]byte(p.After), &station) != nil || station == "" {
			return ""
		}
		return page.StationPath(station)
	}
	return page.EntityPath(p.Subject)
}

// proposalWords writes what was or will be, line by line.
func (v *Visit) proposalWords(p creditnotes.Proposal, value string) (lines []string) {
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
		add(page.GroupsOfFour(bank.IBAN))
		add(bank.BIC)
	case creditnotes.MatterOwner:
		var owners []entities.Ownership
		read(&owners)
		for _, o := range owners {
			add(v.Message("change_owner_from", "From", v.momentOf(o.From), "Owner", v.EntityName(o.Entity)))
		}
	case creditnotes.MatterAdjustment:
		var a creditnotes.Adjustment
		if read(&a); a.Entity != "" {
			add(v.Texts.Amount(v.Lang, a.Currency, a.Amount) + ", " + v.Texts.Date(v.Lang, a.Value))
			add(a.Reason)
		}
	case creditnotes.MatterReprice:
		var q creditnotes.RepriceQuery
		if read(&q); q.Reason != "" {
			add(v.Message("change_owner_from", "From", v.Texts.Date(v.Lang, q.From), "Owner", cmp.Or(q.Rate, q.Contract)))
			add(q.Reason)
		}
	case creditnotes.MatterEmail:
		read(&lines)
	case creditnotes.MatterSetting:
		var text string
		read(&text)
		if b, err := v.Snapshot(v.R.Context()); err == nil {
			text = v.SettingWords(p.Subject, text, b)
		}
		add(text)
	case creditnotes.MatterAlternate:
		var key string
		read(&key)
		if key != "" {
			add(v.EntityName(key))
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
func (v *Visit) momentOf(m entities.Moment) string {
	day, rest, timed := strings.Cut(string(m), "T")
	text := v.Texts.Date(v.Lang, entities.Date(day))
	if timed {
		text += " " + rest
	}
	return text
}

// ApproveProposal lets a change apply.
func (v *Visit) ApproveProposal() error {
	if f := v.Form(""); f.Fail(v.Confirm()) {
		return v.showProposals(f)
	}
	p, err := v.proposalAsked()
	if err != nil {
		return err
	}
	if p.Matter == creditnotes.MatterReprice { // which takes long
		return v.approveReprice(p)
	}
	return v.decideProposal(v.Store.Approve, "change_approved")
}

// RejectProposal throws a change away.
func (v *Visit) RejectProposal() error { return v.decideProposal(v.Store.Reject, "change_rejected") }

func (v *Visit) decideProposal(decide func(ctx context.Context, who string, id int64) error, message string) error {
	p, err := v.proposalAsked()
	if err != nil {
		return err
	}
	if f := v.Form(""); f.Fail(decide(v.R.Context(), v.Name(), p.ID)) {
		return v.showProposals(f)
	}
	return v.Done("/changes", message, "Subject", v.subjectName(*p))
}

// proposalAsked is the change of the address.
func (v *Visit) proposalAsked() (*creditnotes.Proposal, error) {
	id, err := strconv.ParseInt(v.R.PathValue("id"), 10, 64)
	if err != nil {
		return nil, fault.New(fault.NotFound, "proposal_unknown", fault.Args{"change": v.R.PathValue("id")})
	}
	return v.Store.Proposal(v.R.Context(), id)
}
