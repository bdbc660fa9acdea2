package api

import (
	"maps"
	"slices"
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
	Entity   string         `json:"entity,omitempty" doc:"key; a user of a Sub-CPO sees it and what is beneath"`
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
func (c *call) settings(*none) (*One[map[string]string], error) {
	settings, err := c.Store.Settings(c.ctx)
	return &One[map[string]string]{settings.Values()}, err
}

// settingsInput are settings to be changed.
type settingsInput struct {
	Body map[string]string `doc:"settings by key, as in the answer to a GET; all or none are changed"`
}

// changeSettings changes settings. What takes a second person away waits for
// one, and is not in the answer.
func (c *call) changeSettings(in *settingsInput) (*One[map[string]string], error) {
	var list []creditnotes.Setting
	for _, key := range slices.Sorted(maps.Keys(in.Body)) {
		if key == "logo" && in.Body[key] != "" {
			if _, err := c.Store.Asset(c.ctx, in.Body[key]); err != nil {
				return nil, err
			}
		}
		list = append(list, creditnotes.Setting{Key: key, Value: in.Body[key]})
	}
	if _, _, err := c.Store.ChangeSettings(c.ctx, c.name(), list); err != nil {
		return nil, err
	}
	return c.settings(nil)
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
