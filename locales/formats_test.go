package locales

import (
	"testing"
)

func TestNumbersAreWrittenAsTheReaderChooses(t *testing.T) {
	c := newCatalog(t)
	for _, test := range []struct{ lang, region, amount, number, date, month string }{
		{"en", "", "€1,234.50", "12,345.678", "31 Oct 2026", "October 2026"},
		{"en", "de", "1.234,50" + noBreakSpace + "€", "12.345,678", "31 Oct 2026", "October 2026"},
		{"de", "gb", "€1,234.50", "12,345.678", "31.10.2026", "Oktober 2026"},
		{"de", "ch", "€" + noBreakSpace + "1'234.50", "12'345.678", "31.10.2026", "Oktober 2026"},
		{"it", "fr", "1" + narrowNoBreakSpace + "234,50" + noBreakSpace + "€", "12" + narrowNoBreakSpace + "345,678", "31 ott 2026", "ottobre 2026"},
		{"fr", "xx", "1" + narrowNoBreakSpace + "234,50" + noBreakSpace + "€", "12" + narrowNoBreakSpace + "345,678", "31 oct. 2026", "octobre 2026"},
	} {
		lang := WithNumbers(test.lang, test.region)
		if got := c.Amount(lang, "EUR", 123450); got != test.amount {
			t.Errorf("%s: amount %q, want %q", lang, got, test.amount)
		}
		if got := c.Number(lang, 12345678, 3); got != test.number {
			t.Errorf("%s: number %q, want %q", lang, got, test.number)
		}
		if got := c.Date(lang, "2026-10-31"); got != test.date {
			t.Errorf("%s: date %q, want %q", lang, got, test.date)
		}
		if got := c.Month(lang, "2026-10"); got != test.month {
			t.Errorf("%s: month %q, want %q", lang, got, test.month)
		}
		words, err := c.Text(lang, "title_credit_note", nil)
		own, ownErr := c.Text(test.lang, "title_credit_note", nil)
		if err != nil || ownErr != nil || words != own {
			t.Errorf("%s: words %q, %v, want %q, %v", lang, words, err, own, ownErr)
		}
	}
}
