package flow

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"creditrun/internal/fault"
)

// temporaryFiles are those of the system.
func temporaryFiles() ([]os.DirEntry, error) { return os.ReadDir(os.TempDir()) }

func packed(t *testing.T, content io.Reader) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.Copy(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

func TestWhatIsPackedHasALimitOfItsOwn(t *testing.T) {
	const most = 1 << 20
	for name, body := range map[string]io.Reader{
		"as it is": strings.NewReader("id;evse_id"), "packed": packed(t, strings.NewReader("id;evse_id")), "one letter": strings.NewReader("i"), "nothing": strings.NewReader(""),
	} {
		r, err := Unpacked(body, most)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !strings.HasPrefix("id;evse_id", string(got)) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	bomb := packed(t, io.LimitReader(endless{}, 64<<20))
	r, err := Unpacked(bomb, most)
	if err != nil {
		t.Fatal(err)
	}
	var tooLarge *http.MaxBytesError
	if n, err := io.Copy(io.Discard, r); !errors.As(err, &tooLarge) || n > most {
		t.Errorf("%d bytes of a bomb of %d, %v", n, bomb.Len(), err)
	}
	for name, body := range map[string]io.Reader{
		"twice": packed(t, packed(t, strings.NewReader("x"))), "damaged": strings.NewReader("\x1f\x8bx"),
	} {
		if _, err := Unpacked(body, most); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFullDiskIsSaidToBeOne(t *testing.T) {
	for want, err := range map[string]error{
		"temporary_files_full": &os.PathError{Op: "write", Path: "/tmp/x", Err: syscall.ENOSPC},
		"upload_too_slow":      fmt.Errorf("read: %w", os.ErrDeadlineExceeded),
	} {
		if got := fault.Of(Explain(err)); len(got) != 1 || got[0].Key != want {
			t.Errorf("%v becomes %v", err, got)
		}
	}
	for _, err := range []error{nil, io.ErrUnexpectedEOF, &http.MaxBytesError{}, fault.New(fault.Invalid, "x", nil)} {
		if got := Explain(err); !errors.Is(got, err) || got != err {
			t.Errorf("%v becomes %v", err, got)
		}
	}
}
