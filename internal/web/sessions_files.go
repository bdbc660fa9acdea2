package web

import (
	"io"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/snapshot"
)

// sessionsCSV downloads the list as the filter shows it.
func (v *visit) sessionsCSV() error {
	b, filter, err := v.exportedSessions()
	if err != nil {
		return err
	}
	return v.stream(typeCSV, "sessions.csv", func(w io.Writer) error {
		return export.SessionsCSV(w, nil, b.Network.Zone(), v.Store.EachSession(v.r.Context(), filter))
	})
}

// sessionsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *visit) sessionsXLSX() error {
	b, filter, err := v.exportedSessions()
	if err != nil {
		return err
	}
	heads, sheet := v.heads(export.SessionColumns), v.message("menu_sessions")
	return v.stream(typeXLSX, "sessions.xlsx", func(w io.Writer) error {
		return export.SessionsXLSX(w, sheet, heads, b.Network.Zone(), v.Store.EachSession(v.r.Context(), filter))
	})
}

func (v *visit) exportedSessions() (*snapshot.Snapshot, creditnotes.SessionFilter, error) {
	b, err := v.network()
	if err != nil {
		return nil, creditnotes.SessionFilter{}, err
	}
	filter, err := v.sessionFilter(b, v.askedSessions())
	return b, filter, err
}
