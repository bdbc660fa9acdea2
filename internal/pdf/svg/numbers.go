package svg

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
