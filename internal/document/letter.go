package document

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/locales"
	"creditrun/numbering"
)

// letter sets one note.
type letter struct {
	*setter
	note  *creditnotes.Note
	texts *locales.Catalog
	logo  *logo
}

// newLetter begins a letter.
func (r *Renderer) newLetter(n *creditnotes.Note) *letter {
	l := &letter{setter: &setter{fonts: r.fonts}, note: n, texts: r.texts}
	l.onPage = l.beginPage
	return l
}

// compose sets the whole note on sheets, with the sessions behind it.
func (l *letter) compose(sessions *annex) ([]*sheet, error) {
	l.newPage()
	l.head()
	l.opening()
	l.positions()
	l.totals()
	l.payment()
	l.notes()
	l.parties()
	if sessions != nil {
		l.sheets = append(l.sheets, sessions.sheets...)
		if sessions.err != nil {
			l.fail(sessions.err)
		}
	}
	l.finishPages()
	return l.sheets, l.err
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

func (l *letter) date(d entities.Date) string { return l.texts.Date(l.note.Language, d) }

// amount writes money in the note's currency without naming it.
func (l *letter) amount(a money.Amount) string {
	return l.texts.AmountPlain(l.note.Language, l.note.Document.CurrencyDigits, a)
}

// money writes money with the symbol of its currency, or with the code where
// the fonts lack the symbol or the digits are not those of the document.
func (l *letter) money(a money.Amount) string {
	text := l.texts.Amount(l.note.Language, l.note.Currency, a)
	digits, _ := money.Digits(l.note.Currency)
	if digits != l.note.Document.CurrencyDigits || l.fonts.bold.check(text) != nil {
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
	if len(l.sheets) == 1 {
		return
	}
	l.runningHead()
}

func (l *letter) runningHead() {
	l.text(left, 15, l.fit(l.title()+" "+l.number(), label, 90), label)
	l.textRight(right, 15, l.fit(l.note.Document.Issuer.Name, label, 70), label)
	l.rule(left, 17.5, right-left, hair)
}

// head sets the letterhead, the address window and the info box.
func (l *letter) head() {
	width := right - left
	if l.logo != nil {
		l.sheet().logo = l.logo.place()
		width -= l.sheet().logo.width + 2*gap
	}
	l.text(left, 21, l.fit(l.note.Document.Issuer.Name, letterTop, width), letterTop)
	l.bar(left, 25.5, right-left, 0.6, accent)
	for _, y := range []float64{105, 148.5, 210} {
		l.rule(5, y, 4, hair)
	}
	l.addressWindow()
	l.infoBox()
}

// Measures of the address window (DIN 5008, form B).
const (
	windowWidth  = 80.0
	senderLine   = 61.0
	addressTop   = 63.5
	addressLines = 6
	boxLeft      = 125.0
	boxTop       = 50.0
	boxLabel     = 26.0
)

func (l *letter) addressWindow() {
	issuer := &l.note.Document.Issuer
	sender := strings.Join(filled(issuer.Name, issuer.Street, placeOf(issuer)), " · ")
	l.text(left, senderLine, l.fit(sender, tiny, windowWidth), tiny)
	l.rule(left, senderLine+0.9, windowWidth, hair)
	st := style{size: 10, ink: black}
	y := addressTop
	for _, line := range l.address(&l.note.Document.Recipient, st, windowWidth, addressLines) {
		l.text(left, y+st.baseline(), line, st)
		y += st.pitch()
	}
}

// address sets a party in at most so many lines; the name gives way first.
func (l *letter) address(p *creditnotes.Party, st style, width float64, most int) []string {
	var rest []string
	for _, line := range filled(p.Street, placeOf(p), l.country(p)) {
		rest = append(rest, l.fit(line, st, width))
	}
	name := l.wrap(p.Name, st, width)
	if room := max(most-len(rest), 1); len(name) > room {
		name[room-1] = l.fit(strings.Join(name[room-1:], " "), st, width)
		name = name[:room]
	}
	return append(name, rest...)
}

// country is the country of a party abroad, in capitals.
func (l *letter) country(p *creditnotes.Party) string {
	if p.Country == "" || p.Country == l.note.Document.Issuer.Country {
		return ""
	}
	return strings.ToUpper(l.texts.Country(l.note.Language, p.Country))
}

func (l *letter) infoBox() {
	d := &l.note.Document
	y := boxTop
	for _, line := range [][2]string{
		{"label_number", l.numberOrDraft()},
		{"label_date", l.date(l.note.Date)},
		{"label_cancels", l.cancelled()},
		{"label_period", l.period()},
		{"label_due_date", l.dueDate()},
		{"label_customer_ref", d.Recipient.CustomerRef},
		{"label_agreement", d.Agreement},
		{"label_your_vat_id", d.Recipient.VATID},
		{"label_our_vat_id", d.Issuer.VATID},
		{"label_email", d.Issuer.Email},
		{"label_phone", d.Issuer.Phone},
	} {
		if line[1] == "" {
			continue
		}
		y = l.labelled(boxLeft, y, boxLabel, right-boxLeft, l.say(line[0]), line[1])
	}
	l.bar(boxLeft-3.5, boxTop, 0.6, y-boxTop, accent)
	l.y = y
}

// labelled sets a label and, beside it, a value that may wrap. It returns the
// top of what comes below.
func (l *letter) labelled(x, y, labelWidth, width float64, name, value string) float64 {
	names := l.wrap(name, label, labelWidth-1)
	values := l.shorten(l.wrap(value, small, width-labelWidth), maxLines/2, small, width-labelWidth)
	for i, line := range names {
		l.text(x, y+float64(i)*small.pitch()+small.baseline(), line, label)
	}
	for i, line := range values {
		l.text(x+labelWidth, y+float64(i)*small.pitch()+small.baseline(), line, small)
	}
	return y + float64(max(len(names), len(values)))*small.pitch() + 0.6
}

func (l *letter) period() string {
	if l.note.PeriodFrom == l.note.PeriodTo {
		return l.date(l.note.PeriodFrom)
	}
	return l.date(l.note.PeriodFrom) + "\u00a0– " + l.date(l.note.PeriodTo)
}

func (l *letter) dueDate() string {
	if l.cancels() {
		return ""
	}
	return l.date(l.note.Document.DueDate)
}

func (l *letter) cancelled() string {
	if !l.cancels() {
		return ""
	}
	return l.note.Document.CancelsNumber + "\n" + l.date(l.note.Document.CancelsDate)
}

// opening sets title, self-billing mention and the first sentence.
func (l *letter) opening() {
	l.y = max(l.y+7, 101)
	l.paragraph(left, right-left, l.title()+" "+l.number(), headline)
	mention := l.say("mention_self_billing")
	if !strings.EqualFold(mention, l.title()) {
		l.paragraph(left, right-left, mention, style{bold: true, size: 10, ink: accent})
	}
	l.space(2)
	if len(l.note.Positions) > 0 || l.cancels() {
		l.paragraph(left, right-left, l.firstSentence(), plain)
	}
	l.space(3)
}

func (l *letter) firstSentence() string {
	n := l.note
	if l.cancels() {
		text := l.say("intro_cancellation", "Number", n.Document.CancelsNumber, "Date", l.date(n.Document.CancelsDate))
		if n.Document.CancelReason != "" {
			text += " " + l.say("intro_cancellation_reason", "Reason", n.Document.CancelReason)
		}
		return text
	}
	from, to := l.date(n.PeriodFrom), l.date(n.PeriodTo)
	if len(n.Owners) == 0 || len(n.Owners) == 1 && n.Owners[0] == n.Recipient {
		return l.say("intro_own", "From", from, "To", to)
	}
	names := make([]string, len(n.Owners))
	for i, key := range n.Owners {
		names[i] = l.ownerName(key)
	}
	return l.say("intro_owner", "Owner", strings.Join(names, ", "), "From", from, "To", to)
}

func (l *letter) ownerName(key string) string {
	if name := l.note.Document.OwnerNames[key]; name != "" {
		return name
	}
	return key
}

// finishPages sets the foot of every page, now that their number is known.
func (l *letter) finishPages() {
	all := l.sheets
	for i, one := range all {
		l.sheets = []*sheet{one}
		page := l.say("label_page", "Page", i+1, "Pages", len(all))
		l.textRight(right, 271.5, page, label)
		l.text(left, 271.5, l.number(), label)
		l.foot()
	}
	l.sheets = all
}

// foot sets who the operator is, in three columns.
func (l *letter) foot() {
	p := &l.note.Document.Issuer
	l.rule(left, 274, right-left, hair)
	width := (right - left - 2*gap) / 3
	for i, lines := range [][]string{
		filled(p.Name, p.Street, placeOf(p)),
		filled(l.named("label_email", p.Email), l.named("label_phone", p.Phone)),
		filled(l.named("label_vat_id", p.VATID), l.named("label_tax_number", p.TaxNumber), l.named("label_register_number", p.RegisterNumber)),
	} {
		y := 275.2
		for _, line := range lines {
			l.text(left+float64(i)*(width+gap), y+tiny.baseline(), l.fit(line, tiny, width), tiny)
			y += tiny.pitch()
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
