package numbering

import (
	"strconv"
	"strings"

	"creditrun/internal/fault"
)

// MaxLength is how many characters a number may have: accounting files take
// no more (DATEV EXTF 700, Belegfeld 1).
const MaxLength = 36

// maxPadding keeps a padded sequence inside an int64.
const maxPadding = 18

// The placeholders of a pattern (domain.md §8.1).
const (
	placeholderYear      = "YYYY"
	placeholderShortYear = "YY"
	placeholderMonth     = "MM"
	placeholderSequence  = "SEQ"
	placeholderRecipient = "RECIPIENT"
)

// token is a part of a pattern: a placeholder or literal text.
type token struct {
	placeholder string // empty: literal
	text        string // of a literal
	width       int    // digits of a sequence at least
}

// pattern is a range's pattern, taken apart.
type pattern []token

// parsePattern takes a pattern apart. It returns what it could read together
// with everything that is wrong.
func parsePattern(r *Range) (pattern, fault.List) {
	var p pattern
	var faults fault.List
	for rest := r.Pattern; rest != ""; {
		literal, after, opened := strings.Cut(rest, "{")
		if literal != "" {
			p = append(p, token{text: literal})
			faults = append(faults, checkLiteral(r, literal)...)
		}
		if !opened {
			break
		}
		name, next, closed := strings.Cut(after, "}")
		if !closed {
			return p, append(faults, r.fault("range_brace", fault.Args{"pattern": r.Pattern}).At("pattern"))
		}
		t, f := parsePlaceholder(r, name)
		if f != nil {
			faults = append(faults, f)
		} else {
			p = append(p, t)
		}
		rest = next
	}
	return p, faults
}

func parsePlaceholder(r *Range, text string) (token, *fault.Fault) {
	name, width, padded := strings.Cut(text, ":")
	switch {
	case name == placeholderSequence && padded:
		n, err := strconv.Atoi(width)
		if err != nil || n < 1 || n > maxPadding || strconv.Itoa(n) != width {
			return token{}, r.fault("range_padding", fault.Args{"padding": width, "most": maxPadding}).At("pattern")
		}
		return token{placeholder: name, width: n}, nil
	case name == placeholderSequence:
		return token{placeholder: name, width: 1}, nil
	case !padded && (name == placeholderYear || name == placeholderShortYear ||
		name == placeholderMonth || name == placeholderRecipient):
		return token{placeholder: name}, nil
	}
	return token{}, r.fault("range_placeholder_unknown", fault.Args{"placeholder": "{" + text + "}"}).At("pattern")
}

// checkLiteral reports the first character that a number may not contain.
func checkLiteral(r *Range, text string) fault.List {
	for _, c := range text {
		if c > 0x7e || !allowed(byte(c)) {
			return fault.List{r.fault("range_character", fault.Args{"character": string(c), "pattern": r.Pattern}).At("pattern")}
		}
	}
	return nil
}

// allowed tells which characters a number may contain. They are those of
// accounting files and the full stop.
func allowed(c byte) bool {
	return plain(c) || c == '$' || c == '%' || c == '/' || c == '.'
}

// plain tells which characters of a recipient's key are written as they are.
func plain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-'
}

// count tells how often a placeholder occurs.
func (p pattern) count(placeholder string) int {
	n := 0
	for _, t := range p {
		if t.placeholder == placeholder {
			n++
		}
	}
	return n
}

func (p pattern) hasYear() bool {
	return p.count(placeholderYear)+p.count(placeholderShortYear) > 0
}

// least is the length of the shortest number.
func (p pattern) least() int {
	n := 0
	for _, t := range p {
		switch t.placeholder {
		case placeholderYear:
			n += 4
		case placeholderShortYear, placeholderMonth:
			n += 2
		case placeholderRecipient:
			n++
		default:
			n += len(t.text) + t.width
		}
	}
	return n
}

// ambiguous reports whether two documents of one range could get the same number
// although recipient or sequence differ: recipient a1 with 2 and recipient a
// with 12 are both a12. A literal that is no digit between the two keeps them
// apart, for a sequence cannot reach across it. Everything else in a pattern
// has a fixed length and keeps its place.
func (p pattern) ambiguous() bool {
	between := false
	apart := false
	for _, t := range p {
		switch {
		case t.placeholder == placeholderSequence || t.placeholder == placeholderRecipient:
			if between {
				return !apart
			}
			between = true
		case between && strings.Trim(t.text, "0123456789") != "":
			apart = true
		}
	}
	return false
}

// spell writes the number of a document. date is written 2006-01-02.
func (p pattern) spell(date, recipient string, seq int64) string {
	var b strings.Builder
	for _, t := range p {
		switch t.placeholder {
		case placeholderYear:
			b.WriteString(date[:4])
		case placeholderShortYear:
			b.WriteString(date[2:4])
		case placeholderMonth:
			b.WriteString(date[5:7])
		case placeholderRecipient:
			writeRecipient(&b, recipient)
		case placeholderSequence:
			digits := strconv.FormatInt(seq, 10)
			b.WriteString(strings.Repeat("0", max(t.width-len(digits), 0)))
			b.WriteString(digits)
		default:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// writeRecipient writes a recipient's key so that different keys stay
// different: letters, digits, _ and - as they are, each other byte as % and
// two hexadecimal digits.
func writeRecipient(b *strings.Builder, key string) {
	const hex = "0123456789ABCDEF"
	for i := range len(key) {
		c := key[i]
		if plain(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}
