package numbering

import (
	"strings"
	"testing"
)

func TestOrdinaryNumbersAreTheirFileNames(t *testing.T) {
	for _, number := range []string{"GS-2026-00001", "gs_2026.1", "2026-10-hotel-a-7", "50%$"} {
		if got := FileName(number); got != number {
			t.Errorf("%s becomes %s", number, got)
		}
	}
}

func TestDifferentNumbersHaveDifferentFileNames(t *testing.T) {
	numbers := []string{
		"GS-2026-00001", "GS/2026-00001", "GS-2026/00001", "GS/2026/00001", "GS_2026_00001", "GS_2026-00001", "GS 2026-00001", `GS\2026-00001`,
		"GS:2026-00001", "GS-2026-00001.", ".GS-2026-00001", "-GS-2026-00001", "GS~2026-00001", "COM1", "_COM1", "com1.7", "NUL", "nul", "AUX.1", "", "_", "///", "...",
		"Gü-1", "Gu\u0308-1", "G--1", "../x", "x", "GS-1\x00", "GS-1",
	}
	seen := map[string]string{}
	for _, number := range numbers {
		name := FileName(number)
		key := strings.ToLower(name)
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q are both named %s", number, other, name)
		}
		seen[key] = number
		base, _, _ := strings.Cut(strings.ToUpper(name), ".")
		switch {
		case strings.ContainsAny(name, "/\\:*?\"<>| \x00"), strings.Trim(name, "-.") != name, base == "COM1", base == "NUL", base == "AUX":
			t.Errorf("%q is named %q, which some systems refuse", number, name)
		}
	}
}

func TestNumbersThatDifferInCaseAloneAreToldApart(t *testing.T) {
	if one, other := FileName("GS-a-1"), FileNameApart("GS-A-1"); strings.EqualFold(one, other) {
		t.Errorf("%s and %s are one file on some systems", one, other)
	}
	if FileNameApart("GS/1") != FileName("GS/1") {
		t.Error("a name that has its hash already gets another one")
	}
}
