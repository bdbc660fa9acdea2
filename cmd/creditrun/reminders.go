package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

func (a *app) remindersCommand() *cobra.Command {
	var date string
	files := &askedList{}
	c := &cobra.Command{
		Use: "reminders", Short: "List the reminders that would be sent: overdue fee invoices, and cancelled notes that were paid out",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, day, err := a.reminderDay(c.Context(), date)
			if err != nil {
				return err
			}
			list, err := s.DueReminders(c.Context(), day)
			if err == nil {
				err = files.writeReminders(list, noReminders)
			}
			if err != nil {
				return err
			}
			return a.printDueReminders(list)
		},
	}
	c.Flags().StringVar(&date, "date", "", "as of this day (default: today)")
	files.flags(c)
	c.AddCommand(a.sendRemindersCommand(), a.sentRemindersCommand(), a.stopRemindersCommand(), a.resumeRemindersCommand())
	return a.jsonFlag(c)
}

// noReminders are no reminders that were sent.
func noReminders(func(creditnotes.Reminder, error) bool) {}

// writeReminders writes the files of reminders that were asked for.
func (q *askedList) writeReminders(due []payouts.DueReminder, sent iter.Seq2[creditnotes.Reminder, error]) error {
	return q.write(func(w io.Writer) error { return export.RemindersCSV(w, nil, due, sent) },
		func(w io.Writer) error { return export.RemindersXLSX(w, "reminders", nil, due, sent) })
}

func (a *app) reminderDay(ctx context.Context, date string) (*store.Store, entities.Date, error) {
	s, err := a.store(ctx)
	if err != nil {
		return nil, "", err
	}
	day, err := a.typedDay(ctx, date)
	return s, day, err
}

func (a *app) printDueReminders(list []payouts.DueReminder) error {
	out := []payouts.DueReminderJSON{}
	for i := range list {
		out = append(out, list[i].JSON())
	}
	if a.json {
		return a.printJSON(out)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "RECIPIENT\tLEVEL\tDOCUMENT\tDUE\tOPEN\t\tNOT SENT\t")
	for _, r := range out {
		for _, i := range r.Items {
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Recipient, i.Level, i.Document, i.Due, i.Open, r.Currency, r.Reason, r.Detail)
		}
	}
	return t.Flush()
}

func (a *app) sendRemindersCommand() *cobra.Command {
	var recipients []string
	c := &cobra.Command{
		Use: "send", Short: "Send the reminders that are due today: a letter by mail, once for each level",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, day, err := a.reminderDay(c.Context(), "")
			if err != nil {
				return err
			}
			runner, _, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			maker, err := store.MakerOfReminders(runner, a.texts.Supports)
			if err != nil {
				return err
			}
			var wanted func(*payouts.DueReminder) bool
			if len(recipients) > 0 {
				wanted = func(r *payouts.DueReminder) bool { return slices.Contains(recipients, r.Recipient.Key) }
			}
			sent, err := s.SendReminders(c.Context(), a.who(), day, wanted, maker)
			if err != nil {
				return err
			}
			return a.printReminders(sent)
		},
	}
	c.Flags().StringArrayVar(&recipients, "recipient", nil, "only to this recipient; may be given more than once")
	return a.jsonFlag(c)
}

func (a *app) sentRemindersCommand() *cobra.Command {
	var entity, number, pdf string
	files := &askedList{}
	c := &cobra.Command{
		Use: "sent", Short: "List the reminders that were sent, and write the letter of one",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			if number != "" {
				file, err := s.ReminderFile(c.Context(), number)
				if err != nil {
					return err
				}
				if pdf == "" {
					pdf = file.Name
				}
				_, err = writeFile(pdf, file.Content, files.force)
				return err
			}
			sent := s.EachReminder(c.Context(), store.ReminderFilter{Entity: entity})
			if err := files.writeReminders(nil, sent); err != nil {
				return err
			}
			var list []creditnotes.Reminder
			for one, err := range sent {
				if err != nil {
					return err
				}
				list = append(list, one)
			}
			slices.Reverse(list)
			return a.printReminders(list)
		},
	}
	c.Flags().StringVar(&entity, "entity", "", "only to this recipient")
	c.Flags().StringVar(&number, "number", "", "write the letter of this reminder")
	c.Flags().StringVar(&pdf, "pdf", "", "with --number: to this file")
	files.flags(c)
	return a.jsonFlag(c)
}

func (a *app) printReminders(list []creditnotes.Reminder) error {
	out := []payouts.ReminderJSON{}
	for i := range list {
		out = append(out, payouts.JSONOfReminder(&list[i]))
	}
	if a.json {
		return a.printJSON(out)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "REMINDER\tRECIPIENT\tLEVEL\tDAY\tAMOUNT\t\t")
	for _, r := range out {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t\n", r.Reminder, r.Recipient, r.Level, r.Day, r.Amount, r.Currency)
	}
	return t.Flush()
}

func (a *app) stopRemindersCommand() *cobra.Command {
	var since, reason string
	c := &cobra.Command{
		Use: "stop ENTITY", Short: "Send a recipient no more reminders",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, day, err := a.reminderDay(c.Context(), since)
			if err != nil {
				return err
			}
			return s.StopReminders(c.Context(), a.who(), args[0], day, reason)
		},
	}
	c.Flags().StringVar(&since, "since", "", "from this day on (default: today)")
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	_ = c.MarkFlagRequired("reason")
	return c
}

func (a *app) resumeRemindersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "resume ENTITY", Short: "Send a recipient reminders again",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			return s.ResumeReminders(c.Context(), a.who(), args[0])
		},
	}
}
