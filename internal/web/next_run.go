package web

import (
	"time"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
)

// nextRun is when the next run fires, in words.
type nextRun struct {
	Month    entities.Month // that it credits
	At       string         // Monday, 30 November 2026, 23:30
	In       string         // 18 days 12 hours
	Zone     string
	Due      []entities.Month // that should have been run by now
	Approve  bool             // somebody has to release it
	Active   bool
	Licensed bool
	Change   bool // the visitor may switch it on
}

func (v *visit) nextRun(b *snapshot.Snapshot, runs []creditnotes.Run) (next nextRun, err error) {
	settings := b.Config.Settings
	next = nextRun{
		Active: settings.Active, Licensed: settings.CreditRun, Change: v.may(access.ChangeSettings),
		Approve: settings.Release == creditnotes.ReleaseApprove,
	}
	if b.Network == nil || !settings.Active || !settings.CreditRun {
		return next, nil
	}
	now, zone := v.Now(), v.zone()
	if next.Due, err = creditnotes.Due(b.Config, runs, now); err != nil {
		return next, err
	}
	at := creditnotes.NewMonthEnd(settings, zone).Next(now).In(zone)
	next.Zone = zone.String()
	next.Month = entities.DateOf(at, zone).AddDays(-settings.ReviewDays).Month()
	if next.At, err = v.inWords(at); err != nil {
		return next, err
	}
	next.In, err = v.countdown(at.Sub(now))
	return next, err
}

// weekdays are the messages of the days of the week, Sunday first.
var weekdays = [...]string{
	"home_sunday", "home_monday", "home_tuesday", "home_wednesday", "home_thursday", "home_friday", "home_saturday",
}

// inWords writes an instant with the day of the week.
func (v *visit) inWords(at time.Time) (string, error) {
	weekday, err := v.text(weekdays[at.Weekday()])
	if err != nil {
		return "", err
	}
	month := v.Texts.Month(v.lang, entities.DateOf(at, at.Location()).Month())
	return v.text("home_moment", "Weekday", weekday, "Day", at.Day(), "Month", month, "Time", at.Format("15:04"))
}

// countdown writes how long something lasts in its two largest units, rounded
// up to whole minutes.
func (v *visit) countdown(left time.Duration) (string, error) {
	minutes := int((left + time.Minute - 1) / time.Minute)
	parts := []struct {
		key string
		n   int
	}{{"home_days", minutes / (24 * 60)}, {"home_hours", minutes / 60 % 24}, {"home_minutes", minutes % 60}}
	words := ""
	for i, shown := 0, 0; i < len(parts) && shown < 2; i++ {
		if parts[i].n == 0 && shown == 0 && i < len(parts)-1 {
			continue
		}
		shown++
		if parts[i].n == 0 && words != "" {
			continue
		}
		one, err := v.text(parts[i].key, "Count", parts[i].n)
		if err != nil {
			return "", err
		}
		if words != "" {
			words += " "
		}
		words += one
	}
	return words, nil
}
