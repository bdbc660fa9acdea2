package document

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"

	"creditrun/internal/fault"
)

// logo is a picture that was read: pixels, or drawing operators in a space
// whose y axis points down.
type logo struct {
	width, height float64
	raster        *raster
	drawing       []byte
}

// placedLogo is a logo on a sheet, with its top left corner.
type placedLogo struct {
	*logo
	x, y, width, height float64
}

// raster is the pixels of a picture as they stand in the PDF: RGB, compressed.
type raster struct {
	width, height int
	packed        []byte
}

func (p *raster) write(o *objects) ref {
	return o.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
		p.width, p.height), p.packed)
}

// The largest logo: more would be a poster in every letter.
const (
	mostLogoBytes  = 1 << 20
	mostLogoPixels = 4_000_000
)

// CheckLogo tells whether a file can stand on documents as the logo: a PNG, or
// an SVG of plain shapes. What it refuses would keep documents from being
// printed, so it is asked before a logo is taken.
func CheckLogo(content []byte) error {
	if _, err := readLogo(content); err != nil {
		return fault.Wrap(fault.Invalid, "logo_format", nil, err).At("logo")
	}
	return nil
}

func readLogo(content []byte) (*logo, error) {
	if len(content) > mostLogoBytes {
		return nil, errLogoTooLarge
	}
	if bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) {
		return readPNG(content)
	}
	return readSVG(content)
}

var errLogoTooLarge = fmt.Errorf("larger than %d bytes or %d pixels", mostLogoBytes, mostLogoPixels)

// readPNG takes the pixels as they look on white paper: PDF/A knows
// transparency, many readers of archives do not.
func readPNG(content []byte) (*logo, error) {
	size, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if size.Width == 0 || size.Height == 0 || size.Width > mostLogoPixels/size.Height {
		return nil, errLogoTooLarge
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	packed, err := pack(onWhite(picture))
	if err != nil {
		return nil, err
	}
	return &logo{
		width: float64(size.Width), height: float64(size.Height),
		raster: &raster{width: size.Width, height: size.Height, packed: packed},
	}, nil
}

func onWhite(picture image.Image) []byte {
	bounds := picture.Bounds()
	pixels := make([]byte, 0, 3*bounds.Dx()*bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c, ok := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			if !ok {
				c = color.NRGBA{}
			}
			for _, v := range [...]uint8{c.R, c.G, c.B} {
				pixels = append(pixels, byte((int(v)*int(c.A)+255*(255-int(c.A))+127)/255))
			}
		}
	}
	return pixels
}

// logos remembers the last logo: one operator has one.
type logos struct {
	sync.Mutex
	sum  [sha256.Size]byte
	last *logo
}

func (l *logos) read(content []byte) (*logo, error) {
	if len(content) == 0 {
		return nil, nil
	}
	sum := sha256.Sum256(content)
	l.Lock()
	defer l.Unlock()
	if l.last != nil && l.sum == sum {
		return l.last, nil
	}
	read, err := readLogo(content)
	if err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	l.sum, l.last = sum, read
	return read, nil
}

// The place of the logo: at the right above the line of the letterhead.
const (
	logoTop    = 7.0
	logoHeight = 16.5
	logoWidth  = 70.0
)

// place puts a logo into the head of a letter, as large as fits.
func (p *logo) place() *placedLogo {
	scale := min(logoWidth/p.width, logoHeight/p.height)
	width, height := p.width*scale, p.height*scale
	return &placedLogo{logo: p, x: right - width, y: logoTop + logoHeight - height, width: width, height: height}
}

// appendLogo draws a logo.
func (p *painter) appendLogo(b []byte, l *placedLogo) []byte {
	x, y := l.x/pointSize, (pageHeight-l.y-l.height)/pointSize
	width, height := l.width/pointSize, l.height/pointSize
	b = append(b, "q "...)
	if l.raster != nil {
		b = appendOperands(b, width, 0, 0, height, x, y)
		return append(b, " cm /P1 Do Q\n"...)
	}
	b = appendMatrix(b, matrix{width / l.logo.width, 0, 0, -height / l.logo.height, x, y + height})
	return append(append(b, l.drawing...), "Q\n"...)
}
