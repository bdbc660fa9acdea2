package api

import (
	"maps"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// Me is who a token is for.
type Me struct {
	Name     string         `json:"name"`
	FullName string         `json:"full_name,omitempty"`
	Entity   string         `json:"entity,omitempty" doc:"key; a user of a Sub-CPO sees it and its sub-entities"`
	Operator bool           `json:"operator" doc:"sees everything"`
	Roles    []access.Role  `json:"roles" nullable:"false"`
	Rights   []access.Right `json:"rights" nullable:"false" doc:"what the token may do now"`
	Token    Token          `json:"token"`
}

// Token is the token of a request.
type Token struct {
	Name      string         `json:"name"`
	Scopes    []access.Right `json:"scopes" nullable:"false"`
	ExpiresAt time.Time      `json:"expires_at"`
}

func (c *call) me(*none) (*One[Me], error) {
	me := Me{
		Name: c.name(), FullName: c.who.User.FullName, Entity: c.who.User.Entity, Operator: c.who.Operator, Roles: c.who.User.Roles,
		Rights: []access.Right{}, Token: Token{c.token.Name, c.token.Scopes, c.at(c.token.ExpiresAt)},
	}
	for _, right := range access.Rights() {
		if c.who.May(right) {
			me.Rights = append(me.Rights, right)
		}
	}
	return &One[Me]{me}, nil
}

// settings shows all settings as text by key.
func (c *call) settings(*none) (*Tagged[map[string]string], error) {
	settings, err := c.Store.Settings(c.ctx)
	if err != nil {
		return nil, err
	}
	values := settings.Values()
	tag, err := settingsTag(values)
	return &Tagged[map[string]string]{tag, values}, err
}

// settingsInput are settings to be changed.
type settingsInput struct {
	IfMatch
	Body map[string]string `doc:"settings by key, as in the answer to a GET; all or none are changed, and no others"`
}

// changeSettings changes settings. What takes a second person away waits for
// one, and is not in the answer.
func (c *call) changeSettings(in *settingsInput) (*Tagged[map[string]string], error) {
	seen, err := c.settingsSeen(in)
	if err != nil {
		return nil, err
	}
	var list []creditnotes.Setting
	for _, key := range slices.Sorted(maps.Keys(in.Body)) {
		if creditnotes.IsLogo(key) && in.Body[key] != "" {
			if _, err := c.Store.Asset(c.ctx, in.Body[key]); err != nil {
				return nil, err
			}
		}
		one := creditnotes.Setting{Key: key, Value: in.Body[key]}
		if was, ok := seen[key]; ok {
			one.Seen = &was
		}
		list = append(list, one)
	}
	if _, _, err := c.Store.ChangeSettings(c.ctx, c.name(), list); err != nil {
		return nil, err
	}
	return c.settings(nil)
}

// settingsSeen are the settings that If-Match names: those of now. Without the
// header there are none, and what the request names is changed whatever it was.
func (c *call) settingsSeen(in *settingsInput) (map[string]string, error) {
	matches := in.precondition().Matches
	if len(matches) == 0 || slices.Contains(matches, "*") {
		return nil, nil
	}
	now, err := c.settings(nil)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(matches, strings.Trim(now.ETag, `"`)) {
		return nil, c.Store.SettingChanged(c.ctx, "")
	}
	return now.Body, nil
}

// month reads a month; none is the present one.
func (c *call) month(text string) (entities.Month, error) {
	if text == "" {
		return entities.MonthOf(c.Now(), c.zone()), nil
	}
	month, err := entities.ParseMonth(text)
	if err != nil {
		return "", fault.New(fault.Invalid, "run_month_invalid", fault.Args{"month": text})
	}
	return month, nil
}

// day reads a day; none stays none.
func day(text string) (entities.Date, error) {
	if text == "" {
		return "", nil
	}
	date, err := entities.ParseDate(text)
	if err != nil {
		return "", fault.New(fault.Invalid, "run_date_invalid", fault.Args{"date": text})
	}
	return date, nil
}
