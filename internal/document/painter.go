package document

import (
	"math"
	"strconv"
	"strings"
)

// painter draws sheets as contents of pages (ISO 32000-1 §8, §9). Everything is
// opaque and in RGB.
type painter struct {
	regular, bold embedded
	colours       palette
	pictures      []*raster // named P1, P2, …
}

// newPainter finds out which characters and pictures the sheets use.
func newPainter(fonts typeface, colours palette, sheets []*sheet) *painter {
	p := &painter{
		regular: embedded{font: fonts.regular, resource: "F1"},
		bold:    embedded{font: fonts.bold, resource: "F2"},
		colours: colours,
	}
	for _, one := range sheets {
		for i := range one.marks {
			p.font(one.marks[i].bold).use(one.marks[i].text)
		}
		if one.logo != nil && one.logo.raster != nil {
			p.pictures = append(p.pictures, one.logo.raster)
		}
	}
	p.regular.close()
	p.bold.close()
	return p
}

func (p *painter) font(bold bool) *embedded {
	if bold {
		return &p.bold
	}
	return &p.regular
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
	var set style
	x, y := 0.0, 0.0
	for i := range one.marks {
		m := &one.marks[i]
		if i == 0 || m.ink != set.ink {
			b = p.appendInk(b, m.ink)
		}
		if i == 0 || m.bold != set.bold || m.size != set.size {
			b = append(append(append(b, '/'), p.font(m.bold).resource...), ' ')
			b = append(appendNumber(b, m.size), " Tf\n"...)
		}
		set = m.style
		// A position is relative to the last: both are rounded before, so
		// that no error adds up.
		newX, newY := rounded(m.x/pointSize), rounded((pageHeight-m.y)/pointSize)
		b = append(appendOperands(b, newX-x, newY-y), " Td "...)
		x, y = newX, newY
		b = append(p.font(m.bold).appendText(b, m.text), " Tj\n"...)
	}
	return append(b, "ET\n"...)
}

// resources writes the fonts and pictures of the pages.
func (p *painter) resources(o *objects) (string, error) {
	var fonts, pictures strings.Builder
	for _, f := range []*embedded{&p.regular, &p.bold} {
		if len(f.characters) == 0 {
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
