package document

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"creditrun/internal/colors"
	"creditrun/internal/fault"
	"creditrun/internal/pdf/pdftest"
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
		"text in it":            svg(`<text>Volt</text>`),
		"too many bytes":        svg(`<rect width="1" height="1"/>` + strings.Repeat(" ", maxLogoBytes)),
	} {
		t.Run(name, func(t *testing.T) {
			var refused *fault.Fault
			if err := CheckLogo([]byte(logo)); !errors.As(err, &refused) || refused.Key != "logo_format" {
				t.Errorf("got %v", err)
			}
		})
	}
	for name, logo := range map[string][]byte{"PNG": pngLogo(t), "SVG": []byte(svgLogo)} {
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
	if first := pdftest.Read(t, content)[0]; first.X+first.Wide > right-logoWidth {
		t.Errorf("%q stands in the logo", first.Text)
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
		if found := pdftest.Violations(made); len(found) > 0 {
			t.Error(found)
		}
	})
}

func TestColorsCanBeReadOnPaper(t *testing.T) {
	for color, want := range map[string]colors.Color{
		"#0b5563": {Red: 11, Green: 85, Blue: 99},
		"#0B5563": {Red: 11, Green: 85, Blue: 99},
		"#000000": {},
	} {
		if got, err := paletteOf(color); err != nil || got[accent] != want {
			t.Errorf("%q: %v, %v", color, got, err)
		}
	}
	if got, err := paletteOf(""); err != nil || len(got) > 0 {
		t.Errorf("without a color: %v, %v", got, err)
	}
	for _, light := range []string{"#ffffff", "#ffff00", "#f6b800", "#00ff00", "#808080", "#ff0000"} {
		p, err := paletteOf(light)
		if err != nil || colors.Contrast(p[accent], p[pale]) < colors.Readable || colors.Contrast(p[accent], colors.White) < colors.Readable {
			t.Errorf("%s becomes %v on %v (%v)", light, p[accent], p[pale], err)
		}
	}
	for _, strange := range []string{"red", "#fff", "0b5563", "#0b556", "#0b55633", "#gggggg", "#+b5563"} {
		if _, err := paletteOf(strange); err == nil {
			t.Errorf("%q is taken", strange)
		}
	}
	if ratio := colors.Contrast(colors.Color{}, colors.White); ratio < 20.99 || ratio > 21.01 {
		t.Errorf("black on white has contrast %.2f", ratio)
	}
}
