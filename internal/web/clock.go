package web

import (
	"fmt"
	"time"

	"creditrun/entities"
)

// today is the operator's calendar day.
func (v *visit) today() string { return string(entities.DateOf(v.Now(), v.zone())) }

// thisMonth is the operator's running month.
func (v *visit) thisMonth() entities.Month { return entities.MonthOf(v.Now(), v.zone()) }

// zone is the operator's time zone, in which pages write times; UTC as long as
// there is no operator.
func (v *visit) zone() *time.Location {
	if b, err := v.snapshot(v.r.Context()); err == nil && b.Network != nil {
		return b.Network.Zone()
	}
	return time.UTC
}

// duration writes seconds as hours, minutes and seconds.
func duration(seconds int64) string {
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// weekdays are the messages of the days of the week, Sunday first.
var weekdays = [...]string{
	"home_sunday", "home_monday", "home_tuesday", "home_wednesday", "home_thursday", "home_friday", "home_saturday",
}

// inWords writes an instant with the day of the week.
func (v *visit) inWords(at time.Time) string {
	weekday := v.message(weekdays[at.Weekday()])
	month := v.Texts.Month(v.lang, entities.DateOf(at, at.Location()).Month())
	return v.message("home_moment", "Weekday", weekday, "Day", at.Day(), "Month", month, "Time", at.Format("15:04"))
}

// countdown writes how long something lasts in its two largest units, rounded
// up to whole minutes.
func (v *visit) countdown(left time.Duration) string {
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
		one := v.message(parts[i].key, "Count", parts[i].n)
		if words != "" {
			words += " "
		}
		words += one
	}
	return words
}
