package svg

import (
	"math"
	"strings"

	"creditrun/internal/pdf"
)

// curve is how far the handles of a quarter of a circle stand out.
const curve = 0.5522847498

// pen draws outlines with the operators of PDF.
type pen struct {
	b              []byte
	x, y           float64 // where it is
	startX, startY float64 // of the part it draws
	handleX        float64 // the last handle, which smooth curves mirror
	handleY        float64
	before         byte // the last command
}

func (p *pen) operator(name string, values ...float64) {
	p.b = append(append(append(pdf.AppendOperands(p.b, values...), ' '), name...), '\n')
}

func (p *pen) move(x, y float64) {
	p.operator("m", x, y)
	p.x, p.y, p.startX, p.startY = x, y, x, y
}

func (p *pen) line(x, y float64) {
	p.operator("l", x, y)
	p.x, p.y = x, y
}

func (p *pen) bend(x1, y1, x2, y2, x, y float64) {
	p.operator("c", x1, y1, x2, y2, x, y)
	p.x, p.y, p.handleX, p.handleY = x, y, x2, y2
}

func (p *pen) close() {
	p.b = append(p.b, "h\n"...)
	p.x, p.y = p.startX, p.startY
}

// outlineOf draws one shape.
func outlineOf(name string, given map[string]string) ([]byte, error) {
	v := func(key string) float64 { return length(given[key]) }
	p := &pen{}
	switch name {
	case "path":
		if err := p.path(given["d"]); err != nil {
			return nil, err
		}
	case "rect":
		p.rectangle(v("x"), v("y"), v("width"), v("height"), given["rx"], given["ry"])
	case "circle":
		p.ellipse(v("cx"), v("cy"), v("r"), v("r"))
	case "ellipse":
		p.ellipse(v("cx"), v("cy"), v("rx"), v("ry"))
	case "line":
		p.move(v("x1"), v("y1"))
		p.line(v("x2"), v("y2"))
	case "polyline", "polygon":
		points := numbersOf(given["points"])
		for i := 0; i+1 < len(points); i += 2 {
			if i == 0 {
				p.move(points[0], points[1])
			} else {
				p.line(points[i], points[i+1])
			}
		}
		if name == "polygon" && len(points) > 1 {
			p.close()
		}
	default:
		return nil, unprintable("<" + name + ">")
	}
	return p.b, nil
}

func (p *pen) rectangle(x, y, width, height float64, roundX, roundY string) {
	if roundX == "" {
		roundX = roundY
	}
	if roundY == "" {
		roundY = roundX
	}
	rx, ry := min(length(roundX), width/2), min(length(roundY), height/2)
	if width <= 0 || height <= 0 {
		return
	}
	if rx <= 0 || ry <= 0 {
		p.operator("re", x, y, width, height)
		return
	}
	cx, cy := rx*curve, ry*curve
	p.move(x+rx, y)
	p.line(x+width-rx, y)
	p.bend(x+width-rx+cx, y, x+width, y+ry-cy, x+width, y+ry)
	p.line(x+width, y+height-ry)
	p.bend(x+width, y+height-ry+cy, x+width-rx+cx, y+height, x+width-rx, y+height)
	p.line(x+rx, y+height)
	p.bend(x+rx-cx, y+height, x, y+height-ry+cy, x, y+height-ry)
	p.line(x, y+ry)
	p.bend(x, y+ry-cy, x+rx-cx, y, x+rx, y)
	p.close()
}

func (p *pen) ellipse(x, y, rx, ry float64) {
	if rx <= 0 || ry <= 0 {
		return
	}
	cx, cy := rx*curve, ry*curve
	p.move(x+rx, y)
	p.bend(x+rx, y+cy, x+cx, y+ry, x, y+ry)
	p.bend(x-cx, y+ry, x-rx, y+cy, x-rx, y)
	p.bend(x-rx, y-cy, x-cx, y-ry, x, y-ry)
	p.bend(x+cx, y-ry, x+rx, y-cy, x+rx, y)
	p.close()
}

// operandsOf is how many numbers a command of path data takes.
var operandsOf = map[byte]int{'m': 2, 'l': 2, 'h': 1, 'v': 1, 'c': 6, 's': 4, 'q': 4, 't': 2, 'a': 7, 'z': 0}

// path draws path data (SVG 1.1 §8.3).
func (p *pen) path(data string) error {
	for i := 0; i < len(data); {
		if strings.IndexByte(" \t\r\n,", data[i]) >= 0 {
			i++
			continue
		}
		letter := data[i]
		low := letter | 0x20
		count, known := operandsOf[low]
		if !known || len(p.b) == 0 && low != 'm' {
			return ErrFormat
		}
		i++
		for first := true; ; first = false {
			values, next, ok := operands(data, i, count, low == 'a')
			if !ok && !first {
				break
			}
			if !ok {
				return ErrFormat
			}
			i = next
			if low == 'm' && !first {
				low = 'l'
			}
			p.command(low, letter >= 'a', values)
			p.before = low
			if count == 0 {
				break
			}
		}
	}
	return nil
}

// command carries out one command; relative ones count from where the pen is.
func (p *pen) command(low byte, relative bool, v []float64) {
	if relative {
		for i := range v {
			switch {
			case low == 'v' || low != 'h' && low != 'a' && i%2 == 1 || low == 'a' && i == 6:
				v[i] += p.y
			case low != 'a' || i == 5:
				v[i] += p.x
			}
		}
	}
	x, y := p.x, p.y
	switch low {
	case 'm':
		p.move(v[0], v[1])
	case 'l':
		p.line(v[0], v[1])
	case 'h':
		p.line(v[0], y)
	case 'v':
		p.line(x, v[0])
	case 'c':
		p.bend(v[0], v[1], v[2], v[3], v[4], v[5])
	case 's':
		x1, y1 := p.mirrored("cs")
		p.bend(x1, y1, v[0], v[1], v[2], v[3])
	case 'q':
		p.quadratic(v[0], v[1], v[2], v[3])
	case 't':
		x1, y1 := p.mirrored("qt")
		p.quadratic(x1, y1, v[0], v[1])
	case 'a':
		p.arc(v[0], v[1], v[2], v[3] != 0, v[4] != 0, v[5], v[6])
	case 'z':
		p.close()
	}
}

// mirrored is the last handle on the other side, or the place of the pen where
// the last command was of another sort.
func (p *pen) mirrored(sort string) (float64, float64) {
	if strings.IndexByte(sort, p.before) < 0 {
		return p.x, p.y
	}
	return 2*p.x - p.handleX, 2*p.y - p.handleY
}

func (p *pen) quadratic(x1, y1, x, y float64) {
	p.bend(p.x+(x1-p.x)*2/3, p.y+(y1-p.y)*2/3, x+(x1-x)*2/3, y+(y1-y)*2/3, x, y)
	p.handleX, p.handleY = x1, y1
}

// arc draws a part of an ellipse in pieces of a quarter at most (SVG 1.1 §F.6).
func (p *pen) arc(rx, ry, degrees float64, large, sweep bool, x, y float64) {
	rx, ry = math.Abs(rx), math.Abs(ry)
	if rx == 0 || ry == 0 || x == p.x && y == p.y {
		p.line(x, y)
		return
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	dx, dy := (p.x-x)/2, (p.y-y)/2
	x1, y1 := cos*dx+sin*dy, cos*dy-sin*dx
	if grow := x1*x1/(rx*rx) + y1*y1/(ry*ry); grow > 1 {
		rx, ry = rx*math.Sqrt(grow), ry*math.Sqrt(grow)
	}
	square := rx*rx*y1*y1 + ry*ry*x1*x1
	factor := math.Sqrt(max(0, rx*rx*ry*ry-square) / square)
	if large == sweep {
		factor = -factor
	}
	cx1, cy1 := factor*rx*y1/ry, -factor*ry*x1/rx
	cx, cy := cos*cx1-sin*cy1+(p.x+x)/2, sin*cx1+cos*cy1+(p.y+y)/2
	from := math.Atan2((y1-cy1)/ry, (x1-cx1)/rx)
	turn := math.Atan2((-y1-cy1)/ry, (-x1-cx1)/rx) - from
	if sweep && turn < 0 {
		turn += 2 * math.Pi
	} else if !sweep && turn > 0 {
		turn -= 2 * math.Pi
	}
	pieces := int(math.Ceil(math.Abs(turn)/(math.Pi/2) - 1e-9))
	step := turn / float64(max(pieces, 1))
	handle := 4.0 / 3 * math.Tan(step/4)
	at := func(a, b float64) (float64, float64) { return cx + cos*rx*a - sin*ry*b, cy + sin*rx*a + cos*ry*b }
	for range pieces {
		s1, c1 := math.Sincos(from)
		s2, c2 := math.Sincos(from + step)
		ax, ay := at(c1-handle*s1, s1+handle*c1)
		bx, by := at(c2+handle*s2, s2-handle*c2)
		ex, ey := at(c2, s2)
		p.bend(ax, ay, bx, by, ex, ey)
		from += step
	}
	p.x, p.y = x, y
}
