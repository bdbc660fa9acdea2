package flow

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"syscall"

	"creditrun/internal/fault"
)

// light is how many bytes of a body are kept in memory; what is more goes into
// a temporary file.
const light = 64 << 10

// Spooled is a body that has arrived whole, so that nothing that works on it
// waits for the network.
type Spooled struct {
	io.Reader
	Size int64
	file *os.File // nil: it is in memory
}

// Spool takes a body in, up to most bytes, and closes it. A larger one is an
// *http.MaxBytesError, a sender that is too slow an Unavailable fault
// upload_too_slow, and a disk without room one temporary_files_full. What comes
// in is also written to sum, a hash, if there is one.
func Spool(body io.ReadCloser, most int64, sum io.Writer) (*Spooled, error) {
	defer body.Close()
	from := io.Reader(&limited{body, most, most})
	if sum != nil {
		from = io.TeeReader(from, sum)
	}
	var start bytes.Buffer
	n, err := io.CopyN(&start, from, light)
	if err == nil {
		return spoolToFile(&start, from)
	}
	if !errors.Is(err, io.EOF) {
		return nil, Explain(err)
	}
	return &Spooled{Reader: &start, Size: n}, nil
}

func spoolToFile(start *bytes.Buffer, rest io.Reader) (*Spooled, error) {
	file, err := os.CreateTemp("", "creditrun-upload-*")
	if err != nil {
		return nil, Explain(err)
	}
	// Without its name nothing is left of it, however the process ends. Where an
	// open file cannot be removed, Close removes it.
	_ = os.Remove(file.Name())
	s := &Spooled{Reader: file, file: file}
	if s.Size, err = io.Copy(file, io.MultiReader(start, rest)); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(Explain(err), s.Close())
	}
	return s, nil
}

// Close removes the temporary file.
func (s *Spooled) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	_ = os.Remove(s.file.Name())
	return err
}

// limited reads so many bytes and fails where there are more. It is
// http.MaxBytesReader for what is no request.
type limited struct {
	from io.Reader
	left int64
	most int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.from.Read(p)
	if int64(n) > l.left {
		return int(l.left), &http.MaxBytesError{Limit: l.most}
	}
	l.left -= int64(n)
	return n, err
}

// Unpacked returns a body as it is or, where it is compressed by gzip, what is
// in it, up to most bytes; more are an *http.MaxBytesError. What cannot be
// unpacked, or has to be unpacked twice, is an Invalid fault file_unreadable.
func Unpacked(body io.Reader, most int64) (io.Reader, error) {
	whole := bufio.NewReader(body)
	if !isPacked(whole) {
		return whole, nil
	}
	damaged := func(err error) error {
		return fault.Wrap(fault.Invalid, "file_unreadable", fault.Args{"file": "body"}, err)
	}
	packed, err := gzip.NewReader(whole)
	if err != nil {
		return nil, damaged(err)
	}
	content := bufio.NewReader(&limited{packed, most, most})
	if isPacked(content) {
		return nil, damaged(errors.New("compressed twice"))
	}
	return content, nil
}

func isPacked(r *bufio.Reader) bool {
	start, _ := r.Peek(2) // anyone who reads on finds out what is wrong
	return bytes.Equal(start, []byte{0x1f, 0x8b})
}

// Explain turns what can go wrong while something is transferred into a fault;
// every other error stays what it is.
func Explain(err error) error {
	switch {
	case err == nil, len(fault.Of(err)) > 0:
		return err
	case TooSlow(err):
		return fault.Wrap(fault.Unavailable, "upload_too_slow", nil, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.Wrap(fault.Unavailable, "temporary_files_full", nil, err)
	}
	return err
}
