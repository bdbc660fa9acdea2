package mailer

import (
	"bytes"
	"mime"
	"regexp"
	"slices"
	"strings"
)

// mostInLine is how long a header line with encoded words may be (RFC 2047 §2).
const mostInLine = 76

// headerText writes a text as the value of a header field: only the words that
// need it are encoded, those in a row as one, so that a short text stays on one
// line.
func headerText(text string) string {
	words := strings.Split(text, " ")
	if slices.ContainsFunc(words, func(word string) bool { return len(word) > mostInLine/2 }) {
		return mime.QEncoding.Encode("utf-8", text) // which breaks words
	}
	var written []string
	for i := 0; i < len(words); i++ {
		end := i
		for end < len(words) && mime.QEncoding.Encode("utf-8", words[end]) != words[end] {
			end++
		}
		if end == i {
			written = append(written, words[i])
			continue
		}
		written = append(written, mime.QEncoding.Encode("utf-8", strings.Join(words[i:end], " ")))
		i = end - 1
	}
	return strings.Join(written, " ")
}

// folded is a field that is written on more than one line.
var folded = regexp.MustCompile(`(?m)^(?:Subject|From):.*\r\n(?:[ \t].*\r\n)+`)

// unfoldShort puts subject and sender on one line where they have room there:
// some programs show the fold, or search without it.
func unfoldShort(content []byte) []byte {
	end := bytes.Index(content, []byte("\r\n\r\n")) + len("\r\n")
	head := folded.ReplaceAllFunc(content[:end], func(field []byte) []byte {
		line := strings.Join(strings.Fields(string(field)), " ")
		if len(line) > mostInLine {
			return field
		}
		return []byte(line + "\r\n")
	})
	return append(head, content[end:]...)
}
