package mailer

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// paint is how a mail wears the colour of its operator. Text is readable
// wherever it stands: 4.5 : 1 or more (WCAG 2, contrast minimum).
type paint struct {
	Color string // of the rule above the sheet and of the row of the total
	On    string // text on Color
	Light string // text on the light sheet
	Dark  string // text on the dark sheet
}

// The sheets of templates/mail.html.tmpl.
var (
	white     = ink{255, 255, 255}
	black     = ink{0, 0, 0}
	darkSheet = ink{0x1d, 0x24, 0x2c}
)

// readable is the contrast that text needs.
const readable = 4.5

var hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// paintOf is nil when the operator has no colour, or one that is not of the
// form #rrggbb.
func paintOf(color string) *paint {
	if !hexColor.MatchString(color) {
		return nil
	}
	rgb, err := strconv.ParseUint(color[1:], 16, 32)
	if err != nil {
		return nil
	}
	c := ink{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb)}
	on := white
	if contrast(black, c) > contrast(white, c) {
		on = black
	}
	return &paint{
		Color: c.String(), On: on.String(),
		Light: c.towards(black, white).String(), Dark: c.towards(white, darkSheet).String(),
	}
}

// ink is a colour of the screen (sRGB).
type ink [3]uint8

func (c ink) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// steps is how finely a colour is mixed with another.
const steps = 32

// towards mixes in as little of an end as makes the colour readable on a
// sheet.
func (c ink) towards(end, sheet ink) ink {
	mixed := c
	for step := 1; step <= steps && contrast(mixed, sheet) < readable; step++ {
		for i := range mixed {
			mixed[i] = uint8((int(c[i])*(steps-step) + int(end[i])*step) / steps)
		}
	}
	return mixed
}

// contrast of two colours is from 1 to 21 (WCAG 2).
func contrast(a, b ink) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance (WCAG 2).
func (c ink) luminance() float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(c[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += v * weight
	}
	return sum
}
