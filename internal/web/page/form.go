package page

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// FormState is one form of a page: what was sent with it, and what is wrong with
// that, field by field. Handlers read their values from it, record with fail
// what a check or the store refuses, and show it again as long as it is not ok.
// Templates ask it how to mark a field (Mark, Group) and what is wrong with it
// (Wrong). A form that was not sent is ok and has nothing to mark.
type FormState struct {
	Name   string // among the forms of the page; empty: the only one
	lang   string
	texts  formTexts
	Values url.Values

	// Seen is the fingerprint of the record that the form shows.
	Seen string

	noun, key string            // of the record, as faults name it in their arguments
	Inputs    map[string]string // field of the record: its input, where that has another name
	Input     func(field string) string

	Faults    fault.List
	sentences []sentence
	broken    error // not for people

	page *formPage
}

// formTexts are the words of a form.
type formTexts interface {
	PageFault(lang string, f *fault.Fault) string
	Text(lang, key string, args map[string]any) (string, error)
	DecimalSign(lang string) string
}

// sentence is what is wrong, and with which field; an empty field is the whole
// form.
type sentence struct{ field, text string }

// formPage is what the forms of one page share: the ids of their inputs, and
// whether one of them has the focus.
type formPage struct {
	ids     map[string]int
	marked  map[string]string // id of the first input of a field with something wrong
	focused bool
}

// newForm makes the form with a name out of the values that were sent.
func newForm(name, lang string, texts formTexts, values url.Values) *FormState {
	return &FormState{Name: name, lang: lang, texts: texts, Values: values, page: &formPage{ids: map[string]int{}, marked: map[string]string{}}}
}

// In is the form of the page with a name: this one where it is the one that was
// sent, else one that was not.
func (f *FormState) In(name string) *FormState {
	if f.Name == name {
		return f
	}
	return &FormState{Name: name, lang: f.lang, texts: f.texts, page: f.page}
}

// About says which record the form changes: the argument in which faults name
// it, and its key. Faults that name another record concern the whole form.
func (f *FormState) About(noun, key string) { f.noun, f.key = noun, key }

// Fail records what an error says and reports whether there was one. Faults are
// shown at the field that they name; any other error is not for people and ends
// the request.
func (f *FormState) Fail(err error) bool {
	if err == nil {
		return false
	}
	faults := fault.Of(err)
	if len(faults) == 0 {
		f.broken = err
	}
	for _, found := range faults {
		f.Faults = append(f.Faults, found)
		f.Blame(found)
	}
	return true
}

// Blame says a fault at its field. Unlike those given to fail it does not decide
// the status of the answer.
func (f *FormState) Blame(found *fault.Fault) {
	field := f.inputOf(found.Field)
	if of, ok := found.Args[f.noun].(string); ok && of != f.key {
		field = ""
	}
	f.sayWords(field, f.texts.PageFault(f.lang, found))
}

// Say says with a message of the pages what is wrong with a field; arguments are
// names and values in turn.
func (f *FormState) Say(field, key string, args ...any) {
	text, err := textOf(f.texts.Text, f.lang, key, args)
	if err != nil {
		text = key // the test of the locales finds it
	}
	f.sayWords(field, text)
}

func (f *FormState) sayWords(field, text string) {
	if said := (sentence{field, text}); !slices.Contains(f.sentences, said) {
		f.sentences = append(f.sentences, said)
	}
}

// inputOf is the input for a field of the record.
func (f *FormState) inputOf(field string) string {
	if input, ok := f.Inputs[field]; ok {
		return input
	}
	if f.Input != nil && field != "" {
		return f.Input(field)
	}
	return field
}

// Ok reports whether nothing is wrong.
func (f *FormState) Ok() bool { return f.broken == nil && len(f.sentences) == 0 }

// status is that of the answer that shows the form.
func (f *FormState) status() int {
	switch {
	case len(f.Faults) > 0:
		return f.Faults[0].Kind.HTTPStatus()
	case len(f.sentences) > 0:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// WrongFields is how many fields something is wrong with.
func (f *FormState) WrongFields() int {
	fields := map[string]bool{}
	for _, s := range f.sentences {
		if s.field != "" {
			fields[s.field] = true
		}
	}
	return len(fields)
}

// wrong is what is wrong with a field.
func (f *FormState) wrong(field string) (texts []string) {
	if f == nil {
		return nil
	}
	for _, s := range f.sentences {
		if s.field == field {
			texts = append(texts, s.text)
		}
	}
	return texts
}

// summary is everything that is wrong, for the top of the page: with the id of
// the input where the page has one. The page has to be made before.
func (f *FormState) summary() (lines []ProblemLine) {
	for _, s := range f.sentences {
		lines = append(lines, ProblemLine{Text: s.text, At: f.page.marked[s.field]})
	}
	return lines
}

// ProblemLine is a sentence on top of a page. At is the id of the input that it
// is about; empty: none.
type ProblemLine struct{ Text, At string }

// Mark is the attributes of the input of a field: its id, which no other input of
// the page has, the ids of its hints, and, where something is wrong with it, what
// says so to a screen reader. The first input that something is wrong with gets
// the focus.
func (f *FormState) Mark(field string, hints ...string) template.HTMLAttr {
	return f.mark(field, ` aria-invalid="true"`, hints)
}

// Group is Mark for the fieldset around several inputs of one field.
func (f *FormState) Group(field string, hints ...string) template.HTMLAttr {
	return f.mark(field, ` tabindex="-1"`, hints)
}

func (f *FormState) mark(field, wrong string, hints []string) template.HTMLAttr {
	if f == nil {
		return ""
	}
	id, isWrong := f.page.id(field), len(f.wrong(field)) > 0
	attributes := ` id="` + template.HTMLEscapeString(id) + `"`
	if isWrong {
		if f.page.marked[field] == "" {
			f.page.marked[field] = id
			hints = append(slices.Clone(hints), faultID(field))
		}
		attributes += wrong
		if !f.page.focused {
			f.page.focused = true
			attributes += " autofocus"
		}
	}
	if len(hints) > 0 {
		attributes += ` aria-describedby="` + template.HTMLEscapeString(strings.Join(hints, " ")) + `"`
	}
	return template.HTMLAttr(attributes)
}

// id is an id that begins with the name of a field and that the page does not
// have yet.
func (p *formPage) id(field string) string {
	p.ids[field]++
	if n := p.ids[field]; n > 1 {
		return field + "-" + strconv.Itoa(n)
	}
	return field
}

// Wrong is what is wrong with a field, to stand behind its input; nothing where
// nothing is.
func (f *FormState) Wrong(field string) template.HTML {
	texts := f.wrong(field)
	if len(texts) == 0 {
		return ""
	}
	out := `<span id="` + template.HTMLEscapeString(faultID(field)) + `">`
	for _, text := range texts {
		out += `<span class="wrong">` + template.HTMLEscapeString(text) + `</span>`
	}
	return template.HTML(out + `</span>`)
}

// faultID is the id of what is wrong with a field.
func faultID(field string) string { return field + "-fault" }

// Form is the form of the request; the name tells it apart where its page has
// several. Of a request that changes something only what is in its body counts.
func (v *Visit) Form(name string) *FormState {
	_ = v.R.ParseForm() // what of the address cannot be read is not there
	values := v.R.Form
	if v.R.Method == http.MethodPost {
		values = v.R.PostForm
	}
	return newForm(name, v.Lang, v.texts, values)
}

// ShowForm shows the page of a form. Where something is wrong it is said on top
// and at its field, and the status says so; an error that is not for people is
// returned.
func (v *Visit) ShowForm(f *FormState, page, title string, view any) error {
	if f.broken != nil {
		return f.broken
	}
	around := v.frame(title)
	main, err := v.Render(page, "main", view)
	if err != nil {
		return err
	}
	if !f.Ok() {
		v.Status = f.status()
		v.Faults = append(v.Faults, f.summary()...)
	}
	return v.write(page, "layout", around.around(main, v.Faults))
}

// NetworkForm is the form of the request, and the network that it is about.
func (v *Visit) NetworkForm() (*snapshot.Snapshot, *FormState, error) {
	b, err := v.Network()
	return b, v.Form(""), err
}

// Retry shows a page again with what was wrong on top. What is no fault of the
// visitor comes back as an error.
func (v *Visit) Retry(err error, page, title string, view any) error {
	f := v.Form("")
	f.Fail(err)
	return v.ShowForm(f, page, title, view)
}
