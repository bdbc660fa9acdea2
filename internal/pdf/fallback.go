package pdf

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	shaping "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/text/unicode/norm"
)

// fontFiles are the fonts for what Liberation Sans lacks; fonts/README.md says
// where they come from.
//
//go:embed fonts/*.ttf
var fontFiles embed.FS

// family is a fallback font: asked for the characters of its script, or for
// any where it has no script. Its weights are read when they are first needed.
type family struct {
	script        *unicode.RangeTable
	regular, bold func() *font
}

// embeddedFamilies are the fonts that come with the program, in the order in
// which they are asked.
func embeddedFamilies() []*family {
	embedded := func(name string, script *unicode.RangeTable) *family {
		weight := func(weight string) func() *font {
			return sync.OnceValue(func() *font {
				content, err := fontFiles.ReadFile("fonts/" + name + "-" + weight + ".ttf")
				if err != nil {
					return nil // a test reads them all
				}
				f, _ := readFallback(strings.TrimSuffix(name+" "+weight, " Regular"), content, 0)
				return f
			})
		}
		return &family{script, weight("Regular"), weight("Bold")}
	}
	return []*family{
		embedded("NotoSansHebrew", unicode.Hebrew),
		embedded("NotoSansArabic", unicode.Arabic),
		embedded("NotoSansArmenian", unicode.Armenian),
		embedded("NotoSansGeorgian", unicode.Georgian),
		embedded("NotoSansThai", unicode.Thai),
		embedded("NotoSans", nil),
	}
}

// weight is the font of a family in a weight; nil where it cannot be read.
func (f *family) weight(bold bool) *font {
	if bold {
		return f.bold()
	}
	return f.regular()
}

// mayHave reports whether a character is one that the family is there for.
func (f *family) mayHave(c rune) bool {
	return f.script == nil || unicode.In(c, f.script, unicode.Common, unicode.Inherited)
}

// covers reports whether a font has a character, whole or as its parts.
func (f *font) covers(c rune) bool {
	if f == nil {
		return false
	}
	parsed := f.shapes()
	if parsed == nil {
		return false
	}
	if glyph, ok := parsed.NominalGlyph(c); ok && glyph != 0 {
		return true
	}
	parts := norm.NFD.String(string(c))
	if parts == string(c) {
		return false
	}
	for _, part := range parts {
		if glyph, ok := parsed.NominalGlyph(part); !ok || glyph == 0 {
			return false
		}
	}
	return true
}

// readFallback reads a font that is asked through its shaping tables. Of a
// collection it takes the font with the index.
func readFallback(name string, content []byte, index int) (*font, error) {
	loaders, err := opentype.NewLoaders(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFont, err)
	}
	if index >= len(loaders) {
		return nil, fmt.Errorf("the file has %d fonts, and font %d was asked for", len(loaders), index+1)
	}
	loader := loaders[index]
	f := &font{name: name, tables: map[string][]byte{}}
	for _, tag := range []string{"head", "hhea", "hmtx", "maxp", "OS/2", "loca", "glyf"} {
		if table, err := loader.RawTable(opentype.MustNewTag(tag)); err == nil {
			f.tables[tag] = table
		}
	}
	if loader.HasTable(opentype.MustNewTag("CFF ")) || loader.HasTable(opentype.MustNewTag("CFF2")) {
		delete(f.tables, "glyf")
		delete(f.tables, "loca")
	} else if f.tables["glyf"] == nil {
		return nil, errors.New("it has no outlines (a font of pictures, such as of colored emoji, cannot be used)")
	}
	if err := f.measure(); err != nil {
		return nil, err
	}
	read, err := shaping.NewFont(loader)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFont, err)
	}
	f.shapes = func() *shaping.Font { return read }
	return f, nil
}

// cubic reports whether the outlines are cubic curves (CFF), which are turned
// into those of TrueType when the font is embedded.
func (f *font) cubic() bool { return f.tables["glyf"] == nil }

// What a font file says about being put into documents (OpenType, OS/2 fsType).
const (
	embedRestricted = 0x0002
	embedUsage      = 0x000f
	embedNoSubset   = 0x0100
	embedBitmaps    = 0x0200
)

// Add adds a font for scripts that the embedded fonts lack, such as Chinese,
// Japanese and Korean: the content of a TrueType or OpenType file (.ttf, .otf)
// or of a collection (.ttc, .otc), of which the font with the index, from 0, is
// taken. It fails for what cannot be read, has no outlines, or must not be
// embedded. Fonts are asked in the order in which they were added, after those
// of the program; none may be added once something is set.
func (t *Typeface) Add(content []byte, index int) error {
	f, err := readFallback("", content, index)
	if err != nil {
		return err
	}
	if use := at(f.tables["OS/2"], 4); use&embedUsage == embedRestricted || use&(embedNoSubset|embedBitmaps) != 0 {
		return errors.New("its license forbids to embed it in documents")
	}
	if f.name = notInName.ReplaceAllString(f.shapes().Describe().Family, ""); f.name == "" {
		f.name = "Fallback"
	}
	always := func() *font { return f }
	t.fallbacks = append(t.fallbacks, &family{nil, always, always})
	return nil
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9-]+`)
