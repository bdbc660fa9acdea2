package document

import "creditrun/internal/pdf"

// Measures of the texts of a layout.
const (
	headerTop   = 27.5
	headerLines = 4
	footerLines = 4
)

// header sets the text that a layout has below the name of the operator. It ends
// above the address window.
func (l *letter) header() {
	if l.note.Document.Layout == nil || l.note.Document.Layout.Header == "" {
		return
	}
	lines, st := l.firstFit(right-left, []room{{label, headerLines}, {label.Of(6.5), headerLines + 1}}, l.note.Document.Layout.Header)
	l.in(pdf.Paragraph, func() {
		l.linked(l.note.Document.Layout.Header, func() {
			for i, line := range lines {
				l.text(left, headerTop+float64(i)*st.Pitch()+st.Baseline(), line, st)
			}
		})
	})
}

// layoutFooter is the text that a layout has above the foot of every page, in lines.
func (l *letter) layoutFooter() ([]string, pdf.Style) {
	if l.note.Document.Layout == nil || l.note.Document.Layout.Footer == "" {
		return nil, tiny
	}
	return l.firstFit(right-left, []room{{tiny, footerLines}, {tiny.Of(6), footerLines + 1}}, l.note.Document.Layout.Footer)
}

// keepFoot keeps room for the footer of the layout.
func (l *letter) keepFoot() {
	lines, st := l.layoutFooter()
	if len(lines) > 0 {
		l.foot = float64(len(lines))*st.Pitch() + 1
	}
}

// footer sets the footer of the layout on a page. It is read once, at the end.
func (l *letter) footer(first bool) {
	lines, st := l.layoutFooter()
	draw := func() {
		for i, line := range lines {
			l.text(left, bottom-l.foot+1+float64(i)*st.Pitch()+st.Baseline(), line, st)
		}
	}
	if !first || len(lines) == 0 {
		draw()
		return
	}
	l.open = []*pdf.Element{l.root}
	l.in(pdf.Paragraph, func() { l.linked(l.note.Document.Layout.Footer, draw) })
	l.open = nil
}

// intro sets the text that a layout has before the first sentence of a credit note
// or fee invoice.
func (l *letter) intro() {
	if l.note.Document.Layout == nil || l.note.Document.Layout.Intro == "" || l.cancels() {
		return
	}
	l.paragraph(left, right-left, l.note.Document.Layout.Intro, plain)
	l.space(2)
}
