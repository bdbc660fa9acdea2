package notes

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/money"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// statementView is the account of an entity over some days.
type statementView struct {
	Entity      *entities.Entity
	Operator    *entities.Entity
	Path        string // of the entity
	From, Until entities.Date
	Statements  []creditnotes.Statement
	Sums        []statementSums // of each of the statements
	Query       string          // of the downloads
	Export      bool
	Missing     bool // the days that were asked for are none
}

// statementSums adds up the movements of a statement.
type statementSums struct {
	Credits   money.Amount // of the credit notes
	Cancelled money.Amount // of the cancellations; negative
}

// statementSumsOf adds up the movements of each statement.
func statementSumsOf(statements []creditnotes.Statement) []statementSums {
	sums := make([]statementSums, len(statements))
	for i, s := range statements {
		for _, m := range s.Movements {
			if m.Kind == numbering.Cancellation {
				sums[i].Cancelled += m.Gross
			} else {
				sums[i].Credits += m.Gross
			}
		}
	}
	return sums
}

// StatementPage shows the account statement of an entity.
func (v *Visit) StatementPage() error {
	view, err := v.statement()
	if err != nil {
		return err
	}
	view.Export = v.May(access.Export) && !view.Missing
	view.Query = "?" + url.Values{"from": {string(view.From)}, "to": {string(view.Until)}}.Encode()
	if view.Missing {
		v.Status = http.StatusUnprocessableEntity
	}
	title := v.Message("statement_of", "Name", view.Entity.DisplayName())
	return v.Show("statement", title, view)
}

// statement adds up what is made out to the entity of the address during the
// days of the address; without days, during this year. Who sees the entity sees
// all that is made out to it.
func (v *Visit) statement() (view statementView, err error) {
	b, err := v.Network()
	if err != nil {
		return view, err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return view, err
	}
	today := b.Day(v.Now())
	view = statementView{Entity: e, Operator: b.Network.Operator(), Path: page.EntityPath(e.Key), From: today[:len("2006-")] + "01-01", Until: today}
	if v.dayOf("from", &view.From) != nil || v.dayOf("to", &view.Until) != nil || view.Until.Before(view.From) {
		view.Missing = true
		return view, nil
	}
	all, err := v.Store.Statement(v.R.Context(), e.Key, view.From, view.Until.AddDays(1))
	view.Statements = slices.DeleteFunc(all, nothingIn)
	view.Sums = statementSumsOf(view.Statements)
	return view, err
}

// nothingIn reports whether a statement has neither a balance nor a movement.
func nothingIn(s creditnotes.Statement) bool { return s.Opening == 0 && len(s.Movements) == 0 }

// dayOf reads a day of the address; where there is none, it stays as it was.
func (v *Visit) dayOf(name string, day *entities.Date) error {
	text := strings.TrimSpace(v.R.FormValue(name))
	if text == "" {
		return nil
	}
	parsed, err := entities.ParseDate(text)
	if err == nil {
		*day = parsed
	}
	return err
}

// StatementCSV sends the statement as a file.
func (v *Visit) StatementCSV() error {
	return v.statementFile("csv", page.TypeCSV, func(w io.Writer, s *statementView) error {
		return export.StatementCSV(w, nil, s.Statements, s.From, s.Until)
	})
}

// StatementXLSX sends the statement as a workbook.
func (v *Visit) StatementXLSX() error {
	sheet := v.Message("statement")
	return v.statementFile("xlsx", page.TypeXLSX, func(w io.Writer, s *statementView) error {
		return export.StatementXLSX(w, sheet, nil, s.Statements, s.From, s.Until)
	})
}

// statementFile sends the statement of the address in a format. Days that are
// none lead back to the page, which says so.
func (v *Visit) statementFile(suffix, contentType string, write func(w io.Writer, s *statementView) error) error {
	view, err := v.statement()
	if err != nil {
		return err
	}
	if view.Missing {
		return v.Redirect(view.Path + "/statement?" + v.R.URL.RawQuery)
	}
	name := page.PlainName("statement-" + view.Entity.Key + "-" + string(view.From) + "-" + string(view.Until))
	return v.Stream(contentType, name+"."+suffix, func(w io.Writer) error { return write(w, &view) })
}
