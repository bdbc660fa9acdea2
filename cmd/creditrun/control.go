package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/money"
)

// lifetimeJSON is the lifetime control of a station or of one of its EVSEs.
type lifetimeJSON struct {
	creditnotes.Control
	Balanced    bool                    `json:"balanced"`
	CreditedNet map[string]money.Micros `json:"credited_net"`
	FirstMeter  *money.Quantity         `json:"first_meter_kwh,omitempty"`
	LastMeter   *money.Quantity         `json:"last_meter_kwh,omitempty"`
	Jumped      money.Quantity          `json:"jumps_kwh"`
}

type evseLifetimeJSON struct {
	EVSEID string `json:"evse_id"`
	lifetimeJSON
}

type meterJumpJSON struct {
	EVSEID  string         `json:"evse_id"`
	After   string         `json:"after_session"`
	Ended   time.Time      `json:"ended"`
	Stopped money.Quantity `json:"meter_stop_kwh"`
	Before  string         `json:"before_session"`
	Started time.Time      `json:"started"`
	Began   money.Quantity `json:"meter_start_kwh"`
	Jump    money.Quantity `json:"jump_kwh"`
}

type stationLifetimeJSON struct {
	Station string `json:"station"`
	lifetimeJSON
	EVSEs []evseLifetimeJSON `json:"evses"`
	Jumps []meterJumpJSON    `json:"jumps"`
}

func lifetimeJSONOf(l *creditnotes.Lifetime) lifetimeJSON {
	return lifetimeJSON{l.Control, l.Control.Balanced(), l.Credited, l.FirstMeter, l.LastMeter, l.Jumped}
}

func stationLifetimeJSONOf(s *creditnotes.StationLifetime) stationLifetimeJSON {
	out := stationLifetimeJSON{Station: s.Station, lifetimeJSON: lifetimeJSONOf(&s.Lifetime), EVSEs: []evseLifetimeJSON{}, Jumps: []meterJumpJSON{}}
	for i := range s.EVSEs {
		out.EVSEs = append(out.EVSEs, evseLifetimeJSON{s.EVSEs[i].EVSEID, lifetimeJSONOf(&s.EVSEs[i])})
	}
	for _, j := range s.Jumps {
		out.Jumps = append(out.Jumps, meterJumpJSON{j.EVSEID, j.After, j.From, j.Stopped, j.Before, j.Until, j.Began, j.Energy()})
	}
	return out
}

func (a *app) controlCommand() *cobra.Command {
	var stations []string
	var until, workbook string
	var issuer askedIssuer
	var force bool
	c := &cobra.Command{
		Use: "control", Short: "Lifetime control: what became of all sessions of stations and their EVSEs since commissioning; with --issuer, both sides of an issuer of media",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if issuer.key != "" {
				return a.issuerControl(c.Context(), &issuer, workbook, force)
			}
			return a.control(c.Context(), stations, until, workbook, force)
		},
	}
	c.Flags().StringSliceVar(&stations, "station", nil, "only this station; may be given more than once")
	c.Flags().StringVar(&until, "until", "", "a day: only sessions that end on it or before")
	c.Flags().StringVar(&issuer.key, "issuer", "", "key of an issuer of media: what it was billed or paid in a month, and what owners were credited")
	c.Flags().StringVar(&issuer.month, "month", "", "with --issuer: the month, such as 2026-10 (default: the last one)")
	c.Flags().BoolVar(&issuer.all, "all", false, "with --issuer: also the sessions on which both sides agree")
	c.Flags().StringVar(&workbook, "xlsx", "", "write a workbook to this file, too")
	forceFlag(c, &force)
	return a.jsonFlag(c)
}

func (a *app) control(ctx context.Context, stations []string, until, workbook string, force bool) error {
	s, err := a.storeToRead(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	q := creditnotes.LifetimeQuery{Stations: stations}
	if until != "" {
		day, err := entities.ParseDate(until)
		if err != nil {
			return usageError{fmt.Errorf("--until: %w", err)}
		}
		q.Until = day.AddDays(1).In(network.Zone())
	}
	for _, key := range stations {
		if network.Station(key) == nil {
			return usageError{fmt.Errorf("--station: there is no station %q", key)}
		}
	}
	list, err := creditnotes.Lifetimes(ctx, s, q)
	if err != nil {
		return err
	}
	if workbook != "" {
		_, err := writeFileBy(workbook, force, func(w io.Writer) error {
			return export.LifetimeXLSX(w, [2]string{"control", "jumps"}, nil, network.Zone(), list)
		})
		if err != nil {
			return err
		}
	}
	return a.printLifetimes(list)
}

func (a *app) printLifetimes(list []creditnotes.StationLifetime) error {
	if a.json {
		out := []stationLifetimeJSON{}
		for i := range list {
			out = append(out, stationLifetimeJSONOf(&list[i]))
		}
		return a.printJSON(map[string]any{"stations": out})
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "station\tEVSE\treceived\tkWh\tcredited\tkWh\theld\tkWh\tzero\texcluded\twithdrawn\tnet\tjumps kWh\t")
	for i := range list {
		s := &list[i]
		printLifetime(table, s.Station, "", &s.Lifetime)
		for k := range s.EVSEs {
			printLifetime(table, "", s.EVSEs[k].EVSEID, &s.EVSEs[k])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i := range list {
		for _, j := range list[i].Jumps {
			fmt.Fprintf(a.stdout, "%s: the meter stood at %s kWh after %s and at %s kWh before %s: %s kWh\n",
				j.EVSEID, j.Stopped, j.After, j.Began, j.Before, j.Energy())
		}
	}
	return nil
}

func printLifetime(w io.Writer, station, evse string, l *creditnotes.Lifetime) {
	c := l.Control
	nets := ""
	for _, currency := range slices.Sorted(maps.Keys(l.Credited)) {
		nets += fmt.Sprintf("%s %s ", l.Credited[currency], currency)
	}
	verdict := ""
	if !c.Balanced() {
		verdict = "NOT BALANCED"
	}
	fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\t%d\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", station, evse, c.Received.Sessions, c.Received.Energy,
		c.Credited.Sessions, c.Credited.Energy, c.Held.Sessions, c.Held.Energy, c.Zero.Sessions, c.Excluded.Sessions, c.Withdrawn.Sessions,
		nets, l.Jumped, verdict)
}
