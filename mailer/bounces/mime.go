package bounces

import (
	"bytes"
	"regexp"
	"strings"
)

// part is a message or a part of one, as far as it can be understood.
type part struct {
	header header
	kind   string            // the media type in lower case; text/plain where there is none
	params map[string]string // of the media type, names in lower case
	body   []byte            // decoded
	parts  []*part           // of a multipart, or the message within
	plain  *string           // text, once it was asked for
}

// Bounds of what is read of one message.
const (
	maxDepth = 10
	maxParts = 100
	maxText  = 256 << 10 // bytes of one part
)

// reader counts the parts of a message.
type reader struct{ parts int }

// read reads a message. It never fails: what cannot be taken apart is text.
func read(raw []byte) *part {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	r := reader{}
	return r.read(bytes.TrimLeft(raw, "\n"), 0)
}

func (r *reader) read(raw []byte, depth int) *part {
	r.parts++
	p := &part{}
	p.header, p.body = splitHeader(raw)
	p.kind, p.params = mediaType(p.header.get("Content-Type"))
	boundary := p.params["boundary"]
	encoded := decode(p.body, p.header.get("Content-Transfer-Encoding"))
	if !strings.HasPrefix(p.kind, "multipart/") || !hasBoundary(p.body, boundary) {
		p.body = encoded
	}
	if depth >= maxDepth || r.parts >= maxParts {
		return p
	}
	if strings.HasPrefix(p.kind, "multipart/") || p.header.get("Content-Type") == "" && depth == 0 {
		r.split(p, boundary, depth)
	} else if p.holdsMessage() {
		p.parts = []*part{r.read(bytes.TrimLeft(p.body, "\n"), depth+1)}
	}
	if inner := uuencoded(p.body); p.isLeaf() && inner != nil {
		p.parts = []*part{{kind: "text/plain", body: inner}, {kind: "text/plain", body: p.body}}
	}
	return p
}

// split reads the parts between the boundary lines. Where the boundary that
// was announced does not occur, one that does is taken.
func (r *reader) split(p *part, boundary string, depth int) {
	if !hasBoundary(p.body, boundary) {
		boundary = guessBoundary(p.body)
	}
	if boundary == "" {
		return
	}
	start, pos, plain := -1, 0, []byte(nil)
	for pos < len(p.body) && r.parts < maxParts {
		end := len(p.body)
		if n := bytes.IndexByte(p.body[pos:], '\n'); n >= 0 {
			end = pos + n + 1
		}
		line := strings.TrimRight(string(p.body[pos:end]), " \t\n")
		if line == "--"+boundary || line == "--"+boundary+"--" {
			if start >= 0 {
				p.parts = append(p.parts, r.read(p.body[start:pos], depth+1))
			} else {
				plain = p.body[:pos]
			}
			start = end
			if strings.HasSuffix(line, boundary+"--") && line != "--"+boundary {
				start = -1
				break
			}
		}
		pos = end
	}
	if start >= 0 && start < len(p.body) {
		p.parts = append(p.parts, r.read(p.body[start:], depth+1))
	}
	if len(bytes.TrimSpace(plain)) > 0 {
		p.parts = append(p.parts, &part{kind: "text/plain", body: plain})
	}
}

func hasBoundary(body []byte, boundary string) bool {
	if boundary == "" {
		return false
	}
	line := []byte("--" + boundary)
	return bytes.HasPrefix(body, line) || bytes.Contains(body, append([]byte("\n"), line...))
}

// boundaryLine is a line that looks like a boundary, with the header of a part
// after it.
var boundaryLine = regexp.MustCompile(`(?mi)^--([^\s].{0,200}?)[ \t]*\nContent-[a-z-]+[ \t]*:`)

func guessBoundary(body []byte) string {
	if m := boundaryLine.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

// holdsMessage reports whether the body is a message or its header.
func (p *part) holdsMessage() bool {
	switch p.kind {
	case "message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers", "text/rfc822-headers", "text/rfc822", "message/news":
		return true
	}
	return false
}

// find returns the first part that is as wanted, from the outside to the
// inside: the reports about other mails that a mail carries come last.
func (p *part) find(wanted func(*part) bool) *part {
	level := []*part{p}
	for len(level) > 0 {
		var next []*part
		for _, p := range level {
			if wanted(p) {
				return p
			}
			next = append(next, p.parts...)
		}
		level = next
	}
	return nil
}

// parent returns the part that holds another one directly.
func (p *part) parent(of *part) *part {
	return p.find(func(p *part) bool {
		for _, child := range p.parts {
			if child == of {
				return true
			}
		}
		return false
	})
}

// beside are the parts that stand beside one, and itself.
func (p *part) beside(one *part) []*part {
	if holder := p.parent(one); holder != nil {
		return holder.parts
	}
	return []*part{one}
}

// isLeaf reports whether a part has no parts.
func (p *part) isLeaf() bool { return len(p.parts) == 0 }

// humanText is the text that people read, without the copy of the original
// mail: of the message itself, or of the one that holds a report.
func (p *part) humanText(report *part) string {
	if report != nil && report != p {
		if holder := p.parent(report); holder != nil {
			p = holder
		}
	}
	var plain, html []string
	p.texts(report, &plain, &html)
	if len(plain) == 0 {
		plain = html
	}
	return strings.Join(plain, "\n\n")
}

func (p *part) texts(without *part, plain, html *[]string) {
	switch {
	case p == without && p.kind != "text/plain" || p.holdsMessage():
	case !p.isLeaf():
		for _, child := range p.parts {
			child.texts(without, plain, html)
		}
	case p.kind == "text/html":
		*html = append(*html, p.text())
	case strings.HasPrefix(p.kind, "text/"), strings.HasPrefix(p.kind, "multipart/"), p.kind == "message/delivery-status":
		*plain = append(*plain, p.text())
	}
}

// text is the body as text in UTF-8, lines ending in "\n".
func (p *part) text() string {
	if p.plain != nil {
		return *p.plain
	}
	text := toUTF8(p.body[:min(len(p.body), maxText)], p.params["charset"])
	if p.kind == "text/html" {
		text = htmlText(text)
	}
	p.plain = &text
	return text
}

// header is the fields of a header in their order.
type header []field

type field struct {
	name  string
	value string // unfolded, as it stands in the message
}

// get returns the first field of a name, or nothing.
func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// has reports whether there is a field of a name.
func (h header) has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// text returns the first field of a name with its encoded words decoded.
func (h header) text(name string) string { return words(h.get(name)) }

var fieldLine = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9!#$%&'*+.^_|~-]*)[ \t]*:(.*)$`)

// fieldOf takes a line that begins a field apart. A web address is none.
func fieldOf(line string) (name, value string, ok bool) {
	m := fieldLine.FindStringSubmatch(line)
	if m == nil || strings.HasPrefix(m[2], "//") {
		return "", "", false
	}
	return m[1], strings.TrimSpace(m[2]), true
}

// splitHeader parts a header from the body. A line that begins no field
// continues the one before it, although it is not indented. What does not
// begin with a field has no header.
func splitHeader(raw []byte) (header, []byte) {
	var h header
	rest := raw
	for len(rest) > 0 {
		line, after := cutLine(rest)
		name, value, ok := fieldOf(line)
		switch {
		case strings.TrimSpace(line) == "":
			return h, after
		case len(h) == 0 && (strings.HasPrefix(line, "From ") || strings.HasPrefix(line, ">From ")):
		case len(h) > 0 && (line[0] == ' ' || line[0] == '\t'):
			h[len(h)-1].value += " " + strings.TrimSpace(line)
		case ok:
			h = append(h, field{name, value})
		case len(h) == 0:
			return nil, raw
		case strings.HasPrefix(line, "--"):
			return h, rest
		default:
			h[len(h)-1].value += " " + strings.TrimSpace(line)
		}
		rest = after
	}
	return h, nil
}

func cutLine(b []byte) (line string, rest []byte) {
	before, after, _ := bytes.Cut(b, []byte("\n"))
	return string(before), after
}

var parameter = regexp.MustCompile(`([A-Za-z][A-Za-z0-9-]*)(?:\*[0-9]*\*?)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))`)

// mediaType reads a Content-Type as well as it can.
func mediaType(value string) (string, map[string]string) {
	kind, rest, _ := strings.Cut(value, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if !strings.Contains(kind, "/") {
		kind = "text/plain"
	}
	params := map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(rest, 20) {
		if name := strings.ToLower(m[1]); params[name] == "" {
			params[name] = strings.TrimSpace(strings.ReplaceAll(m[2], `\`, "") + m[3])
		}
	}
	return kind, params
}
