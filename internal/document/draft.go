package document

import (
	"fmt"
	"iter"

	"creditrun/creditnotes"
	"creditrun/internal/colors"
	"creditrun/internal/pdf"
)

// The mark of a draft: the word behind what is read, and a sentence above it.
var (
	draftWord   = pdf.Style{Bold: true, Size: 96, Color: colors.Color{Red: 232, Green: 235, Blue: 238}}
	draftNotice = pdf.Style{Bold: true, Size: 8, Color: colors.Color{Red: 163, Green: 38, Blue: 30}}
)

// Where the mark stands on a page.
const (
	draftWordAt   = 165.0
	draftNoticeAt = 8.0
)

// Draft makes the document of a note without a number as Files would, page by page,
// with the sessions as the recipient gets them and without e-invoices. Every page is
// marked as a draft in the language of the document. What has a number is no draft,
// and is refused.
func (r *Renderer) Draft(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) ([]byte, error) {
	if n.Number != "" || n.State != creditnotes.Draft {
		return nil, fmt.Errorf("note %s is no draft", nameOf(n))
	}
	l := r.newLetter(n)
	l.draft = true
	files, err := r.filesOf(l, details)
	if err != nil {
		return nil, fmt.Errorf("draft for %s: %w", n.Recipient, err)
	}
	return files[0].Content, nil
}

// markDraft marks the pages of a draft. It takes no room, so that pages break where
// they will break.
func (l *letter) markDraft() {
	if !l.draft {
		return
	}
	word, notice := l.say("title_draft"), l.say("draft_notice")
	style := draftWord
	if width := l.Width(word, style); width > right-left {
		style = style.Of(style.Size * (right - left) / width)
	}
	for _, one := range l.pages {
		behind := l.Mark((left+right-l.Width(word, style))/2, draftWordAt, word, style)
		one.Marks = append([]pdf.Mark{behind}, one.Marks...)
		one.Marks = append(one.Marks, l.Mark(left, draftNoticeAt, notice, draftNotice))
	}
}
