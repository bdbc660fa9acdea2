package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"creditrun/internal/fault"
	"creditrun/numbering"
)

// folder writes every message into a file of its own, for trying the product
// out and for programs that pick mails up.
type folder struct {
	path   string
	create func(dir, pattern string) (tempFile, error)
}

// tempFile is what writing a file needs of os.File.
type tempFile interface {
	io.WriteCloser
	Sync() error
	Name() string
}

func createTemp(dir, pattern string) (tempFile, error) { return os.CreateTemp(dir, pattern) }

// Repeatable is true: the same message becomes the same file.
func (f *folder) Repeatable() bool { return true }

// Connections is 0: files can be written side by side.
func (f *folder) Connections() int { return 0 }

// Close has nothing to do.
func (f *folder) Close() error { return nil }

// Send writes the message. The file appears complete or not at all.
func (f *folder) Send(ctx context.Context, m *Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, retry(err)
	}
	name := emlName(m)
	if m.HandOver != nil {
		if err := m.HandOver(m.To); err != nil {
			return Receipt{}, retry(err)
		}
	}
	if err := f.write(name, m.Content); err != nil {
		reason := err
		if path := (*os.PathError)(nil); errors.As(err, &path) {
			reason = path.Err
		}
		return Receipt{}, outage(fault.Wrap(fault.Unavailable, "folder_unwritable", fault.Args{"folder": f.path, "reason": reason.Error()}, err))
	}
	reply := "written to " + name
	return Receipt{Reply: reply, Said: reply}, nil
}

// writeTries is how often a message is written when another process that sends
// the same one sweeps it away.
const writeTries = 3

func (f *folder) write(name string, content []byte) (err error) {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return err
	}
	for range writeTries {
		if err = f.tryWrite(name, content); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

func (f *folder) tryWrite(name string, content []byte) (err error) {
	f.sweep(name)
	temp, err := f.create(f.path, "."+name+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	if err := fill(temp, content); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), filepath.Join(f.path, name)); err != nil {
		return err
	}
	syncFolder(f.path)
	return nil
}

func fill(file tempFile, content []byte) error {
	_, err := file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// sweep removes what a process left behind that died while it wrote the same
// message. Another process may be writing it just now, which then begins again:
// both write the same bytes.
func (f *folder) sweep(name string) {
	left, _ := filepath.Glob(filepath.Join(f.path, "."+name+".*.tmp"))
	for _, path := range left {
		_ = os.Remove(path)
	}
}

// syncFolder makes the new name survive a power cut where the system can do
// that. Where it cannot there is nothing better to do.
func syncFolder(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// emlName names the file of a message: GS-2026-00001.eml, its first copy
// GS-2026-00001.copy1.eml. Full stops and small letters make a hash necessary:
// a number may end like a copy, and some systems know no small letters.
func emlName(m *Message) string {
	name := numbering.FileName(m.Number)
	if name != strings.ToUpper(name) || strings.Contains(name, ".") {
		name = numbering.FileNameApart(m.Number)
	}
	if m.Copy > 0 {
		name += fmt.Sprintf(".copy%d", m.Copy)
	}
	return name + ".eml"
}
