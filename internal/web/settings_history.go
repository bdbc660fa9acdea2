package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// historyView is who changed which setting, a page of it.
type historyView struct {
	Lines        []historyLine
	Newer, Older string
	Of           string // only of this setting
	OfMessage    string
}

// historyLine is one change of one setting.
type historyLine struct {
	store.AuditEntry
	Message    string // of the label of the setting; empty: it has none
	Lang       string // of a text
	Old, Value string
}

// historyLines is how many changes a page shows.
const historyLines = 20

// settingHistory reads a page of the changes of all settings, or of one.
func (v *visit) settingHistory(b *snapshot.Snapshot) (historyView, error) {
	query := v.r.URL.Query()
	h := historyView{Of: query.Get("of")}
	filter := store.AuditFilter{Action: "setting.changed", Subject: h.Of, Limit: historyLines + 1, Below: wholeNumber(query.Get("below"))}
	entries, err := v.Store.Audit(v.r.Context(), filter)
	if err != nil {
		return h, err
	}
	more := len(entries) > historyLines
	if more {
		entries = entries[:historyLines]
	}
	for _, e := range entries {
		h.Lines = append(h.Lines, v.historyLine(e, b))
	}
	h.link(filter.Below > 0, more)
	return h, nil
}

func (v *visit) historyLine(e store.AuditEntry, b *snapshot.Snapshot) historyLine {
	line := historyLine{AuditEntry: e, Old: v.settingWords(e.Subject, e.Before, b), Value: v.settingWords(e.Subject, e.After, b)}
	if lang, ok := strings.CutPrefix(e.Subject, paymentText); ok {
		if v.Texts.Supports(lang) {
			line.Lang, line.Message = lang, languageLabel(lang)
		}
	} else if slices.Contains(creditnotes.SettingKeys(), e.Subject) {
		line.Message = settingLabel(e.Subject)
	}
	return line
}

// wholeNumber reads a positive number of an address; 0 where there is none.
func wholeNumber(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// link makes the addresses of the pages beside this one.
func (h *historyView) link(hasNewer, hasOlder bool) {
	query := url.Values{}
	if h.Of != "" {
		query.Set("of", h.Of)
	}
	if hasNewer {
		h.Newer = "/settings?" + query.Encode() + "#history"
	}
	if hasOlder && len(h.Lines) > 0 {
		query.Set("below", strconv.FormatInt(h.Lines[len(h.Lines)-1].ID, 10))
		h.Older = "/settings?" + query.Encode() + "#history"
	}
}
