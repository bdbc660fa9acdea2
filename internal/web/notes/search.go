package notes

import (
	"net/url"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// searchView is what was found for a text, by sort of thing.
type searchView struct {
	Text     string
	Sections []searchSection
}

// searchSection is what was found of one sort.
type searchSection struct {
	Title string // message
	Rows  []searchRow
	All   string // address of the list of all; empty: these are all
}

// searchRow is one thing that was found.
type searchRow struct {
	Path, Text, Hint string
	exact            bool // the text is its number or key
}

// mostFound is how many things of one sort are shown.
const mostFound = 10

// Search finds documents, sessions, entities, stations and more by number, key,
// name or amount, as far as the visitor sees them. What alone has the text as its
// number or key is opened at once.
func (v *Visit) Search() error {
	text := strings.TrimSpace(v.R.FormValue("q"))
	view := searchView{Text: text}
	if text != "" {
		b, err := v.Snapshot(v.R.Context())
		if err != nil {
			return err
		}
		for _, find := range []func(*snapshot.Snapshot, string) (searchSection, error){
			v.findDocuments, v.findExternal, v.findAmounts, v.findSessions, v.findEntities, v.findStations, v.findOthers,
		} {
			found, err := find(b, text)
			if err != nil {
				return err
			}
			if len(found.Rows) > 0 {
				view.Sections = append(view.Sections, found)
			}
		}
	}
	if only := theOnly(view.Sections); only != "" {
		return v.Redirect(only)
	}
	return v.ShowAs("search", "search", view)
}

// theOnly is the address of what alone is exactly what was asked for.
func theOnly(sections []searchSection) (path string) {
	for _, s := range sections {
		for _, row := range s.Rows {
			if row.exact && path != "" {
				return ""
			}
			if row.exact {
				path = row.Path
			}
		}
	}
	return path
}

func (v *Visit) findDocuments(b *snapshot.Snapshot, text string) (searchSection, error) {
	return v.documentsLike(b, "search_documents", creditnotes.NoteFilter{Text: text}, url.Values{"text": {text}}, text)
}

func (v *Visit) findAmounts(b *snapshot.Snapshot, text string) (searchSection, error) {
	amount, ok := amountIn(v.Texts.DecimalSign(v.Lang), text)
	if !ok {
		return searchSection{}, nil
	}
	return v.documentsLike(b, "search_amounts", creditnotes.NoteFilter{Amount: amount}, url.Values{"amount": {text}}, "")
}

func (v *Visit) documentsLike(b *snapshot.Snapshot, title string, f creditnotes.NoteFilter, query url.Values, number string) (searchSection, error) {
	f.Scope = snapshot.Scope(v.Who)
	list, err := v.Store.ListNotes(v.R.Context(), f, creditnotes.Page{Limit: mostFound})
	s := searchSection{Title: title}
	for i := range list.Notes {
		n := &list.Notes[i]
		hint := strings.Join([]string{b.Names(n.Recipient), v.Texts.Month(v.Lang, n.Month), v.Texts.Amount(v.Lang, n.Currency, n.Gross)}, " · ")
		s.Rows = append(s.Rows, searchRow{page.NotePath(n), n.Number, hint, number != "" && strings.EqualFold(n.Number, number)})
	}
	if list.Next != "" {
		s.All = "/notes?" + query.Encode()
	}
	return s, err
}

// findExternal finds documents and payouts by the key that another system has for
// them.
func (v *Visit) findExternal(b *snapshot.Snapshot, text string) (searchSection, error) {
	ctx, scope := v.R.Context(), snapshot.Scope(v.Who)
	s, err := v.documentsLike(b, "external_id", creditnotes.NoteFilter{ExternalID: text}, url.Values{"external_id": {text}}, "")
	if err != nil {
		return s, err
	}
	for i := range s.Rows {
		s.Rows[i].exact = true
	}
	list, _, _, err := v.Store.Payouts(ctx, store.PayoutFilter{External: text, Told: !v.Who.Operator, Scope: scope}, creditnotes.Page{Limit: 1})
	for _, p := range list {
		s.Rows = append(s.Rows, searchRow{payoutPath(p.Number), p.Number, b.Names(p.Entity), true})
	}
	return s, err
}

func (v *Visit) findSessions(b *snapshot.Snapshot, text string) (searchSection, error) {
	s := searchSection{Title: "search_sessions"}
	if b.Err != nil {
		return s, nil
	}
	f := creditnotes.SessionFilter{Name: text}
	if !v.Who.Operator {
		f.Owned = b.Holdings(v.Who)
	}
	list, err := v.Store.ListSessions(v.R.Context(), f, creditnotes.Page{Limit: mostFound})
	for i := range list.Sessions {
		row := sessionListRowOf(b, &list.Sessions[i])
		hint := strings.Trim(strings.Join([]string{row.Station, row.Owner, v.Instant(row.Session.End)}, " · "), " ·")
		s.Rows = append(s.Rows, searchRow{row.Path, row.Session.ExternalID, hint, row.Session.ExternalID == text})
	}
	if list.Next != "" {
		s.All = "/sessions?" + url.Values{"month": {""}, "text": {text}}.Encode()
	}
	return s, err
}

// add finds one more thing where its key or name holds the text.
func (s *searchSection) add(v *Visit, path, key, name, hint, text string) {
	low := strings.ToLower(text)
	if !strings.Contains(strings.ToLower(key), low) && !strings.Contains(strings.ToLower(name), low) || !v.CanOpen(path) {
		return
	}
	if name == "" {
		name = key
	}
	if name != key {
		hint = strings.Trim(key+" · "+hint, " ·")
	}
	s.Rows = append(s.Rows, searchRow{path, name, hint, strings.EqualFold(key, text) || strings.EqualFold(name, text)})
}

// first keeps as many rows as are shown; the list at an address has all.
func (s *searchSection) first(all string) {
	if len(s.Rows) > mostFound {
		s.Rows, s.All = s.Rows[:mostFound], all
	}
}

func (v *Visit) findEntities(b *snapshot.Snapshot, text string) (searchSection, error) {
	s := searchSection{Title: "search_entities"}
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; v.Who.Sees(e.Key) {
			if e.ExternalID == text {
				s.Rows = append(s.Rows, searchRow{page.EntityPath(e.Key), e.Name, text, true})
				continue
			}
			s.add(v, page.EntityPath(e.Key), e.Key, e.Name, e.City, text)
		}
	}
	s.first("/entities?" + url.Values{"q": {text}}.Encode())
	return s, nil
}

func (v *Visit) findStations(b *snapshot.Snapshot, text string) (searchSection, error) {
	s := searchSection{Title: "search_stations"}
	for i := range b.Config.Stations {
		if station := &b.Config.Stations[i]; v.SeesStation(station) {
			s.add(v, page.StationPath(station.Key), station.Key, station.Name, station.City, text)
		}
	}
	s.first("/stations?" + url.Values{"q": {text}}.Encode())
	return s, nil
}

// findOthers finds what there is little of: runs, payouts, reminders, contracts
// and tariffs.
func (v *Visit) findOthers(b *snapshot.Snapshot, text string) (searchSection, error) {
	ctx, s := v.R.Context(), searchSection{Title: "search_others"}
	known := func(err error) error {
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	}
	payout, err := v.Store.Payout(ctx, strings.ToUpper(text), snapshot.Scope(v.Who))
	if known(err) != nil {
		return s, err
	}
	if err == nil {
		s.add(v, "/payouts/"+url.PathEscape(payout.Number), payout.Number, "", b.Names(payout.Entity), text)
	}
	reminder, err := v.Store.Reminder(ctx, strings.ToUpper(text))
	if known(err) != nil {
		return s, err
	}
	if err == nil && v.Who.Sees(reminder.Recipient) {
		s.add(v, "/reminders/"+url.PathEscape(reminder.Number), reminder.Number, "", b.Names(reminder.Recipient), text)
	}
	if !v.Who.Operator {
		return s, nil
	}
	if run, err := v.Store.RunByName(ctx, text); err == nil {
		s.add(v, page.RunPath(run.Name), run.Name, "", v.Texts.Month(v.Lang, run.Month), text)
	} else if known(err) != nil {
		return s, err
	}
	for i := range b.Config.Contracts {
		c := &b.Config.Contracts[i]
		s.add(v, "/contracts/"+url.PathEscape(c.Key), c.Key, c.Title, b.Names(c.Owner), text)
	}
	t := &b.Config.Tariffs
	for i := range t.ChargePoint {
		s.add(v, "/tariffs/charge-point/"+url.PathEscape(t.ChargePoint[i].Key), t.ChargePoint[i].Key, t.ChargePoint[i].Name, "", text)
	}
	for i := range t.Community {
		s.add(v, "/tariffs/community/"+url.PathEscape(t.Community[i].Key), t.Community[i].Key, t.Community[i].Name, "", text)
	}
	s.first("")
	return s, nil
}

// amountIn reads an amount as people write it in a language, with or without
// the signs of thousands and of the currency.
func amountIn(sign, text string) (money.Amount, bool) {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "", "€", "", "EUR", "", "CHF", "").Replace(text)
	thousands, decimal := ",", "."
	if comma := strings.LastIndex(text, ","); sign == "," && comma >= 0 || comma >= 0 && comma == len(text)-3 {
		thousands, decimal = ".", ","
	}
	plain := strings.Replace(strings.ReplaceAll(text, thousands, ""), decimal, ".", 1)
	n, err := money.Parse(plain, 2)
	return money.Amount(n), err == nil && n != 0
}
