package document

import (
	"fmt"

	"creditrun/internal/colors"
)

// ink is a colour on the page.
type ink = colors.Color

// The colours of the page.
var (
	black  = ink{Red: 28, Green: 32, Blue: 36}
	grey   = ink{Red: 96, Green: 105, Blue: 114}
	accent = ink{Red: 14, Green: 78, Blue: 96}
	pale   = ink{Red: 235, Green: 241, Blue: 243}
	hair   = ink{Red: 200, Green: 208, Blue: 213}
)

// palette is the colours of one document: what is drawn in accent and pale is
// drawn in these.
type palette struct{ accent, pale ink }

// coloursOf makes a palette of the operator's colour, #rrggbb; without one it
// is the usual palette. A colour that is too light to be read on its own tint
// is darkened until it can be.
func coloursOf(colour string) (palette, error) {
	if colour == "" {
		return palette{accent, pale}, nil
	}
	own, ok := colors.Parse(colour)
	if !ok || len(colour) != len("#rrggbb") {
		return palette{}, fmt.Errorf("colour %q is not written as #rrggbb", colour)
	}
	tint := own.Mix(colors.White, 0.08) // the ground of dark text
	return palette{own.ReadableOn(tint, colors.Black), tint}, nil
}

// of is the colour in which a part of the page is drawn.
func (p palette) of(i ink) ink {
	switch i {
	case accent:
		return p.accent
	case pale:
		return p.pale
	}
	return i
}
