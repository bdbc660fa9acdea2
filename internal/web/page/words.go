package page

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/money"
	"creditrun/locales"
)

// Today is the operator's calendar day.
func (v *Visit) Today() string { return string(entities.DateOf(v.now(), v.Zone())) }

// ThisMonth is the operator's running month.
func (v *Visit) ThisMonth() entities.Month { return entities.MonthOf(v.now(), v.Zone()) }

// Zone is the operator's time zone, in which pages write times; UTC as long as
// there is no operator.
func (v *Visit) Zone() *time.Location {
	if b, err := v.Snapshot(v.R.Context()); err == nil && b.Network != nil {
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

// InWords writes an instant with the day of the week.
func (v *Visit) InWords(at time.Time) string {
	weekday := v.Message(weekdays[at.Weekday()])
	month := v.texts.Month(v.Lang, entities.DateOf(at, at.Location()).Month())
	return v.Message("home_moment", "Weekday", weekday, "Day", at.Day(), "Month", month, "Time", at.Format("15:04"))
}

// Countdown writes how long something lasts in its two largest units, rounded
// up to whole minutes.
func (v *Visit) Countdown(left time.Duration) string {
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
		one := v.Message(parts[i].key, "Count", parts[i].n)
		if words != "" {
			words += " "
		}
		words += one
	}
	return words
}

// functions are what templates can say, in one look. They write figures
// and never compute them.
func (s *Site) functions(l look) template.FuncMap {
	texts, lang := s.texts, l.lang
	return template.FuncMap{
		"t":        func(key string, args ...any) (string, error) { return textOf(texts.Text, lang, key, args) },
		"lang":     func() string { return locales.Words(lang) },
		"amount":   func(code string, a money.Amount) string { return texts.Amount(lang, code, a) },
		"price":    func(r money.Rate) string { return s.Price(lang, r) },
		"segment":  url.PathEscape,
		"figure":   func(figure string) (string, error) { return figureOf(texts.Number, lang, figure) },
		"micros":   func(m money.Micros) string { return texts.Number(lang, int64(m), 6) },
		"energy":   func(q money.Quantity) string { return texts.Quantity(lang, q) },
		"percent":  func(p money.Percent) string { return texts.Percent(lang, p) },
		"count":    func(n any) (string, error) { return countOf(texts.Number, lang, n) },
		"day":      func(d entities.Date) string { return texts.Date(lang, d) },
		"month":    func(m entities.Month) string { return texts.Month(lang, m) },
		"country":  func(code string) string { return texts.Country(lang, code) },
		"language": func(code string) string { return texts.LanguageName(lang, code) },
		"instant":  func(t time.Time) string { return s.instant(l, t) },
		"duration": duration,
		"join":     strings.Join,
		"asset":    s.asset,
		"dict":     dict,
		"next":     func(i int) int { return i + 1 },
	}
}

// Price writes a price without trailing zeros, but with at least two decimals.
func (s *Site) Price(lang string, r money.Rate) string {
	value, decimals := int64(r), money.MicroDecimals
	for decimals > 2 && value%10 == 0 {
		value, decimals = value/10, decimals-1
	}
	return s.texts.Number(lang, value, decimals)
}

// Message is a message in the language of the visitor; the arguments are names
// and values in turn. One that is missing shows its key and goes to the log,
// which fails every test.
func (v *Visit) Message(key string, args ...any) string {
	text, err := v.Text(key, args...)
	if err != nil {
		v.log.Error("message missing", "key", key, "err", err)
		return key
	}
	return text
}

// MessageOr is message, or another text where there is no such message.
func (v *Visit) MessageOr(other, key string, args ...any) string {
	if text, err := v.Text(key, args...); err == nil {
		return text
	}
	return other
}

// Text is message with an error.
func (v *Visit) Text(key string, args ...any) (string, error) {
	return textOf(v.texts.Text, v.Lang, key, args)
}

func textOf(text func(lang, key string, args map[string]any) (string, error), lang, key string, args []any) (string, error) {
	named, err := dict(args...)
	if err != nil {
		return "", fmt.Errorf("message %s: %w", key, err)
	}
	return text(lang, key, named)
}

// dict makes a map of names and values in turn.
func dict(args ...any) (map[string]any, error) {
	named := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return nil, fmt.Errorf("argument %d is no name: %v", i, args[i])
		}
		named[name] = args[i+1]
	}
	if len(args)%2 != 0 {
		return nil, fmt.Errorf("%d arguments: names and values in turn expected", len(args))
	}
	return named, nil
}

func countOf(number func(lang string, value int64, decimals int) string, lang string, n any) (string, error) {
	switch n := n.(type) {
	case int:
		return number(lang, int64(n), 0), nil
	case int64:
		return number(lang, n, 0), nil
	}
	return "", fmt.Errorf("count: %T is no whole number", n)
}

// Instant writes a moment for the visitor; the zero time is nothing.
func (v *Visit) Instant(t time.Time) string { return v.instant(look{v.Lang, v.zoneName}, t) }

// instant writes a moment in the zone of the operator, or in another one with
// its abbreviation, so that the two are not taken for each other.
func (s *Site) instant(l look, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone, layout := time.UTC, "15:04"
	if last := s.snapshots.Last(); last != nil && last.Network != nil {
		zone = last.Network.Zone()
	}
	if own, err := time.LoadLocation(l.zone); l.zone != "" && err == nil && own.String() != zone.String() {
		zone, layout = own, "15:04 MST"
	}
	return s.texts.Date(l.lang, entities.DateOf(t, zone)) + " " + t.In(zone).Format(layout)
}

// look is how pages are written for the visitor: in the language, with the
// numbers and in the zone that the user account says.
func (v *Visit) look() look {
	if v.Who == nil {
		return look{lang: v.language()}
	}
	u := &v.Who.User
	return look{locales.WithNumbers(v.language(), u.NumberFormat), u.TimeZone}
}

// SetLook has the rest of the visit in the look that the visitor chose.
func (v *Visit) SetLook(chosen access.Look) {
	v.Lang = locales.WithNumbers(cmp.Or(chosen.Language, v.Words()), chosen.NumberFormat)
	v.zoneName = chosen.TimeZone
}

// Words is the language of the page, without the way of writing numbers.
func (v *Visit) Words() string { return locales.Words(v.Lang) }

// language is that of the page: what the visitor chose here, else what the
// user account says, else what the browser asks for.
func (v *Visit) language() string {
	offered := v.OfferedLanguages()
	if c, err := v.R.Cookie("language"); err == nil && slices.Contains(offered, c.Value) {
		return c.Value
	}
	if v.Who != nil && slices.Contains(offered, v.Who.User.Language) {
		return v.Who.User.Language
	}
	for _, wanted := range strings.Split(v.R.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(wanted), ";")
		if base, _, _ := strings.Cut(tag, "-"); slices.Contains(offered, strings.ToLower(base)) {
			return strings.ToLower(base)
		}
	}
	return "en"
}

// theme is light or dark where the visitor chose one.
func (v *Visit) theme() string {
	if c, err := v.R.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// SortedKeys are the keys of a map in order; nil where there are none.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// figureOf writes a decimal number of JSON in a language, with the decimals that
// it has.
func figureOf(number func(lang string, value int64, decimals int) string, lang, figure string) (string, error) {
	_, decimals, _ := strings.Cut(figure, ".")
	value, err := money.Parse(figure, len(decimals))
	if err != nil {
		return "", err
	}
	return number(lang, value, len(decimals)), nil
}
