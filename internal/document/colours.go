package document

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// palette is the colours of one document: what is drawn in accent and pale is
// drawn in these.
type palette struct{ accent, pale ink }

// coloursOf makes a palette of the operator's colour, #rrggbb; without one it
// is the usual palette. A colour that is too light to be read on paper and on
// its own tint is darkened until it has the contrast of WCAG 2 (4.5 : 1).
func coloursOf(colour string) (palette, error) {
	if colour == "" {
		return palette{accent, pale}, nil
	}
	own, ok := hexColour(colour)
	if !ok || len(colour) != len("#rrggbb") {
		return palette{}, fmt.Errorf("colour %q is not written as #rrggbb", colour)
	}
	p := palette{own, tint(own)}
	for contrast(p.accent, p.pale) < readable {
		p.accent = mix(p.accent, ink{}, 0.95)
	}
	return p, nil
}

const readable = 4.5

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

var white = ink{255, 255, 255}

// tint is a colour as the ground of dark text.
func tint(i ink) ink { return mix(i, white, 0.08) }

// mix takes a share of one colour and the rest of another.
func mix(a, b ink, share float64) ink {
	part := func(a, b int) int { return int(float64(a)*share + float64(b)*(1-share) + 0.5) }
	return ink{part(a.red, b.red), part(a.green, b.green), part(a.blue, b.blue)}
}

// contrast is the contrast ratio of two colours (WCAG 2, relative luminance).
func contrast(a, b ink) float64 {
	dark, light := luminance(a), luminance(b)
	if dark > light {
		dark, light = light, dark
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(i ink) float64 {
	linear := func(v int) float64 {
		c := float64(v) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(i.red) + 0.7152*linear(i.green) + 0.0722*linear(i.blue)
}

// hexColour reads #rgb and #rrggbb.
func hexColour(text string) (ink, bool) {
	digits, ok := strings.CutPrefix(text, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if !ok || len(digits) != 6 || err != nil {
		return ink{}, false
	}
	return ink{int(v >> 16), int(v >> 8 & 255), int(v & 255)}, true
}
