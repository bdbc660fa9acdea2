package numbering

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

// gs is the worked example of domain.md §8.1.
func gs() Range {
	return Range{
		Key: "gs", Name: "Gutschriften", Pattern: "GS-{YYYY}-{SEQ:5}", Next: 42, Reset: ResetYearly,
		ValidFor: []DocumentType{CreditNote}, Scope: ScopeIssuer, Active: true,
	}
}

// with changes a copy of the worked example.
func with(change func(*Range)) Range {
	r := gs()
	change(&r)
	return r
}

func patterned(p string) Range { return with(func(r *Range) { r.Pattern, r.Reset = p, ResetNever }) }

func TestTheWorkedExampleIsNumberedAsTheLawSays(t *testing.T) {
	r := gs()
	// counters keeps the next number by counter, as the store does.
	counters := map[Counter]int64{}
	take := func(date string) string {
		c := r.Counter(date, "a")
		if _, used := counters[c]; !used {
			counters[c] = r.Start(len(counters) == 0)
		}
		number, err := r.Format(date, "a", counters[c])
		if err != nil {
			t.Fatal(err)
		}
		counters[c]++
		return number
	}
	got := []string{take("2022-10-31"), take("2023-01-31"), take("2022-12-31"), take("2023-02-28")}
	want := []string{"GS-2022-00042", "GS-2023-00001", "GS-2022-00043", "GS-2023-00002"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPatternsAreWrittenOut(t *testing.T) {
	cases := []struct {
		pattern, recipient string
		seq                int64
		want               string
	}{
		{"GS-{YYYY}-{SEQ:5}", "a", 42, "GS-2026-00042"},
		{"GS-{YYYY}-{SEQ:5}", "a", 123456, "GS-2026-123456"}, // grows beyond the padding
		{"{SEQ}", "a", 7, "7"},
		{"{YY}{MM}/{SEQ:3}", "a", 7, "2609/007"},
		{"{RECIPIENT}-{SEQ:4}", "test-xy", 1, "test-xy-0001"},
		{"{SEQ:4}_{RECIPIENT}", "A B", 1, "0001_A%20B"},
		{"{RECIPIENT}.{SEQ}", "ü*%", 1, "%C3%BC%2A%25.1"},
	}
	for _, c := range cases {
		got, err := patterned(c.pattern).Format("2026-09-30", c.recipient, c.seq)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.pattern, got, err, c.want)
		}
	}
}

func TestANumberThatCannotBeWrittenIsAFault(t *testing.T) {
	cases := map[string]struct {
		r               Range
		date, recipient string
		seq             int64
		want            string
	}{
		"no date":       {gs(), "31.10.2026", "a", 1, "number_date_invalid date=31.10.2026 range=gs"},
		"no such day":   {gs(), "2026-02-30", "a", 1, "number_date_invalid date=2026-02-30 range=gs"},
		"sequence zero": {gs(), "2026-10-31", "a", 0, "number_sequence_invalid range=gs sequence=0"},
		"no recipient":  {patterned("{RECIPIENT}-{SEQ}"), "2026-10-31", "", 1, "number_without_recipient range=gs"},
		"a long recipient": {
			patterned("{RECIPIENT}-{SEQ}"), "2026-10-31", strings.Repeat("x", 35), 1,
			"number_too_long length=37 most=36 number=" + strings.Repeat("x", 35) + "-1 range=gs",
		},
		"a broken pattern": {patterned("GS"), "2026-10-31", "a", 1, "range_without_sequence pattern=GS range=gs"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := c.r.Format(c.date, c.recipient, c.seq)
			if f := fault.Of(err); got != "" || len(f) != 1 || f[0].Error() != c.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestABlockIsConsecutiveAndWhole(t *testing.T) {
	got, err := gs().Block("2026-10-31", "a", 99998, 4)
	want := []string{"GS-2026-99998", "GS-2026-99999", "GS-2026-100000", "GS-2026-100001"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, n := range []int{0, -1} {
		if got, err := gs().Block("2026-10-31", "a", 1, n); err != nil || len(got) != 0 {
			t.Errorf("%d numbers: got %v, %v", n, got, err)
		}
	}
	long := patterned("{RECIPIENT}-{SEQ}")
	if got, err := long.Block("2026-10-31", strings.Repeat("x", 34), 8, 3); err == nil || got != nil {
		t.Errorf("the third number is too long, yet: %v, %v", got, err)
	}
}

func TestTheDocumentDateDecidesThePeriod(t *testing.T) {
	for reset, want := range map[Reset]string{ResetNever: "", ResetYearly: "2022", ResetMonthly: "2022-12"} {
		r := with(func(r *Range) { r.Reset = reset })
		if got := r.Period("2022-12-31"); got != want {
			t.Errorf("%s: got %q, want %q", reset, got, want)
		}
		if r.Period("soon") != "" {
			t.Errorf("%s: no date has a period", reset)
		}
	}
}

func TestEachRecipientHasItsOwnCounterWhereTheScopeSaysSo(t *testing.T) {
	r := gs()
	if got := r.Counter("2026-10-31", "a"); got != (Counter{Range: "gs", Period: "2026"}) || got.String() != "gs/2026" {
		t.Errorf("got %v", got)
	}
	r.Scope, r.Reset = ScopeRecipient, ResetMonthly
	if got := r.Counter("2026-10-31", "a"); got != (Counter{"gs", "a", "2026-10"}) || got.String() != "gs/a/2026-10" {
		t.Errorf("got %v", got)
	}
}

func TestOnlyTheFirstCounterContinuesWhatWasBefore(t *testing.T) {
	if r := gs(); r.Start(true) != 42 || r.Start(false) != 1 || (Range{}).Start(true) != 1 {
		t.Error("a counter begins with the wrong number")
	}
}

func TestAnExampleShowsTheFirstNumber(t *testing.T) {
	if got := gs().Example("2026-10-31"); got != "GS-2026-00042" {
		t.Errorf("got %q", got)
	}
	if got := patterned("{X}").Example("2026-10-31"); got != "" {
		t.Errorf("got %q", got)
	}
}

func FuzzEveryNumberOfASoundRangeIsShortAndClean(f *testing.F) {
	f.Add("GS-{YYYY}-{SEQ:5}", "a", int64(42))
	f.Add("{RECIPIENT}-{YY}{MM}-{SEQ}", "Ü b", int64(1))
	f.Add("{SEQ:18}{SEQ}", "", int64(-1))
	f.Fuzz(func(t *testing.T, pattern, recipient string, seq int64) {
		number, err := patterned(pattern).Format("2026-10-31", recipient, seq)
		if err != nil {
			if len(fault.Of(err)) == 0 {
				t.Errorf("%v is no fault", err)
			}
			return
		}
		if len(number) > MaxLength || strings.ContainsFunc(number, func(c rune) bool { return c > 0x7e || !allowed(byte(c)) }) {
			t.Errorf("%q is no number", number)
		}
	})
}
