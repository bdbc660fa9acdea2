package document

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
	"creditrun/locales"
	"creditrun/numbering"
)

// letter sets one note.
type letter struct {
	*setter
	note              *creditnotes.Note
	issuer, recipient creditnotes.Party // of the note, ready to be set
	texts             *locales.Catalog
	logo              *pdf.Picture // nil for none
	unlisted          bool         // no file lists the sessions
	draft             bool         // it is marked as a draft
	how               setting
	last              int         // with paymentLast: the number of the last page
	inFull            [][2]string // labels and values that are cut off where they stand
}

// newLetter begins a letter.
func (r *Renderer) newLetter(n *creditnotes.Note) *letter {
	l := &letter{
		setter: &setter{Typesetter: r.face.NewTypesetter()}, note: n, texts: r.texts,
		issuer: setParty(n.Document.Issuer), recipient: setParty(n.Document.Recipient),
	}
	l.start()
	l.refer(l.cancelledTitle(), n.Document.CancelsNumber)
	l.keepFoot()
	l.onPage = l.beginPage
	return l
}

// field makes a text that a person typed ready to stand beside others: on one
// line, and apart from what is around it.
func field(text string) string { return pdf.Isolate(pdf.Clean(text)) }

// setParty makes the fields of a party ready to be set.
func setParty(p creditnotes.Party) creditnotes.Party {
	for _, text := range []*string{
		&p.Name, &p.Street, &p.Postcode, &p.City, &p.VATID, &p.TaxNumber, &p.RegisterNumber, &p.Email, &p.Phone, &p.CustomerRef,
		&p.Bank.Holder, &p.Bank.IBAN, &p.Bank.BIC,
	} {
		*text = field(*text)
	}
	return p
}

// compose sets the whole note on pages, with the sessions behind it.
func (l *letter) compose(sessions *annex) ([]*pdf.Page, error) {
	l.flow(asUsual)
	if count := len(l.pages); l.almostEmpty() {
		if l.flow(closer); l.almostEmpty() {
			l.last = count
			l.flow(paymentLast)
		}
	}
	if sessions != nil {
		sessions.finish()
		for _, h := range sessions.outlined {
			h.Page += len(l.pages)
			l.outlined = append(l.outlined, h)
		}
		l.pages = append(l.pages, sessions.pages...)
		l.root.Kids = append(l.root.Kids, sessions.root.Kids...)
		if sessions.err != nil {
			l.fail(sessions.err)
		}
	}
	l.finishPages()
	l.markDraft()
	return l.pages, l.err
}

// setting is how a letter is set so that its last page is not almost empty.
type setting int

const (
	asUsual     setting = iota
	closer              // with less room between the parts
	paymentLast         // the payment begins the last page
)

// flow sets the letter from the beginning.
func (l *letter) flow(how setting) {
	l.pages, l.outlined, l.inFull, l.how, l.tight = nil, nil, nil, how, how == closer
	l.start()
	l.newPage()
	l.head()
	l.opening()
	l.positions()
	l.totals()
	l.payment()
	l.notes()
	l.parties()
}

// almostEmpty reports whether a page was begun for the last lines alone.
func (l *letter) almostEmpty() bool {
	const few = 55.0 // millimeters
	return len(l.pages) > 1 && l.y < top+few
}

// roomy is the density of what is read.
func (l *letter) roomy() density {
	if l.tight {
		return density{gap, padding / 2, headStyle}
	}
	return roomy
}

// say returns a message in the language of the note; args are names and
// values in turn.
func (l *letter) say(key string, args ...any) string {
	named := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			named[name] = args[i+1]
		}
	}
	text, err := l.texts.Text(l.note.Language, key, named)
	if err != nil {
		l.fail(err)
	}
	return text
}

// date writes a day so that it stays on one line.
func (l *letter) date(d entities.Date) string { return unbroken(l.texts.Date(l.note.Language, d)) }

// month writes a month in words so that it stays on one line.
func (l *letter) month(m entities.Month) string { return unbroken(l.texts.Month(l.note.Language, m)) }

// unbroken keeps the words of a text on one line.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

// widestDay is how wide a day can be: languages write months in words.
func (l *letter) widestDay(st pdf.Style) (width float64) {
	for month := entities.Month("2026-01"); month.Before("2027-01"); month = month.Next() {
		width = max(width, l.Width(l.date(month.LastDay()), st))
	}
	return width
}

// amount writes money in the note's currency without naming it.
func (l *letter) amount(a money.Amount) string {
	return l.texts.AmountPlain(l.note.Language, l.note.Document.CurrencyDigits, a)
}

// money writes money with the symbol of its currency, or with the code where
// the fonts lack the symbol or the digits are not those of the document.
func (l *letter) money(a money.Amount) string {
	text := l.texts.Amount(l.note.Language, l.note.Currency, a)
	digits, _ := money.Digits(l.note.Currency)
	if digits != l.note.Document.CurrencyDigits || !l.IsPlain(text, true) {
		return l.amount(a) + "\u00a0" + l.note.Currency
	}
	return text
}

func (l *letter) cancels() bool { return l.note.Kind == numbering.Cancellation }

// title is what the document is called.
func (l *letter) title() string { return l.say("title_" + string(l.note.Kind)) }

// number is the number of the note, or the word for a draft.
func (l *letter) number() string {
	if l.note.Number == "" {
		return "(" + l.say("title_draft") + ")"
	}
	return l.note.Number
}

// numberOrDraft is the number without the brackets around the word for a draft.
func (l *letter) numberOrDraft() string {
	if l.note.Number == "" {
		return l.say("title_draft")
	}
	return l.note.Number
}

// beginPage sets the running head of the second page and after.
func (l *letter) beginPage() {
	if len(l.pages) == 1 {
		return
	}
	l.runningHead()
}

func (l *letter) runningHead() {
	sizes := []room{{label, 1}, {label.Of(6), 2}}
	title, st := l.firstFit(90, sizes, l.title()+" "+l.number())
	l.upwards(left, 15, title, st)
	name, st := l.firstFit(70, sizes, l.issuer.Name)
	for i, line := range name {
		l.textRight(right, 15-float64(len(name)-1-i)*st.Pitch(), line, st)
	}
	l.rule(left, 17.5, right-left, hair)
}

// opening sets title, self-billing mention and the first sentence.
func (l *letter) opening() {
	l.y = max(l.y+7, 101)
	l.mainHeading(l.title() + " " + l.number())
	mention := l.say("mention_self_billing")
	if !l.fees() && !strings.EqualFold(mention, l.title()) {
		l.paragraph(left, right-left, mention, pdf.Style{Bold: true, Size: 10, Color: accent})
	}
	l.space(2)
	l.intro()
	if len(l.note.Positions) > 0 || l.cancels() {
		l.paragraph(left, right-left, l.firstSentence(), plain)
	}
	l.space(3)
}

func (l *letter) firstSentence() string {
	n := l.note
	if l.cancels() {
		key := "intro_cancellation"
		if l.fees() {
			key = "intro_cancellation_fees"
		}
		text := l.say(key, "Number", n.Document.CancelsNumber, "Date", l.date(n.Document.CancelsDate))
		if n.Document.CancelReason != "" {
			text += " " + l.say("intro_cancellation_reason", "Reason", field(n.Document.CancelReason))
		}
		return text
	}
	if l.fees() {
		return l.feeSentence()
	}
	from, to := l.date(n.PeriodFrom), l.date(n.PeriodTo)
	if len(n.Owners) == 0 || len(n.Owners) == 1 && n.Owners[0] == n.Recipient {
		return l.say("intro_own", "From", from, "To", to)
	}
	return l.say("intro_owner", "Owner", l.ownerNames(), "From", from, "To", to)
}

func (l *letter) ownerNames() string {
	names := make([]string, len(l.note.Owners))
	for i, key := range l.note.Owners {
		names[i] = l.ownerName(key)
	}
	return strings.Join(names, ", ")
}

func (l *letter) ownerName(key string) string {
	if name := l.note.Document.OwnerNames[key]; name != "" {
		return field(name)
	}
	return field(key)
}

// finishPages sets the foot of every page, now that their number is known.
func (l *letter) finishPages() { l.decorate(l.feet) }

func (l *letter) feet() {
	all := l.pages
	for i, one := range all {
		l.pages = []*pdf.Page{one}
		page := l.say("label_page", "Page", i+1, "Pages", len(all))
		l.textRight(right, 271.5, page, label)
		l.text(left, 271.5, l.number(), label)
		l.footer(i == 0)
		l.standingFoot()
	}
	l.pages = all
}

// standingFoot sets who the operator is, in three columns.
func (l *letter) standingFoot() {
	p := &l.issuer
	l.rule(left, 274, right-left, hair)
	width := (right - left - 2*gap) / 3
	for i, texts := range [][]string{
		{p.Name, p.Street, placeOf(p)},
		{l.named("label_email", p.Email), l.named("label_phone", p.Phone)},
		{l.named("label_vat_id", p.VATID), l.named("label_tax_number", p.TaxNumber), l.named("label_register_number", p.RegisterNumber)},
	} {
		lines, st := l.firstFit(width, []room{{tiny, 4}, {tiny.Of(6), 5}}, texts...)
		y := 275.2
		for _, line := range lines {
			l.text(left+float64(i)*(width+gap), y+st.Baseline(), line, st)
			y += st.Pitch()
		}
	}
}

// named is a value behind its label; nothing where there is no value.
func (l *letter) named(key, value string) string {
	if value == "" {
		return ""
	}
	return l.say(key) + " " + value
}

// placeOf is postcode and city.
func placeOf(p *creditnotes.Party) string { return strings.Join(filled(p.Postcode, p.City), " ") }

// filled leaves out the empty texts.
func filled(texts ...string) []string {
	var list []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			list = append(list, text)
		}
	}
	return list
}
