package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folder is a Maildir, or a folder of *.eml files.
type folder struct {
	path string
	left map[string]bool // files that were read and stay
}

// Name implements Mailbox.
func (f *folder) Name() string { return "folder:" + f.path }

// Each implements Mailbox.
func (f *folder) Each(ctx context.Context, fn Reader) error {
	places, err := f.places()
	if err != nil {
		return unreachable(f.path, reasonOf(err))
	}
	for _, p := range places {
		entries, err := os.ReadDir(p.from)
		if err != nil {
			return unreachable(p.from, reasonOf(err))
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !e.Type().IsRegular() || !p.message(e.Name()) {
				continue
			}
			if err := f.one(p, e.Name(), fn); err != nil {
				return err
			}
		}
	}
	return nil
}

// place is a folder with messages, and where they are put aside.
type place struct {
	from, to string
	maildir  bool
}

// message reports whether a file is a message by its name.
func (p place) message(name string) bool {
	if strings.HasPrefix(name, ".") {
		return false
	}
	return p.maildir || strings.EqualFold(filepath.Ext(name), ".eml")
}

// places are the folders of the mailbox. Those of a Maildir are put aside into
// a subfolder as Maildir++ names it.
func (f *folder) places() ([]place, error) {
	isMaildir := true
	for _, name := range []string{"new", "cur"} {
		if info, err := os.Stat(filepath.Join(f.path, name)); err != nil || !info.IsDir() {
			isMaildir = false
		}
	}
	if !isMaildir {
		_, err := os.Stat(f.path)
		return []place{{from: f.path, to: filepath.Join(f.path, Processed)}}, err
	}
	aside := filepath.Join(f.path, "."+Processed, "cur")
	return []place{
		{from: filepath.Join(f.path, "new"), to: aside, maildir: true},
		{from: filepath.Join(f.path, "cur"), to: aside, maildir: true},
	}, nil
}

// one reads a message. One that has gone meanwhile was moved by another
// program.
func (f *folder) one(p place, name string, fn Reader) error {
	path := filepath.Join(p.from, name)
	key, _, _ := strings.Cut(name, ":") // a Maildir keeps its flags behind the name
	if f.left[key] {
		return nil
	}
	raw, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unreachable(path, reasonOf(err))
	}
	verdict, err := fn(raw)
	if err != nil {
		return err
	}
	if verdict != Aside {
		f.left[key] = verdict == Stay
		return nil
	}
	if err := p.putAside(path, name, raw); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unreachable(path, reasonOf(err))
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxSize))
}

// putAside moves a message, and overwrites none.
func (p place) putAside(path, name string, raw []byte) error {
	if err := os.MkdirAll(p.to, 0o700); err != nil {
		return err
	}
	if p.maildir {
		for _, sub := range []string{"new", "tmp"} {
			if err := os.MkdirAll(filepath.Join(filepath.Dir(p.to), sub), 0o700); err != nil {
				return err
			}
		}
		base, flags, _ := strings.Cut(name, ":2,")
		if !strings.Contains(flags, "S") {
			flags += "S"
		}
		name = base + ":2," + flags
	}
	to := filepath.Join(p.to, name)
	if _, err := os.Lstat(to); err == nil {
		sum := sha256.Sum256(raw)
		to = filepath.Join(p.to, hex.EncodeToString(sum[:8])+"-"+name)
	}
	return os.Rename(path, to)
}

// reasonOf is the error without the path, which is named beside it.
func reasonOf(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
