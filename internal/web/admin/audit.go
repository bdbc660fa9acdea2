package admin

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// changesShown is how many changed fields of one entry a list shows.
const changesShown = 5

// auditView is the audit log, narrowed by a filter.
type auditView struct {
	List    *page.List
	Who     []page.Choice
	Routine page.Choice // all actions but routine
	Actions []actionGroup
	Entries []auditLine
}

// actionGroup are the actions on one sort of thing.
type actionGroup struct {
	Noun    page.Choice // all of them
	Actions []page.Choice
}

// auditLine is one entry.
type auditLine struct {
	store.AuditEntry
	Action  string // in words
	Thing   string // what it was done to, by name; empty: its key says it
	Changes []auditChange
	More    int // changed fields that are not shown
	Rows    int // of the table
}

// withoutRoutine is the choice of all actions but those in routine: logins and
// files that were written, which come with no decision of a person.
const withoutRoutine = "decisions"

var routine = []string{"user.logged_in", "credit_note.rendered", "payout.advised", "payout.advice_mailed"}

// askedAudit is the audit log as the address asks for it.
func (v *Visit) askedAudit() *page.List {
	return page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/audit", Fields: []string{"who", "action", "subject", "since", "until"}, Size: page.RowsPerPage, Empty: "audit_none",
	})
}

// auditFilter is the filter of a list. Until is the last day, inclusive.
func (v *Visit) auditFilter(l *page.List) (store.AuditFilter, error) {
	f := store.AuditFilter{Who: l.Text("who"), Action: l.Text("action")}
	if f.Action == withoutRoutine {
		f.Action, f.Without = "", routine
	}
	subjects, err := v.subjectsLike(l.Text("subject"))
	if err != nil {
		return f, err
	}
	f.Subjects = subjects
	if since := l.Day("since"); since != "" {
		f.Since = since.In(v.Zone())
	}
	if until := l.Day("until"); until != "" {
		f.Until = until.AddDays(1).In(v.Zone())
	}
	return f, l.Err()
}

// Audit lists the audit log, the newest entries first.
func (v *Visit) Audit() error {
	view := auditView{List: v.askedAudit()}
	view.List.SetHeads(page.Head{Message: "audit_at"}, page.Head{Message: "audit_who"}, page.Head{Message: "audit_action"}, page.Head{Message: "audit_subject"},
		page.Head{Message: "audit_field"}, page.Head{Message: "audit_before"}, page.Head{Message: "audit_after"})
	view.List.Export("/audit.csv", "", "audit_download")
	if err := v.auditChoices(&view); err != nil {
		return err
	}
	return v.ShowList("audit", "menu_audit", view, v.auditEntries(&view))
}

// auditChoices are the names and actions to choose from.
func (v *Visit) auditChoices(view *auditView) error {
	who, actions, err := v.Store.AuditWords(v.R.Context())
	if err != nil {
		return err
	}
	view.Routine = page.Choice{Value: withoutRoutine, Chosen: view.List.Text("action") == withoutRoutine}
	for _, name := range who {
		view.Who = append(view.Who, page.Choice{Value: name, Chosen: name == view.List.Text("who")})
	}
	for _, action := range actions {
		noun, _, _ := strings.Cut(action, ".")
		last := len(view.Actions) - 1
		if last < 0 || view.Actions[last].Noun.Value != noun {
			view.Actions = append(view.Actions, actionGroup{Noun: page.Choice{Value: noun, Text: v.knownWord("audit_about_%s", noun), Chosen: noun == view.List.Text("action")}})
			last++
		}
		view.Actions[last].Actions = append(view.Actions[last].Actions, page.Choice{Value: action, Text: v.actionInWords(action), Chosen: action == view.List.Text("action")})
	}
	return nil
}

// auditEntries fills in one page of the log.
func (v *Visit) auditEntries(view *auditView) error {
	f, err := v.auditFilter(view.List)
	if err != nil {
		return err
	}
	f.Below, f.Limit = view.List.Below(), page.RowsPerPage+1
	if err := view.List.Err(); err != nil {
		return err
	}
	list, err := v.Store.Audit(v.R.Context(), f)
	if err != nil {
		return err
	}
	for _, e := range page.More(view.List, list, page.ParamBelow, func(e store.AuditEntry) string { return page.FormatID(e.ID) }) {
		view.Entries = append(view.Entries, v.auditLine(e, changesShown))
	}
	return nil
}

// auditLine shows at most so many changed fields of an entry.
func (v *Visit) auditLine(e store.AuditEntry, most int) auditLine {
	line := auditLine{AuditEntry: e, Action: v.actionInWords(e.Action), Thing: v.subjectInWords(e), Changes: changesOf(e.Before, e.After)}
	if len(line.Changes) > most {
		line.More = len(line.Changes) - most
		line.Changes = line.Changes[:most]
	}
	if !v.May(access.ChangeEntities) {
		for i := range line.Changes {
			line.Changes[i].mask()
		}
	}
	for i, c := range line.Changes {
		short := most == changesShown
		line.Changes[i].Name = v.fieldInWords(c.Field)
		line.Changes[i].Before, line.Changes[i].After = v.valueInWords(&e, c.Before, short), v.valueInWords(&e, c.After, short)
	}
	line.Rows = max(1, len(line.Changes))
	if line.More > 0 {
		line.Rows++
	}
	return line
}

// readable writes moments as pages do, and everything else as it is.
func (v *Visit) readable(value string) string {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return v.Instant(at)
}

// actionInWords says what was done.
func (v *Visit) actionInWords(action string) string {
	return v.knownWord("audit_%s", action)
}

// knownWord is the message of a word of the program, or else the word itself:
// the audit log may hold words of earlier versions.
func (v *Visit) knownWord(message, word string) string {
	return v.MessageOr(word, fmt.Sprintf(message, strings.ReplaceAll(word, ".", "_")))
}

// auditEntryView is one entry with all that it says.
type auditEntryView struct {
	Entry auditLine
	Back  string // to the entries on the same subject
}

// AuditEntry shows one entry.
func (v *Visit) AuditEntry() error {
	id, err := v.ID("audit_entry_unknown", "entry")
	if err != nil {
		return err
	}
	list, err := v.Store.Audit(v.R.Context(), store.AuditFilter{Below: id + 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].ID != id {
		return fault.New(fault.NotFound, "audit_entry_unknown", fault.Args{"entry": id})
	}
	title := v.Message("audit_entry_title", "Entry", id)
	const all = 1 << 20
	return v.Show("audit_entry", title, auditEntryView{v.auditLine(list[0], all), "/audit?" + url.Values{"subject": {list[0].Subject}}.Encode()})
}
