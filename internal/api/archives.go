package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/tasks"
)

// Archive is the archive of a year that can be downloaded, or is being made.
type Archive struct {
	ID     int64      `json:"id,omitempty"`
	Year   int        `json:"year"`
	State  string     `json:"state" enum:"making,kept"`
	MadeAt *time.Time `json:"made_at,omitempty"`
	MadeBy string     `json:"made_by,omitempty"`
	Bytes  int64      `json:"bytes,omitempty"`
	SHA256 string     `json:"sha256,omitempty" doc:"of the ZIP"`
	Path   string     `json:"path,omitempty" format:"uri-reference"`
}

func (c *call) archiveOf(a *creditnotes.KeptArchive) Archive {
	at := c.at(a.MadeAt)
	return Archive{ID: a.ID, Year: a.Year, State: "kept", MadeAt: &at, MadeBy: a.MadeBy, Bytes: a.Size, SHA256: a.SHA256,
		Path: Base + "/archives/" + strconv.FormatInt(a.ID, 10) + "/" + a.FileName()}
}

// archives lists the archives that are kept, the latest first.
func (c *call) archives(*struct{}) (*One[Items[Archive]], error) {
	list, err := c.Store.Archives(c.ctx)
	if err != nil {
		return nil, err
	}
	items := []Archive{}
	for i := range list {
		items = append(items, c.archiveOf(&list[i]))
	}
	return &One[Items[Archive]]{Items[Archive]{Items: items}}, nil
}

// makeArchiveInput asks for the archive of a year.
type makeArchiveInput struct {
	Body struct {
		Year int `json:"year" minimum:"2000" maximum:"9999"`
	}
}

// madeArchive answers 202 while an archive is made.
type madeArchive struct {
	Status   int
	Location string `header:"Location"`
	Body     Archive
}

// makeArchive makes the archive of a year, in the background.
func (c *call) makeArchive(in *makeArchiveInput) (*madeArchive, error) {
	a, who, year := c.API, c.name(), in.Body.Year
	state := c.archiving.Start(who, strconv.Itoa(year), func(ctx context.Context, progress *tasks.Progress) (creditnotes.KeptArchive, error) {
		y, err := export.NewYearArchive(ctx, a.Store, year, a.Texts.In("de"), a.Texts.In("en"), progress.Set)
		if err != nil {
			return creditnotes.KeptArchive{}, err
		}
		kept, err := a.Store.KeepArchive(ctx, who, year, func(w io.Writer) error { return y.WriteZIP(ctx, w) })
		if err != nil {
			return creditnotes.KeptArchive{}, err
		}
		return *kept, nil
	}).Within(c.within)
	switch {
	case state.Err != nil:
		return nil, state.Err
	case !state.Over():
		return &madeArchive{http.StatusAccepted, workPath(state.ID), Archive{Year: year, State: "making"}}, nil
	}
	return &madeArchive{http.StatusCreated, "", c.archiveOf(&state.Value)}, nil
}

// archiveInput names an archive.
type archiveInput struct {
	ID   int64  `path:"id"`
	Name string `path:"name" example:"archive-2026.zip"`
}

// archiveFile sends an archive, piece by piece.
func (c *call) archiveFile(in *archiveInput) (*streamed, error) {
	kept, err := c.Store.Archive(c.ctx, in.ID)
	if err == nil && kept.FileName() != in.Name {
		err = fault.New(fault.NotFound, "archive_unknown", fault.Args{"archive": in.Name})
	}
	if err != nil {
		return nil, err
	}
	leave, err := c.place()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(c.r.Context(), leave) // should no one ask for the body
	c.download("archive")
	return &streamed{func(answer huma.Context) {
		defer leave()
		answer.SetHeader("Content-Type", "application/zip")
		answer.SetHeader("Content-Disposition", `attachment; filename="`+kept.FileName()+`"`)
		answer.SetHeader("Content-Length", strconv.FormatInt(kept.Size, 10))
		answer.SetStatus(http.StatusOK)
		for part, err := range c.Store.ArchiveContent(c.ctx, kept.ID) {
			if err == nil {
				_, err = answer.BodyWriter().Write(part)
			}
			if err != nil {
				c.Log.Warn("answer broken off", "archive", kept.ID, "err", err)
				flow.CutOff()
			}
		}
	}}, nil
}

// QuotaRow is the energy of a public charge point in a year.
type QuotaRow struct {
	EVSEID    string        `json:"evse_id"`
	Station   string        `json:"station" doc:"key"`
	Name      string        `json:"name"`
	Street    string        `json:"street"`
	Postcode  string        `json:"postcode"`
	City      string        `json:"city"`
	Country   string        `json:"country"`
	PowerType string        `json:"power_type"`
	From      entities.Date `json:"from" format:"date" doc:"first day of deliveries"`
	Until     entities.Date `json:"until" format:"date" doc:"last day of deliveries"`
	Sessions  int64         `json:"sessions"`
	Energy    string        `json:"energy_kwh"`
	MWh       string        `json:"energy_mwh"`
}

// quotaInput asks for a year.
type quotaInput struct {
	Year int `query:"year" required:"true" minimum:"2000" maximum:"9999"`
}

// quota lists the energy per public charge point in a year, as the greenhouse-gas
// quota asks for it.
func (c *call) quota(in *quotaInput) (*One[Items[QuotaRow]], error) {
	list, err := c.Store.Quota(c.ctx, in.Year, c.zone())
	if err != nil {
		return nil, err
	}
	items := []QuotaRow{}
	for i := range list {
		r := &list[i]
		items = append(items, QuotaRow{r.EVSEID, r.Station, r.Name, r.Street, r.Postcode, r.City, r.Country, r.PowerType, r.From, r.Until, r.Sessions,
			r.Energy.String(), r.MWh().String()})
	}
	return &One[Items[QuotaRow]]{Items[QuotaRow]{Items: items}}, nil
}
