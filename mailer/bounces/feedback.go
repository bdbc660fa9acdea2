package bounces

import (
	"regexp"
	"strings"
)

var feedbackField = regexp.MustCompile(`(?mi)^[> \t]*feedback-type[ \t]*:`)

// isFeedback reports whether a part is a feedback report (RFC 5965), or one of
// Microsoft, which is a forward of the mail with a subject.
func (p *part) isFeedback() bool {
	switch {
	case p.kind == "message/feedback-report":
		return true
	case p.isLeaf() && p.kind == "text/plain":
		return feedbackField.MatchString(p.text())
	case strings.HasPrefix(p.kind, "multipart/"):
		return strings.HasPrefix(strings.ToLower(p.header.text("Subject")), "complaint about message from") && p.find(isCopy) != nil
	}
	return false
}

func isCopy(p *part) bool { return p.holdsMessage() }

// readFeedback reads a feedback report. Only those about unwanted mails are
// complaints: others are about signatures, or that a mail was wanted.
func readFeedback(r *Report, feedback *part) {
	text := ""
	if feedback.isLeaf() {
		text = feedback.text()
	}
	var to []string
	kind := "abuse"
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := fieldOf(strings.TrimLeft(line, "> \t"))
		if !ok {
			continue
		}
		switch strings.ToLower(name) {
		case "feedback-type":
			kind = strings.ToLower(strings.TrimSpace(value))
		case "original-rcpt-to", "removal-recipient":
			to = append(to, value)
		}
	}
	if copied := feedback.find(isCopy); copied != nil && !copied.isLeaf() {
		to = append(to, copied.parts[0].header.get("X-HmXmrOriginalRecipient"))
	}
	switch kind {
	case "abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized", "unsubscribe", "complaint":
	default:
		return
	}
	r.Kind = Complaint
	for _, value := range to {
		if address := addressIn(value); address != "" {
			r.Recipients = add(r.Recipients, Recipient{Address: address, Action: string(Complaint)})
		}
	}
}

var dispositionField = regexp.MustCompile(`(?mi)^[> \t]*disposition[ \t]*:[^\n]*;`)

// isDisposition reports whether a part is a read receipt (RFC 8098).
func (p *part) isDisposition() bool {
	switch {
	case p.kind == "message/disposition-notification" || p.kind == "message/global-disposition-notification":
		return true
	case strings.EqualFold(p.params["report-type"], "disposition-notification"):
		return true
	}
	return p.isLeaf() && p.kind == "text/plain" && statusField.MatchString(p.text()) && dispositionField.MatchString(p.text())
}
