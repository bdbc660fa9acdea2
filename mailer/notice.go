package mailer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	netmail "net/mail"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/wneessen/go-mail"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// Notices keeps the notices that wait.
type Notices interface {
	// Notice returns a notice and name and e-mail address of the operator who
	// sends it. A missing one is a NotFound fault.
	Notice(ctx context.Context, id int64) (n *creditnotes.Notice, name, email string, err error)

	// StartNotice counts an attempt; when it returns this is committed. It
	// succeeds only if the notice waits and has had attempt-1 attempts so far,
	// otherwise it is a Conflict fault. For a notice with a link it makes the
	// secret of the link.
	StartNotice(ctx context.Context, n *creditnotes.Notice, attempt int) (secret string, err error)

	// TakeBack takes an attempt back that did not count, the last one.
	TakeBack(ctx context.Context, id int64, attempt int) error

	// FinishNotice records how an attempt ended: sent, failed, or queued for
	// another one.
	FinishNotice(ctx context.Context, id int64, state creditnotes.DeliveryState, reply string, at time.Time) error
}

// Notify sends one notice. It may be called again at any time: what was sent or
// has failed stays so. It returns an error when the notice is to be tried again
// later. A notice of which no one knows whether it arrived is tried again, too:
// reading it twice harms no one, and of several links the last one works.
func (d *Deliverer) Notify(ctx context.Context, id int64) error {
	n, name, email, err := d.Notices.Notice(ctx, id)
	if err != nil {
		return fmt.Errorf("notice %d: %w", id, err)
	}
	if n.State != creditnotes.DeliveryQueued {
		return nil
	}
	p, err := d.Outbox.MailPause(ctx)
	if err != nil {
		return fmt.Errorf("notice %d: %w", id, err)
	}
	if p != nil {
		if goesOn, err := d.noticeTries(ctx, p); err != nil || !goesOn {
			return err
		}
	}
	return d.notify(ctx, n, name, email, p != nil)
}

// noticeTries reports whether a notice may try a server that takes no mails:
// where no mail of a note waits. Else one of those tries it.
func (d *Deliverer) noticeTries(ctx context.Context, p *creditnotes.MailPause) (bool, error) {
	tried, ok, err := d.Outbox.ClaimProbe(ctx, false)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, d.pausedError(p)
	}
	if tried == 0 {
		return true, nil
	}
	_ = d.deliver(ctx, tried, true) // its state tells
	p, err = d.tried(ctx)
	if err != nil || p != nil {
		return false, errors.Join(err, d.pausedError(p))
	}
	return true, nil
}

// notify sends a notice. With try it is the mail that tries whether the server
// takes mails again.
func (d *Deliverer) notify(ctx context.Context, n *creditnotes.Notice, name, email string, try bool) error {
	id := n.ID
	if email == "" {
		return fmt.Errorf("notice %d: %w", id, fault.New(fault.NotReady, "mail_no_sender", fault.Args{"operator": name}))
	}
	if err := d.Signing.usable(d.Now()); err != nil {
		return fmt.Errorf("notice %d: %w", id, err)
	}
	attempt := n.Attempts + 1
	secret, err := d.Notices.StartNotice(ctx, n, attempt)
	if fault.Is(err, fault.Conflict) {
		return nil // another person is at it
	}
	if err != nil {
		return fmt.Errorf("notice %d: %w", id, err)
	}
	m, err := d.Signing.composeNotice(d.Texts, n, name, email, secret)
	if err != nil {
		return d.noticed(ctx, n, creditnotes.DeliveryFailed, d.words(err))
	}
	receipt, sendErr := d.Transport.Send(ctx, m)
	stopped := ctx.Err()
	ctx = context.WithoutCancel(ctx) // what is known is recorded
	switch outcome := OutcomeOf(sendErr); {
	case outcome == OutcomeOutage, outcome == OutcomeDoubt && senderRefused(sendErr):
		return d.noticePaused(ctx, n, sendErr, try)
	case outcome == OutcomeSent:
		err = d.noticed(ctx, n, creditnotes.DeliverySent, receipt.Reply)
	case outcome == OutcomeRefused, outcome == OutcomeDoubt, attempt >= d.maxAttempts() && stopped == nil:
		err = d.noticed(ctx, n, creditnotes.DeliveryFailed, d.reply(sendErr))
	default:
		if err := d.noticed(ctx, n, creditnotes.DeliveryQueued, d.reply(sendErr)); err != nil {
			return err
		}
		return &Later{d.Now().Add(creditnotes.RetryPause(attempt)), fmt.Errorf("notice %d: attempt %d: %w", id, attempt, sendErr)}
	}
	if err == nil && try {
		err = d.resume(ctx)
	}
	return err
}

func senderRefused(err error) bool {
	var send *SendError
	return errors.As(err, &send) && send.Sender
}

// noticePaused pauses all mails; the attempt does not count.
func (d *Deliverer) noticePaused(ctx context.Context, n *creditnotes.Notice, sendErr error, try bool) error {
	said := d.reply(sendErr)
	p, err := d.pause(ctx, reasonOf(sendErr), said, try)
	if err != nil {
		return fmt.Errorf("notice %d: %w", n.ID, err)
	}
	since := p.Since
	if n.CreatedAt.After(since) {
		since = n.CreatedAt
	}
	if d.Now().Sub(since) >= d.retryFor() {
		return d.noticed(ctx, n, creditnotes.DeliveryFailed, said)
	}
	if err := d.Notices.TakeBack(ctx, n.ID, n.Attempts+1); err != nil {
		return err
	}
	return d.pausedError(p)
}

// noticed records the end of an attempt and logs it.
func (d *Deliverer) noticed(ctx context.Context, n *creditnotes.Notice, state creditnotes.DeliveryState, reply string) error {
	if err := d.Notices.FinishNotice(ctx, n.ID, state, reply, d.Now()); err != nil {
		return fmt.Errorf("notice %d is %s, but that could not be recorded: %w", n.ID, state, err)
	}
	log := d.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	level := slog.LevelInfo
	if state == creditnotes.DeliveryFailed {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "notice "+string(state), "notice", n.ID, "kind", string(n.Kind))
	return nil
}

var (
	htmlNotice = htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/notice.html.tmpl"))
	textNotice = texttemplate.Must(texttemplate.ParseFS(templates, "templates/notice.txt.tmpl"))
)

// noticeView is what the templates of a notice show.
type noticeView struct {
	Language string
	Subject  string
	Operator string
	Greeting string
	Opening  []string
	Link     string
	LinkText string
	Items    []noticeItem
	Closing  []string
	Footer   string
}

// noticeItem is one change as the templates show it.
type noticeItem struct {
	Title         string
	Before, After fact
}

// composeNotice writes the e-mail of a notice. Notices are in the languages of
// the pages; for any other language they are in English.
func (s Signing) composeNotice(texts Texts, n *creditnotes.Notice, name, email, secret string) (*Message, error) {
	to, err := parse(n.To)
	if err != nil {
		return nil, err
	}
	from, err := parse(email)
	if err != nil {
		return nil, err
	}
	from.Name = oneLine(name)
	v, err := viewOfNotice(texts, n, name, secret)
	if err != nil {
		return nil, fmt.Errorf("notice %d: %w", n.ID, err)
	}
	content, err := s.writeNotice(v, n, from, to)
	if err == nil && s.DKIM != nil {
		content, err = s.DKIM.sign(content)
	}
	if err != nil {
		return nil, fmt.Errorf("notice %d: %w", n.ID, err)
	}
	number := fmt.Sprintf("notice-%06d-%s", n.ID, n.Kind) // names the file in a folder
	return &Message{Number: number, From: from.Address, To: []string{to.Address}, Content: content}, nil
}

func (s Signing) writeNotice(v *noticeView, n *creditnotes.Notice, from, to *netmail.Address) ([]byte, error) {
	var text, html bytes.Buffer
	if err := errors.Join(textNotice.Execute(&text, v), htmlNotice.Execute(&html, v)); err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	msg.Subject(oneLine(v.Subject))
	msg.SetMessageIDWithValue(noticeID(n, v.Link, from.Address))
	msg.SetDateWithValue(n.CreatedAt.UTC())
	automatic(msg)
	msg.SetGenHeader("Content-Language", v.Language)
	msg.SetBodyString(mail.TypeTextPlain, text.String())
	msg.AddAlternativeString(mail.TypeTextHTML, html.String())
	if s.SMIME != nil {
		if err := msg.SignWithTLSCertificate(s.SMIME); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	_, err := msg.WriteTo(&b)
	return b.Bytes(), err
}

// noticeID is the Message-ID: the same for every attempt at a notice, but not
// for those with different links, of which the last one has to arrive.
func noticeID(n *creditnotes.Notice, link, from string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %d %s", n.ID, n.Kind, n.To, n.CreatedAt.UnixMicro(), link))
	_, domain, _ := strings.Cut(from, "@")
	return "notice." + hex.EncodeToString(sum[:12]) + "@" + domain
}

// viewOfNotice is a notice in words.
func viewOfNotice(texts Texts, n *creditnotes.Notice, name, secret string) (*noticeView, error) {
	w := &noticeWriter{texts: texts, lang: n.Language, facts: n.Facts}
	if _, err := texts.Text(w.lang, "notice_footer", map[string]any{"Operator": ""}); err != nil {
		w.lang = replyLanguage
	}
	v := &noticeView{Language: w.lang, Operator: oneLine(name), Greeting: w.text("notice_greeting"), Footer: w.text("notice_footer", "Operator", oneLine(name))}
	about := fmt.Sprintf("notice_%s", n.Kind)
	v.Subject, v.Closing = w.text(about+"_subject"), []string{w.text(about + "_closing")}
	if n.Kind == creditnotes.NoticeUser {
		about = fmt.Sprintf("notice_user_%s", n.Facts.Deed)
	}
	v.Opening = []string{w.text(about)}
	if n.Facts.Text != "" {
		v.Opening = append(v.Opening, n.Facts.Text)
	}
	if n.Facts.Server {
		v.Opening = append(v.Opening, w.text("notice_server"))
	}
	if secret != "" {
		v.Link, v.LinkText = strings.TrimSuffix(n.Address, "/")+"/invite/"+secret, w.text("notice_link")
		v.Closing = append([]string{w.text("notice_link_lasts")}, v.Closing...)
	}
	if secret == "" && n.Address != "" {
		v.Link, v.LinkText = n.Address, w.text("notice_open")
	}
	v.Items = append(w.items(), w.waits()...)
	if n.Facts.More > 0 {
		v.Closing = append([]string{w.text("notice_more", "More", strconv.Itoa(n.Facts.More))}, v.Closing...)
	}
	return v, w.err
}

// noticeWriter finds the words of a notice and keeps the first error.
type noticeWriter struct {
	texts Texts
	lang  string
	facts creditnotes.NoticeFacts
	err   error
}

// text says a message about the facts of the notice, with further arguments.
func (w *noticeWriter) text(key string, more ...string) string {
	args := map[string]any{"Who": oneLine(w.facts.Who), "User": oneLine(w.facts.User), "Run": oneLine(w.facts.Run), "Head": oneLine(w.facts.Head), "Number": oneLine(w.facts.Number), "Subject": oneLine(w.facts.Subject)}
	for i := 0; i+1 < len(more); i += 2 {
		args[more[i]] = more[i+1]
	}
	text, err := w.texts.Text(w.lang, key, args)
	if err != nil && w.err == nil {
		w.err = err
	}
	return text
}

func (w *noticeWriter) items() (list []noticeItem) {
	for _, item := range w.facts.Items {
		if item.Matter == "" {
			list = append(list, w.returned(item))
			continue
		}
		shown := noticeItem{Title: w.text(fmt.Sprintf("matter_%s", item.Matter)) + ": " + oneLine(item.Name)}
		shown.Before = fact{w.text("notice_before"), w.value(item.Before)}
		shown.After = fact{w.text("notice_after"), w.value(item.After)}
		list = append(list, shown)
	}
	return list
}

// waits are the kinds of things that wait for a user.
func (w *noticeWriter) waits() (list []noticeItem) {
	for _, one := range w.facts.Waits {
		list = append(list, noticeItem{
			Title:  w.text(fmt.Sprintf("inbox_%s", one.Kind)),
			Before: fact{w.text("notice_inbox_count"), strconv.Itoa(one.Count)},
			After:  fact{w.text("notice_inbox_since"), w.texts.Date(w.lang, entities.Date(one.Since))},
		})
	}
	return list
}

// returned is an address that a mail came back from, and why.
func (w *noticeWriter) returned(item creditnotes.NoticeItem) noticeItem {
	shown := noticeItem{Title: oneLine(item.Subject), Before: fact{w.text("notice_address"), oneLine(item.Name)}, After: fact{w.text("notice_reason"), oneLine(item.After)}}
	for _, f := range []*fact{&shown.Before, &shown.After} {
		if f.Value == "" {
			f.Value = w.text("notice_unknown")
		}
	}
	return shown
}

// value is what was or will be, or a word for nothing.
func (w *noticeWriter) value(text string) string {
	if text = oneLine(text); text == "" {
		return w.text("notice_nothing")
	}
	return text
}
