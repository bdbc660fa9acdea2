package document

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"

	"creditrun/internal/fault"
	"creditrun/internal/pdf"
	"creditrun/internal/pdf/svg"
)

// The largest logo: more would be a poster in every letter.
const (
	maxLogoBytes  = 1 << 20
	maxLogoPixels = 4_000_000
)

// CheckLogo reports why a file cannot be printed as the logo: it takes a PNG, and
// an SVG of plain shapes. The error is the fault logo_format. What it refuses would keep documents from being
// printed, so it is asked before a logo is taken.
func CheckLogo(content []byte) error {
	if _, err := readLogo(content); err != nil {
		return fault.Wrap(fault.Invalid, "logo_format", nil, err).At("logo")
	}
	return nil
}

func readLogo(content []byte) (*pdf.Picture, error) {
	if len(content) > maxLogoBytes {
		return nil, errLogoTooLarge
	}
	if bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) {
		return readPNG(content)
	}
	picture, err := svg.Read(content)
	if errors.Is(err, svg.ErrFormat) {
		return nil, errLogoFormat
	}
	return picture, err
}

var errLogoFormat = errors.New("neither a PNG nor an SVG")

var errLogoTooLarge = fmt.Errorf("larger than %d bytes or %d pixels", maxLogoBytes, maxLogoPixels)

// readPNG takes the pixels as they look on white paper: PDF/A knows
// transparency, many readers of archives do not.
func readPNG(content []byte) (*pdf.Picture, error) {
	size, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if size.Width == 0 || size.Height == 0 || size.Width > maxLogoPixels/size.Height {
		return nil, errLogoTooLarge
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return pdf.NewRaster(size.Width, size.Height, onWhite(picture))
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
	last *pdf.Picture
}

func (l *logos) read(content []byte) (*pdf.Picture, error) {
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

// placeLogo puts a logo into the head of a letter, as large as fits.
func placeLogo(logo *pdf.Picture) pdf.Placed {
	width, height := logo.Size()
	scale := min(logoWidth/width, logoHeight/height)
	width, height = width*scale, height*scale
	return pdf.Placed{Picture: logo, X: right - width, Y: logoTop + logoHeight - height, Width: width, Height: height}
}
