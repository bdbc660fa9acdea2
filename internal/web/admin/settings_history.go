package admin

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// historyView is who changed which setting, a page of it.
type historyView struct {
	List  *page.List
	Lines []historyLine
	Of    string // only of this setting
}

// historyLine is one change of one setting.
type historyLine struct {
	store.AuditEntry
	Message    string // of the label of the setting; empty: it has none
	Lang       string // of a text
	Old, Value string
}

// historyPerPage is how many changes a page shows.
const historyPerPage = 20

// settingHistory reads a page of the changes of all settings, or of one.
func (v *Visit) settingHistory(b *snapshot.Snapshot) (historyView, error) {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/settings", Anchor: "#history", Fields: []string{"of"}, Size: historyPerPage, Empty: "settings_history_none"})
	l.SetHeads(page.Head{Message: "settings_when"}, page.Head{Message: "settings_who"}, page.Head{Message: "settings_what"}, page.Head{Message: "settings_before"}, page.Head{Message: "settings_after"})
	h := historyView{List: l, Of: l.Text("of")}
	filter := store.AuditFilter{Action: "setting.changed", Subject: h.Of, Limit: historyPerPage + 1, Below: l.Below()}
	if err := l.Err(); err != nil {
		return h, err
	}
	entries, err := v.Store.Audit(v.R.Context(), filter)
	if err != nil {
		return h, err
	}
	for _, e := range page.More(l, entries, page.ParamBelow, func(e store.AuditEntry) string { return page.FormatID(e.ID) }) {
		h.Lines = append(h.Lines, v.historyLine(e, b))
	}
	return h, nil
}

func (v *Visit) historyLine(e store.AuditEntry, b *snapshot.Snapshot) historyLine {
	line := historyLine{AuditEntry: e, Old: v.SettingWords(e.Subject, e.Before, b), Value: v.SettingWords(e.Subject, e.After, b)}
	if lang, ok := strings.CutPrefix(e.Subject, paymentText); ok {
		if v.Texts.Supports(lang) {
			line.Lang, line.Message = lang, languageLabel(lang)
		}
	} else if slices.Contains(creditnotes.SettingKeys(), e.Subject) {
		line.Message = page.SettingLabel(e.Subject)
	}
	return line
}
