package entities_test

import (
	"strings"
	"testing"

	"creditrun/entities"
)

func TestKeysOfEntitiesArePlain(t *testing.T) {
	for _, key := range []string{"a", "musterstrom", "Hotel-Alpen_2.b", "0", strings.Repeat("x", 100)} {
		if f := entities.CheckEntityKey(key); f != nil {
			t.Errorf("%q: %v", key, f)
		}
	}
	for _, key := range []string{
		"", "new", " a", "a b", "a/b", "..", ".a", "-a", "ä", "а" /* Cyrillic */, "a\n", "a\x00", "a\u202eb", "\xff", strings.Repeat("x", 101),
	} {
		if f := entities.CheckEntityKey(key); f == nil || f.Key != "entity_key_invalid" {
			t.Errorf("%q: %v", key, f)
		}
	}
}

func TestKeysOfOtherSystemsMayHoldWhatCanBeSeen(t *testing.T) {
	for _, key := range []string{"ST-1", "DE*ABC*S1", "Süd 3", "北1", "a+b:c", "1.5", strings.Repeat("ü", 100)} {
		if f := entities.CheckKey("stations", key); f != nil {
			t.Errorf("%q: %v", key, f)
		}
	}
	for _, key := range []string{
		"", "new", " a", "a ", "a/b", `a\b`, ".", "..", "a\n", "a\tb", "a\u00a0b", "a\u200bb", "a\u202eb", "\xff", strings.Repeat("x", 101),
	} {
		f := entities.CheckKey("stations", key)
		if f == nil || f.Key != "key_invalid" || f.Args["section"] != "stations" {
			t.Errorf("%q: %v", key, f)
		} else if shown := f.Args["key"].(string); strings.ContainsAny(shown, "\n\t\u202e\u200b") || len([]rune(shown)) > 101 {
			t.Errorf("%q is shown as %q", key, shown)
		}
	}
}
