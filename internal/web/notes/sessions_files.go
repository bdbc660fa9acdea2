package notes

import (
	"io"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// SessionsCSV downloads the list as the filter shows it.
func (v *Visit) SessionsCSV() error {
	b, filter, err := v.exportedSessions()
	if err != nil {
		return err
	}
	return v.Stream(page.TypeCSV, "sessions.csv", func(w io.Writer) error {
		return export.SessionsCSV(w, nil, b.Network.Zone(), v.Store.EachSession(v.R.Context(), filter))
	})
}

// SessionsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) SessionsXLSX() error {
	b, filter, err := v.exportedSessions()
	if err != nil {
		return err
	}
	heads, sheet := v.heads(export.SessionColumns), v.Message("menu_sessions")
	return v.Stream(page.TypeXLSX, "sessions.xlsx", func(w io.Writer) error {
		return export.SessionsXLSX(w, sheet, heads, b.Network.Zone(), v.Store.EachSession(v.R.Context(), filter))
	})
}

func (v *Visit) exportedSessions() (*snapshot.Snapshot, creditnotes.SessionFilter, error) {
	b, err := v.Network()
	if err != nil {
		return nil, creditnotes.SessionFilter{}, err
	}
	filter, err := v.sessionFilter(b, v.askedSessions())
	return b, filter, err
}
