package pdf

import (
	"math"
	"strconv"
	"strings"

	"creditrun/internal/colors"
)

// painter draws pages (ISO 32000-1 §8, §9). Everything is opaque and in RGB.
type painter struct {
	fonts    map[*font]*embedded
	regular  *embedded // of the texts that are set character by character
	bold     *embedded
	order    []*embedded // named F1, F2, …
	recolor  map[colors.Color]colors.Color
	pictures map[*raster]string
	rasters  []*raster // named P1, P2, …
}

// newPainter finds out which characters and pictures the pages of a document
// use.
func newPainter(face *Typeface, d *Document) *painter {
	p := &painter{fonts: map[*font]*embedded{}, pictures: map[*raster]string{}, recolor: d.Recolor}
	p.regular, p.bold = p.embedded(face.regular), p.embedded(face.bold)
	for _, one := range d.Pages {
		for i := range one.Marks {
			p.use(&one.Marks[i])
		}
		for _, placed := range one.Pictures {
			p.usePicture(placed.raster)
		}
	}
	for _, e := range p.order {
		e.close()
	}
	return p
}

// use takes down the characters or glyphs of a text.
func (p *painter) use(m *Mark) {
	if m.gap {
		p.weight(m.style.Bold).use(" ")
	}
	if m.glyphs == nil {
		p.weight(m.style.Bold).use(m.text)
		return
	}
	for i := range m.glyphs.runs {
		p.embedded(m.glyphs.runs[i].font).useRun(&m.glyphs.runs[i])
	}
}

// usePicture names the pixels of a picture, once.
func (p *painter) usePicture(picture *raster) {
	if picture != nil && p.pictures[picture] == "" {
		p.rasters = append(p.rasters, picture)
		p.pictures[picture] = "P" + strconv.Itoa(len(p.rasters))
	}
}

func (p *painter) weight(bold bool) *embedded {
	if bold {
		return p.bold
	}
	return p.regular
}

// embedded is a font in the document.
func (p *painter) embedded(f *font) *embedded {
	e := p.fonts[f]
	if e == nil {
		e = &embedded{font: f, resource: "F" + strconv.Itoa(len(p.order)+1)}
		p.fonts[f] = e
		p.order = append(p.order, e)
	}
	return e
}

// page is the content of a page with its number, from 0, and the elements that its
// marked contents belong to.
func (p *painter) page(number int, one *Page) ([]byte, []*Element) {
	b := make([]byte, 0, 80*len(one.Bars)+140*len(one.Marks))
	tags := tagger{page: number}
	var last colors.Color
	for i, r := range one.Bars {
		b = tags.tag(b, r.In)
		if i == 0 || r.Color != last {
			b, last = p.appendColor(b, r.Color), r.Color
		}
		b = AppendOperands(b, r.X/Point, (PageHeight-r.Y-r.Height)/Point, r.Width/Point, r.Height/Point)
		b = append(b, " re f\n"...)
	}
	for i := range one.Pictures {
		b = tags.tag(b, one.Pictures[i].In)
		b = p.appendPicture(b, &one.Pictures[i])
	}
	b = tags.end(b)
	if len(one.Marks) == 0 {
		return b, tags.owner
	}
	b = append(b, "BT\n"...)
	t := textPainter{painter: p, page: b}
	for i := range one.Marks {
		t.page = tags.tag(t.page, one.Marks[i].In)
		t.mark(&one.Marks[i])
	}
	return append(tags.end(t.page), "ET\n"...), tags.owner
}

// resources writes the fonts and pictures of the pages.
func (p *painter) resources(o *objects) (string, error) {
	var fonts, pictures strings.Builder
	for _, f := range p.order {
		if len(f.characters)+len(f.signs) == 0 {
			continue
		}
		written, err := f.write(o)
		if err != nil {
			return "", err
		}
		fonts.WriteString("/" + f.resource + " " + written.String() + " ")
	}
	for _, picture := range p.rasters {
		pictures.WriteString("/" + p.pictures[picture] + " " + picture.write(o).String() + " ")
	}
	text := "/Font << " + fonts.String() + ">>"
	if len(p.rasters) > 0 {
		text += " /XObject << " + pictures.String() + ">>"
	}
	return text, nil
}

// appendColor sets the color of shapes and texts.
func (p *painter) appendColor(b []byte, c colors.Color) []byte {
	if other, ok := p.recolor[c]; ok {
		c = other
	}
	return append(AppendColor(b, c), " rg\n"...)
}

// AppendColor appends a color as three operands from 0 to 1.
func AppendColor(b []byte, c colors.Color) []byte {
	return AppendOperands(b, float64(c.Red)/255, float64(c.Green)/255, float64(c.Blue)/255)
}

// AppendOperands appends numbers as operands of PDF, separated by spaces, each
// to three decimals.
func AppendOperands(b []byte, values ...float64) []byte {
	for i, v := range values {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendNumber(b, v)
	}
	return b
}

func rounded(v float64) float64 { return math.Round(v*1000) / 1000 }

// appendNumber appends a number to three decimals, without an exponent, which
// PDF does not have.
func appendNumber(b []byte, v float64) []byte {
	n := int64(math.Round(v * 1000))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/1000, 10)
	if n %= 1000; n != 0 {
		b = append(b, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}
