package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// functions are what templates can say, in one language. They write figures
// and never compute them.
func (s *Server) functions(lang string) template.FuncMap {
	texts := s.Texts
	return template.FuncMap{
		"t":        func(key string, args ...any) (string, error) { return textOf(texts.Text, lang, key, args) },
		"lang":     func() string { return lang },
		"amount":   func(code string, a money.Amount) string { return texts.Amount(lang, code, a) },
		"price":    func(r money.Rate) string { return s.price(lang, r) },
		"segment":  url.PathEscape,
		"micros":   func(m money.Micros) string { return texts.Number(lang, int64(m), 6) },
		"energy":   func(q money.Quantity) string { return texts.Quantity(lang, q) },
		"percent":  func(p money.Percent) string { return texts.Percent(lang, p) },
		"count":    func(n any) (string, error) { return countOf(texts.Number, lang, n) },
		"day":      func(d entities.Date) string { return texts.Date(lang, d) },
		"month":    func(m entities.Month) string { return texts.Month(lang, m) },
		"country":  func(code string) string { return texts.Country(lang, code) },
		"language": func(code string) string { return texts.LanguageName(lang, code) },
		"instant":  func(t time.Time) string { return s.instant(lang, t) },
		"duration": duration,
		"join":     strings.Join,
		"asset":    s.assets.path,
		"dict":     dict,
		"next":     func(i int) int { return i + 1 },
	}
}

// price writes a price without trailing zeros, but with at least two decimals.
func (s *Server) price(lang string, r money.Rate) string {
	value, decimals := int64(r), money.MicroDecimals
	for decimals > 2 && value%10 == 0 {
		value, decimals = value/10, decimals-1
	}
	return s.Texts.Number(lang, value, decimals)
}

// message is a message in the language of the visitor; the arguments are names
// and values in turn. One that is missing shows its key and goes to the log,
// which fails every test.
func (v *visit) message(key string, args ...any) string {
	text, err := v.text(key, args...)
	if err != nil {
		v.Log.Error("message missing", "key", key, "err", err)
		return key
	}
	return text
}

// messageOr is message, or another text where there is no such message.
func (v *visit) messageOr(other, key string, args ...any) string {
	if text, err := v.text(key, args...); err == nil {
		return text
	}
	return other
}

// text is message with an error.
func (v *visit) text(key string, args ...any) (string, error) {
	return textOf(v.Texts.Text, v.lang, key, args)
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

// instant writes a moment in the operator's zone; the zero time is nothing.
func (s *Server) instant(lang string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := time.UTC
	if last := s.snapshots.Last(); last != nil && last.Network != nil {
		zone = last.Network.Zone()
	}
	local := t.In(zone)
	return s.Texts.Date(lang, entities.DateOf(t, zone)) + " " + local.Format("15:04")
}

// language is that of the page: what the visitor chose here, else what the
// user account says, else what the browser asks for.
func (v *visit) language() string {
	offered := v.Texts.PageLanguages()
	if c, err := v.r.Cookie("language"); err == nil && slices.Contains(offered, c.Value) {
		return c.Value
	}
	if v.who != nil && slices.Contains(offered, v.who.User.Language) {
		return v.who.User.Language
	}
	for _, wanted := range strings.Split(v.r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(wanted), ";")
		if base, _, _ := strings.Cut(tag, "-"); slices.Contains(offered, strings.ToLower(base)) {
			return strings.ToLower(base)
		}
	}
	return "en"
}

// theme is light or dark where the visitor chose one.
func (v *visit) theme() string {
	if c, err := v.r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// savePreferences keeps language and theme in this browser.
func (v *visit) savePreferences() error {
	for _, name := range []string{"language", "theme"} {
		if value := v.r.FormValue(name); value != "" {
			http.SetCookie(v.w, &http.Cookie{
				Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
				HttpOnly: true, Secure: strings.HasPrefix(v.PublicURL, "https://"), SameSite: http.SameSiteLaxMode,
			})
		}
	}
	return v.redirect(local(v.r.FormValue("back")))
}
