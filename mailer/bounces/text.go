package bounces

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
)

// decode undoes a Content-Transfer-Encoding and skips what does not belong
// into it.
func decode(body []byte, encoding string) []byte {
	word, _, _ := strings.Cut(strings.TrimSpace(encoding), " ")
	switch strings.ToLower(strings.Trim(word, `";`)) {
	case "base64":
		return fromBase64(body)
	case "quoted-printable":
		return fromQuotedPrintable(body)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if inner := uuencoded(body); inner != nil {
			return inner
		}
	}
	return body
}

func fromBase64(body []byte) []byte {
	kept := make([]byte, 0, len(body))
	for _, c := range body {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			kept = append(kept, c)
		}
	}
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(kept)))
	n, _ := base64.RawStdEncoding.Decode(out, kept)
	return bytes.ReplaceAll(out[:n], []byte("\r\n"), []byte("\n"))
}

func fromQuotedPrintable(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		if body[i] != '=' {
			out = append(out, body[i])
			continue
		}
		end := i + 1
		for end < len(body) && (body[end] == ' ' || body[end] == '\t') {
			end++
		}
		if end >= len(body) || body[end] == '\n' {
			i = end // the line goes on
			continue
		}
		if i+2 < len(body) && hexDigit(body[i+1]) >= 0 && hexDigit(body[i+2]) >= 0 {
			out = append(out, byte(hexDigit(body[i+1])<<4|hexDigit(body[i+2])))
			i += 2
			continue
		}
		out = append(out, '=')
	}
	return bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

var uuBegin = regexp.MustCompile(`(?m)^begin [0-7]{3,4} [^\n]*\n`)

// uuencoded returns the first file that is uuencoded in a text, or nil.
func uuencoded(body []byte) []byte {
	at := uuBegin.FindIndex(body)
	if at == nil {
		return nil
	}
	out, rest := []byte{}, body[at[1]:]
	for len(rest) > 0 {
		line, after := cutLine(rest)
		if line == "" || line == "end" {
			break
		}
		n := int(line[0]-' ') & 63
		var group [4]byte
		for i := 1; n > 0 && i < len(line); i += 4 {
			for j := range group {
				group[j] = 0
				if i+j < len(line) {
					group[j] = (line[i+j] - ' ') & 63
				}
			}
			three := []byte{group[0]<<2 | group[1]>>4, group[1]<<4 | group[2]>>2, group[2]<<6 | group[3]}
			out = append(out, three[:min(n, 3)]...)
			n -= 3
		}
		rest = after
	}
	return bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
}

// toUTF8 decodes a text. Where the charset is missing, unknown or wrong, the
// bytes decide.
func toUTF8(b []byte, charset string) string {
	if bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(")) {
		return decoded(b, japanese.ISO2022JP)
	}
	charset = strings.ToLower(strings.TrimSpace(charset))
	if e, err := htmlindex.Get(charset); err == nil && charset != "utf-8" && charset != "us-ascii" {
		return decoded(b, e)
	}
	if utf8.Valid(b) {
		return strings.ReplaceAll(string(b), "\x00", "")
	}
	return decoded(b, charmap.Windows1252)
}

func decoded(b []byte, e encoding.Encoding) string {
	text, err := e.NewDecoder().Bytes(b)
	if err != nil {
		text = b
	}
	return strings.ReplaceAll(strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "?"), "\x00", "")
}

var wordDecoder = mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(input)
	return strings.NewReader(toUTF8(b, charset)), err
}}

// words decodes the encoded words of a header field.
func words(value string) string {
	text, err := wordDecoder.DecodeHeader(value)
	if err != nil {
		text = value
	}
	return toUTF8([]byte(text), "")
}

var (
	htmlHidden = regexp.MustCompile(`(?is)<(?:style|script|title)\b.*?</(?:style|script|title)\s*>|<!--.*?-->`)
	htmlBreak  = regexp.MustCompile(`(?i)<(?:br|/?p|/?div|/?tr|/?li|/?pre|/?h[1-6]|/?table|/?ul|hr)\b[^>]*>`)
	htmlTag    = regexp.MustCompile(`<[!/?a-zA-Z][^>]*>`)
)

// htmlText is what a reader sees of HTML.
func htmlText(text string) string {
	text = htmlHidden.ReplaceAllString(text, "")
	text = htmlBreak.ReplaceAllString(text, "\n")
	text = htmlTag.ReplaceAllString(text, "")
	return strings.ReplaceAll(html.UnescapeString(text), "\u00a0", " ")
}
