package svg

import (
	"errors"
	"strings"
	"testing"
)

// The path data of a drawing by the operators that it must become.
func TestPathsAreDrawnAsSVGSaysThey(t *testing.T) {
	for data, want := range map[string]string{
		"M1 2L3 4z":                "1 2 m|3 4 l|h|",
		"m1,2 3,4 -1-1":            "1 2 m|4 6 l|3 5 l|",
		"M.5.5h2v-1H0V0":           "0.5 0.5 m|2.5 0.5 l|2.5 -0.5 l|0 -0.5 l|0 0 l|",
		"M0 0C1 2 3 4 5 6s1 1 2 2": "0 0 m|1 2 3 4 5 6 c|7 8 6 7 7 8 c|",
		"M0 0s1 1 2 2":             "0 0 m|0 0 1 1 2 2 c|",
		"M0 0Q3 3 6 0T12 0":        "0 0 m|2 2 4 2 6 0 c|8 -2 10 -2 12 0 c|",
		"M0 0A5 5 0 0 1 10 0":      "0 0 m|0 -2.761 2.239 -5 5 -5 c|7.761 -5 10 -2.761 10 0 c|",
		"M0 0a5 5 0 0110 0":        "0 0 m|0 -2.761 2.239 -5 5 -5 c|7.761 -5 10 -2.761 10 0 c|",
		"M0 0a5 5 0 0010 0":        "0 0 m|0 2.761 2.239 5 5 5 c|7.761 5 10 2.761 10 0 c|",
		"M0 0A0 5 0 0 1 4 4":       "0 0 m|4 4 l|",
		"M1e1-2e-1":                "10 -0.2 m|",
		"":                         "",
	} {
		p := &pen{}
		if err := p.path(data); err != nil {
			t.Errorf("%q: %v", data, err)
		}
		if got := strings.ReplaceAll(string(p.b), "\n", "|"); got != want {
			t.Errorf("%q: got %s, want %s", data, got, want)
		}
	}
}

func drawn(inner string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">` + inner + `</svg>`
}

func TestDrawingsThatCannotBePrintedExactlyAreRefused(t *testing.T) {
	const format = "not an SVG"
	for name, c := range map[string]struct{ content, want string }{
		"nothing":               {"", format},
		"a page of HTML":        {"<html><body/></html>", format},
		"broken XML":            {drawn("<rect"), "XML syntax error"},
		"without a size":        {`<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>`, "no size"},
		"an empty size":         {`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 10"><rect width="1" height="1"/></svg>`, "no size"},
		"a size without bounds": {`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1e300 10"><rect width="1" height="1"/></svg>`, "no size"},
		"nothing to be seen":    {drawn(`<rect width="1" height="1" fill="none"/><defs><rect width="1" height="1"/></defs>`), format},
		"text in it":            {drawn(`<text>Volt</text>`), "uses <text>"},
		"a picture in it":       {drawn(`<image href="http://example.com/x.png"/>`), "uses <image>"},
		"a gradient":            {drawn(`<rect width="1" height="1" fill="url(#g)"/>`), "uses url(#g)"},
		"a clip":                {drawn(`<g clip-path="url(#c)"><rect width="1" height="1"/></g>`), "uses clip-path"},
		"a mask":                {drawn(`<rect width="1" height="1" mask="url(#m)"/>`), "uses mask"},
		"dashes":                {drawn(`<line x2="1" stroke="red" stroke-dasharray="2 2"/>`), "uses stroke-dasharray"},
		"a filter in a style":   {drawn(`<rect width="1" height="1" style="filter:url(#f)"/>`), "uses filter"},
		"an unknown color":      {drawn(`<rect width="1" height="1" fill="mauve-ish"/>`), "uses mauve-ish"},
		"a color in percent":    {drawn(`<rect width="1" height="1" fill="rgb(10%,0%,0%)"/>`), "uses rgb("},
		"a broken path":         {drawn(`<path d="M0 0 L"/>`), format},
		"a path without begin":  {drawn(`<path d="L1 1"/>`), format},
		"a broken transform":    {drawn(`<g transform="turn(3)"><rect width="1" height="1"/></g>`), format},
		"an endless transform":  {drawn(`<g transform="scale(1e5)"><g transform="scale(1e5)"><rect width="1" height="1"/></g></g>`), format},
	} {
		_, err := Read([]byte(c.content))
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrFormat) != (c.want == format) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestADrawingIsAsLargeAsItSays(t *testing.T) {
	for content, want := range map[string][2]float64{
		drawn(`<rect width="1" height="1"/>`): {10, 10},
		`<svg xmlns="http://www.w3.org/2000/svg" width="40mm" height="10mm"><rect width="4em" height="1"/></svg>`: {40, 10},
	} {
		p, err := Read([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		if width, height := p.Size(); width != want[0] || height != want[1] {
			t.Errorf("%s is %v by %v", content, width, height)
		}
	}
}

func TestShapesAreFilledAndStrokedAsTheirStylesSay(t *testing.T) {
	for shape, want := range map[string]string{
		`fill="#ff0000"`:                                    "1 0 0 rg|0 0 1 1 re|f Q|",
		`fill="red" opacity=".5"`:                           "1 0.502 0.502 rg|0 0 1 1 re|f Q|",
		`fill="none" stroke="blue" stroke-width="2"`:        "0 0 1 RG|2 w|0 0 1 1 re|S Q|",
		`fill="lime" stroke="black" fill-rule="evenodd"`:    "0 1 0 rg|0 0 0 RG|1 w|0 0 1 1 re|B* Q|",
		`class="a" style="fill:rgb(0, 255, 0)"`:             "0 1 0 rg|0 0 1 1 re|f Q|",
		`class="a"`:                                         "0 0 1 rg|0 0 1 1 re|f Q|",
		`transform="translate(1 2) scale(2)" fill="silver"`: "0.753 0.753 0.753 rg|0 0 1 1 re|f Q|",
	} {
		d := &drawing{classes: map[string]string{}}
		if err := d.read([]byte(drawn(`<style>.a{fill:blue}</style><rect width="1" height="1" ` + shape + `/>`))); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(string(d.operators), "\n", "|")
		if !strings.HasSuffix(got, " cm|"+want) {
			t.Errorf("%s: got %s, want %s", shape, got, want)
		}
		if moved := strings.Contains(got, "2.000000 0.000000 0.000000 2.000000 1.000000 2.000000 cm"); moved != strings.Contains(shape, "transform") {
			t.Errorf("%s: got %s", shape, got)
		}
	}
}
