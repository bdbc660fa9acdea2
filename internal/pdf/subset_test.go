package pdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// everything is all characters of a font.
func everything(f *font) (list []rune) {
	for c := range rune(1 << 16) {
		if f.has(c) {
			list = append(list, c)
		}
	}
	return list
}

func glyphsFor(f *font, characters []rune) (list []int) {
	for _, c := range characters {
		list = append(list, int(f.glyphs[c]))
	}
	return list
}

func TestEveryCharacterOfTheFontsCanBeEmbedded(t *testing.T) {
	fonts := face(t)
	for _, f := range []*font{fonts.regular, fonts.bold} {
		all := everything(f)
		program, err := f.subset(glyphsFor(f, all))
		if err != nil {
			t.Fatal(err)
		}
		tables, err := tablesOf(program)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) < 2000 || at(tables["maxp"], 2) < len(all)+1 {
			t.Errorf("%s: %d characters, %d glyphs", f.name, len(all), at(tables["maxp"], 2))
		}
		count := at(tables["maxp"], 2)
		for i, c := range all {
			if got, want := boxOf(tables, i+1), boxOfGlyph(t, f, int(f.glyphs[c])); got != want {
				t.Fatalf("%s: %q has the box %s, not %s", f.name, c, got, want)
			}
			for _, part := range partsOf(tables, i+1) {
				if part <= len(all) || part >= count {
					t.Fatalf("%s: %q has part %d of %d glyphs", f.name, c, part, count)
				}
			}
		}
	}
}

// boxOf is contours and bounding box of a glyph, from the head of its outline.
func boxOf(tables map[string][]byte, glyph int) string {
	return fmt.Sprintf("%x", head(outlineAt(tables, glyph)))
}

func boxOfGlyph(t *testing.T, f *font, glyph int) string {
	t.Helper()
	outline, err := f.outline(glyph)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", head(outline))
}

func head(outline []byte) []byte { return outline[:min(len(outline), outlineHeader)] }

func outlineAt(tables map[string][]byte, glyph int) []byte {
	from, to := binary.BigEndian.Uint32(tables["loca"][4*glyph:]), binary.BigEndian.Uint32(tables["loca"][4*glyph+4:])
	return tables["glyf"][from:to]
}

// partsOf are the glyphs that a glyph is made of.
func partsOf(tables map[string][]byte, glyph int) (parts []int) {
	outline := outlineAt(tables, glyph)
	if len(outline) == 0 || int16(at(outline, 0)) >= 0 {
		return nil
	}
	for i := outlineHeader; ; {
		flags := at(outline[i:], 0)
		parts = append(parts, at(outline[i:], 1))
		i += partSize(flags)
		if flags&partMore == 0 {
			return parts
		}
	}
}

func TestSubsetsAreSmallAndNamedAfterTheirCharacters(t *testing.T) {
	fonts := face(t)
	prefix := func(text string) string {
		e := &embedded{font: fonts.regular}
		e.use(text)
		e.close()
		return e.prefix()
	}
	if prefix("abc") != prefix("cabba") || prefix("abc") == prefix("abd") {
		t.Errorf("prefixes %s, %s, %s", prefix("abc"), prefix("cabba"), prefix("abd"))
	}
	program, err := fonts.regular.subset(glyphsFor(fonts.regular, []rune("Gutschrift")))
	if err != nil || len(program) > 4000 {
		t.Errorf("a subset of ten characters has %d bytes (%v)", len(program), err)
	}
}

func TestBrokenFontsAreRefused(t *testing.T) {
	good := face(t).regular
	for name, content := range map[string][]byte{"nothing": nil, "a text": []byte("not a font at all"), "a header alone": {0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0}} {
		if _, err := readFont("broken", content); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for name, outline := range map[string][]byte{
		"a short head":         {0, 1},
		"no end of contours":   append([]byte{0, 9}, make([]byte, 8)...),
		"missing instructions": append([]byte{0, 0}, append(make([]byte, 8), 0xff, 0xff)...),
		"half a part":          append([]byte{0xff, 0xff}, make([]byte, 10)...),
		"endless parts":        append([]byte{0xff, 0xff}, append(make([]byte, 8), 0, partMore, 0, 1, 0, 0)...),
	} {
		if _, err := bare(outline, func(part int) int { return part }); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	outline, err := good.outline(int(good.glyphs['g']))
	if err != nil {
		t.Fatal(err)
	}
	if copied, err := bare(outline, nil); err != nil || bytes.Equal(copied, outline) {
		t.Errorf("a glyph keeps its instructions (%v)", err)
	}
}
