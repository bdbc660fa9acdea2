package notes

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/tasks"
)

// exportedJournal is what exporting a month came to.
type exportedJournal struct{ Entries int }

// sentReminders counts the letters of one request that were sent, and those that
// were not since they had changed.
type sentReminders struct{ Sent, Left int }

// workView is work that goes on in the background, or has ended.
type workView struct {
	Title    string
	Back     string // address of the page from which it was started
	Menu     string // its title
	Path     string
	Ready    bool
	Said     string // what it came to
	Problem  string // why it failed
	Done, Of int
}

// showWork shows how far a task is, and then what it came to.
func showWork[T any](v *Visit, view workView, state *tasks.State[T], said func(T) string) error {
	view.Ready, view.Done, view.Of = state.Over(), state.Progress.Done, state.Progress.Of
	if logged := (*creditnotes.LoggedError)(nil); errors.As(state.Err, &logged) {
		return state.Err
	}
	for _, f := range fault.Of(state.Err) {
		view.Problem += v.words(f) + "\n"
	}
	if view.Ready && state.Err == nil {
		view.Said = said(state.Value)
	}
	return v.Show("work", view.Title, view)
}

func journalSubject(month entities.Month, format journal.Format) string {
	return string(month) + " " + string(format)
}

// AccountingWork shows how far the export of a month is.
func (v *Visit) AccountingWork() error {
	task, err := v.journals.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if task == nil {
		return v.Redirect("/accounting")
	}
	state := task.Within(time.Second)
	text, format, _ := strings.Cut(state.Subject, " ")
	month := v.Texts.Month(v.Lang, entities.Month(text))
	view := workView{Title: v.Message("accounting_title", "Month", month), Back: accountingPath(entities.Month(text)), Menu: v.Message("menu_accounting"), Path: accountingWork(state.ID)}
	return showWork(v, view, &state, func(exportedJournal) string {
		return v.Message("accounting_exported", "Month", month, "Format", v.Message(fmt.Sprintf("accounting_format_%s", format)))
	})
}

// RemindersWork shows how far the sending of reminders is.
func (v *Visit) RemindersWork() error {
	task, err := v.reminders.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if task == nil {
		return v.Redirect("/reminders")
	}
	state := task.Within(time.Second)
	menu := v.Message("menu_reminders")
	return showWork(v, workView{Title: menu, Back: "/reminders#sent", Menu: menu, Path: remindersWork(state.ID)}, &state, func(s sentReminders) string {
		if s.Left > 0 {
			return v.Message("reminders_changed", "Sent", s.Sent, "Count", s.Left)
		}
		return v.Message("reminders_are_sent", "Count", s.Sent)
	})
}

func accountingWork(id string) string { return "/accounting-work/" + id }

func remindersWork(id string) string { return "/reminders-work/" + id }
