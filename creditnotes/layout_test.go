package creditnotes

import (
	"strings"
	"testing"

	"creditrun/entities"
)

func TestLayoutsAreChosenByRecipient(t *testing.T) {
	s := DefaultSettings()
	for _, one := range [][2]string{
		{"color", "#111111"}, {"layout", "standard"},
		{"layouts.standard.header.de", "Kopf"}, {"layouts.standard.intro.en", "Hello"},
		{"layouts.winter.name", "Winter"}, {"layouts.winter.color", "#abcdef"}, {"layouts.winter.footer.de", "Fuß"},
		{"layouts.gone.name", "c"}, {"layouts.gone.name", ""},
	} {
		if err := s.Set(one[0], one[1]); err != nil {
			t.Fatal(err)
		}
	}
	b, c := &entities.Entity{Key: "b", Layout: "winter"}, &entities.Entity{Key: "c"}
	if look := s.LookOf(b, "de"); look.Color != "#abcdef" || *look.Layout != (PrintedLayout{Key: "winter", Footer: "Fuß"}) {
		t.Errorf("b has %+v", look)
	}
	if look := s.LookOf(c, "de"); look.Color != "#111111" || *look.Layout != (PrintedLayout{Key: "standard", Header: "Kopf"}) {
		t.Errorf("c has %+v", look)
	}
	if s.Layout = ""; s.LookOf(c, "de").Layout != nil {
		t.Error("c has a layout")
	}
	other := DefaultSettings()
	for key, value := range s.Values() {
		if err := other.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(other.LayoutKeys(), " "); got != "standard winter" || other.LookOf(b, "de").Layout.Footer != "Fuß" {
		t.Errorf("read again: %s, %+v", got, other.Layouts)
	}
	if found := other.CheckChosenLayouts([]entities.Entity{*b, *c, {Key: "d", Layout: "gone"}}); len(found) != 1 || found[0].Key != "entity_layout_unknown" {
		t.Errorf("layouts that are not there: %v", found)
	}
	other.Layout = "gone"
	if other.CheckLayout() == nil || s.CheckLayout() != nil {
		t.Error("a layout that is not there is taken")
	}
}

func TestLayoutsTakeWhatCanBePrinted(t *testing.T) {
	for _, one := range [][2]string{
		{"layouts.winter.recipients", "a"}, {"layouts.Winter.name", "x"}, {"layouts.winter.size", "x"}, {"layouts.winter.header", "x"}, {"layouts.winter.color", "red"},
		{"layouts.winter.logo", "file.png"}, {"layouts.winter.name", "a\nb"}, {"layouts.winter.header.de", strings.Repeat("ü", 301)},
		{"layouts.winter", "x"}, {"layouts.winter.intro.de.at", "x"},
	} {
		s := DefaultSettings()
		if err := s.Set(one[0], one[1]); err == nil || len(s.Layouts) > 0 {
			t.Errorf("%s = %.20q is taken", one[0], one[1])
		}
	}
}
