package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"os"
	"path"
	"path/filepath"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// against compares the database with an archive of issued documents: a folder
// as export, run --out or the archive of mails leave it, with folders and ZIP
// files in it. It returns what the archive has that the database has not.
func (a *app) against(ctx context.Context, s *store.Store, folder string) (*creditnotes.ArchiveComparison, error) {
	config, err := s.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	return creditnotes.CompareArchive(ctx, s, config.NumberRanges, keptFiles(folder))
}

// concludeComparison keeps what was found with the restore that waits. The
// comparison of clean books without a problem confirms it, if the archive has
// documents that were issued after the backup. Where it has none, only a person
// knows whether it is complete.
func (a *app) concludeComparison(ctx context.Context, s *store.Store, folder string, c *creditnotes.ArchiveComparison, clean bool) error {
	restored, err := s.Restored(ctx)
	if err != nil || restored == nil {
		return err
	}
	full, err := filepath.Abs(folder)
	if err != nil {
		full = folder
	}
	done, err := s.RecordComparison(ctx, a.who(), full, c, clean)
	switch {
	case err != nil:
		return err
	case done:
		a.say("Confirmed: credit notes are issued and mails are sent again. Mails that waited when the backup was made are parked.")
	case clean:
		a.sayNothingLater(restored, c)
	}
	return nil
}

// sayNothingLater says that an archive that agrees proves nothing of what was
// issued after the backup.
func (a *app) sayNothingLater(restored *creditnotes.Restored, c *creditnotes.ArchiveComparison) {
	if c.Newest != "" {
		a.say("The newest document in the archive is %s, issued on %s.", c.Newest, c.NewestAt.UTC().Format("2006-01-02 15:04 MST"))
	}
	a.say("The archive holds no document issued after the backup of %s. If it is complete until today, confirm with creditrun restore --confirm; until then nothing is issued or sent.",
		restored.BackupAt.UTC().Format("2006-01-02 15:04 MST"))
}

// keptFiles yields every file of a folder, those within ZIP files and mails
// included.
func keptFiles(folder string) iter.Seq2[creditnotes.KeptFile, error] {
	return func(yield func(creditnotes.KeptFile, error) bool) {
		err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			switch strings.ToLower(filepath.Ext(name)) {
			case ".zip":
				return zippedFiles(name, yield)
			case ".eml":
				return mailedFiles(name, yield)
			}
			return keep(name, entry.Name(), func() (io.ReadCloser, error) { return os.Open(name) }, yield)
		})
		if err != nil && err != fs.SkipAll {
			yield(creditnotes.KeptFile{}, fault.Wrap(fault.Invalid, "file_unreadable", fault.Args{"file": folder}, err))
		}
	}
}

func zippedFiles(name string, yield func(creditnotes.KeptFile, error) bool) error {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer archive.Close()
	for _, file := range archive.File {
		if file.FileInfo().IsDir() {
			continue
		}
		if err := keep(name+"/"+file.Name, path.Base(file.Name), file.Open, yield); err != nil {
			return err
		}
	}
	return nil
}

// mailedFiles yields the files attached to a mail. What is no mail has none.
func mailedFiles(name string, yield func(creditnotes.KeptFile, error) bool) error {
	content, err := os.Open(name)
	if err != nil {
		return err
	}
	defer content.Close()
	letter, err := mail.ReadMessage(content)
	if err != nil {
		return nil
	}
	return attachments(name, textproto.MIMEHeader(letter.Header), letter.Body, yield)
}

// attachments walks through a part of a mail.
func attachments(where string, header textproto.MIMEHeader, body io.Reader, yield func(creditnotes.KeptFile, error) bool) error {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return nil // the last one, or a mail that was cut off
			}
			if err := attachments(where, part.Header, part, yield); err != nil {
				return err
			}
		}
	}
	_, params, err = mime.ParseMediaType(header.Get("Content-Disposition"))
	if err != nil || params["filename"] == "" {
		return nil
	}
	if strings.EqualFold(header.Get("Content-Transfer-Encoding"), "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	return keep(where+"/"+params["filename"], path.Base(params["filename"]), func() (io.ReadCloser, error) { return io.NopCloser(body), nil }, yield)
}

// keep reads one file of an archive.
func keep(where, name string, open func() (io.ReadCloser, error), yield func(creditnotes.KeptFile, error) bool) error {
	content, err := open()
	if err != nil {
		return err
	}
	defer content.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if !yield(creditnotes.KeptFile{Path: where, Name: name, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil) {
		return fs.SkipAll
	}
	return nil
}
