package bounces

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var statusField = regexp.MustCompile(`(?mi)^[> \t]*(?:final|original)-recipient[ \t]*:`)

// isStatus reports whether a part is a delivery status: by its type, or
// because its fields stand in it.
func (p *part) isStatus() bool {
	if !p.isLeaf() {
		return false
	}
	switch p.kind {
	case "message/delivery-status", "message/global-delivery-status", "text/delivery-status":
		return true
	case "text/html":
		return false
	}
	text := p.text()
	return statusField.MatchString(text) && len(recipientsOf(text)) > 0
}

// group is some fields of a delivery status, by their names in lower case.
type group map[string]string

// groupsOf takes the fields of a delivery status apart: one group for each
// recipient, as blank lines part them, or where a field comes again. Lines that
// are no fields are skipped between groups.
func groupsOf(text string) []group {
	var list []group
	current, last := group{}, ""
	end := func() {
		if len(current) > 0 {
			list = append(list, current)
		}
		current, last = group{}, ""
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimRight(line, " \t"), "> "), ">")
		name, value, ok := fieldOf(strings.TrimLeft(line, " \t"))
		indented := line != "" && (line[0] == ' ' || line[0] == '\t')
		switch {
		case line == "":
			end()
		case ok && (!indented || last == "" || startsRecipient(strings.ToLower(name))):
			name = strings.ToLower(name)
			if _, again := current[name]; again && startsRecipient(name) {
				end()
			}
			if current[name] == "" {
				current[name] = value
			}
			last = name
		case last != "":
			current[last] += " " + strings.TrimSpace(line)
		}
	}
	end()
	return joined(list)
}

// startsRecipient reports whether a field occurs once for every recipient.
func startsRecipient(name string) bool {
	switch name {
	case "final-recipient", "original-recipient", "action", "status":
		return true
	}
	return false
}

func (g group) names() bool { return g["final-recipient"] != "" || g["original-recipient"] != "" }

// joined puts fields that a blank line parts from their recipient back to it.
func joined(list []group) []group {
	var out []group
	for _, g := range list {
		if n := len(out); n > 0 && out[n-1].names() && !g.names() && (g["action"] != "" && out[n-1]["action"] == "" || g["status"] != "" && out[n-1]["status"] == "") {
			for name, value := range g {
				if out[n-1][name] == "" {
					out[n-1][name] = value
				}
			}
			continue
		}
		out = append(out, g)
	}
	return out
}

// recipientsOf reads the recipients of a delivery status.
func recipientsOf(text string) []Recipient {
	var list []Recipient
	for _, g := range groupsOf(text) {
		if !g.names() || g["disposition"] != "" {
			continue
		}
		r := Recipient{
			Address: typedAddress(g["final-recipient"]), Original: typedAddress(g["original-recipient"]),
			Status: statusIn(g["status"]), Diagnostic: untyped(g["diagnostic-code"]), RemoteMTA: hostIn(untyped(g["remote-mta"])),
		}
		r.Action = actionWord(g["action"])
		switch {
		case r.Address == "":
			r.Address, r.Original = r.Original, ""
		case strings.EqualFold(r.Address, r.Original):
			r.Original = ""
		}
		if r.Address == "" || g["action"] == "" && g["status"] == "" && g["diagnostic-code"] == "" {
			continue
		}
		list = add(list, r)
	}
	return list
}

// actionWord is the Action of RFC 3464 behind what mail systems write.
func actionWord(value string) string {
	value = strings.ToLower(value)
	word := strings.FieldsFunc(value, func(r rune) bool { return r < 'a' || r > 'z' })
	if len(word) == 0 {
		return ""
	}
	switch word[0] {
	case "failed", "failure", "fail", "expired", "undeliverable", "rejected", "bounced", "error":
		return string(Failed)
	case "delayed", "delay", "deferred", "transient":
		return string(Delayed)
	case "delivered", "relayed", "expanded", "deliverable", "delivery", "success":
		return strings.Replace(strings.Replace(word[0], "delivery", "delivered", 1), "success", "delivered", 1)
	}
	return ""
}

// actionOf is the action where the report has none.
func actionOf(status, subject, text string) string {
	switch {
	case strings.HasPrefix(status, "5"):
		return string(Failed)
	case strings.HasPrefix(status, "2"):
		return string(Delivered)
	case saysOf(subject, text) == Failed:
		return string(Failed)
	case strings.HasPrefix(status, "4"):
		return string(Delayed)
	}
	if kind := saysOf(subject, text); kind != NotABounce {
		return string(kind)
	}
	return string(Delayed) // changes nothing
}

var typePrefix = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*[ \t]*;[ \t]*`)

// untyped drops the type before the value of a field.
func untyped(value string) string {
	return strings.TrimSpace(typePrefix.ReplaceAllString(strings.TrimSpace(value), ""))
}

var (
	addressInside = regexp.MustCompile(`[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]+@(?:[\p{L}\p{N}_-]+\.)*[\p{L}\p{N}_-]+`)
	x400Address   = regexp.MustCompile(`(?i)RFC-?822=([^/;]+)\(a\)([^/;]+)`)
	utf8Escape    = regexp.MustCompile(`\\x\{([0-9A-Fa-f]{1,6})\}`)
)

// typedAddress reads the address of a field such as "rfc822; <a@example.com>".
// Addresses of other systems stay as they are where no one of RFC 822 stands
// in them.
func typedAddress(value string) string {
	value = untyped(value)
	value = utf8Escape.ReplaceAllStringFunc(value, func(s string) string {
		n, err := strconv.ParseInt(s[3:len(s)-1], 16, 32)
		if err != nil {
			return s
		}
		return string(rune(n))
	})
	if m := x400Address.FindStringSubmatch(value); m != nil {
		return m[1] + "@" + m[2]
	}
	if inside := addressIn(value); inside != "" {
		return inside
	}
	return strings.Trim(value, "<>\"' \t")
}

// addressIn returns the first e-mail address in a text, or nothing.
func addressIn(text string) string {
	return strings.Trim(addressInside.FindString(text), ".'")
}

var statusCode = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)`)

// statusIn returns the first status code of RFC 3463 in a text.
func statusIn(text string) string {
	if m := statusCode.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

var hostName = regexp.MustCompile(`(?i)^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_-]+)+\.?$`)

// hostIn returns the host name at the beginning of a text; an IP address is
// none.
func hostIn(text string) string {
	word := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t()[],;<>\"", r) })
	if len(word) == 0 || !hostName.MatchString(word[0]) {
		return ""
	}
	host := strings.TrimSuffix(word[0], ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	return host
}
