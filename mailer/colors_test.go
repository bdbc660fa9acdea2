package mailer

import (
	"math"
	"strings"
	"testing"
)

func TestTextStaysReadableInEveryColor(t *testing.T) {
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				c := ink{uint8(r), uint8(g), uint8(b)}
				p := paintOf(c.String())
				if p == nil || p.Color != c.String() {
					t.Fatalf("%s becomes %+v", c, p)
				}
				for place, pair := range map[string][2]ink{
					"on the color":       {inkOf(t, p.On), c},
					"on the light sheet": {inkOf(t, p.Light), white},
					"on the dark sheet":  {inkOf(t, p.Dark), darkSheet},
				} {
					if got := contrast(pair[0], pair[1]); got < readable {
						t.Errorf("%s, %s: contrast %.2f", c, place, got)
					}
				}
			}
		}
	}
}

// inkOf reads a colour back.
func inkOf(t *testing.T, color string) ink {
	t.Helper()
	var c ink
	const digits = "0123456789abcdef"
	for i := range c {
		c[i] = uint8(strings.IndexByte(digits, color[1+2*i])<<4 | strings.IndexByte(digits, color[2+2*i]))
	}
	return c
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b ink
		want float64
	}{{black, white, 21}, {white, white, 1}, {ink{0x76, 0x76, 0x76}, white, 4.54}, {ink{255, 0, 0}, white, 4.0}} {
		if got := contrast(c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
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
