package pdf

import (
	"encoding/binary"
	"math"

	shaping "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// Fonts with cubic outlines (CFF) are embedded as TrueType: each cubic curve is
// replaced by quadratic ones, which at this number of pieces differ from it by
// less than what a printer resolves.
const curvePieces = 4

// profile is the table maxp of TrueType, made up for a font that has the short
// one of CFF. The limits in it are those of interpreters of instructions, of
// which there are none.
func (f *font) profile() []byte {
	const full = 32
	table := f.tables["maxp"]
	if len(table) >= full && !f.cubic() {
		return table
	}
	made := make([]byte, full)
	binary.BigEndian.PutUint32(made, 0x00010000)
	binary.BigEndian.PutUint16(made[6:], math.MaxInt16) // points of a glyph
	binary.BigEndian.PutUint16(made[8:], math.MaxInt16) // contours of a glyph
	binary.BigEndian.PutUint16(made[14:], 1)            // zones
	return made
}

// point is a point of an outline in units of the font.
type point struct {
	x, y int
	on   bool // on the curve; between two that are not, one is implied
}

// quadratic is the outline of a glyph with cubic curves, as TrueType has it.
func (f *font) quadratic(glyph int) ([]byte, error) {
	outline, ok := shaping.NewFace(f.shapes()).GlyphDataOutline(shaping.GID(glyph))
	if !ok {
		return nil, errFont
	}
	var contours [][]point
	var pen opentype.SegmentPoint
	add := func(p opentype.SegmentPoint, on bool) {
		last := len(contours) - 1
		contours[last] = append(contours[last], point{int(math.Round(float64(p.X))), int(math.Round(float64(p.Y))), on})
	}
	for _, segment := range outline.Segments {
		if segment.Op == opentype.SegmentOpMoveTo {
			contours = append(contours, nil)
		} else if len(contours) == 0 {
			return nil, errFont
		}
		switch args := segment.Args; segment.Op {
		case opentype.SegmentOpMoveTo, opentype.SegmentOpLineTo:
			add(args[0], true)
			pen = args[0]
		case opentype.SegmentOpQuadTo:
			add(args[0], false)
			add(args[1], true)
			pen = args[1]
		case opentype.SegmentOpCubeTo:
			for i := range curvePieces {
				control, end := quarter(pen, args, i)
				add(control, false)
				add(end, true)
			}
			pen = args[2]
		}
	}
	return simpleGlyph(contours), nil
}

// quarter is the i-th quadratic piece of a cubic curve: its control point lies
// where the tangents at both ends meet, nearly.
func quarter(from opentype.SegmentPoint, c [3]opentype.SegmentPoint, i int) (control, end opentype.SegmentPoint) {
	const step = 1.0 / curvePieces
	along := func(t float32) (p, speed opentype.SegmentPoint) {
		u := 1 - t
		p.X = u*u*u*from.X + 3*u*u*t*c[0].X + 3*u*t*t*c[1].X + t*t*t*c[2].X
		p.Y = u*u*u*from.Y + 3*u*u*t*c[0].Y + 3*u*t*t*c[1].Y + t*t*t*c[2].Y
		speed.X = 3 * (u*u*(c[0].X-from.X) + 2*u*t*(c[1].X-c[0].X) + t*t*(c[2].X-c[1].X))
		speed.Y = 3 * (u*u*(c[0].Y-from.Y) + 2*u*t*(c[1].Y-c[0].Y) + t*t*(c[2].Y-c[1].Y))
		return p, speed
	}
	begin, leaving := along(float32(i) * step)
	end, arriving := along(float32(i+1) * step)
	control.X = (begin.X+end.X)/2 + (leaving.X-arriving.X)*step/4
	control.Y = (begin.Y+end.Y)/2 + (leaving.Y-arriving.Y)*step/4
	return control, end
}

// simpleGlyph writes contours as the outline of a glyph (OpenType, glyf).
func simpleGlyph(contours [][]point) []byte {
	if len(contours) == 0 {
		return nil
	}
	var flags, xs, ys []byte
	var ends []byte
	x, y, count := 0, 0, 0
	low, high := point{x: math.MaxInt16, y: math.MaxInt16}, point{x: math.MinInt16, y: math.MinInt16}
	for _, contour := range contours {
		for _, p := range contour {
			flag := byte(0)
			if p.on {
				flag = 1
			}
			flags = append(flags, flag)
			xs = binary.BigEndian.AppendUint16(xs, uint16(int16(p.x-x)))
			ys = binary.BigEndian.AppendUint16(ys, uint16(int16(p.y-y)))
			x, y = p.x, p.y
			low.x, low.y, high.x, high.y = min(low.x, x), min(low.y, y), max(high.x, x), max(high.y, y)
		}
		count += len(contour)
		ends = binary.BigEndian.AppendUint16(ends, uint16(count-1))
	}
	glyph := binary.BigEndian.AppendUint16(nil, uint16(len(contours)))
	for _, v := range []int{low.x, low.y, high.x, high.y} {
		glyph = binary.BigEndian.AppendUint16(glyph, uint16(int16(v)))
	}
	glyph = append(append(glyph, ends...), 0, 0) // no instructions
	return append(append(append(glyph, flags...), xs...), ys...)
}
