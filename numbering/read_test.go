package numbering

import (
	"fmt"
	"testing"
)

// An archive is compared with the books by the names of its files.
func TestNumbersAreReadFromTheNamesOfFiles(t *testing.T) {
	for _, c := range []struct {
		pattern string
		reset   Reset
		scope   Scope
	}{
		{"GS-{YYYY}-{SEQ:5}", ResetYearly, ScopeIssuer},
		{"GS/{YYYY}/{MM}-{SEQ}", ResetMonthly, ScopeIssuer},
		{"{RECIPIENT}-{YY}-{SEQ:3}", ResetYearly, ScopeRecipient},
		{"ST.{SEQ:2}", ResetNever, ScopeIssuer},
	} {
		r := Range{Key: "gs", Pattern: c.pattern, Next: 1, Reset: c.reset, Scope: c.scope, ValidFor: []DocumentType{CreditNote}, Active: true}
		for _, recipient := range []string{"hotel", "süd/1"} {
			for _, sequence := range []int64{1, 42, 123456} {
				const date = "2026-11-30"
				number, err := r.Format(date, recipient, sequence)
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{FileName(number), FileNameApart(number)} {
					got, counter, read, ok := r.Read(name)
					want := r.Counter(date, recipient)
					if !ok || got != number || counter != want || read != sequence {
						t.Errorf("%s: %q of %v, %d, %v, want %q of %v", name, got, counter, read, ok, number, want)
					}
				}
			}
		}
		for _, other := range []string{"", "notes", "X" + fmt.Sprint(c), "GS_2026_11-1", "GS-2026-00001~12345678"} {
			if number, _, _, ok := r.Read(other); ok {
				t.Errorf("%s of %s was read as %s", other, c.pattern, number)
			}
		}
	}
}
