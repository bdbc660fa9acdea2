package pdf

import "creditrun/internal/colors"

// The measures of a page: A4 in millimeters.
const (
	PageWidth  = 210.0
	PageHeight = 297.0
)

// Point is a point, the unit of the size of type, in millimeters.
const Point = 25.4 / 72

// Style is how a text is set.
type Style struct {
	Bold  bool
	Size  float64 // points
	Color colors.Color
}

// Of is the style in another size, in points.
func (s Style) Of(size float64) Style {
	s.Size = size
	return s
}

// Pitch is the distance of two lines of a style, in millimeters.
func (s Style) Pitch() float64 { return s.Size * Point * 1.32 }

// Baseline is how far below the top of its line a text stands, in millimeters.
func (s Style) Baseline() float64 { return s.Size * Point * 0.98 }

// Page is one finished page. Rectangles are drawn first, then pictures, then
// texts, each in the order of its list.
type Page struct {
	Bars     []Bar
	Pictures []Placed
	Marks    []Mark
	Links    []Area
}

// Area is a rectangle of a page that leads where its element says, with its top left
// corner, in millimeters.
type Area struct {
	X, Y, Width, Height float64
	In                  *Element // of the role Link
}

// Bar is a filled rectangle with its top left corner, in millimeters; rules are
// thin bars.
type Bar struct {
	X, Y, Width, Height float64
	Color               colors.Color
	In                  *Element // nil for decoration
}

// Placed is a picture on a page with its top left corner, in millimeters. It is
// stretched to the width and height.
type Placed struct {
	*Picture
	X, Y, Width, Height float64
	In                  *Element // nil for decoration
}

// Mark is one line of text with its origin on the baseline. Typesetter.Mark
// makes it.
type Mark struct {
	In     *Element // nil for decoration
	x, y   float64
	text   string
	glyphs *shaped // nil for a text that is set character by character
	gap    bool    // a space follows before the next line
	style  Style
}
