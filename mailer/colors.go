package mailer

import "creditrun/internal/colors"

// paint is the colors of a mail, made from the operator's. Text is readable
// wherever it stands.
type paint struct {
	Color string // of the rule above the sheet and of the row of the total
	On    string // text on Color
	Light string // text on the light sheet
	Dark  string // text on the dark sheet
}

// darkSheet is the dark sheet of templates/mail.html.tmpl; the light one is
// white.
var darkSheet = colors.Color{Red: 0x1d, Green: 0x24, Blue: 0x2c}

// paintOf is nil when the operator has no color, or one that is not of the
// form #rrggbb.
func paintOf(color string) *paint {
	c, ok := colors.Parse(color)
	if !ok || len(color) != len("#rrggbb") {
		return nil
	}
	on := colors.White
	if colors.Contrast(colors.Black, c) > colors.Contrast(colors.White, c) {
		on = colors.Black
	}
	return &paint{
		Color: c.String(), On: on.String(),
		Light: c.ReadableOn(colors.White, colors.Black).String(), Dark: c.ReadableOn(darkSheet, colors.White).String(),
	}
}
