package bounces_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditrun/mailer/bounces"
)

// expected is what a message of testdata means.
type expected struct {
	Kind       bounces.Kind
	Also       []bounces.Kind `json:"kind_also_accepted"`
	Recipients []struct {
		Address, Action, Status, Diagnostic string
		RemoteMTA                           string `json:"remote_mta"`
	}
	OriginalID string `json:"original_message_id"`
}

// TestReal reads reports of as many mail systems as there are folders.
func TestReal(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/message.eml")
	if err != nil || len(folders) < 18 {
		t.Fatalf("%d messages, %v", len(folders), err)
	}
	for _, name := range folders {
		t.Run(filepath.Base(filepath.Dir(name)), func(t *testing.T) {
			raw, want := messageOf(t, name)
			for variant, message := range map[string][]byte{
				"as received": raw,
				"over SMTP":   []byte(strings.ReplaceAll(string(raw), "\n", "\r\n")),
			} {
				compare(t, variant, bounces.Parse(message), want)
			}
		})
	}
}

func messageOf(t *testing.T, name string) (raw []byte, want expected) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(name), "expected.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw, want
}

func compare(t *testing.T, variant string, got *bounces.Report, want expected) {
	t.Helper()
	if got.Kind != want.Kind && !slices.Contains(want.Also, got.Kind) {
		t.Errorf("%s: kind %s, want %s", variant, got.Kind, want.Kind)
	}
	if got.OriginalID != want.OriginalID {
		t.Errorf("%s: original %q, want %q", variant, got.OriginalID, want.OriginalID)
	}
	if len(got.Recipients) != len(want.Recipients) {
		t.Fatalf("%s: recipients %+v, want %+v", variant, got.Recipients, want.Recipients)
	}
	for i, w := range want.Recipients {
		g := got.Recipients[i]
		if g.Address != w.Address || g.Action != w.Action || g.Status != w.Status || g.Diagnostic != w.Diagnostic || g.RemoteMTA != w.RemoteMTA {
			t.Errorf("%s: recipient %d\n got %+v\nwant %+v", variant, i, g, w)
		}
	}
}
