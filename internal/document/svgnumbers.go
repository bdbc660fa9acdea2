package document

import (
	"math"
	"strconv"
	"strings"
)

// operands reads so many numbers; the fourth and fifth of an arc are single
// digits that need no space after them.
func operands(data string, i, count int, arc bool) ([]float64, int, bool) {
	values := make([]float64, 0, count)
	for len(values) < count {
		for i < len(data) && strings.IndexByte(" \t\r\n,", data[i]) >= 0 {
			i++
		}
		if flag := arc && (len(values) == 3 || len(values) == 4); flag {
			if i >= len(data) || data[i] != '0' && data[i] != '1' {
				return nil, i, false
			}
			values = append(values, float64(data[i]-'0'))
			i++
			continue
		}
		end := numberEnd(data, i)
		v, err := strconv.ParseFloat(data[i:end], 64)
		if err != nil || math.Abs(v) > 1e6 {
			return nil, i, false
		}
		values = append(values, v)
		i = end
	}
	return values, i, true
}

// numberEnd finds where a number ends; the next may begin without a space.
func numberEnd(data string, i int) int {
	dot, exponent := false, false
	for from := i; i < len(data); i++ {
		switch c := data[i]; {
		case c >= '0' && c <= '9':
		case (c == '-' || c == '+') && (i == from || data[i-1]|0x20 == 'e'):
		case c == '.' && !dot && !exponent:
			dot = true
		case c|0x20 == 'e' && !exponent && i > from:
			exponent = true
		default:
			return i
		}
	}
	return i
}

// numbersOf reads a list of numbers; nothing where it is none.
func numbersOf(text string) []float64 {
	var list []float64
	for i := 0; i < len(text); {
		values, next, ok := operands(text, i, 1, false)
		if !ok {
			if strings.Trim(text[i:], " \t\r\n,") != "" {
				return nil
			}
			break
		}
		list = append(list, values...)
		i = next
	}
	return list
}

// length reads a length; units other than the drawing's own are taken for it.
func length(text string) float64 {
	end := numberEnd(text, 0)
	if end > 0 && text[end-1]|0x20 == 'e' { // of em
		end--
	}
	v, err := strconv.ParseFloat(text[:end], 64)
	if err != nil || math.Abs(v) > 1e6 {
		return 0
	}
	return v
}

// transformOf reads a list of transformations.
func transformOf(text string) (matrix, error) {
	all := unity
	for strings.TrimSpace(text) != "" {
		name, rest, found := strings.Cut(text, "(")
		inner, after, closed := strings.Cut(rest, ")")
		v := numbersOf(inner)
		if !found || !closed || len(v) == 0 {
			return all, errSVG
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
			return all, errSVG
		}
		all, text = all.times(next), after
	}
	return all, nil
}
