package document

import (
	"fmt"

	"creditrun/internal/colors"
)

// The colors of the page.
var (
	black  = colors.Color{Red: 28, Green: 32, Blue: 36}
	gray   = colors.Color{Red: 96, Green: 105, Blue: 114}
	accent = colors.Color{Red: 14, Green: 78, Blue: 96}
	pale   = colors.Color{Red: 235, Green: 241, Blue: 243}
	hair   = colors.Color{Red: 200, Green: 208, Blue: 213}
)

// palette is the colors of one document: what is set in accent and pale is
// drawn in these.
type palette map[colors.Color]colors.Color

// paletteOf makes a palette of the operator's color, #rrggbb; without one
// everything is drawn as it is set. A color that is too light to be read on its
// own tint is darkened until it can be.
func paletteOf(color string) (palette, error) {
	if color == "" {
		return nil, nil
	}
	own, ok := colors.Parse(color)
	if !ok || len(color) != len("#rrggbb") {
		return nil, fmt.Errorf("color %q is not written as #rrggbb", color)
	}
	tint := own.Mix(colors.White, 0.08) // the ground of dark text
	return palette{accent: own.ReadableOn(tint, colors.Black), pale: tint}, nil
}
