package pdf

import (
	"bytes"
	"fmt"
	"strconv"
)

// Picture is pixels or a drawing, to be placed on pages. One that is placed
// several times is in the file once where it is pixels, and is drawn each time
// where it is a drawing.
type Picture struct {
	width, height float64
	raster        *raster
	drawing       []byte
}

// raster is the pixels of a picture as they stand in the PDF: RGB, compressed.
type raster struct {
	width, height int
	packed        []byte
}

// NewRaster makes a picture of pixels: three bytes each (red, green, blue; sRGB),
// row by row from the top left corner. It fails where their number is not
// 3·width·height.
func NewRaster(width, height int, pixels []byte) (*Picture, error) {
	if width <= 0 || height <= 0 || len(pixels) != 3*width*height {
		return nil, fmt.Errorf("%d bytes are not the pixels of a picture of %d by %d", len(pixels), width, height)
	}
	p := packers.Get().(*packer)
	defer packers.Put(p)
	packed, err := p.pack(pixels)
	if err != nil {
		return nil, err
	}
	return &Picture{width: float64(width), height: float64(height), raster: &raster{width, height, bytes.Clone(packed)}}, nil
}

// NewDrawing makes a picture of operators for the content of a page (ISO 32000-1
// §8.5). They draw from (0, 0) to (width, height), in a unit of their own and
// with y pointing down, and name no resources.
func NewDrawing(width, height float64, operators []byte) *Picture {
	return &Picture{width: width, height: height, drawing: operators}
}

// Size is the width and height of a picture in its own unit, pixels for one
// that has them.
func (p *Picture) Size() (width, height float64) { return p.width, p.height }

func (p *raster) write(o *objects) ref {
	return o.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
		p.width, p.height), p.packed)
}

// appendPicture draws a picture.
func (p *painter) appendPicture(b []byte, l *Placed) []byte {
	x, y := l.X/Point, (PageHeight-l.Y-l.Height)/Point
	width, height := l.Width/Point, l.Height/Point
	b = append(b, "q "...)
	if l.raster != nil {
		b = AppendOperands(b, width, 0, 0, height, x, y)
		return append(b, " cm /"+p.pictures[l.raster]+" Do Q\n"...)
	}
	b = AppendMatrix(b, [6]float64{width / l.width, 0, 0, -height / l.height, x, y + height})
	return append(append(b, l.drawing...), "Q\n"...)
}

// AppendMatrix appends the operator cm with an affine map, a b c d e f as PDF
// writes it, to six decimals (ISO 32000-1 §8.3.4).
func AppendMatrix(b []byte, m [6]float64) []byte {
	for _, v := range m {
		b = append(strconv.AppendFloat(b, v, 'f', 6, 64), ' ')
	}
	return append(b, "cm\n"...)
}
