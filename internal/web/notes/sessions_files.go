package notes

import (
	"io"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/sessions"
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
		return export.SessionsCSV(w, v.CSVLook(), b.Network.Zone(), whereabouts(b), v.Store.EachSession(v.R.Context(), filter))
	})
}

// SessionsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) SessionsXLSX() error {
	b, filter, err := v.exportedSessions()
	if err != nil {
		return err
	}
	look, sheet := v.XLSXLook("head_%s"), v.Message("menu_sessions")
	return v.Stream(page.TypeXLSX, "sessions.xlsx", func(w io.Writer) error {
		return export.SessionsXLSX(w, sheet, look, b.Network.Zone(), whereabouts(b), v.Store.EachSession(v.R.Context(), filter))
	})
}

// whereabouts finds the station of a session and who owned it when it began.
func whereabouts(b *snapshot.Snapshot) export.Whereabouts {
	return func(s *sessions.Session) (station, owner string) {
		place := b.Network.Place(s.ConnectorID)
		if place == nil {
			return "", ""
		}
		if e := place.Owner(s.Start); e != nil {
			owner = e.Key
		}
		return place.Station.Key, owner
	}
}

func (v *Visit) exportedSessions() (*snapshot.Snapshot, creditnotes.SessionFilter, error) {
	b, err := v.Network()
	if err != nil {
		return nil, creditnotes.SessionFilter{}, err
	}
	filter, err := v.sessionFilter(b, v.askedSessions())
	return b, filter, err
}
