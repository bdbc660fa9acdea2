package month

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
)

// nextRun is when the next run fires, in words.
type nextRun struct {
	Month    entities.Month // that it credits
	At       string         // Monday, 30 November 2026, 23:30
	In       string         // 18 days 12 hours
	Zone     string
	Due      []entities.Month // that should have been run by now
	Approve  bool             // a person has to release it
	Active   bool
	Licensed bool
	Change   bool // the visitor may switch it on
}

func (v *Visit) nextRun(b *snapshot.Snapshot, runs []creditnotes.Run) (next nextRun, err error) {
	settings := b.Config.Settings
	next = nextRun{
		Active: settings.Active, Licensed: settings.CreditRun, Change: v.May(access.ChangeSettings),
		Approve: settings.Release == creditnotes.ReleaseApprove,
	}
	if b.Network == nil || !settings.Active || !settings.CreditRun {
		return next, nil
	}
	now, zone := v.Now(), v.Zone()
	if next.Due, err = creditnotes.Due(b.Config, runs, now); err != nil {
		return next, err
	}
	at := creditnotes.NewMonthEnd(settings, zone).Next(now).In(zone)
	next.Zone = zone.String()
	next.Month = entities.DateOf(at, zone).AddDays(-settings.ReviewDays).Month()
	next.At, next.In = v.InWords(at), v.Countdown(at.Sub(now))
	return next, nil
}
