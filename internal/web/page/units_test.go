package page

import (
	"net/url"
	"testing"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// noTexts are words that no test reads.
type noTexts struct{}

func (noTexts) PageFault(_ string, f *fault.Fault) string            { return f.Key }
func (noTexts) DecimalSign(lang string) string                       { return keyTexts{}.DecimalSign(lang) }
func (noTexts) Text(_, key string, _ map[string]any) (string, error) { return key, nil }

// typed is what a person typed into a field of a form in a language.
func typed(lang, text string) (Typed, *FormState) {
	f := newForm("", lang, noTexts{}, url.Values{"x": {text}})
	return f.At("x", "x"), f
}

func TestLengthsOfTimeAreReadAsTheyAreWritten(t *testing.T) {
	for seconds, want := range map[int64]string{
		0: "0 min", 60: "1 min", 100: "1 min 40 s", 5400: "90 min", 7200: "2 h", 14400: "4 h", 9000: "2 h 30 min", 7201: "2 h 1 s", 59: "59 s", 3599: "59 min 59 s",
	} {
		if got := Span(seconds); got != want {
			t.Errorf("%d s are written %q, want %q", seconds, got, want)
		}
	}
	for _, lang := range []string{"en", "de"} {
		for seconds := int64(0); seconds < 100_000; seconds += 7 {
			field, f := typed(lang, Span(seconds))
			if got := field.Seconds(); got != seconds || !f.Ok() {
				t.Fatalf("%s: %q is read as %d s", lang, Span(seconds), got)
			}
		}
	}
	for text, want := range map[string]int64{"": 0, "240": 14400, "1,5 h": 5400, "1.5h": 5400, "1 h 30": 5400, "2 Std.": 7200, "0.5": 30} {
		if field, f := typed("de", text); field.Seconds() != want || !f.Ok() {
			t.Errorf("%q is not read as %d s", text, want)
		}
	}
	for _, text := range []string{"soon", "-5", "1.5 s", "0,001 min", "4 days", "h", "99999999999999999999"} {
		if field, f := typed("en", text); field.Seconds() != 0 || f.Ok() {
			t.Errorf("%q is read as a length of time", text)
		}
	}
	if field, f := typed("en", "90 s"); field.Minutes() != 0 || f.Ok() {
		t.Error("90 seconds are read as whole minutes")
	}
}

func TestMomentsAreShownSoThatNothingIsLost(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]MomentInput{
		"":                            {"date", ""},
		"2026-10-31":                  {"date", "2026-10-31"},
		"2026-01-31T12:00:00Z":        {"datetime-local", "2026-01-31T13:00"},
		"2026-01-31T12:00:30+01:00":   {"datetime-local", "2026-01-31T12:00:30"},
		"2026-10-25T02:30:00+02:00":   {"text", "2026-10-25T02:30:00+02:00"}, // the clock has it twice
		"2026-10-25T02:30:00+01:00":   {"datetime-local", "2026-10-25T02:30"},
		"2026-01-31T12:00:00.5+01:00": {"text", "2026-01-31T12:00:00.5+01:00"},
		"later":                       {"text", "later"},
	} {
		got := DayOrInstant(text, berlin)
		if got != want {
			t.Errorf("%q is shown as %v, want %v", text, got, want)
		}
		field, f := typed("en", got.Value)
		if back := field.MomentIn(berlin); text != "later" && (!f.Ok() || !back.In(berlin).Equal(entities.Moment(text).In(berlin))) {
			t.Errorf("%q is read back as %q", text, back)
		}
	}
}
