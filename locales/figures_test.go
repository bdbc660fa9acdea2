package locales

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"creditrun/entities"
	"creditrun/internal/money"
)

func TestFiguresAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	c := newCatalog(t)
	for _, test := range []struct {
		lang                                                         string
		euro, yen, dinar, plain, energy, percent, broken, day, month string
	}{
		{"de", "-1.234,50\u00a0€", "1.234\u00a0¥", "1.234,567\u00a0KWD", "12.345.678,90", "1.430,500", "19\u00a0%", "7,75\u00a0%", "31.10.2026", "März 2026"},
		{"en", "-€1,234.50", "JP¥1,234", "KWD\u00a01,234.567", "12,345,678.90", "1,430.500", "19%", "7.75%", "31 Oct 2026", "March 2026"},
		{"fr", "-1\u202f234,50\u00a0€", "1\u202f234\u00a0JPY", "1\u202f234,567\u00a0KWD", "12\u202f345\u202f678,90", "1\u202f430,500", "19\u00a0%", "7,75\u00a0%", "31 oct. 2026", "mars 2026"},
		{"it", "-1234,50\u00a0€", "1234\u00a0JPY", "1234,567\u00a0KWD", "12.345.678,90", "1430,500", "19%", "7,75%", "31 ott 2026", "marzo 2026"},
		{"nl", "€\u00a0-1.234,50", "JP¥\u00a01.234", "KWD\u00a01.234,567", "12.345.678,90", "1.430,500", "19%", "7,75%", "31 okt 2026", "maart 2026"},
		{"es", "-1234,50\u00a0€", "1234\u00a0JPY", "1234,567\u00a0KWD", "12.345.678,90", "1430,500", "19\u00a0%", "7,75\u00a0%", "31 oct 2026", "marzo de 2026"},
		{"pl", "-1234,50\u00a0€", "1234\u00a0JPY", "1234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1430,500", "19%", "7,75%", "31 paź 2026", "marzec 2026"},
		{"cs", "-1\u00a0234,50\u00a0€", "1\u00a0234\u00a0JP¥", "1\u00a0234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1\u00a0430,500", "19\u00a0%", "7,75\u00a0%", "31. 10. 2026", "březen 2026"},
		{"da", "-1.234,50\u00a0€", "1.234\u00a0JP¥", "1.234,567\u00a0KWD", "12.345.678,90", "1.430,500", "19\u00a0%", "7,75\u00a0%", "31. okt. 2026", "marts 2026"},
		{"sv", "\u22121\u00a0234,50\u00a0€", "1\u00a0234\u00a0JPY", "1\u00a0234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1\u00a0430,500", "19\u00a0%", "7,75\u00a0%", "31 okt. 2026", "mars 2026"},
		{"hu", "-1234,50\u00a0EUR", "1234\u00a0¥", "1234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1430,500", "19%", "7,75%", "2026. okt. 31.", "2026. március"},
		{"pt", "-1234,50\u00a0€", "1234\u00a0JP¥", "1234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1430,500", "19%", "7,75%", "31/10/2026", "março de 2026"},
		{"ro", "-1.234,50\u00a0EUR", "1.234\u00a0JPY", "1.234,567\u00a0KWD", "12.345.678,90", "1.430,500", "19\u00a0%", "7,75\u00a0%", "31 oct. 2026", "martie 2026"},
		{"sk", "-1\u00a0234,50\u00a0€", "1\u00a0234\u00a0JPY", "1\u00a0234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1\u00a0430,500", "19\u00a0%", "7,75\u00a0%", "31. 10. 2026", "marec 2026"},
		{"fi", "\u22121\u00a0234,50\u00a0€", "1\u00a0234\u00a0¥", "1\u00a0234,567\u00a0KWD", "12\u00a0345\u00a0678,90", "1\u00a0430,500", "19\u00a0%", "7,75\u00a0%", "31.10.2026", "maaliskuu 2026"},
	} {
		for what, pair := range map[string][2]string{
			"euro":    {c.Amount(test.lang, "EUR", -123450), test.euro},
			"yen":     {c.Amount(test.lang, "JPY", 1234), test.yen},
			"dinar":   {c.Amount(test.lang, "KWD", 1234567), test.dinar},
			"plain":   {c.AmountPlain(test.lang, 2, 1234567890), test.plain},
			"energy":  {c.Quantity(test.lang, 1_430_500_000), test.energy},
			"percent": {c.Percent(test.lang, 1900), test.percent},
			"broken":  {c.Percent(test.lang, 775), test.broken},
			"day":     {c.Date(test.lang, "2026-10-31"), test.day},
			"month":   {c.Month(test.lang, "2026-03"), test.month},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s, %s: got %q, want %q", test.lang, what, pair[0], pair[1])
			}
		}
	}
}

func TestNumbersOfEverySizeAreGrouped(t *testing.T) {
	c := newCatalog(t)
	for value, want := range map[int64]string{
		0: "0,00", 5: "0,05", -5: "-0,05", 99_999: "999,99", 100_000: "1.000,00", -100_000: "-1.000,00",
		100_000_000: "1.000.000,00", 9_223_372_036_854_775_807: "92.233.720.368.547.758,07", -9_223_372_036_854_775_808: "-92.233.720.368.547.758,08",
	} {
		if got := c.Number("de", value, 2); got != want {
			t.Errorf("%d: got %q, want %q", value, got, want)
		}
	}
}

func TestEnergyKeepsEveryDigit(t *testing.T) {
	c := newCatalog(t)
	for q, want := range map[money.Quantity]string{0: "0,000", 3_000_000: "3,000", 22_345_600: "22,3456", 1: "0,000001", -12_345_678: "-12,345678"} {
		if got := c.Quantity("de", q); got != want {
			t.Errorf("%d: got %q, want %q", q, got, want)
		}
	}
}

func TestWhatIsNoDateStaysAsItIs(t *testing.T) {
	c := newCatalog(t)
	if got := c.Date("de", ""); got != "" {
		t.Errorf("no day: got %q", got)
	}
	if got := c.Date("de", "soon"); got != "soon" {
		t.Errorf("a word: got %q", got)
	}
	if got := c.Month("de", "2026-13"); got != "2026-13" {
		t.Errorf("month 13: got %q", got)
	}
	if got := c.Amount("de", "XXQ", 1234); got != "12,34\u00a0XXQ" {
		t.Errorf("unknown currency: got %q", got)
	}
}

// spaces are told apart by the table above; versions of CLDR differ in which
// one stands before a sign.
var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2212", "-")

// TestFiguresAgreeWithCLDR compares with a table that testdata/cldr.js wrote.
func TestFiguresAgreeWithCLDR(t *testing.T) {
	text, err := os.ReadFile("testdata/cldr.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		CLDR    string
		Figures map[string]string
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	c := newCatalog(t)
	asked := map[string]bool{}
	for question, want := range golden.Figures {
		asked[question[:2]] = true
		if got := ask(t, c, question); spaces.Replace(got) != spaces.Replace(want) {
			t.Errorf("%s: got %q, CLDR %s has %q", question, got, golden.CLDR, want)
		}
	}
	for _, lang := range c.Languages() {
		if !asked[lang] {
			t.Errorf("%s is missing in testdata/cldr.json", lang)
		}
	}
}

func ask(t *testing.T, c *Catalog, question string) string {
	t.Helper()
	var lang, what, value string
	if _, err := fmt.Sscan(question, &lang, &what, &value); err != nil {
		t.Fatal(err)
	}
	var n int64
	_, _ = fmt.Sscan(value, &n)
	switch what {
	case "number":
		return c.Number(lang, n, 0)
	case "percent":
		return c.Percent(lang, money.Percent(n))
	case "month":
		return c.Month(lang, entities.Month(value))
	case "date":
		return c.Date(lang, entities.Date(value))
	case "country":
		return c.Country(lang, value)
	}
	return c.Amount(lang, what, money.Amount(n))
}
