package upload

import (
	"fmt"
	"io"
	"path"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// uploadView is an uploaded file: what it would do, or did.
type uploadView struct {
	*page.FormState
	Name, Path string
	Working    bool
	Read       int      // records so far
	Problems   []string // why it cannot be taken in
	Applied    bool
	Result     *Outcome // nil: not known yet
	New        bool     // something would be stored
	Network    bool     // it is a network file
	Figures    []figure
	Sections   []sectionLine
	Waits      []string
	Reasons    []string
	More       int    // reasons that are not shown
	Next       string // where what was taken in is seen
	Confirm    page.ConfirmView
}

// figure counts what became of records.
type figure struct {
	Text  string
	Count int
}

// sectionLine is a section of a network file.
type sectionLine struct {
	Name                        string
	Created, Updated, Unchanged int
	Keys                        string // of the first that are new or changed
	More                        int
}

// mostKeys is how many records of a section are named.
const mostKeys = 8

// UploadPage shows what an uploaded file would do, or did.
func (v *Visit) UploadPage() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	return v.showUpload(v.Form(""), u)
}

func (v *Visit) showUpload(f *page.FormState, u *store.Upload) error {
	view := uploadView{FormState: f, Name: u.Name, Path: uploadPath(u.ID), Confirm: v.ConfirmTo(uploadPath(u.ID)).On(f)}
	task, applied, err := v.latest(u)
	if err != nil {
		return err
	}
	if view.Applied = applied; task != nil {
		if err := v.addOutcome(&view, task.Within(answerWithin)); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "upload", v.Message("upload_title", "File", u.Name), view)
}

// addOutcome adds what became of the work on a file.
func (v *Visit) addOutcome(view *uploadView, s tasks.State[Outcome]) error {
	switch {
	case !s.Over():
		v.W.Header().Set("Refresh", "2")
		view.Working, view.Read = true, s.Progress.Done
		return nil
	case s.Err != nil:
		faults := fault.Of(s.Err)
		if len(faults) == 0 {
			return s.Err
		}
		for _, f := range faults {
			view.Problems = append(view.Problems, v.words(f))
		}
		return nil
	}
	o := s.Value
	view.Result, view.New, view.Network, view.Next = &o, o.stored() > 0, o.Kind == intake.KindNetwork, nextOf[o.Kind]
	view.Figures = v.figures(&o)
	for _, c := range o.Network {
		view.Sections = append(view.Sections, v.sectionLine(&c))
	}
	for _, w := range o.Waits {
		view.Waits = append(view.Waits, w.Subject+": "+v.Message(fmt.Sprintf("matter_%s", w.Matter)))
	}
	for _, f := range o.Reasons {
		view.Reasons = append(view.Reasons, v.words(f))
	}
	view.More = max(0, o.Rejected-len(o.Reasons))
	return nil
}

// nextOf is where the records of a kind are seen.
var nextOf = map[intake.Kind]string{
	intake.KindNetwork: "/entities", intake.KindCSV: "/sessions", intake.KindOCPI: "/sessions", intake.KindCompressed: "/sessions",
	intake.KindCollections: "/sessions", intake.KindTopUps: "/top-ups", intake.KindRecords: "/custom-records",
}

// words say a fault, with the line of the file where that is not part of them.
func (v *Visit) words(f *fault.Fault) string {
	text := v.Texts.PageFault(v.Lang, f)
	if line, ok := f.Args["line"]; ok && !strings.HasPrefix(f.Key, "file_") {
		return v.Message("upload_line", "Line", line) + " " + text
	}
	return text
}

// figures counts what became of the records, without what did not occur.
func (v *Visit) figures(o *Outcome) (list []figure) {
	for _, f := range []struct {
		key   string
		count int
	}{{"new", o.New}, {"changed", o.Changed}, {"collected", o.Collected}, {"unchanged", o.Unchanged}, {"reused", o.IDReused}, {"rounded", o.Rounded}, {"rejected", o.Rejected}} {
		if f.count > 0 {
			list = append(list, figure{v.Message(fmt.Sprintf("upload_count_%s", f.key)), f.count})
		}
	}
	return list
}

// recordName is what a record of a section is called: settings by their label, all
// others by their key.
func (v *Visit) recordName(section, key string) string {
	if section != "settings" {
		return key
	}
	return v.MessageOr(key, "setting_"+strings.ReplaceAll(key, ".", "_"))
}

func (v *Visit) sectionLine(c *creditnotes.Changes) sectionLine {
	line := sectionLine{Name: v.Message(fmt.Sprintf("section_%s", c.Section)), Created: c.Created, Updated: c.Updated, Unchanged: c.Unchanged}
	var keys []string
	for _, r := range c.Records {
		switch {
		case r.Change == creditnotes.Unchanged:
		case len(keys) == mostKeys:
			line.More++
		default:
			keys = append(keys, v.recordName(c.Section, r.Key))
		}
	}
	line.Keys = strings.Join(keys, ", ")
	return line
}

// RejectedFile is the file with the records that were left out.
func (v *Visit) RejectedFile() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	task, _, err := v.latest(u)
	if err != nil {
		return err
	}
	if task == nil || task.State().Value.RejectedFile == "" {
		return v.Nowhere()
	}
	rejected, err := v.Store.Upload(v.R.Context(), v.Name(), store.UploadRejected, task.State().Value.RejectedFile)
	if err != nil {
		return err
	}
	return v.Stream(typeOf(rejected.Name), rejected.Name, func(w io.Writer) error {
		_, err := io.Copy(w, v.Store.OpenUpload(v.R.Context(), rejected))
		return err
	})
}

// typeOf is the media type of a file that the pages hand out.
func typeOf(name string) string {
	if strings.EqualFold(path.Ext(name), ".csv") {
		return page.TypeCSV
	}
	return "text/plain; charset=utf-8"
}

// plainName is a name without the end that says that the file is compressed.
func plainName(name string) string {
	if strings.EqualFold(path.Ext(name), ".gz") {
		return name[:len(name)-len(".gz")]
	}
	return name
}

// formatsView describes the kinds of files.
type formatsView struct{ Formats []formatTable }

// formatTable describes one kind: its columns and an example.
type formatTable struct {
	Kind    string
	File    string // name of the example
	Columns []columnLine
	Sample  string
}

// columnLine is a column of a CSV file.
type columnLine struct {
	Name     string
	Text     string
	Required bool
}

// FormatsPage describes the kinds of files, with examples.
func (v *Visit) FormatsPage() error {
	var view formatsView
	for _, f := range intake.Formats() {
		sample, _ := intake.Example(f.Example)
		table := formatTable{Kind: string(f.Kind), File: f.Example, Sample: string(sample)}
		for i, name := range f.Columns {
			table.Columns = append(table.Columns, columnLine{name, v.Message(fmt.Sprintf("upload_column_%s", name)), i < f.Required})
		}
		view.Formats = append(view.Formats, table)
	}
	return v.ShowAs("formats", "formats_title", view)
}

// FormatExample is an example of a file to begin with.
func (v *Visit) FormatExample() error {
	name := v.R.PathValue("file")
	content, ok := intake.Example(name)
	if !ok {
		return v.Nowhere()
	}
	return v.Stream(typeOf(name), name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
