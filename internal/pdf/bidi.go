package pdf

import (
	"slices"
	"strings"

	gotext "github.com/go-text/typesetting/bidi"
	"golang.org/x/text/unicode/bidi"
)

// The signs that set a text apart from what stands beside it, whatever its
// direction (UAX #9).
const (
	isolateLTR   = '\u2066'
	isolateRTL   = '\u2067'
	isolateFirst = '\u2068' // its first letter decides
	isolateEnd   = '\u2069'
	placeholder  = '\ufffc' // represents an isolate in the text around it
)

// piece is a part of a line in one direction: the characters from start until
// end, in the order in which they are read.
type piece struct {
	start, end int
	level      int // odd: from right to left
}

// visual cuts a line into pieces in the order in which they stand on the page,
// from left to right. The first letter decides the direction of the line.
func visual(text []rune) []piece { return arrange(text, 0) }

// arrange is visual for a part of a line that begins at offset. Isolates are
// arranged on their own, so that nothing in them moves what is around them.
func arrange(text []rune, offset int) []piece {
	outer := make([]rune, 0, len(text))
	at := make([]int, 0, len(text)+1) // where each character of outer begins in text
	inner := map[int][]rune{}         // isolates by their place in outer
	for i := 0; i < len(text); i++ {
		at = append(at, i)
		if c := text[i]; c != isolateFirst && c != isolateLTR && c != isolateRTL {
			outer = append(outer, c)
			continue
		}
		end := endOfIsolate(text, i)
		inner[len(outer)] = text[i+1 : end]
		outer = append(outer, placeholder)
		i = end
	}
	at = append(at, len(text))
	var pieces [][]piece
	var levels []int
	all := levelsOf(outer)
	for i := 0; i < len(outer); {
		end := i + 1
		if isolate, ok := inner[i]; ok {
			pieces = append(pieces, arrange(isolate, offset+at[i]+1))
		} else {
			for end < len(outer) && all[end] == all[i] && inner[end] == nil {
				end++
			}
			pieces = append(pieces, []piece{{offset + at[i], offset + at[end], all[i]}})
		}
		levels = append(levels, all[i])
		i = end
	}
	reorder(pieces, levels)
	return slices.Concat(pieces...)
}

// endOfIsolate finds the end of the isolate that begins at i: its closing sign,
// or the end of the text.
func endOfIsolate(text []rune, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case isolateFirst, isolateLTR, isolateRTL:
			depth++
		case isolateEnd:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// reorder reverses what is written from right to left (UAX #9, L2).
func reorder(pieces [][]piece, levels []int) {
	if len(levels) == 0 {
		return
	}
	for level := slices.Max(levels); level > 0; level-- {
		for i := 0; i < len(levels); i++ {
			from := i
			for i < len(levels) && levels[i] >= level {
				i++
			}
			slices.Reverse(pieces[from:i])
			slices.Reverse(levels[from:i])
		}
	}
}

// levelsOf is the embedding level of each character of a text without
// isolates (UAX #9): 0 from left to right, 1 from right to left, 2 a number or
// a word from left to right within 1.
func levelsOf(text []rune) []int {
	direction, base := gotext.LeftToRight, 0
	if beginsRightToLeft(text) {
		direction, base = gotext.RightToLeft, 1
	}
	var paragraph gotext.Paragraph
	runs := paragraph.Segment(text, direction)
	levels := make([]int, len(text))
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		for k := r.Start; k < r.End; k++ {
			levels[k] = int(r.Level)
		}
		// The library tells even levels and odd ones apart, and no more:
		// between left and right, the numbers that belong to what is written
		// from right to left have to be kept apart from the words that do not.
		if base == 0 && r.IsLeftToRight() {
			setLevel(levels[r.Start:r.End], 0)
			if r.Start > 0 {
				setLevel(levels[r.Start:r.Start+leadingNumber(text[r.Start:r.End])], 2)
			}
			if r.End < len(text) {
				setLevel(levels[r.End-trailingNumber(text[r.Start:r.End]):r.End], 2)
			}
		}
	}
	return levels
}

func setLevel(levels []int, level int) {
	for i := range levels {
		levels[i] = level
	}
}

// beginsRightToLeft reports whether the first letter of a text is of a script
// that is written from right to left (UAX #9, P2).
func beginsRightToLeft(text []rune) bool {
	for _, c := range text {
		switch classOf(c) {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// leadingNumber is how many characters the number at the begin of a text has.
func leadingNumber(text []rune) (length int) {
	for i, c := range text {
		switch classOf(c) {
		case bidi.EN, bidi.AN:
			length = i + 1
		case bidi.ET, bidi.NSM:
			if length == i { // directly behind the number
				length = i + 1
			}
		case bidi.ES, bidi.CS, bidi.BN:
		default:
			return length
		}
	}
	return length
}

// trailingNumber is how many characters the Arabic number at the end of a text
// has; other numbers go with the word before them.
func trailingNumber(text []rune) (length int) {
	for i := range text {
		switch classOf(text[len(text)-1-i]) {
		case bidi.AN:
			length = i + 1
		case bidi.CS, bidi.NSM, bidi.BN:
		default:
			return length
		}
	}
	return length
}

func classOf(c rune) bidi.Class {
	properties, _ := bidi.LookupRune(c)
	return properties.Class()
}

// Isolate keeps a text from moving what it is put beside, where it is written
// from right to left.
func Isolate(text string) string {
	rightToLeft := false
	text = strings.Map(func(c rune) rune {
		if c < 0x590 { // the first such script
			return c
		}
		class := classOf(c)
		rightToLeft = rightToLeft || class == bidi.R || class == bidi.AL || class == bidi.AN
		if c >= isolateLTR && c <= isolateEnd {
			return -1
		}
		return c
	}, text)
	if !rightToLeft {
		return text
	}
	return string(isolateFirst) + text + string(isolateEnd)
}

// flattened closes the isolate that a text leaves open, and leaves out those in
// others and ends without a begin: no text is worth more than one.
func flattened(text string) string {
	depth := 0
	text = strings.Map(func(c rune) rune {
		switch c {
		case isolateFirst, isolateLTR, isolateRTL:
			if depth++; depth > 1 {
				return -1
			}
		case isolateEnd:
			if depth = max(depth-1, -1); depth != 0 {
				depth = max(depth, 0)
				return -1
			}
		}
		return c
	}, text)
	if depth > 0 {
		text += string(isolateEnd)
	}
	return text
}
