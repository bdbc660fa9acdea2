package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/internal/fault"
)

// forceFlag gives a command that writes files its --force.
func forceFlag(c *cobra.Command, force *bool) {
	c.Flags().BoolVar(force, "force", false, "overwrite files that exist with other content")
}

// writeFile writes a file whole or not at all, for this user alone to read, and
// reports whether it did: one with the same content is left alone. One with
// other content is a Conflict fault, unless force is set; what else goes wrong
// is an Unavailable fault.
func writeFile(path string, content []byte, force bool) (written bool, err error) {
	return writeFileBy(path, force, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// writeFileBy is writeFile for content that need not be in memory whole. When
// it returns, the content is on the disk.
func writeFileBy(path string, force bool, write func(io.Writer) error) (written bool, err error) {
	written, err = publish(path, force, write)
	if written && err == nil {
		syncFolder(dirOf(path))
	}
	if err != nil && fault.Of(err) == nil {
		err = fault.Wrap(fault.Unavailable, "file_unwritable", fault.Args{"file": path}, err)
	}
	return written, err
}

func publish(path string, force bool, write func(io.Writer) error) (written bool, err error) {
	temporary, err := os.CreateTemp(dirOf(path), ".creditrun-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(temporary.Name())
	err = write(temporary)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return false, err
	}
	if force {
		return true, os.Rename(temporary.Name(), path)
	}
	// A link is made only where there is no file, even if another process writes there meanwhile.
	err = os.Link(temporary.Name(), path)
	if err == nil {
		return true, nil
	}
	if _, missing := os.Lstat(path); errors.Is(missing, fs.ErrNotExist) { // a file system without links
		return true, os.Rename(temporary.Name(), path)
	}
	same, err := sameContent(temporary.Name(), path)
	if err == nil && !same {
		err = fault.New(fault.Conflict, "file_differs", fault.Args{"file": path})
	}
	return false, err
}

// sameContent reports whether two files hold the same bytes.
func sameContent(a, b string) (bool, error) {
	one, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer one.Close()
	other, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer other.Close()
	left, right := make([]byte, 1<<16), make([]byte, 1<<16)
	for {
		n, errA := io.ReadFull(one, left)
		m, errB := io.ReadFull(other, right)
		if !bytes.Equal(left[:n], right[:m]) {
			return false, nil
		}
		if ended(errA) || ended(errB) {
			return ended(errA) && ended(errB), nil
		}
		if err := errors.Join(errA, errB); err != nil {
			return false, err
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// syncFolder makes a new name survive a power cut where the system can do that.
func syncFolder(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

func dirOf(path string) string {
	if i := strings.LastIndexByte(path, os.PathSeparator); i >= 0 {
		return path[:i+1]
	}
	return "."
}
