package entities

import "testing"

func TestAccountsAreHiddenButForTheirLastFourCharacters(t *testing.T) {
	for text, want := range map[string]string{
		`{"iban":"DE89370400440532013000"}`:    `{"iban":"•••• 3000"}`,
		"to DE89 3704 0044 0532 0130 00, soon": "to •••• 3000, soon",
		"DE00370400440532013000":               "DE00370400440532013000", // no IBAN: its check digits are wrong
		"GS-2026-00001":                        "GS-2026-00001",
		"":                                     "",
	} {
		if got := MaskIBANs(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
