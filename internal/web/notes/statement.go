package notes

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// statementView is the account of an entity over some days.
type statementView struct {
	Entity   *entities.Entity
	Operator *entities.Entity
	Path     string // of the entity
	*creditnotes.AccountStatement
	Query    string // of the downloads
	Sections []page.Choice
	AsOfText string // as it was typed
	DiffText string
	Adjust   string // where the account is adjusted; empty: the visitor may not
	Export   bool
	Missing  bool // the days or the time that were asked for are none
	// Open are the open items of today, of the account in each currency.
	Open []openItems
}

// openItems are the open items of an account, and what settles none yet.
type openItems struct {
	Currency string
	Items    []creditnotes.OpenItem
	Sum      money.Amount
}

// StatementPage shows the account statement of an entity.
func (v *Visit) StatementPage() error {
	view, _, err := v.statement()
	if err != nil {
		return err
	}
	view.Export = v.May(access.Export) && !view.Missing
	if view.Missing {
		v.Status = http.StatusUnprocessableEntity
	}
	if view.Entity != view.Operator {
		view.Adjust = v.LinkIfAllowed(view.Path + "/adjust")
	}
	if err := v.addOpenItems(&view); err != nil {
		return err
	}
	return v.Show("statement", v.Message("statement_of", "Name", view.Entity.DisplayName()), view)
}

func (v *Visit) addOpenItems(view *statementView) error {
	accounts, err := v.Store.Accounts(v.R.Context(), creditnotes.AccountFilter{Entity: view.Entity.Key})
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.OpenItems == 0 && a.Unallocated() == 0 {
			continue
		}
		open := openItems{Currency: a.Currency, Sum: a.Balance}
		if open.Items, err = v.Store.OpenItems(v.R.Context(), a.Account); err != nil {
			return err
		}
		view.Open = append(view.Open, open)
	}
	return nil
}

// statement makes the account statement of the entity of the address during the
// days of the address; without days, during this year. Who sees the entity sees
// its account.
func (v *Visit) statement() (view statementView, b *snapshot.Snapshot, err error) {
	if b, err = v.Network(); err != nil {
		return view, b, err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return view, b, err
	}
	today := b.Day(v.Now())
	q := creditnotes.StatementQuery{Entity: e.Key, From: today[:len("2006-")] + "01-01", Until: today}
	view = statementView{Entity: e, Operator: b.Network.Operator(), Path: page.EntityPath(e.Key), AsOfText: strings.TrimSpace(v.R.FormValue("as_of")),
		DiffText: strings.TrimSpace(v.R.FormValue("diff"))}
	for _, s := range creditnotes.StatementSections() {
		view.Sections = append(view.Sections, page.Choice{Value: string(s), Text: v.Message("statement_section_" + string(s))})
	}
	view.Missing = v.dayOf("from", &q.From) != nil || v.dayOf("to", &q.Until) != nil || q.Until.Before(q.From) || v.askedOf(&q, view.Sections, b.Network.Zone()) != nil
	if view.Missing {
		view.AccountStatement = &creditnotes.AccountStatement{StatementQuery: q}
		return view, b, nil
	}
	view.Query = "?" + v.statementQuery(&q).Encode()
	view.AccountStatement, err = v.Store.Statement(v.R.Context(), q, b.Network)
	return view, b, err
}

// askedOf reads sections and times of the address. Times are those of the
// operator.
func (v *Visit) askedOf(q *creditnotes.StatementQuery, sections []page.Choice, zone *time.Location) (err error) {
	for i := range sections {
		for _, asked := range v.R.Form["section"] {
			if asked == sections[i].Value {
				q.Sections = append(q.Sections, creditnotes.StatementSection(asked))
			}
		}
		sections[i].Chosen = q.Wants(creditnotes.StatementSection(sections[i].Value))
	}
	for name, at := range map[string]*time.Time{"as_of": &q.AsOf, "diff": &q.Since} {
		if text := strings.TrimSpace(v.R.FormValue(name)); text != "" && err == nil {
			*at, err = momentIn(text, zone)
		}
	}
	return err
}

// momentIn reads a time with an offset, or as a browser writes it, in a zone.
func momentIn(text string, zone *time.Location) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err = time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return t, err
}

// statementQuery asks for the same statement once more.
func (v *Visit) statementQuery(q *creditnotes.StatementQuery) url.Values {
	values := url.Values{"from": {string(q.From)}, "to": {string(q.Until)}}
	for _, s := range q.Sections {
		values.Add("section", string(s))
	}
	for name, at := range map[string]time.Time{"as_of": q.AsOf, "diff": q.Since} {
		if !at.IsZero() {
			values.Set(name, at.UTC().Format(time.RFC3339))
		}
	}
	return values
}

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
	return v.statementFile("csv", page.TypeCSV, func(w io.Writer, s *statementView, zone *time.Location) error {
		return export.StatementCSV(w, v.CSVLook(), zone, s.AccountStatement)
	})
}

// StatementXLSX sends the statement as a workbook.
func (v *Visit) StatementXLSX() error {
	sheet := v.Message("statement")
	return v.statementFile("xlsx", page.TypeXLSX, func(w io.Writer, s *statementView, zone *time.Location) error {
		return export.StatementXLSX(w, sheet, v.XLSXLook(""), zone, s.AccountStatement)
	})
}

// StatementJSON sends the statement as programs read it.
func (v *Visit) StatementJSON() error {
	return v.statementFile("json", page.TypeJSON, func(w io.Writer, s *statementView, zone *time.Location) error {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(s.JSON(zone))
	})
}

// StatementPDF sends the statement on paper, in the language of the entity.
func (v *Visit) StatementPDF() error {
	return v.statementFile("pdf", "application/pdf", func(w io.Writer, s *statementView, zone *time.Location) error {
		content, err := v.Runner.StatementPDF(v.R.Context(), s.AccountStatement)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, bytes.NewReader(content))
		return err
	})
}

// statementFile sends the statement of the address in a format. Days that are
// none lead back to the page, which says so.
func (v *Visit) statementFile(suffix, contentType string, write func(w io.Writer, s *statementView, zone *time.Location) error) error {
	view, b, err := v.statement()
	if err != nil {
		return err
	}
	if view.Missing {
		return v.Redirect(view.Path + "/statement?" + v.R.URL.RawQuery)
	}
	name := page.PlainName("statement-" + view.Entity.Key + "-" + string(view.From) + "-" + string(view.Until))
	return v.Stream(contentType, name+"."+suffix, func(w io.Writer) error { return write(w, &view, b.Network.Zone()) })
}
