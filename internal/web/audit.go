package web

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

const (
	// auditShown is how many entries a page lists.
	auditShown = 50
	// changesShown is how many changed fields of one entry a list shows.
	changesShown = 5
)

// auditView is the audit log, narrowed by a filter.
type auditView struct {
	Filter       auditFilter
	Who          []choice
	Actions      []actionGroup
	Entries      []auditLine
	Newer, Older string // neighbouring pages
	Download     string
}

// actionGroup are the actions on one sort of thing.
type actionGroup struct {
	Noun    choice // all of them
	Actions []choice
}

// auditFilter is what the form says. Until is the last day, inclusive.
type auditFilter struct{ Who, Action, Subject, Since, Until string }

// auditLine is one entry.
type auditLine struct {
	store.AuditEntry
	Action  string // in words
	Changes []auditChange
	More    int // changed fields that are not shown
	Rows    int // of the table
}

// auditFilter reads the filter of the address.
func (v *visit) auditFilter() auditFilter {
	of := func(name string) string { return strings.TrimSpace(v.r.URL.Query().Get(name)) }
	return auditFilter{of("who"), of("action"), of("subject"), of("since"), of("until")}
}

// question is the filter as the store knows it.
func (f auditFilter) question(zone *time.Location) (store.AuditFilter, error) {
	q := store.AuditFilter{Who: f.Who, Action: f.Action, Subject: f.Subject}
	var faults fault.List
	since, err := day(f.Since)
	if err != nil {
		faults = append(faults, err)
	} else if since != "" {
		q.Since = since.In(zone)
	}
	until, err := day(f.Until)
	if err != nil {
		faults = append(faults, err)
	} else if until != "" {
		q.Until = until.AddDays(1).In(zone)
	}
	return q, faults.Err()
}

// day reads a date of a filter; an empty one is none.
func day(text string) (entities.Date, *fault.Fault) {
	if text == "" {
		return "", nil
	}
	d, err := entities.ParseDate(text)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "filter_date_invalid", fault.Args{"value": text}, err)
	}
	return d, nil
}

// query is the filter as a part of an address.
func (f auditFilter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"who": f.Who, "action": f.Action, "subject": f.Subject, "since": f.Since, "until": f.Until} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// audit lists the audit log, the newest entries first.
func (v *visit) audit() error {
	filter := v.auditFilter()
	view := auditView{Filter: filter, Download: "/audit.csv?" + filter.query().Encode()}
	if err := v.auditChoices(&view); err != nil {
		return err
	}
	q, problem := filter.question(v.zone())
	if problem == nil {
		if err := v.auditEntries(&view, q); err != nil {
			return err
		}
	}
	title, err := v.text("menu_audit")
	if err != nil {
		return err
	}
	if problem != nil {
		return v.retry(problem, "audit", title, view)
	}
	return v.show("audit", title, view)
}

// auditChoices are the names and actions to choose from.
func (v *visit) auditChoices(view *auditView) error {
	who, actions, err := v.Store.AuditWords(v.r.Context())
	if err != nil {
		return err
	}
	for _, name := range who {
		view.Who = append(view.Who, choice{Value: name, Chosen: name == view.Filter.Who})
	}
	for _, action := range actions {
		noun, _, _ := strings.Cut(action, ".")
		last := len(view.Actions) - 1
		if last < 0 || view.Actions[last].Noun.Value != noun {
			view.Actions = append(view.Actions, actionGroup{Noun: choice{Value: noun, Text: v.knownWord("audit_about_%s", noun), Chosen: noun == view.Filter.Action}})
			last++
		}
		view.Actions[last].Actions = append(view.Actions[last].Actions, choice{Value: action, Text: v.actionInWords(action), Chosen: action == view.Filter.Action})
	}
	return nil
}

// auditEntries fills in one page of the log.
func (v *visit) auditEntries(view *auditView, q store.AuditFilter) error {
	below := belowOf(v.r.URL.Query().Get("below"))
	q.Below, q.Limit = below, auditShown+1
	list, err := v.Store.Audit(v.r.Context(), q)
	if err != nil {
		return err
	}
	page := func(below string) string {
		values := view.Filter.query()
		if below != "" {
			values.Set("below", below)
		}
		return "/audit?" + values.Encode()
	}
	if below > 0 {
		view.Newer = page("")
	}
	if len(list) > auditShown {
		list = list[:auditShown]
		view.Older = page(decimal(list[auditShown-1].ID))
	}
	for _, e := range list {
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
	text, err := v.text(fmt.Sprintf(message, strings.ReplaceAll(word, ".", "_")))
	if err != nil {
		return word
	}
	return text
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
	title, err := v.text("audit_entry_title", "Entry", id)
	if err != nil {
		return err
	}
	const all = 1 << 20
	return v.show("audit_entry", title, auditEntryView{v.auditLine(list[0], all), "/audit?" + url.Values{"subject": {list[0].Subject}}.Encode()})
}
