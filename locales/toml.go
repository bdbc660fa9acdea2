package locales

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// unmarshalTOML reads the part of TOML that message files are written in:
// comments, [tables], key = "text" and key = {form = "text", …}. Whatever else
// TOML allows is an error here, and so is a key that is given twice.
func unmarshalTOML(data []byte, into any) error {
	target, ok := into.(*any)
	if !ok {
		return fmt.Errorf("cannot read TOML into %T", into)
	}
	root := map[string]any{}
	table := root
	for i, line := range strings.Split(string(data), "\n") {
		next, err := readLine(root, table, strings.TrimSpace(line))
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		table = next
	}
	*target = root
	return nil
}

// readLine adds one line to the table and returns the table that the next line
// belongs to.
func readLine(root, table map[string]any, line string) (map[string]any, error) {
	if line == "" || line[0] == '#' {
		return table, nil
	}
	if line[0] == '[' {
		name, rest, closed := strings.Cut(line[1:], "]")
		if !closed || !bareKey(name) || !onlyComment(rest) {
			return nil, fmt.Errorf("expected [key], got %q", line)
		}
		next := map[string]any{}
		return next, put(root, name, next)
	}
	key, rest, err := readKey(line)
	if err != nil {
		return nil, err
	}
	value, rest, err := readValue(rest)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", key, err)
	}
	if !onlyComment(rest) {
		return nil, fmt.Errorf("key %s: unexpected %q after the value", key, rest)
	}
	return table, put(table, key, value)
}

func put(table map[string]any, key string, value any) error {
	if _, twice := table[key]; twice {
		return fmt.Errorf("key %s is given twice", key)
	}
	table[key] = value
	return nil
}

func readKey(line string) (key, rest string, err error) {
	key, rest, found := strings.Cut(line, "=")
	key = strings.TrimSpace(key)
	if !found || !bareKey(key) {
		return "", "", fmt.Errorf("expected key = value, got %q", line)
	}
	return key, strings.TrimSpace(rest), nil
}

// readValue reads a text or an inline table of texts.
func readValue(s string) (value any, rest string, err error) {
	if !strings.HasPrefix(s, "{") {
		return readText(s)
	}
	table := map[string]any{}
	for s = strings.TrimSpace(s[1:]); ; s = strings.TrimSpace(s[1:]) {
		key, after, err := readKey(s)
		if err != nil {
			return nil, "", err
		}
		text, after, err := readText(after)
		if err != nil {
			return nil, "", err
		}
		if err := put(table, key, text); err != nil {
			return nil, "", err
		}
		s = strings.TrimSpace(after)
		switch {
		case strings.HasPrefix(s, "}"):
			return table, s[1:], nil
		case !strings.HasPrefix(s, ","):
			return nil, "", errors.New("expected , or } after a text")
		}
	}
}

// readText reads a text in double quotes with TOML's escapes, which are also
// Go's, or one in single quotes without any.
func readText(s string) (value any, rest string, err error) {
	if literal, found := strings.CutPrefix(s, "'"); found {
		text, rest, closed := strings.Cut(literal, "'")
		if !closed {
			return nil, "", errors.New("the text has no end")
		}
		return text, rest, nil
	}
	if !strings.HasPrefix(s, `"`) {
		return nil, "", fmt.Errorf("expected a text in quotes, got %q", s)
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return nil, "", errors.New("the text has no end or an unknown escape")
	}
	text, err := strconv.Unquote(quoted)
	return text, s[len(quoted):], err
}

func onlyComment(s string) bool {
	s = strings.TrimSpace(s)
	return s == "" || s[0] == '#'
}

func bareKey(s string) bool {
	for _, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}
