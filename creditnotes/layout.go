package creditnotes

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// Layout is how documents look and what stands on them beside what they are about:
// the values of its fields by name. It is kept as settings, one for each field:
// layouts.KEY.FIELD. A layout whose values are all empty is not there.
//
// The fields are name, color (#rrggbb), logo (SHA-256 of the stored file), and by
// language header.LANG, footer.LANG and intro.LANG.
type Layout map[string]string

// The texts of a layout.
const (
	LayoutHeader = "header" // below the name of the operator on the first page
	LayoutFooter = "footer" // above the foot of every page
	LayoutIntro  = "intro"  // before the first sentence of credit notes and fee invoices
)

// LayoutTexts lists the texts of a layout.
func LayoutTexts() []string { return []string{LayoutHeader, LayoutFooter, LayoutIntro} }

// layoutPrefix begins the settings that are fields of layouts.
const layoutPrefix = "layouts."

// LayoutSetting is the setting of a field of a layout.
func LayoutSetting(key, field string) string { return layoutPrefix + key + "." + field }

// IsLogo reports whether a setting names a stored logo.
func IsLogo(setting string) bool {
	return setting == "logo" || strings.HasPrefix(setting, layoutPrefix) && strings.HasSuffix(setting, ".logo")
}

// PrintedLayout is what a document has of its layout, frozen with it.
type PrintedLayout struct {
	Key    string `json:"key"`
	Header string `json:"header,omitempty"`
	Footer string `json:"footer,omitempty"`
	Intro  string `json:"intro,omitempty"`
}

// Look is how a document looks: its logo (SHA-256) and color, and what else it has
// of a layout, nil without one.
type Look struct {
	Logo, Color string
	Layout      *PrintedLayout
}

// IsThere reports whether a layout has any value.
func (l Layout) IsThere() bool {
	for _, value := range l {
		if value != "" {
			return true
		}
	}
	return false
}

// LayoutKeys lists the layouts that are there, sorted.
func (s *Settings) LayoutKeys() (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(s.Layouts)) {
		if s.Layouts[key].IsThere() {
			keys = append(keys, key)
		}
	}
	return keys
}

// LookOf is how documents to a recipient look in a language: by the layout that the
// recipient chose, else by that of the settings, else by the settings logo and color
// alone. A layout without a color or logo of its own has those.
func (s *Settings) LookOf(recipient *entities.Entity, language string) Look {
	look := Look{Logo: s.Logo, Color: s.Color}
	chosen := cmp.Or(recipient.Layout, s.Layout)
	if l := s.Layouts[chosen]; l.IsThere() {
		look.dress(chosen, l, language)
	}
	return look
}

// LookOfLayout is how documents look by a layout that may not be kept yet.
func (s *Settings) LookOfLayout(key string, l Layout, language string) Look {
	look := Look{Logo: s.Logo, Color: s.Color}
	look.dress(key, l, language)
	return look
}

func (look *Look) dress(key string, l Layout, language string) {
	if l["logo"] != "" {
		look.Logo = l["logo"]
	}
	if l["color"] != "" {
		look.Color = l["color"]
	}
	text := func(name string) string { return l[name+"."+language] }
	look.Layout = &PrintedLayout{Key: key, Header: text(LayoutHeader), Footer: text(LayoutFooter), Intro: text(LayoutIntro)}
}

// layoutFields are the fields of a layout without those by language: what their
// values look like.
var layoutFields = map[string]struct {
	pattern  *regexp.Regexp
	expected string
}{
	"name":  {regexp.MustCompile(`^.{0,80}$`), "a name of up to 80 characters"},
	"color": {regexp.MustCompile(`^(#[0-9a-fA-F]{6})?$`), "#0b5563"},
	"logo":  {regexp.MustCompile(`^([0-9a-f]{64})?$`), "creditrun settings set layouts.KEY.logo FILE"},
}

// mostOfText is how many characters a text of a layout has at most.
var mostOfText = map[string]int{LayoutHeader: 300, LayoutFooter: 400, LayoutIntro: 1000}

var layoutKey = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// setLayout sets a field of a layout; what follows the prefix is its key and the
// field.
func (s *Settings) setLayout(path, value string) error {
	key, field, _ := strings.Cut(path, ".")
	expected, err := checkLayoutField(key, field, value)
	if err != nil {
		setting := LayoutSetting(key, field)
		return fault.Wrap(fault.Invalid, "setting_value", fault.Args{"key": setting, "value": value, "expected": expected}, err).At(setting)
	}
	s.Layouts = maps.Clone(s.Layouts)
	if s.Layouts == nil {
		s.Layouts = map[string]Layout{}
	}
	l := maps.Clone(s.Layouts[key])
	if l == nil {
		l = Layout{}
	}
	l[field] = value
	s.Layouts[key] = l
	return nil
}

// checkLayoutField reports what is expected in place of a value that a field does
// not take.
func checkLayoutField(key, field, value string) (expected string, err error) {
	if !layoutKey.MatchString(key) {
		return "layouts.KEY.FIELD, KEY of a-z, 0-9 and -", fmt.Errorf("no key of a layout: %q", key)
	}
	if one, ok := layoutFields[field]; ok {
		if !one.pattern.MatchString(value) {
			err = fmt.Errorf("not like %s: %q", one.expected, value)
		}
		return one.expected, err
	}
	name, language, _ := strings.Cut(field, ".")
	most, ok := mostOfText[name]
	if !ok || language == "" || strings.Contains(language, ".") {
		return "name, color, logo, header.LANG, footer.LANG, intro.LANG", fmt.Errorf("no field of a layout: %q", field)
	}
	if n := utf8.RuneCountInString(value); n > most {
		return fmt.Sprintf("a text of up to %d characters", most), fmt.Errorf("%d characters", n)
	}
	return "", nil
}

// CheckLayout finds that documents are to have a layout that is not there.
func (s *Settings) CheckLayout() error {
	if s.Layout == "" || s.Layouts[s.Layout].IsThere() {
		return nil
	}
	return fault.New(fault.Invalid, "setting_value", fault.Args{"key": "layout", "value": s.Layout, "expected": strings.Join(s.LayoutKeys(), " | ")}).At("layout")
}

// CheckChosenLayouts finds entities whose layout is not there.
func (s *Settings) CheckChosenLayouts(list []entities.Entity) fault.List {
	var found fault.List
	for i := range list {
		if e := &list[i]; e.Layout != "" && !s.Layouts[e.Layout].IsThere() {
			found = append(found, fault.New(fault.Invalid, "entity_layout_unknown", fault.Args{"entity": e.Key, "layout": e.Layout}).At("layout"))
		}
	}
	return found
}

// layoutValues adds the fields of all layouts to settings as text.
func (s *Settings) layoutValues(values map[string]string) {
	for key, l := range s.Layouts {
		for field, value := range l {
			values[LayoutSetting(key, field)] = value
		}
	}
}

// wear gives a document the look of its recipient.
func (d *Document) wear(look Look) { d.Logo, d.Color, d.Layout = look.Logo, look.Color, look.Layout }

// Logos are the names of all logos that documents may have.
func (s *Settings) Logos() (names []string) {
	for _, one := range append([]Layout{{"logo": s.Logo}}, slices.Collect(maps.Values(s.Layouts))...) {
		if one["logo"] != "" {
			names = append(names, one["logo"])
		}
	}
	return names
}
