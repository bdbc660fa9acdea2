package bank_test

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"creditrun/entities"
	"creditrun/internal/bank"
)

func TestLettersAreWrittenInTheLatinSet(t *testing.T) {
	for text, want := range map[string]string{
		"Ladesäule Übungsstadt": "Ladesaeule Uebungsstadt",
		"ÄÖÜ STRAẞE":            "AEOEUE STRASSE",
		"Straße":                "Strasse",
		"Zakład Łódź":           "Zaklad Lodz",
		"Příliš žluťoučký":      "Prilis zlutoucky",
		"Smørrebrød Ærø":        "Smoerrebroed Aeroe",
		"Șapte țări":            "Sapte tari",
		"Őrség fű":              "Orseg fu",
		"Ελλάδα ΘΕΣΣΑΛΟΝΙΚΗ":    "Ellada THESSALONIKI",
		"Щука Жълт София":       "Shtuka Zhalt Sofiya",
		"Київ Ґанок":            "Kiyiv Ganok",
		"İstanbul":              "Istanbul",
		"A&B_C; [D] \"E\" €":    "A+B-C, (D) 'E' EUR",
		"a – b\u00a0c\n d":      "a - b c d",
		"u\u0308ber a\u0301":    "ueber a",
		"充電 <script>":           ".. .script.",
		"":                      "",
		"a/b-c?d:e(f)g.h,i'j+k": "a/b-c?d:e(f)g.h,i'j+k",
	} {
		if got := bank.Latin(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

var latinOnly = regexp.MustCompile(`^[A-Za-z0-9/\-?:().,'+ ]*$`)

func FuzzLatin(f *testing.F) {
	f.Add("Ladesäule & Söhne ΑΒΓ Жж \x00 \xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := bank.Latin(text)
		if !latinOnly.MatchString(got) || bank.Latin(got) != got || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}

func TestBanksAreClosedOnTheSixDaysOfTARGET(t *testing.T) {
	for day, next := range map[entities.Date]entities.Date{
		"2026-01-01": "2026-01-02", "2026-04-03": "2026-04-07", "2026-04-06": "2026-04-07", "2026-05-01": "2026-05-04",
		"2026-12-25": "2026-12-28", "2026-11-28": "2026-11-30", "2027-03-26": "2027-03-30", "2024-03-29": "2024-04-02", "2038-04-23": "2038-04-27",
	} {
		if bank.IsTargetDay(day) || bank.NextTargetDay(day) != next {
			t.Errorf("%s: the next day is %s, want %s", day, bank.NextTargetDay(day), next)
		}
	}
	for _, day := range []entities.Date{"2026-11-30", "2026-10-31", "2026-12-24", "2026-12-31", "2026-05-14", "2026-10-03"} {
		weekend := day == "2026-10-31" || day == "2026-10-03"
		if bank.IsTargetDay(day) == weekend {
			t.Errorf("%s: a TARGET day is %v", day, !weekend)
		}
	}
	if bank.IsTargetDay("2026-13-01") || bank.NextTargetDay("soon") != "" {
		t.Error("what is no date is a TARGET day")
	}
}
