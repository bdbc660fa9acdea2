package page

import (
	"time"

	"creditrun/entities"
)

// MomentInput is an input for a day or an instant: its type and what is in it.
type MomentInput struct{ Kind, Value string }

// The types of inputs for moments.
const (
	dayInput     = "date"
	instantInput = "datetime-local"
	textInput    = "text" // for what the others cannot show without changing it
)

// localLayouts are how browsers send an input for an instant.
var localLayouts = []string{"2006-01-02T15:04", "2006-01-02T15:04:05"}

// DayOrInstant is the input for what is stored or was typed: a calendar for a
// day, clock and calendar for an instant in the zone. One that the clock has
// twice is shown as it is written.
func DayOrInstant(text string, zone *time.Location) MomentInput {
	if text == "" {
		return MomentInput{Kind: dayInput}
	}
	if _, err := entities.ParseDate(text); err == nil {
		return MomentInput{dayInput, text}
	}
	if _, ok := LocalTime(text, zone); ok {
		return MomentInput{instantInput, text}
	}
	if _, err := entities.ParseMoment(text); err == nil {
		return Instant(entities.Moment(text).In(zone), zone)
	}
	return MomentInput{textInput, text}
}

// Instant is the input for an instant; the zero time is an empty one.
func Instant(at time.Time, zone *time.Location) MomentInput {
	if at.IsZero() {
		return MomentInput{Kind: instantInput}
	}
	local := at.In(zone)
	text := local.Format(localLayouts[1])
	if local.Second() == 0 {
		text = local.Format(localLayouts[0])
	}
	if back, ok := LocalTime(text, zone); ok && back.Equal(at) {
		return MomentInput{instantInput, text}
	}
	return MomentInput{textInput, local.Format(time.RFC3339Nano)}
}

// LocalTime reads what an input for an instant sends, as a time in the zone.
func LocalTime(text string, zone *time.Location) (time.Time, bool) {
	for _, layout := range localLayouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// MomentIn is Moment for what may come from an input for an instant, in the zone.
func (t Typed) MomentIn(zone *time.Location) entities.Moment {
	if at, ok := LocalTime(t.value, zone); ok {
		return entities.Moment(at.Format(time.RFC3339))
	}
	return t.Moment()
}
