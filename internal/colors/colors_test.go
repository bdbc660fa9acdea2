package colors

import "testing"

func TestColorsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{"#0b5563": "#0b5563", "#ABC": "#aabbcc", "#FFFFFF": "#ffffff"} {
		if c, ok := Parse(text); !ok || c.String() != want {
			t.Errorf("%s: %s, %v", text, c, ok)
		}
	}
	for _, text := range []string{"", "#", "0b5563", "#12345", "#gggggg", "#1234567", "#-12345"} {
		if c, ok := Parse(text); ok {
			t.Errorf("%q is read as %s", text, c)
		}
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	if ratio := Contrast(Black, White); ratio < 20.99 || ratio > 21.01 {
		t.Errorf("black on white: %v", ratio)
	}
	grey, _ := Parse("#767676") // the lightest grey that is readable on white
	if ratio := Contrast(White, grey); ratio < 4.5 || ratio > 4.6 {
		t.Errorf("grey on white: %v", ratio)
	}
}

func TestEveryColorBecomesReadableAndReadableOnesStay(t *testing.T) {
	for red := 0; red < 256; red += 15 {
		for green := 0; green < 256; green += 15 {
			for blue := 0; blue < 256; blue += 15 {
				c := Color{uint8(red), uint8(green), uint8(blue)}
				text := c.ReadableOn(White, Black)
				if Contrast(text, White) < Readable {
					t.Fatalf("%s becomes %s", c, text)
				}
				if Contrast(c, White) >= Readable && text != c {
					t.Fatalf("%s was readable and becomes %s", c, text)
				}
			}
		}
	}
}
