// Package colors keeps the color an operator chose readable, on paper and on
// screens: it reads colors, mixes them and measures their contrast as WCAG 2
// does. It draws nothing.
package colors

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Color is a color of the screen (sRGB).
type Color struct{ Red, Green, Blue uint8 }

// The ends of the scale.
var (
	Black = Color{}
	White = Color{255, 255, 255}
)

// Readable is the contrast that text needs (WCAG 2, contrast minimum).
const Readable = 4.5

// Parse reads #rgb and #rrggbb; false when the text is neither.
func Parse(text string) (Color, bool) {
	digits, ok := strings.CutPrefix(text, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if !ok || len(digits) != 6 || err != nil {
		return Color{}, false
	}
	return Color{uint8(v >> 16), uint8(v >> 8), uint8(v)}, true
}

// String writes the color as #rrggbb.
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.Red, c.Green, c.Blue) }

// Mix takes a share, from 0 to 1, of the color and the rest of another.
func (c Color) Mix(other Color, share float64) Color {
	part := func(a, b uint8) uint8 { return uint8(float64(a)*share + float64(b)*(1-share) + 0.5) }
	return Color{part(c.Red, other.Red), part(c.Green, other.Green), part(c.Blue, other.Blue)}
}

// steps is how finely ReadableOn mixes.
const steps = 32

// ReadableOn mixes in as little of an end (Black, White) as makes text of the
// color readable on a ground.
func (c Color) ReadableOn(ground, end Color) Color {
	mixed := c
	for step := 1; step <= steps && Contrast(mixed, ground) < Readable; step++ {
		mixed = c.Mix(end, 1-float64(step)/steps)
	}
	return mixed
}

// Contrast is the ratio of two colors, from 1 to 21 (WCAG 2).
func Contrast(a, b Color) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance (WCAG 2).
func (c Color) luminance() float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.Red) + 0.7152*linear(c.Green) + 0.0722*linear(c.Blue)
}
