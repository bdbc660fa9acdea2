package document

import (
	"math"
	"strconv"
	"strings"
)

// painter draws sheets as contents of pages (ISO 32000-1 §8, §9). Everything is
// opaque and in RGB.
type painter struct {
	fonts    map[*font]*embedded
	regular  *embedded // of the texts that are set character by character
	bold     *embedded
	order    []*embedded // named F1, F2, …
	colours  palette
	pictures []*raster // named P1, P2, …
}

// newPainter finds out which characters and pictures the sheets use.
func newPainter(fonts typeface, colours palette, sheets []*sheet) *painter {
	p := &painter{fonts: map[*font]*embedded{}, colours: colours}
	p.regular, p.bold = p.embedded(fonts.regular), p.embedded(fonts.bold)
	for _, one := range sheets {
		for i := range one.marks {
			m := &one.marks[i]
			if m.glyphs == nil {
				p.weight(m.bold).use(m.text)
				continue
			}
			for k := range m.glyphs.runs {
				p.embedded(m.glyphs.runs[k].font).useRun(&m.glyphs.runs[k])
			}
		}
		if one.logo != nil && one.logo.raster != nil {
			p.pictures = append(p.pictures, one.logo.raster)
		}
	}
	for _, e := range p.order {
		e.close()
	}
	return p
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

// page is the content of one page.
func (p *painter) page(one *sheet) []byte {
	b := make([]byte, 0, 80*len(one.bars)+110*len(one.marks))
	var last ink
	for i, r := range one.bars {
		if i == 0 || r.ink != last {
			b, last = p.appendInk(b, r.ink), r.ink
		}
		b = appendOperands(b, r.x/pointSize, (pageHeight-r.y-r.height)/pointSize, r.width/pointSize, r.height/pointSize)
		b = append(b, " re f\n"...)
	}
	if one.logo != nil {
		b = p.appendLogo(b, one.logo)
	}
	if len(one.marks) == 0 {
		return b
	}
	b = append(b, "BT\n"...)
	t := textPainter{painter: p, page: b}
	for i := range one.marks {
		t.mark(&one.marks[i])
	}
	return append(t.page, "ET\n"...)
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
	for i, picture := range p.pictures {
		pictures.WriteString("/P" + strconv.Itoa(i+1) + " " + picture.write(o).String() + " ")
	}
	text := "/Font << " + fonts.String() + ">>"
	if len(p.pictures) > 0 {
		text += " /XObject << " + pictures.String() + ">>"
	}
	return text, nil
}

func (p *painter) appendInk(b []byte, i ink) []byte {
	i = p.colours.of(i)
	b = appendOperands(b, float64(i.Red)/255, float64(i.Green)/255, float64(i.Blue)/255)
	return append(b, " rg\n"...)
}

func appendOperands(b []byte, values ...float64) []byte {
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
