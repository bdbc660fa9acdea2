package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// Compose writes the e-mail of a delivery: text and HTML in the language of
// the note, the files attached in the order given. It uses nothing but the
// frozen note, the delivery and the files, so that repeating it gives the same
// bytes. Recipients whose address is invalid are left out; where no one else is
// left, and of the other addresses, invalid ones are faults that name them, all
// at once.
func Compose(texts Texts, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File) (*Message, error) {
	return Signing{}.Compose(texts, n, d, files)
}

// Compose writes the same e-mail and signs it.
func (s Signing) Compose(texts Texts, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File) (*Message, error) {
	if n.Number == "" {
		return nil, fault.New(fault.NotReady, "mail_not_issued", nil)
	}
	p, err := peopleOf(n, d)
	if err != nil {
		return nil, err
	}
	v, err := viewOf(texts, n, d, files, p)
	if err != nil {
		return nil, fmt.Errorf("mail of %s: %w", n.Number, err)
	}
	m, err := s.message(v, n, d, files, p)
	if plain, differs := p.plain(); differs && err == nil && plain != nil {
		m.Plain, err = s.message(v, n, d, files, *plain)
	}
	if err != nil {
		return nil, fmt.Errorf("mail of %s: %w", n.Number, err)
	}
	return m, nil
}

// message is the mail to some people.
func (s Signing) message(v *view, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File, p people) (*Message, error) {
	content, err := s.write(v, n, d, files, p)
	if err == nil && s.DKIM != nil {
		content, err = s.DKIM.sign(content)
	}
	if err != nil {
		return nil, err
	}
	m := &Message{Number: n.Number, Copy: d.Copy, From: p.from.Address, Content: content}
	for _, to := range p.to {
		m.To = append(m.To, to.Address)
	}
	return m, nil
}

// people are the addresses of one mail.
type people struct {
	from    *netmail.Address
	to      []*netmail.Address
	replyTo *netmail.Address // nil: answers go to from
}

// contact is where the recipient may ask, as people write it.
func (p people) contact() string {
	if p.replyTo != nil {
		return entities.UnicodeDomain(p.replyTo.Address)
	}
	return entities.UnicodeDomain(p.from.Address)
}

// plain is the mail without the addresses that need SMTPUTF8, also in its
// header. It reports whether that is another mail; nil: no one is left to get
// it or to send it.
func (p people) plain() (plain *people, differs bool) {
	needs := func(a *netmail.Address) bool { return entities.NeedsSMTPUTF8(a.Address) }
	rest := people{from: p.from, replyTo: p.replyTo, to: slices.DeleteFunc(slices.Clone(p.to), needs)}
	if rest.replyTo != nil && needs(rest.replyTo) {
		rest.replyTo = nil
	}
	differs = len(rest.to) < len(p.to) || rest.replyTo != p.replyTo || needs(p.from)
	if len(rest.to) == 0 || needs(p.from) {
		return nil, differs
	}
	return &rest, differs
}

// peopleOf reads the addresses of a delivery. From is always the operator's
// address with the operator's name.
func peopleOf(n *creditnotes.Note, d *creditnotes.Delivery) (people, error) {
	var p people
	issuer := n.Document.Issuer
	to, faults := parseAll(d.To)
	if len(to) > 0 {
		faults = nil // those that are no address are left out
	}
	if len(d.To) == 0 {
		faults = append(faults, fault.New(fault.NotReady, "mail_no_recipient", fault.Args{"recipient": n.Document.Recipient.Name}))
	}
	if issuer.Email == "" {
		faults = append(faults, fault.New(fault.NotReady, "mail_no_sender", fault.Args{"operator": issuer.Name}))
	} else if from, err := parse(issuer.Email); err != nil {
		faults = append(faults, fault.Of(err)...)
	} else {
		p.from = &netmail.Address{Name: oneLine(issuer.Name), Address: from.Address}
	}
	if d.ReplyTo != "" {
		replyTo, err := parse(d.ReplyTo)
		faults = append(faults, fault.Of(err)...)
		p.replyTo = replyTo
	}
	p.to = to
	return p, faults.Err()
}

// write builds the MIME message, with S/MIME the signed one. Text comes before
// HTML: of alternatives the last one is the preferred.
func (s Signing) write(v *view, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File, p people) ([]byte, error) {
	text, html, err := v.render()
	if err != nil {
		return nil, err
	}
	id := strings.Trim(d.MessageID, "<>")
	if id == "" {
		id = MessageID(n.Number, d.Copy, p.from.Address)
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(p.from)
	msg.ToMailAddress(p.to...)
	if p.replyTo != nil {
		msg.ReplyToMailAddress(p.replyTo)
	}
	msg.Subject(headerText(oneLine(v.Subject)))
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(d.CreatedAt.UTC())
	automatic(msg)
	msg.SetGenHeader("Content-Language", v.Language)
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	for _, f := range files {
		attach(msg, f)
	}
	if s.SMIME != nil {
		if err := msg.SignWithTLSCertificate(s.SMIME); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, err
	}
	content := unfoldShort(b.Bytes())
	if s.SMIME != nil {
		return content, nil // the boundaries are signed, too
	}
	return fixBoundaries(content, id), nil
}

// automatic marks a mail as one that no program answers.
func automatic(msg *mail.Msg) {
	msg.SetGenHeader("Auto-Submitted", "auto-generated")           // RFC 3834: no holiday replies
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply") // the same, of Exchange
}

// attach adds a file with its name as RFC 2231 writes it; go-mail would put
// an encoded word inside quotes, which is not allowed there.
func attach(msg *mail.Msg, f creditnotes.File) {
	name := fileName(f.Name)
	msg.AttachReadSeeker(name, bytes.NewReader(f.Content), func(file *mail.File) {
		kind, params, err := mime.ParseMediaType(f.MediaType)
		if err != nil {
			kind, params = "application/octet-stream", map[string]string{}
		}
		params["name"] = name
		file.Header.Set("Content-Type", mime.FormatMediaType(kind, params))
		file.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	})
}

// maxFileName keeps the header line of a file name, every letter of which may
// need twelve characters there, below the 998 that a line may have.
const maxFileName = 70

// fileName makes a name safe for every file system and header.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, oneLine(name))
	runes := []rune(strings.TrimLeft(name, ". "))
	if len(runes) > maxFileName {
		runes = append(runes[:maxFileName/2], runes[len(runes)-maxFileName/2:]...)
	}
	if len(runes) == 0 {
		return "file"
	}
	return string(runes)
}

// randomBoundary is how go-mail announces a multipart.
var randomBoundary = regexp.MustCompile(`boundary=([0-9a-f]{60})`)

// fixBoundaries replaces the random boundaries between the parts by ones that
// follow from the Message-ID: go-mail can only be given one boundary for all
// levels, which would break the nesting. The new ones contain "=_", which
// neither quoted-printable nor base64 can produce.
func fixBoundaries(content []byte, id string) []byte {
	sum := sha256.Sum256([]byte(id))
	for level, match := range randomBoundary.FindAllSubmatch(content, 2) {
		random := match[1]
		fixed := fmt.Appendf(nil, "=_%d_%s", level+1, hex.EncodeToString(sum[:16]))
		content = bytes.ReplaceAll(content, append([]byte("--"), random...), append([]byte("--"), fixed...))
		content = bytes.Replace(content, match[0], fmt.Appendf(nil, "boundary=%q", fixed), 1)
	}
	return content
}
