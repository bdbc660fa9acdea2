package mailer

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
)

// anAdvice tells a recipient what a payout paid and what was set off.
func anAdvice(language string) *creditnotes.Remittance {
	return &creditnotes.Remittance{
		PayoutID: 3, Payout: "PO-00000003", Recipient: "a", Currency: "EUR", Amount: 1504, ExecutedOn: "2026-10-14", Account: "3000",
		Items: []creditnotes.PaidDocument{
			{Kind: creditnotes.MovedCreditNote, Reference: "GS-2026-00001", Date: "2026-09-30", Amount: 2004},
			{Kind: creditnotes.MovedInvoice, Reference: "RE-2026-00007", Date: "2026-09-30", Amount: -500},
		},
		Language: language, Issuer: aNote().Document.Issuer, To: aNote().Document.Recipient, TimeZone: "Europe/Berlin",
		FrozenAt: time.Date(2026, 10, 15, 6, 0, 0, 0, time.UTC),
	}
}

// TestRemittanceAdvicesAreMailedInEveryLanguage compares subject and text in every
// language with testdata/advices.txt, and has the HTML say the same.
func TestRemittanceAdvicesAreMailedInEveryLanguage(t *testing.T) {
	const golden = "testdata/advices.txt"
	var all strings.Builder
	for _, language := range texts(t).Languages() {
		a := anAdvice(language)
		letter := a.Letter()
		d := aDelivery(letter)
		d.NoteID, d.PayoutID, d.Remittance = 0, a.PayoutID, a
		files := []creditnotes.File{{PayoutID: 3, Kind: creditnotes.FilePDF, Name: "PO-00000003.pdf", MediaType: "application/pdf", Content: []byte("%PDF-")}}
		p := read(t, compose(t, letter, d, files).Content)
		fmt.Fprintf(&all, "=== %s\n%s\n\n%s\n", language, p.get(t, "Subject"), strings.ReplaceAll(p.text, "\r\n", "\n"))
		for _, want := range []string{"PO-00000003", "GS-2026-00001", "RE-2026-00007", "K-4711", "3000"} {
			if !strings.Contains(p.text, want) || !strings.Contains(p.html, want) {
				t.Errorf("%s: %q is missing", language, want)
			}
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != all.String() {
		t.Errorf("%v: the mails are not those of %s:\n%s", err, golden, all.String())
	}
}
