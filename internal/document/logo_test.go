package document

import (
	"bytes"
	"creditrun/internal/colors"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"creditrun/internal/fault"
)

func TestLogosThatCannotBePrintedAreRefused(t *testing.T) {
	svg := func(inner string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">` + inner + `</svg>`
	}
	wide := png.Encoder{}
	var large bytes.Buffer
	if err := wide.Encode(&large, image.NewGray(image.Rect(0, 0, 5000, 1000))); err != nil {
		t.Fatal(err)
	}
	for name, logo := range map[string]string{
		"nothing":               "",
		"a text":                "Voltnetz",
		"a JPEG":                "\xff\xd8\xff\xe0",
		"half a PNG":            string(pngLogo(t)[:200]),
		"a PNG of five million": large.String(),
		"a page of HTML":        "<html><body/></html>",
		"broken XML":            svg("<rect"),
		"without a size":        `<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>`,
		"an empty size":         `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 10"><rect width="1" height="1"/></svg>`,
		"a size without bounds": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1e300 10"><rect width="1" height="1"/></svg>`,
		"nothing to be seen":    svg(`<rect width="1" height="1" fill="none"/><defs><rect width="1" height="1"/></defs>`),
		"text in it":            svg(`<text>Volt</text>`),
		"a picture in it":       svg(`<image href="http://example.com/x.png"/>`),
		"a gradient":            svg(`<rect width="1" height="1" fill="url(#g)"/>`),
		"a clip":                svg(`<g clip-path="url(#c)"><rect width="1" height="1"/></g>`),
		"a filter in a style":   svg(`<rect width="1" height="1" style="filter:url(#f)"/>`),
		"an unknown colour":     svg(`<rect width="1" height="1" fill="mauve-ish"/>`),
		"a broken path":         svg(`<path d="M0 0 L"/>`),
		"a path without begin":  svg(`<path d="L1 1"/>`),
		"a broken transform":    svg(`<g transform="turn(3)"><rect width="1" height="1"/></g>`),
		"an endless transform":  svg(`<g transform="scale(1e5)"><g transform="scale(1e5)"><rect width="1" height="1"/></g></g>`),
		"too many bytes":        svg(`<rect width="1" height="1"/>` + strings.Repeat(" ", mostLogoBytes)),
	} {
		t.Run(name, func(t *testing.T) {
			var refused *fault.Fault
			if err := CheckLogo([]byte(logo)); !errors.As(err, &refused) || refused.Key != "logo_format" {
				t.Errorf("got %v", err)
			}
		})
	}
	for name, logo := range map[string][]byte{"PNG": pngLogo(t), "SVG": []byte(svgLogo), "lengths": []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="40mm" height="10mm"><rect width="4em" height="1"/></svg>`)} {
		if err := CheckLogo(logo); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABrokenLogoFailsTheDocument(t *testing.T) {
	note := shortNote()
	note.Logo = []byte("Voltnetz")
	if _, err := newRenderer(t).PDF(note); err == nil || !strings.Contains(err.Error(), "logo") {
		t.Errorf("got %v", err)
	}
}

func TestTransparentPixelsLookAsOnPaper(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	picture.SetNRGBA(0, 0, color.NRGBA{200, 100, 0, 255})
	picture.SetNRGBA(1, 0, color.NRGBA{200, 100, 0, 128})
	if got, want := onWhite(picture), []byte{200, 100, 0, 227, 177, 127, 255, 255, 255}; !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheLogoLeavesRoomForTheName(t *testing.T) {
	r := newRenderer(t)
	note := longNames()
	note.Logo = []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 20"><rect width="900" height="20"/></svg>`)
	content, err := r.PDF(note)
	if err != nil {
		t.Fatal(err)
	}
	checkLayout(t, r, content)
	if first := read(t, content)[0]; first.x+first.wide > right-logoWidth {
		t.Errorf("%q stands in the logo", first.text)
	}
}

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

func FuzzLogosNeverPanic(f *testing.F) {
	f.Add([]byte(svgLogo))
	f.Add([]byte(`<svg viewBox="0 0 1 1"><path d="M0 0A1 1 1 1 1 1 1"/></svg>`))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if CheckLogo(content) != nil {
			return
		}
		note := shortNote()
		note.Logo = content
		made, err := newRenderer(t).PDF(note)
		if err != nil {
			t.Fatal(err)
		}
		if found := violations(made); len(found) > 0 {
			t.Error(found)
		}
	})
}

func TestColoursCanBeReadOnPaper(t *testing.T) {
	for colour, want := range map[string]ink{
		"":        accent,
		"#0b5563": {Red: 11, Green: 85, Blue: 99},
		"#0B5563": {Red: 11, Green: 85, Blue: 99},
		"#000000": {},
	} {
		if got, err := coloursOf(colour); err != nil || got.accent != want {
			t.Errorf("%q: %v, %v", colour, got, err)
		}
	}
	for _, light := range []string{"#ffffff", "#ffff00", "#f6b800", "#00ff00", "#808080", "#ff0000"} {
		p, err := coloursOf(light)
		if err != nil || colors.Contrast(p.accent, p.pale) < colors.Readable || colors.Contrast(p.accent, colors.White) < colors.Readable {
			t.Errorf("%s becomes %v on %v (%v)", light, p.accent, p.pale, err)
		}
	}
	for _, strange := range []string{"red", "#fff", "0b5563", "#0b556", "#0b55633", "#gggggg", "#+b5563"} {
		if _, err := coloursOf(strange); err == nil {
			t.Errorf("%q is taken", strange)
		}
	}
	if ratio := colors.Contrast(ink{}, colors.White); ratio < 20.99 || ratio > 21.01 {
		t.Errorf("black on white has contrast %.2f", ratio)
	}
}
