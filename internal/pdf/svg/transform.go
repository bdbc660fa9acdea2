package svg

import (
	"math"
	"strings"
)

// matrix is an affine map as PDF and SVG write it: a b c d e f.
type matrix [6]float64

var unity = matrix{1, 0, 0, 1, 0, 0}

// times applies n first, then m.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

// finite reports whether a matrix maps the plane onto the plane of a page.
func (m matrix) finite() bool {
	for _, v := range m {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return false
		}
	}
	return true
}

// transformOf reads a list of transformations.
func transformOf(text string) (matrix, error) {
	all := unity
	for strings.TrimSpace(text) != "" {
		name, rest, found := strings.Cut(text, "(")
		inner, after, closed := strings.Cut(rest, ")")
		v := numbersOf(inner)
		if !found || !closed || len(v) == 0 {
			return all, ErrFormat
		}
		for len(v) < 6 {
			v = append(v, 0)
		}
		given := len(numbersOf(inner))
		var next matrix
		switch strings.Trim(name, " \t\r\n,") {
		case "matrix":
			next = matrix(v[:6])
		case "translate":
			next = matrix{1, 0, 0, 1, v[0], v[1]}
		case "scale":
			if given == 1 {
				v[1] = v[0]
			}
			next = matrix{v[0], 0, 0, v[1], 0, 0}
		case "rotate":
			sin, cos := math.Sincos(v[0] * math.Pi / 180)
			next = matrix{1, 0, 0, 1, v[1], v[2]}.times(matrix{cos, sin, -sin, cos, 0, 0}).times(matrix{1, 0, 0, 1, -v[1], -v[2]})
		case "skewX":
			next = matrix{1, 0, math.Tan(v[0] * math.Pi / 180), 1, 0, 0}
		case "skewY":
			next = matrix{1, math.Tan(v[0] * math.Pi / 180), 0, 1, 0, 0}
		default:
			return all, ErrFormat
		}
		all, text = all.times(next), after
	}
	return all, nil
}
