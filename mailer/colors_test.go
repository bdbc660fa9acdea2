package mailer

import (
	"strings"
	"testing"

	"creditrun/internal/colors"
)

func TestTextStaysReadableInEveryColor(t *testing.T) {
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				c := colors.Color{Red: uint8(r), Green: uint8(g), Blue: uint8(b)}
				p := paintOf(c.String())
				if p == nil || p.Color != c.String() {
					t.Fatalf("%s becomes %+v", c, p)
				}
				for place, pair := range map[string][2]string{
					"on the color":       {p.On, p.Color},
					"on the light sheet": {p.Light, "#ffffff"},
					"on the dark sheet":  {p.Dark, darkSheet.String()},
				} {
					text, _ := colors.Parse(pair[0])
					ground, _ := colors.Parse(pair[1])
					if got := colors.Contrast(text, ground); got < colors.Readable {
						t.Errorf("%s, %s: contrast %.2f", c, place, got)
					}
				}
			}
		}
	}
}

func TestAColorThatIsReadableIsTakenAsItIs(t *testing.T) {
	if p := paintOf("#0B5563"); *p != (paint{Color: "#0b5563", On: "#ffffff", Light: "#0b5563", Dark: p.Dark}) {
		t.Errorf("%+v", p)
	}
	if p := paintOf("#ffd500"); p.On != "#000000" || p.Dark != "#ffd500" {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsNoColorChangesNothing(t *testing.T) {
	n := aNote()
	want := compose(t, n, aDelivery(n), nil).Content
	for _, color := range []string{"red", "#fff", "#0b55632", "#0b556g", "0b5563", " #0b5563", "#0b5563\n", "#fff;}</style><script>alert(1)</script>", "url(https://example.com/x)"} {
		n.Document.Color = color
		if got := compose(t, n, aDelivery(n), nil).Content; string(got) != string(want) {
			t.Errorf("%q changes the mail", color)
		}
	}
}

func TestTheMailWearsTheColorOfItsOperator(t *testing.T) {
	n := aNote()
	n.Document.Color = "#ffd500"
	html := read(t, compose(t, n, aDelivery(n), someFiles(10)).Content).html
	for what, want := range map[string]string{
		"the rule":                   "border-top:5px solid #ffd500",
		"the row of the total":       `bgcolor="#ffd500" style="background-color:#ffd500;color:#000000;`,
		"the headline":               "color:" + paintOf("#ffd500").Light + `">Gutschrift GS-2026-00001`,
		"the headline when dark":     ".tint { color: #ffd500 !important; }",
		"the operator's name":        ">Stadtwerke Musterstadt GmbH</p>",
		"the operator in the footer": "Stadtwerke Musterstadt GmbH · Am Kai 1",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s: no %s", what, want)
		}
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("a value was not taken into the page")
	}
}
