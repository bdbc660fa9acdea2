package web

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// changesShown is how many changed fields of one entry a list shows.
const changesShown = 5

// auditView is the audit log, narrowed by a filter.
type auditView struct {
	List    *List
	Who     []choice
	Actions []actionGroup
	Entries []auditLine
}

// actionGroup are the actions on one sort of thing.
type actionGroup struct {
	Noun    choice // all of them
	Actions []choice
}

// auditLine is one entry.
type auditLine struct {
	store.AuditEntry
	Action  string // in words
	Changes []auditChange
	More    int // changed fields that are not shown
	Rows    int // of the table
}

// askedAudit is the audit log as the address asks for it.
func (v *visit) askedAudit() *List {
	return NewList(v.r.URL.Query(), ListOptions{
		Path: "/audit", Fields: []string{"who", "action", "subject", "since", "until"}, Size: rowsPerPage, Empty: "audit_none",
	})
}

// auditFilter is the filter of a list. Until is the last day, inclusive.
func (v *visit) auditFilter(l *List) (store.AuditFilter, error) {
	f := store.AuditFilter{Who: l.Text("who"), Action: l.Text("action"), Subject: l.Text("subject")}
	if since := l.Day("since"); since != "" {
		f.Since = since.In(v.zone())
	}
	if until := l.Day("until"); until != "" {
		f.Until = until.AddDays(1).In(v.zone())
	}
	return f, l.Err()
}

// audit lists the audit log, the newest entries first.
func (v *visit) audit() error {
	view := auditView{List: v.askedAudit()}
	view.List.SetHeads(Head{Message: "audit_at"}, Head{Message: "audit_who"}, Head{Message: "audit_action"}, Head{Message: "audit_subject"},
		Head{Message: "audit_field"}, Head{Message: "audit_before"}, Head{Message: "audit_after"})
	view.List.Export("/audit.csv", "", "audit_download")
	if err := v.auditChoices(&view); err != nil {
		return err
	}
	return v.showList("audit", "menu_audit", view, v.auditEntries(&view))
}

// auditChoices are the names and actions to choose from.
func (v *visit) auditChoices(view *auditView) error {
	who, actions, err := v.Store.AuditWords(v.r.Context())
	if err != nil {
		return err
	}
	for _, name := range who {
		view.Who = append(view.Who, choice{Value: name, Chosen: name == view.List.Text("who")})
	}
	for _, action := range actions {
		noun, _, _ := strings.Cut(action, ".")
		last := len(view.Actions) - 1
		if last < 0 || view.Actions[last].Noun.Value != noun {
			view.Actions = append(view.Actions, actionGroup{Noun: choice{Value: noun, Text: v.knownWord("audit_about_%s", noun), Chosen: noun == view.List.Text("action")}})
			last++
		}
		view.Actions[last].Actions = append(view.Actions[last].Actions, choice{Value: action, Text: v.actionInWords(action), Chosen: action == view.List.Text("action")})
	}
	return nil
}

// auditEntries fills in one page of the log.
func (v *visit) auditEntries(view *auditView) error {
	f, _ := v.auditFilter(view.List)
	f.Below, f.Limit = view.List.Below(), rowsPerPage+1
	if err := view.List.Err(); err != nil {
		return err
	}
	list, err := v.Store.Audit(v.r.Context(), f)
	if err != nil {
		return err
	}
	for _, e := range More(view.List, list, ParamBelow, func(e store.AuditEntry) string { return formatID(e.ID) }) {
		view.Entries = append(view.Entries, v.auditLine(e, changesShown))
	}
	return nil
}

// auditLine shows at most so many changed fields of an entry.
func (v *visit) auditLine(e store.AuditEntry, most int) auditLine {
	line := auditLine{AuditEntry: e, Action: v.actionInWords(e.Action), Changes: changesOf(e.Before, e.After)}
	if len(line.Changes) > most {
		line.More = len(line.Changes) - most
		line.Changes = line.Changes[:most]
	}
	if !v.may(access.ChangeEntities) {
		for i := range line.Changes {
			line.Changes[i].mask()
		}
	}
	for i, c := range line.Changes {
		line.Changes[i].Before, line.Changes[i].After = v.readable(c.Before), v.readable(c.After)
	}
	line.Rows = max(1, len(line.Changes))
	if line.More > 0 {
		line.Rows++
	}
	return line
}

// readable writes moments as pages do, and everything else as it is.
func (v *visit) readable(value string) string {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return v.instant(v.lang, at)
}

// actionInWords says what was done.
func (v *visit) actionInWords(action string) string {
	return v.knownWord("audit_%s", action)
}

// knownWord is the message of a word of the program, or else the word itself:
// the audit log may hold words of earlier versions.
func (v *visit) knownWord(message, word string) string {
	return v.messageOr(word, fmt.Sprintf(message, strings.ReplaceAll(word, ".", "_")))
}

// auditEntryView is one entry with all that it says.
type auditEntryView struct {
	Entry auditLine
	Back  string // to the entries on the same subject
}

// auditEntry shows one entry.
func (v *visit) auditEntry() error {
	id, err := v.id("audit_entry_unknown", "entry")
	if err != nil {
		return err
	}
	list, err := v.Store.Audit(v.r.Context(), store.AuditFilter{Below: id + 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].ID != id {
		return fault.New(fault.NotFound, "audit_entry_unknown", fault.Args{"entry": id})
	}
	title := v.message("audit_entry_title", "Entry", id)
	const all = 1 << 20
	return v.show("audit_entry", title, auditEntryView{v.auditLine(list[0], all), "/audit?" + url.Values{"subject": {list[0].Subject}}.Encode()})
}
