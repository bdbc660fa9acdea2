package document

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/pdf"
	"creditrun/numbering"
)

// head sets the letterhead, the address window and the info box.
func (l *letter) head() {
	l.letterhead()
	l.infoBox()
}

// letterhead sets the name or the logo of the operator and the address window.
func (l *letter) letterhead() {
	width := right - left
	if l.logo != nil {
		placed := placeLogo(l.logo)
		placed.In = l.figure(l.issuer.Name, placed.X, placed.Y, placed.Width, placed.Height)
		l.page().Pictures = append(l.page().Pictures, placed)
		width -= placed.Width + 2*gap
	}
	lines, st := l.firstFit(width, []room{{letterTop, 1}, {letterTop.Of(12), 2}, {letterTop.Of(9), 3}}, l.issuer.Name)
	l.in(pdf.Paragraph, func() { l.upwards(left, 21, lines, st) })
	l.bar(left, 25.5, right-left, 0.6, accent)
	for _, y := range []float64{105, 148.5, 210} {
		l.rule(5, y, 4, hair)
	}
	l.header()
	l.addressWindow()
}

// Measures of the address window (DIN 5008, form B).
const (
	windowWidth  = 80.0
	senderLine   = 61.0
	senderLines  = 4
	addressTop   = 63.5
	addressLines = 6
	boxLeft      = 125.0
	boxTop       = 50.0
	boxLabel     = 26.0
)

func (l *letter) addressWindow() {
	sender := strings.Join(filled(l.issuer.Name, l.issuer.Street, placeOf(&l.issuer)), " · ")
	lines, st := l.firstFit(windowWidth, []room{{tiny, 1}, {tiny.Of(6), senderLines}}, sender)
	l.in(pdf.Paragraph, func() { l.upwards(left, senderLine, lines, st) })
	l.rule(left, senderLine+0.9, windowWidth, hair)
	st = pdf.Style{Size: 10, Color: black}
	p := &l.recipient
	lines, st = l.firstFit(windowWidth, []room{{st, addressLines}, {st.Of(8), addressLines + 1}, {st.Of(7), addressLines + 2}},
		p.Name, p.Street, placeOf(p), l.country(p))
	y := addressTop
	l.begin(pdf.Paragraph)
	defer l.end()
	for _, line := range lines {
		l.text(left, y+st.Baseline(), line, st)
		y += st.Pitch()
	}
}

// room is how many lines there are for a text in a style.
type room struct {
	pdf.Style
	lines int
}

// firstFit wraps texts, each on lines of its own, in the first pdf.Style that has
// room for all of them. Where none has, the first text is cut off, and the last
// ones only when that is not enough: these places are small, and the parties
// at the end of the document are named in full.
func (l *letter) firstFit(width float64, rooms []room, texts ...string) ([]string, pdf.Style) {
	texts = filled(texts...)
	for i, r := range rooms {
		wrapped := make([][]string, len(texts))
		count := 0
		for k, text := range texts {
			wrapped[k] = l.Wrap(text+"\n", r.Style, width)
			wrapped[k] = wrapped[k][:len(wrapped[k])-1]
			count += len(wrapped[k])
		}
		if count > r.lines && i == len(rooms)-1 {
			for k := range wrapped {
				others := 0
				for _, lines := range wrapped[k+1:] {
					others += len(lines)
				}
				before := len(slices.Concat(wrapped[:k]...))
				wrapped[k] = l.Shorten(wrapped[k], max(r.lines-before-others, 1), r.Style, width)
			}
			count = 0
		}
		if count <= r.lines {
			lines := slices.Concat(wrapped...)
			return lines[:min(len(lines), r.lines)], r.Style
		}
	}
	return nil, pdf.Style{}
}

// upwards sets lines of which the last stands on a baseline.
func (l *letter) upwards(x, baseline float64, lines []string, st pdf.Style) {
	for i, line := range lines {
		l.text(x, baseline-float64(len(lines)-1-i)*st.Pitch(), line, st)
	}
}

// country is the country of a party abroad, in capitals.
func (l *letter) country(p *creditnotes.Party) string {
	if p.Country == "" || p.Country == l.note.Document.Issuer.Country {
		return ""
	}
	return strings.ToUpper(l.texts.Country(l.note.Language, p.Country))
}

func (l *letter) infoBox() {
	y := boxTop
	for _, line := range [][2]string{
		{"label_number", l.numberOrDraft()},
		{"label_date", l.date(l.note.Date)},
		{"label_cancels", l.cancelled()},
		{"label_period", l.period()},
		{"label_due_date", l.dueDate()},
		{"label_customer_ref", l.recipient.CustomerRef},
		{"label_agreement", field(l.note.Document.Agreement)},
		{"label_your_vat_id", l.recipient.VATID},
		{"label_our_vat_id", l.issuer.VATID},
		{"label_email", l.issuer.Email},
		{"label_phone", l.issuer.Phone},
	} {
		if line[1] == "" {
			continue
		}
		y = l.boxed(y, l.say(line[0]), line[1])
	}
	l.bar(boxLeft-3.5, boxTop, 0.6, y-boxTop, accent)
	l.y = y
}

// boxLines is how many lines a value in the info box may have.
const boxLines = 4

// boxed sets a label and, beside it, a value in the info box. It returns the
// top of what comes below. A value that is too long for the box stands in full
// at the end of the document.
func (l *letter) boxed(y float64, name, value string) float64 {
	const width = right - boxLeft - boxLabel
	names, values := l.Wrap(name, label, boxLabel-1), l.Wrap(value, small, width)
	if len(values) > boxLines {
		l.inFull = append(l.inFull, [2]string{name, value})
		values = l.Shorten(values, boxLines, small, width)
	}
	down := func(x float64, text string, lines []string, st pdf.Style) func() {
		return func() {
			l.linked(text, func() {
				for i, line := range lines {
					l.text(x, y+float64(i)*small.Pitch()+small.Baseline(), line, st)
				}
			})
		}
	}
	l.item(down(boxLeft, name, names, label), down(boxLeft+boxLabel, value, values, small))
	return y + float64(max(len(names), len(values)))*small.Pitch() + 0.6
}

// labelled sets a label and, beside it, a value in the running text, in as many
// lines as it takes.
func (l *letter) labelled(name, value string) {
	names, values := l.Wrap(name, label, accountLabel-1), l.Wrap(value, small, right-left-accountLabel)
	l.need(float64(len(names)) * small.Pitch())
	page, y := len(l.pages), l.y
	l.item(func() {
		for i, line := range names {
			l.text(left, y+float64(i)*small.Pitch()+small.Baseline(), line, label)
		}
	}, func() {
		l.linked(value, func() {
			for _, line := range values {
				l.need(small.Pitch())
				l.text(left+accountLabel, l.y+small.Baseline(), line, small)
				l.y += small.Pitch()
			}
		})
	})
	if len(l.pages) == page {
		l.y = max(l.y, y+float64(len(names))*small.Pitch())
	}
	l.y += 0.6
}

func (l *letter) period() string {
	if l.note.PeriodFrom.IsZero() {
		return "" // of a reminder
	}
	if l.note.PeriodFrom == l.note.PeriodTo {
		return l.date(l.note.PeriodFrom)
	}
	return l.date(l.note.PeriodFrom) + "\u00a0– " + l.date(l.note.PeriodTo)
}

// dueDate is that of the e-invoice (BT-9).
func (l *letter) dueDate() string {
	n := l.note
	if l.cancels() && n.Document.DueDate.IsZero() {
		return l.date(n.Date.AddDays(n.Document.NetDays))
	}
	return l.date(n.Document.DueDate)
}

// cancelledTitle is what the document that is cancelled is called.
func (l *letter) cancelledTitle() string {
	if l.fees() {
		return l.say("title_" + string(numbering.Invoice))
	}
	return l.say("title_" + string(numbering.CreditNote))
}

func (l *letter) cancelled() string {
	if !l.cancels() {
		return ""
	}
	return l.note.Document.CancelsNumber + "\n" + l.date(l.note.Document.CancelsDate)
}
