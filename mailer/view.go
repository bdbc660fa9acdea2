package mailer

import (
	"bytes"
	"embed"
	htmltemplate "html/template"
	"slices"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Texts are the words of the mail in every language and the ways in which each
// writes figures. Text fails when a message is missing.
type Texts interface {
	Text(lang, key string, args map[string]any) (string, error)
	Amount(lang, currency string, a money.Amount) string
	Date(lang string, d entities.Date) string
	Month(lang string, m entities.Month) string
	Quantity(lang string, q money.Quantity) string
	Fault(lang string, f *fault.Fault) string
}

//go:embed templates
var templates embed.FS

var (
	htmlMail = htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/mail.html.tmpl"))
	textMail = texttemplate.Must(texttemplate.ParseFS(templates, "templates/mail.txt.tmpl"))
)

// view is what the templates show: finished sentences and figures.
type view struct {
	Language string
	Subject  string
	Operator string
	Paint    *paint // nil: the operator has no color
	Title    string // Gutschrift GS-2026-00001
	Greeting string
	Opening  []string // paragraphs before the figures
	Facts    []fact
	Sums     []fact
	Closing  []string // paragraphs after the figures
	Attached string   // heading
	Files    []fact
	Contact  string
	Address  []string // of the operator
	Footer   string
}

// fact is a label with its value.
type fact struct{ Label, Value string }

func viewOf(texts Texts, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File, p people) (*view, error) {
	w := &writer{texts: texts, n: n, report: d.Report, advice: d.Remittance, reminder: d.Reminder}
	name := w.text("title_"+string(n.Kind), nil)
	numbers := w.numbers(d.Joint)
	v := &view{
		Language: n.Language,
		Subject:  w.subject(name, numbers, d.MarkedCopy),
		Operator: n.Document.Issuer.Name,
		Paint:    paintOf(n.Document.Color),
		Title:    name + " " + numbers,
		Greeting: w.text("mail_greeting", nil),
		Opening:  w.opening(d.MarkedCopy),
		Facts:    w.facts(),
		Sums:     w.sums(),
		Closing:  slices.Concat(w.closing(), w.joint(d.Joint), w.proof(files)),
		Files:    w.files(files),
		Contact:  w.contact(p.contact()),
		Address:  addressLines(n.Document.Issuer),
		Footer:   w.text("mail_automatic", nil),
	}
	if len(files) > 0 {
		v.Attached = w.text("mail_attached", nil)
	}
	v.oneLiners()
	return v, w.err
}

// oneLiners takes line breaks and control characters out of everything that
// is shown: names and reasons are typed by people.
func (v *view) oneLiners() {
	for _, s := range []*string{&v.Operator, &v.Title, &v.Contact} {
		*s = oneLine(*s)
	}
	for _, list := range [][]string{v.Opening, v.Closing, v.Address} {
		for i := range list {
			list[i] = oneLine(list[i])
		}
	}
	for _, facts := range [][]fact{v.Facts, v.Sums, v.Files} {
		for i := range facts {
			facts[i].Value = oneLine(facts[i].Value)
		}
	}
}

// Lined returns facts as lines of text with the values below each other.
func (v *view) Lined(facts []fact) []string {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.Label))
	}
	lines := make([]string, len(facts))
	for i, f := range facts {
		lines[i] = f.Label + strings.Repeat(" ", width-utf8.RuneCountInString(f.Label)+2) + f.Value
	}
	return lines
}

// render fills both templates.
func (v *view) render() (text, html string, err error) {
	var t, h bytes.Buffer
	if err := textMail.Execute(&t, v); err != nil {
		return "", "", err
	}
	if err := htmlMail.Execute(&h, v); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}
