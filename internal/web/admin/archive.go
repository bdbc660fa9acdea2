package admin

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// archivesView lists the archives that are kept, with the form that makes one.
type archivesView struct {
	*page.FormState
	List   *page.List
	Year   string
	Rows   []creditnotes.KeptArchive
	Delete bool // the visitor may delete them
	Quota  string
}

var archiveColumns = []page.Column[creditnotes.KeptArchive]{
	{Head: page.Head{Key: "year", Message: "archive_year"}, By: page.By(func(a creditnotes.KeptArchive) int { return a.Year })},
	{Head: page.Head{Key: "made", Message: "archive_made"}, By: page.By(func(a creditnotes.KeptArchive) int64 { return a.MadeAt.UnixMicro() })},
	{Head: page.Head{Key: "size", Message: "archive_size", Num: true}, By: page.By(func(a creditnotes.KeptArchive) int64 { return a.Size })},
	{Head: page.Head{Message: "archive_sha256"}},
	{Head: page.Head{Message: "archive_files", Unseen: true}},
}

// ArchiveList shows the archives that can be downloaded.
func (v *Visit) ArchiveList() error { return v.showArchives(v.Form("")) }

func (v *Visit) showArchives(f *page.FormState) error {
	list, err := v.Store.Archives(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/archive", Size: page.RowsPerPage, Order: "-year", Empty: "archives_none"})
	view := archivesView{FormState: f, List: l, Year: f.Text("year"), Delete: v.May(access.ChangeSettings), Quota: v.LinkIfAllowed("/quota")}
	if view.Year == "" {
		view.Year = strconv.Itoa(v.Now().In(v.Zone()).Year() - 1)
	}
	view.Rows = page.Rows(l, list, archiveColumns...)
	f.Fail(l.Err())
	return v.ShowForm(f, "archive", v.Message("archive_title"), view)
}

// MakeArchive begins to make the archive of a year, and shows the page that waits
// for it.
func (v *Visit) MakeArchive() error {
	f := v.Form("")
	year, err := strconv.Atoi(f.Text("year"))
	if err != nil || year < 2000 || year > 9999 {
		f.Say("year", "archive_year_wrong")
		return v.showArchives(f)
	}
	who := v.Name()
	task := v.tasks.archives.Start(who, strconv.Itoa(year), func(ctx context.Context, progress *tasks.Progress) (creditnotes.KeptArchive, error) {
		kept, err := v.makeArchive(ctx, who, year, progress)
		if err != nil {
			return creditnotes.KeptArchive{}, err
		}
		return *kept, nil
	})
	return v.Redirect("/archive-work/" + task.State().ID)
}

func (p *Pages) makeArchive(ctx context.Context, who string, year int, progress *tasks.Progress) (*creditnotes.KeptArchive, error) {
	y, err := export.NewYearArchive(ctx, p.Store, year, p.Texts.In("de"), p.Texts.In("en"), progress.Set)
	if err != nil {
		return nil, err
	}
	return p.Store.KeepArchive(ctx, who, year, func(w io.Writer) error { return y.WriteZIP(ctx, w) })
}

// archiveWorkView is an archive that is being made, or was made.
type archiveWorkView struct {
	creditnotes.KeptArchive
	Path     string
	Subject  string // the year
	Ready    bool
	Done, Of int
}

// ArchiveWork shows how far an archive is, and then where it can be downloaded.
func (v *Visit) ArchiveWork() error {
	task, err := v.tasks.archives.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if task == nil {
		return v.Done("/archive", "archive_gone")
	}
	state := task.Within(time.Second)
	if state.Err != nil {
		return state.Err
	}
	return v.ShowAs("archive_work", "archive_title", archiveWorkView{
		KeptArchive: state.Value, Path: "/archive-work/" + state.ID, Subject: state.Subject, Ready: state.Over(), Done: state.Progress.Done, Of: state.Progress.Of,
	})
}

func (v *Visit) archiveAsked() (*creditnotes.KeptArchive, error) {
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "archive_unknown", fault.Args{"archive": v.R.PathValue("id")})
	}
	return v.Store.Archive(v.R.Context(), id)
}

// ArchiveZIP sends an archive.
func (v *Visit) ArchiveZIP() error {
	kept, err := v.archiveAsked()
	if err != nil {
		return err
	}
	return v.Stream(page.TypeZIP, kept.FileName(), func(w io.Writer) error {
		for part, err := range v.Store.ArchiveContent(v.R.Context(), kept.ID) {
			if err != nil {
				return err
			}
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteArchive deletes an archive; it can be made again.
func (v *Visit) DeleteArchive() error {
	kept, err := v.archiveAsked()
	if err != nil {
		return err
	}
	if err := v.Store.DeleteArchive(v.R.Context(), v.Name(), kept.ID); err != nil {
		return err
	}
	return v.Done("/archive", "archive_deleted", "Year", fmt.Sprint(kept.Year))
}

// procedureView is the procedure documentation in the language of the visitor.
type procedureView struct {
	Operator string
	Parts    []export.ProcedurePart
}

// Procedure shows the procedure documentation, filled from the settings.
func (v *Visit) Procedure() error {
	list, operator, err := v.procedure(v.Words())
	if err != nil {
		return err
	}
	return v.ShowAs("procedure", "procedure_title", procedureView{operator, list})
}

func (v *Visit) procedure(lang string) ([]export.ProcedurePart, string, error) {
	b, err := v.Network()
	if err != nil {
		return nil, "", err
	}
	root := b.Network.Tree.Root()
	list, err := export.ProcedureOf(b.Config, root, lang, v.Texts.In(lang))
	return list, root.DisplayName(), err
}

// ProcedureText sends the procedure documentation as text, in the language that is
// asked for or else that of the visitor.
func (v *Visit) ProcedureText() error {
	language := cmp.Or(v.R.FormValue("language"), v.Words())
	name := map[string]string{"de": "verfahrensdokumentation.txt", "en": "procedure-documentation.txt"}[language]
	if name == "" {
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	list, _, err := v.procedure(language)
	if err != nil {
		return err
	}
	return v.Stream("text/plain; charset=utf-8", name, func(w io.Writer) error { return export.ProcedureText(w, list) })
}
