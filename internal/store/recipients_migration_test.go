package store_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// Mails from before recipients had states get them from what was kept: here the
// migration is undone and applied again.
func TestRecipientsOfOlderMailsGetTheirStates(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.setEmails("b", "b1@b.example", "b2@b.example")
		w.twoNotes()
		w.ends("GS-2026-00001", creditnotes.RecipientRefused)
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00002", Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		w.ends("GS-2026-00002", creditnotes.RecipientAccepted, "b2@b.example")
		folder := "postgres"
		if w.s.IsSQLite() {
			folder = "sqlite"
		}
		var down, up []string // these also change the table of mails
		for _, name := range []string{"00026_recipients", "00043_report_mails", "00047_payout_pages", "00049_reminders"} {
			text, err := os.ReadFile("migrations/" + folder + "/" + name + ".sql")
			if err != nil {
				t.Fatal(err)
			}
			forth, back, _ := strings.Cut(string(text), "-- +goose Down")
			up, down = append(up, forth), append(down, back)
		}
		slices.Reverse(down)
		for _, sql := range append(down, up...) {
			if _, err := w.s.WriteDB().ExecContext(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, number := range []string{"GS-2026-00001", "GS-2026-00002"} {
			for _, d := range w.mailings(number) {
				line := string(d.State)
				for _, r := range d.Recipients {
					line += " " + string(r.State)
				}
				got = append(got, line)
			}
		}
		want := []string{"failed refused", "queued queued queued", "incomplete accepted refused"}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
