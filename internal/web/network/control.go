package network

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/money"
	"creditrun/internal/web/page"
)

// controlView is the lifetime control of the stations of a page.
type controlView struct {
	List  *page.List
	Lines []controlLine
}

// controlLine is the lifetime control of a station or of one of its EVSEs.
type controlLine struct {
	*creditnotes.Lifetime
	Station string // key
	Name    string
	Nets    []currencyNet
}

// currencyNet is an exact sum in a currency.
type currencyNet struct {
	Currency string
	Net      money.Micros
}

// Control lists what became of the sessions of stations since commissioning. It
// looks only at the stations of the page.
func (v *Visit) Control() error {
	l := v.askedControl()
	found, err := v.controlled(l)
	if err != nil {
		return err
	}
	view := controlView{List: l}
	shown := page.Rows(l, found,
		page.Column[*entities.Station]{Head: page.Head{Key: "key", Message: "station"}, By: page.ByText(func(s *entities.Station) string { return s.Key })},
		page.Column[*entities.Station]{Head: page.Head{Key: "name", Message: "station_place"}, By: page.ByText(func(s *entities.Station) string { return s.Name })},
		controlHead("run_received"), controlHead("run_credited"), controlHead("run_held"), controlHead("run_zero"), controlHead("run_excluded"),
		controlHead("run_withdrawn"), controlHead("control_net"), controlHead("control_jumps"), page.Column[*entities.Station]{Head: page.Head{Message: "control_verdict"}})
	if view.Lines, err = v.controlLines(l, shown); err != nil {
		return err
	}
	if v.May(access.Export) {
		l.Export("/control.xlsx", "XLSX", "")
	}
	return v.ShowList("control", "control_title", view, l.Err())
}

func controlHead(message string) page.Column[*entities.Station] {
	return page.Column[*entities.Station]{Head: page.Head{Message: message, Num: true}}
}

func (v *Visit) askedControl() *page.List {
	return page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/control", Fields: []string{"q", "until"}, Size: page.RowsPerPage, Order: "key", Empty: "stations_none",
	})
}

// controlled are the stations that the filter leaves.
func (v *Visit) controlled(l *page.List) (found []*entities.Station, err error) {
	b, err := v.Network()
	if err != nil {
		return nil, err
	}
	text, places := strings.ToLower(l.Text("q")), b.Places()
	for _, s := range b.Network.Stations() {
		if text == "" || stationHas(s, places[s.Key], text) {
			found = append(found, s)
		}
	}
	return found, nil
}

// controlQuery asks for stations until the day of the filter.
func (v *Visit) controlQuery(l *page.List, stations []*entities.Station) creditnotes.LifetimeQuery {
	q := creditnotes.LifetimeQuery{}
	if day := l.Day("until"); day != "" {
		q.Until = day.AddDays(1).In(v.Zone())
	}
	for _, s := range stations {
		q.Stations = append(q.Stations, s.Key)
	}
	return q
}

// controlLines are the lifetimes of stations in their order; a station without
// sessions has one, too.
func (v *Visit) controlLines(l *page.List, stations []*entities.Station) (lines []controlLine, err error) {
	if len(stations) == 0 {
		return nil, nil
	}
	list, err := creditnotes.Lifetimes(v.R.Context(), v.Store, v.controlQuery(l, stations))
	byKey := map[string]*creditnotes.StationLifetime{}
	for i := range list {
		byKey[list[i].Station] = &list[i]
	}
	for _, s := range stations {
		of := &creditnotes.Lifetime{}
		if found := byKey[s.Key]; found != nil {
			of = &found.Lifetime
		}
		lines = append(lines, controlLine{of, s.Key, s.Name, netsIn(of)})
	}
	return lines, err
}

func netsIn(l *creditnotes.Lifetime) (nets []currencyNet) {
	for _, currency := range slices.Sorted(maps.Keys(l.Credited)) {
		nets = append(nets, currencyNet{currency, l.Credited[currency]})
	}
	return nets
}

// ControlXLSX downloads the lifetime control of all stations that the filter
// leaves, with their EVSEs and the jumps of their meters.
func (v *Visit) ControlXLSX() error {
	l := v.askedControl()
	stations, err := v.controlled(l)
	if err != nil {
		return err
	}
	return v.controlFile(v.controlQuery(l, stations), "control", l.Err())
}

func (v *Visit) controlFile(q creditnotes.LifetimeQuery, name string, problem error) error {
	if problem != nil {
		return problem
	}
	list, err := creditnotes.Lifetimes(v.R.Context(), v.Store, q)
	if err != nil {
		return err
	}
	sheets, zone := [2]string{v.Message("control_title"), v.Message("control_jumps_sheet")}, v.Zone()
	return v.Stream(page.TypeXLSX, page.PlainName(name)+".xlsx", func(w io.Writer) error {
		return export.LifetimeXLSX(w, sheets, v.XLSXLook(""), zone, list)
	})
}

// stationControlView is the lifetime control of one station.
type stationControlView struct {
	List    *page.List
	Station *entities.Station
	Whole   controlLine
	EVSEs   []controlLine
	Jumps   []creditnotes.MeterJump
	Export  bool
}

// StationControl shows what became of all sessions of a station and its EVSEs.
func (v *Visit) StationControl() error {
	_, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: page.StationPath(s.Key) + "/control", Fields: []string{"until"}, Size: page.RowsPerPage, Empty: "control_no_jumps"})
	list, err := creditnotes.Lifetimes(v.R.Context(), v.Store, v.controlQuery(l, []*entities.Station{s}))
	if err != nil {
		return err
	}
	of := &creditnotes.StationLifetime{}
	if len(list) > 0 {
		of = &list[0]
	}
	view := stationControlView{List: l, Station: s, Whole: controlLine{&of.Lifetime, s.Key, s.Name, netsIn(&of.Lifetime)}}
	for i := range of.EVSEs {
		view.EVSEs = append(view.EVSEs, controlLine{&of.EVSEs[i], of.EVSEs[i].EVSEID, "", netsIn(&of.EVSEs[i])})
	}
	view.Jumps = page.Rows(l, of.Jumps, jumpColumns()...)
	if v.May(access.Export) {
		l.Export(page.StationPath(s.Key)+"/control.xlsx", "XLSX", "")
	}
	return v.ShowList("station_control", "control_title", view, l.Err())
}

func jumpColumns() []page.Column[creditnotes.MeterJump] {
	type column = page.Column[creditnotes.MeterJump]
	return []column{
		{Head: page.Head{Message: "control_evse"}}, {Head: page.Head{Message: "control_after"}}, {Head: page.Head{Message: "control_stopped", Num: true}},
		{Head: page.Head{Message: "control_before"}}, {Head: page.Head{Message: "control_began", Num: true}},
		{Head: page.Head{Key: "jump", Message: "control_jump", Num: true}, By: page.By(func(j creditnotes.MeterJump) int64 { return int64(j.Energy()) })},
	}
}

// StationControlXLSX downloads the lifetime control of a station.
func (v *Visit) StationControlXLSX() error {
	_, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Fields: []string{"until"}})
	return v.controlFile(v.controlQuery(l, []*entities.Station{s}), "control-"+cmp.Or(s.Key, "station"), l.Err())
}
