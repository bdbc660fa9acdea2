package bounces

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// readText reads a message that people are to read, if it comes from a mail
// system and says that a mail failed, is delayed or was delivered.
func readText(r *Report, top *part) {
	h := top.header
	text, subject := top.humanText(nil), h.text("Subject")
	if isAutomaticReply(h, subject) {
		return
	}
	message := noticeOf(text)
	if len(message) > maxNotice {
		message = strings.ToValidUTF8(message[:maxNotice], "")
	}
	kind := saysOf(subject, message)
	if !fromMailSystem(h, subject, text, kind) {
		return
	}
	failed := addressesOf(h, "X-Failed-Recipients")
	if kind == NotABounce {
		kind = repliedIn(message)
	}
	if kind == NotABounce && len(failed) > 0 {
		kind = Failed
	}
	if kind == NotABounce {
		return
	}
	r.Kind = kind
	for _, part := range []string{message, text[:min(len(text), maxNotice)]} {
		w := textReader{kind: kind, lines: strings.Split(part, "\n"), own: ownAddresses(h)}
		r.Recipients = w.recipients(failed)
		if len(r.Recipients) == 0 && part == message {
			r.Recipients = w.inSentences(message, originalPart(text))
		}
		if len(r.Recipients) > 0 {
			return
		}
	}
}

var mailSystem = regexp.MustCompile(`(?i)mailer-?daemon|postmaster|mail[ ._-]?delivery|mail[ ._-]?(?:sub)?system|mdaemon|system administrator|mail administrator|delivery (?:sub)?system|email[ ._-]?system|mail router|bounce|majordomo|systemadministrator|postoffice|no-?reply@.*mail`)

// repliedIn is what the reply of a server says in a text of which we do not
// know the words.
func repliedIn(message string) Kind {
	for _, text := range paragraphs(firstOf(strings.Split(message, "\n"))) {
		reply := replyIn(text)
		switch {
		case strings.HasPrefix(reply, "5"):
			return Failed
		case strings.HasPrefix(reply, "4"):
			return Delayed
		}
	}
	return NotABounce
}

var (
	forwardSubject = regexp.MustCompile(`(?i)^\s*(?:fwd?|wg|tr|rv|vb|i|enc)\s*:`)
	forwardedFrom  = regexp.MustCompile(`(?im)^[>\s*]*(?:from|von|de|da|van|od|från|fra)\s*\*?:.*(?:mailer-?daemon|postmaster|mail delivery)`)
)

// fromMailSystem reports whether a message was written by a mail system, or is a
// person's forward of such a one.
func fromMailSystem(h header, subject, text string, kind Kind) bool {
	switch {
	case forwardSubject.MatchString(subject) && forwardedFrom.MatchString(text):
		return true
	case h.has("X-Failed-Recipients"), mailSystem.MatchString(h.text("From")), mailSystem.MatchString(h.get("Return-Path")):
		return true
	case h.has("Return-Path") && strings.Trim(h.get("Return-Path"), "<> ") == "":
		return true
	}
	return kind != NotABounce && saysOf(subject, "") != NotABounce && !replySubject.MatchString(subject)
}

var replySubject = regexp.MustCompile(`(?i)^\s*(?:re|aw|antw|sv|vs|fw|fwd|wg|tr|rv|odp|ynt)\s*:`)

func addressesOf(h header, name string) (list []string) {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			list = append(list, addressInside.FindAllString(f.value, maxRecipients)...)
		}
	}
	return list
}

// ownAddresses are those of the report itself, in lower case: whom it was sent
// to and who sent it.
func ownAddresses(h header) map[string]bool {
	own := map[string]bool{}
	for _, name := range []string{"From", "To", "Reply-To", "Sender", "Delivered-To", "X-Original-To", "Envelope-To", "X-Apparently-To"} {
		for _, address := range addressesOf(h, name) {
			own[strings.ToLower(address)] = true
		}
	}
	return own
}

var (
	copyLine   = regexp.MustCompile(`(?im)^[>\s]*(?:[-=_*]{2,}.{0,40}?(?:original|copy of|returned|unsent|undelivered message|message follows|message header|header of|headers? follow|body of).*|below (?:this line )?is a copy.*|below is .{0,30}original.*|(?:the )?header of the original message.*|original message headers?:.*|returned message.*:\s*|(?:the )?(?:original message|message headers?|unsent message) follows?.*|possibly truncated original.*)$`)
	headerLine = regexp.MustCompile(`^[> \t]{0,4}(?i:received|return-path|from|to|cc|subject|date|message-id|mime-version|content-type|dkim-signature|x-[a-z-]+|reply-to)[ \t]*:`)
)

// copyAt is where the copy of the original mail begins in a text: after a line
// that says so, or at the fields of a header.
func copyAt(text string) int {
	end := len(text)
	if at := copyLine.FindStringIndex(text); at != nil {
		end = at[0]
	}
	pos, first, count := 0, 0, 0
	for line := range strings.SplitAfterSeq(text[:end], "\n") {
		switch {
		case headerLine.MatchString(line):
			if count++; count == 1 {
				first = pos
			}
			if count >= 4 {
				return first
			}
		case count > 0 && strings.TrimSpace(line) != "" && (line[0] == ' ' || line[0] == '\t'):
		default:
			count = 0
		}
		pos += len(line)
	}
	return end
}

// noticeOf is what the mail system says, without the copy of the mail. Where
// nothing comes before the copy, the whole text is it.
func noticeOf(text string) string {
	if before := text[:copyAt(text)]; strings.TrimSpace(before) != "" {
		return before
	}
	return text
}

// originalPart is the header of the copy of the mail in a text.
func originalPart(text string) string {
	rest := text[copyAt(text):]
	pos := 0
	for line := range strings.SplitAfterSeq(rest, "\n") {
		if headerLine.MatchString(line) {
			return rest[pos:]
		}
		pos += len(line)
	}
	return ""
}

// maxNotice is how much of a text in words is read.
const maxNotice = 64 << 10

// textReader finds recipients in free text.
type textReader struct {
	kind  Kind
	lines []string
	own   map[string]bool
}

// lineAddress is a line that begins with the address it is about.
var lineAddress = regexp.MustCompile(`(?i)^[\s>*|#-]*(?:(?:failed |undeliverable |original |final )?(?:recipients?|address(?:es)?|user|unknown user|unknown|e-?mail|empfänger|destinataire|destinatario|rcpt to|error|mailbox|failed addresses follow)\s*:\s*)?[<"'\[(]*(` + addressInside.String() + `)[>"'\])]*(?:<mailto:[^>]*>)?\s*(.*)$`)

// addressLine takes a line apart that is about a recipient.
func (w *textReader) addressLine(line string) (address, rest string, ok bool) {
	m := lineAddress.FindStringSubmatch(line)
	if m == nil || !strings.Contains(m[1], ".") || mailSystem.MatchString(m[1]) {
		return "", "", false
	}
	return strings.Trim(m[1], ".'"), strings.TrimLeft(m[2], ":;, \t"), true
}

// recipients reads the addresses that have a line of their own, and those of a
// header field. What follows up to the next one is about them.
func (w *textReader) recipients(failed []string) []Recipient {
	type found struct {
		address, rest string
		line          int
	}
	var list []found
	for i, line := range w.lines {
		if len(list) >= maxRecipients {
			break
		}
		if address, rest, ok := w.addressLine(line); ok && (!w.own[strings.ToLower(address)] || containsFold(failed, address)) {
			list = append(list, found{address, rest, i})
		}
	}
	var out []Recipient
	for i, f := range list {
		end := len(w.lines)
		if i+1 < len(list) {
			end = list[i+1].line
		}
		if len(failed) > 0 && !containsFold(failed, f.address) {
			continue
		}
		block := append([]string{f.rest}, w.lines[f.line+1:end]...)
		r := w.about(f.address, block)
		if r.Diagnostic == "" {
			r.Diagnostic = w.before(f.line)
			r.Status = statusIn(r.Diagnostic)
		}
		out = addFuller(out, r)
	}
	for _, address := range failed {
		if !slicesHas(out, address) {
			out = add(out, w.about(address, w.lines))
		}
	}
	return out
}

// before is the line of an address, if it says what is wrong, or what stands
// right before it, where the reason comes first.
func (w *textReader) before(line int) string {
	if hasAny(folded(w.lines[line]), failedPhrases) {
		return clipped(w.lines[line])
	}
	for line--; line >= 0 && strings.TrimSpace(w.lines[line]) == ""; line-- {
	}
	if line < 0 {
		return ""
	}
	text := strings.TrimSpace(w.lines[line])
	if strings.HasSuffix(text, ":") || strings.HasPrefix(text, "--") {
		return ""
	}
	return clipped(text)
}

// addFuller adds a recipient or what was not known of it.
func addFuller(list []Recipient, r Recipient) []Recipient {
	for i := range list {
		if strings.EqualFold(list[i].Address, r.Address) {
			if list[i].Status == "" && r.Status != "" {
				list[i] = r
			}
			return list
		}
	}
	return add(list, r)
}

func slicesHas(list []Recipient, address string) bool {
	for _, r := range list {
		if strings.EqualFold(r.Address, address) {
			return true
		}
	}
	return false
}

func containsFold(list []string, s string) bool {
	for _, other := range list {
		if strings.EqualFold(other, s) {
			return true
		}
	}
	return false
}

// maxInSentences is how many addresses within sentences are read.
const maxInSentences = 20

// inSentences reads the addresses that stand within sentences; where the copy
// of the mail names some of them as its recipients, only those.
func (w *textReader) inSentences(message, original string) []Recipient {
	var all, named []Recipient
	h, _ := splitHeader([]byte(original))
	var to Report
	to.mention(h)
	for _, address := range addressInside.FindAllString(message, maxRecipients) {
		address = strings.Trim(address, ".'")
		if len(all) >= maxInSentences || slicesHas(all, address) {
			continue
		}
		if w.own[strings.ToLower(address)] || !strings.Contains(address, ".") || mailSystem.MatchString(address) {
			continue
		}
		r := w.about(address, w.lines)
		all = add(all, r)
		if containsFold(to.Mentioned, address) {
			named = add(named, r)
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}

// about reads what some lines say of an address.
func (w *textReader) about(address string, block []string) Recipient {
	block = firstOf(block)
	r := Recipient{Address: address, Action: string(w.kind), Original: expandedFrom(address+"\n"+strings.Join(block, "\n"), address)}
	parts := paragraphs(block)
	for _, text := range parts {
		if r.Diagnostic = replyIn(text); r.Diagnostic != "" {
			break
		}
	}
	if r.Diagnostic == "" {
		r.Diagnostic = w.transcript(address)
	}
	if r.Diagnostic == "" {
		r.Diagnostic = reasonIn(parts)
	}
	if r.Diagnostic == "" || !reasonLabel.MatchString(strings.Join(parts, " ")) && !nearReply(parts) {
		r.Diagnostic = cmp.Or(w.reply(), r.Diagnostic)
	}
	r.Status = statusIn(r.Diagnostic)
	if r.Status == "" && len(parts) > 0 {
		r.Status = statusIn(parts[0])
	}
	r.RemoteMTA = serverIn(strings.Join(parts, "\n"))
	return r
}

// maxAbout is how much of a text is read about one address.
const maxAbout = 4 << 10

// firstOf are the first lines of a text.
func firstOf(lines []string) []string {
	size := 0
	for i, line := range lines {
		if size += len(line) + 1; size > maxAbout {
			return append(slices.Clone(lines[:i]), strings.ToValidUTF8(line[:max(0, len(line)-(size-maxAbout)+1)], ""))
		}
	}
	return lines
}

// paragraphs joins the lines between blank ones.
func paragraphs(lines []string) (list []string) {
	var current []string
	end := func() {
		if len(current) > 0 {
			list = append(list, strings.Join(current, " "))
		}
		current = nil
	}
	for _, line := range lines {
		if line = strings.TrimSpace(strings.TrimLeft(line, "> \t")); line == "" {
			end()
		} else {
			current = append(current, line)
		}
	}
	end()
	return list
}

var (
	smtpReply   = regexp.MustCompile(`(?:^|[\s"'(>:;])([245][0-5]\d(?:[ -]#?[245]\.\d{1,3}\.\d{1,3}|[ -]).*)`)
	notAReply   = regexp.MustCompile(`(?i)^\d\d\d[ -](?:hours?|minutes?|days?|seconds?|bytes|kb|kib|mb|recipients?|messages?|times)\b`)
	afterReply  = regexp.MustCompile(`(?i)\s*(?:\(in reply to|giving up on|\[rcpt_to\]|\[data\]|\[mail_from\]).*$`)
	reasonLabel = regexp.MustCompile(`(?i)(?:technical details of [a-z]+ failure|because|reason|grund|ursache|raison|motivo|error(?: message)?|diagnostic(?: information)?|diag(?:nostic)? code|the (?:error|reason|response) (?:was|is|given was)|said)\s*:\s*(.*)`)
)

// replyIn returns the reply of a server in a paragraph, or nothing.
func replyIn(text string) string {
	for _, m := range smtpReply.FindAllStringSubmatchIndex(text, 5) {
		reply := text[m[2]:m[3]]
		if notAReply.MatchString(reply) {
			continue
		}
		if m[2] > 0 && strings.ContainsRune("'\"", rune(text[m[2]-1])) {
			if end := strings.LastIndexByte(reply, text[m[2]-1]); end > 0 {
				reply = reply[:end]
			}
		}
		if m[2] > 0 && (text[m[2]-1] == '(' || strings.HasSuffix(text[:m[2]], "(reason: ")) {
			reply, _, _ = strings.Cut(reply, ") ")
			reply = strings.TrimSuffix(reply, ")")
		}
		return clipped(afterReply.ReplaceAllString(reply, ""))
	}
	return ""
}

// transcript returns what a server replied about an address, from the
// conversation that some systems show.
func (w *textReader) transcript(address string) string {
	shown := ""
	for _, line := range firstOf(w.lines) {
		answer, isAnswer := strings.CutPrefix(strings.TrimSpace(line), "<<< ")
		reply := replyIn(answer)
		switch {
		case reply == "" || reply[0] == '2':
		case strings.Contains(strings.ToLower(line), strings.ToLower(address)):
			return reply
		case isAnswer && shown == "":
			shown = reply
		}
	}
	return shown
}

// nearReply reports whether the first words about an address are a reason.
func nearReply(parts []string) bool {
	return len(parts) > 0 && (statusIn(parts[0]) != "" || hasAny(folded(parts[0]), failedPhrases))
}

// reply is the first refusal of a server in the whole text.
func (w *textReader) reply() string {
	for _, text := range paragraphs(firstOf(w.lines)) {
		if reply := replyIn(text); reply != "" && reply[0] != '2' {
			return reply
		}
	}
	return ""
}

// reasonIn is the reason in free text: behind a word that announces one, or the
// first words after the address.
func reasonIn(parts []string) string {
	for i, text := range parts {
		m := reasonLabel.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		reason := m[1]
		if strings.TrimSpace(reason) == "" && i+1 < len(parts) {
			reason = parts[i+1]
		}
		reason, _, _ = strings.Cut(reason, " Learn more at ")
		return clipped(reason)
	}
	if len(parts) == 0 {
		return ""
	}
	return clipped(strings.Trim(parts[0], "()[]"))
}

// clipped bounds a diagnostic.
func clipped(text string) string {
	if runes := []rune(text); len(runes) > 1000 {
		text = string(runes[:999]) + "…"
	}
	return strings.TrimSpace(text)
}

var serverNames = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bhost ([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.? ?\[`),
	regexp.MustCompile(`(?i)while talking to ([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)`),
	regexp.MustCompile(`(?i)\bby ([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.? \[`),
	regexp.MustCompile(`(?i)\[([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.? [0-9a-f.:]+: `),
	regexp.MustCompile(`(?i)connect(?:ed)? to ([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.? ?[\[(]`),
	regexp.MustCompile(`(?i)([a-z0-9_-]+(?:\.[a-z0-9_-]+)+) \[[0-9a-f.:]+\](?::\d+)? (?:said|rejected|refused)`),
}

// serverIn is the name of the server that a text talks of.
func serverIn(text string) string {
	for _, pattern := range serverNames {
		if m := pattern.FindStringSubmatch(text); m != nil {
			if host := hostIn(m[1]); host != "" {
				return host
			}
		}
	}
	return ""
}

var generatedFrom = regexp.MustCompile(`(?i)\((?:expanded|generated|forwarded|originally|ultimately generated|originally addressed) (?:from|to):?\s+<?(` + addressInside.String() + `)>?\)`)

// expandedFrom is the address that was mailed, where a text names the alias
// behind an address.
func expandedFrom(text, address string) string {
	at := strings.Index(strings.ToLower(text), strings.ToLower(address))
	if at < 0 || at+len(address) > len(text) {
		return ""
	}
	near := text[at+len(address):]
	if len(near) > 200 {
		near = strings.ToValidUTF8(near[:200], "")
	}
	m := generatedFrom.FindStringSubmatchIndex(near)
	if m == nil || addressInside.MatchString(near[:m[0]]) || strings.EqualFold(near[m[2]:m[3]], address) {
		return ""
	}
	return near[m[2]:m[3]]
}
