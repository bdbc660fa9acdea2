package bounces

import (
	"regexp"
	"slices"
	"strings"
)

// readOriginal finds out which mail a message is about.
func readOriginal(r *Report, top, report *part) {
	ids := idList{own: bareID(top.header.get("Message-ID"))}
	if copied := originalOf(top, report); copied != nil {
		ids.add(copied.header.get("Message-ID"), true)
		ids.add(copied.header.get("X-Original-Message-ID"), true)
		ids.fromText(copied.text(), true)
		r.mention(copied.header)
	}
	for _, leaf := range top.leaves() {
		text := leaf.text()
		ids.fromText(text, false)
		h, _ := splitHeader([]byte(originalPart(text)))
		r.mention(h)
	}
	for _, name := range []string{"Original-Message-ID", "X-Original-Message-ID", "In-Reply-To"} {
		ids.add(top.header.get(name), false)
	}
	references := strings.Fields(top.header.get("References"))
	slices.Reverse(references)
	for _, id := range references {
		ids.add(id, false)
	}
	r.IDs = ids.list
	if len(r.IDs) > 0 {
		r.OriginalID = r.IDs[0]
	}
}

// originalOf is the copy of the original mail that stands beside a report, or
// in a report for people.
func originalOf(top, report *part) *part {
	holder := top
	if report != nil && report != top {
		if parent := top.parent(report); parent != nil {
			holder = parent
		}
	} else if report == top && report.isLeaf() {
		return nil
	}
	copied := holder.find(func(p *part) bool { return p != top && p.holdsMessage() && !p.isLeaf() })
	if copied == nil {
		return nil
	}
	return copied.parts[0]
}

// leaves are the parts that hold text.
func (p *part) leaves() (list []*part) {
	if p.isLeaf() {
		return []*part{p}
	}
	for _, child := range p.parts {
		list = append(list, child.leaves()...)
	}
	return list
}

// maxIDs is how many Message-IDs of a message are kept.
const maxIDs = 50

// idList collects Message-IDs. That of the report itself counts only where it
// is also that of the copy.
type idList struct {
	own  string
	list []string
}

func (l *idList) add(value string, ofCopy bool) {
	id := bareID(value)
	if id == "" || id == l.own && !ofCopy || slices.Contains(l.list, id) || len(l.list) >= maxIDs {
		return
	}
	l.list = append(l.list, id)
}

var (
	idField    = regexp.MustCompile(`(?i)(?:^|\n)[>| \t]*(?:x-)?(?:original-)?message-?id[ \t]*:[ \t]*(?:\n[> \t]+)?<?([^\s<>]+)`)
	idSentence = regexp.MustCompile(`(?i)message-?id(?:\s+of|\s+is|:)?\s+<?([^\s<>,;"']+@[^\s<>,;"']+)`)
)

func (l *idList) fromText(text string, ofCopy bool) {
	for _, pattern := range []*regexp.Regexp{idField, idSentence} {
		for _, m := range pattern.FindAllStringSubmatch(text, maxIDs) {
			l.add(m[1], ofCopy)
		}
	}
}

// bareID is a Message-ID without brackets and comments.
func bareID(value string) string {
	value = strings.TrimSpace(value)
	if _, after, found := strings.Cut(value, "<"); found {
		value, _, _ = strings.Cut(after, ">")
	}
	value = strings.Trim(strings.Join(strings.Fields(value), ""), "<>.,;\"'")
	if len(value) > 998 || !strings.Contains(value, "@") {
		return ""
	}
	return value
}

// mention keeps the addresses to which a mail went according to its header.
func (r *Report) mention(h header) {
	for _, f := range h {
		value := f.value
		switch strings.ToLower(f.name) {
		case "to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-rcpt-to", "original-recipient", "x-hmxmroriginalrecipient":
		case "received":
			_, value, _ = strings.Cut(value, " for ")
			value, _, _ = strings.Cut(value, ";")
		default:
			continue
		}
		for _, address := range addressInside.FindAllString(words(value), maxRecipients) {
			if strings.EqualFold(f.name, "To") && !slices.Contains(r.to, address) {
				r.to = append(r.to, address)
			}
			if len(r.Mentioned) < maxRecipients && !slices.Contains(r.Mentioned, address) {
				r.Mentioned = append(r.Mentioned, address)
			}
		}
	}
}
