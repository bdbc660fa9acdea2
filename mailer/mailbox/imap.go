package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/url"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// server is a mailbox of an IMAP server.
type server struct {
	address     string
	implicitTLS bool
	plain       bool // without TLS
	user        string
	password    string
	folder      string
	processed   string
	tls         *tls.Config

	validity uint32            // of the numbers in left
	left     map[imap.UID]bool // messages that were read and stay
}

// Option changes how Open builds a mailbox of a server.
type Option func(*server)

// WithTLS sets what certificates are checked against, in place of the roots of
// the system.
func WithTLS(config *tls.Config) Option { return func(s *server) { s.tls = config.Clone() } }

// Name implements Mailbox.
func (s *server) Name() string {
	return (&url.URL{Scheme: s.scheme(), User: url.User(s.user), Host: s.address, Path: "/" + s.folder}).String()
}

func (s *server) scheme() string {
	if s.implicitTLS {
		return "imaps"
	}
	return "imap"
}

// Each implements Mailbox. It reads without marking a message as seen. The
// connection ends with it, and when the context ends.
func (s *server) Each(ctx context.Context, fn Reader) error {
	c, err := s.dial()
	if err != nil {
		return unreachable(s.address, err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	uids, err := s.list(c)
	for i := 0; err == nil && i < len(uids); i++ {
		var failed error
		if err = s.one(c, uids[i], func(raw []byte) (verdict Verdict, err error) {
			verdict, failed = fn(raw)
			return verdict, failed
		}); failed != nil {
			return failed
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return unreachable(s.address, err)
	}
	c.Logout().Wait()
	return nil
}

func (s *server) dial() (*imapclient.Client, error) {
	config := s.tls.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	options := &imapclient.Options{TLSConfig: config}
	connect := imapclient.DialStartTLS
	switch {
	case s.implicitTLS:
		connect = imapclient.DialTLS
	case s.plain:
		connect = imapclient.DialInsecure
	}
	c, err := connect(s.address, options)
	if err != nil {
		return nil, err
	}
	if err := c.Login(s.user, s.password).Wait(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// list opens the folder and returns the messages that are to be read.
func (s *server) list(c *imapclient.Client) ([]imap.UID, error) {
	selected, err := c.Select(s.folder, nil).Wait()
	if err != nil {
		return nil, err
	}
	if s.left == nil || s.validity != selected.UIDValidity {
		s.validity, s.left = selected.UIDValidity, map[imap.UID]bool{}
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return nil, err
	}
	var list []imap.UID
	for _, uid := range found.AllUIDs() {
		if !s.left[uid] {
			list = append(list, uid)
		}
	}
	return list, nil
}

// one reads a message and puts it aside when it is done with.
func (s *server) one(c *imapclient.Client, uid imap.UID, fn Reader) error {
	raw, err := fetch(c, uid)
	if err != nil || raw == nil {
		return err
	}
	verdict, err := fn(raw)
	if err != nil {
		return err
	}
	if verdict != Aside {
		s.left[uid] = verdict == Stay
		return nil
	}
	return s.putAside(c, imap.UIDSetNum(uid))
}

// fetch reads the beginning of a message; nil: it has gone meanwhile.
func fetch(c *imapclient.Client, uid imap.UID) (raw []byte, err error) {
	command := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{
		{Peek: true, Partial: &imap.SectionPartial{Offset: 0, Size: MaxSize}},
	}})
	for message := command.Next(); message != nil; message = command.Next() {
		for item := message.Next(); item != nil; item = message.Next() {
			section, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || section.Literal == nil {
				continue
			}
			if raw, err = io.ReadAll(io.LimitReader(section.Literal, MaxSize)); err == nil {
				_, err = io.Copy(io.Discard, section.Literal)
			}
		}
	}
	return raw, errors.Join(err, command.Close())
}

// putAside moves a message into the folder for those that are done with, which
// is made where there is none. Marked as seen it is no news there. Where it
// cannot be moved it stays, and is read again the next time.
func (s *server) putAside(c *imapclient.Client, message imap.UIDSet) error {
	seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	if err := c.Store(message, seen, nil).Close(); err != nil {
		return err
	}
	err := s.move(c, message)
	var refused *imap.Error
	if !errors.As(err, &refused) {
		return err
	}
	if err := c.Create(s.processed, nil).Wait(); err != nil {
		return errors.Join(refused, err)
	}
	return s.move(c, message)
}

// move moves a message. Where the server cannot, it is marked as deleted only
// after it was copied; other messages that are marked stay.
func (s *server) move(c *imapclient.Client, message imap.UIDSet) error {
	if c.Caps().Has(imap.CapMove) {
		_, err := c.Move(message, s.processed).Wait()
		return err
	}
	if _, err := c.Copy(message, s.processed).Wait(); err != nil {
		return err
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.Store(message, deleted, nil).Close(); err != nil {
		return err
	}
	if c.Caps().Has(imap.CapUIDPlus) {
		return c.UIDExpunge(message).Close()
	}
	return nil
}
