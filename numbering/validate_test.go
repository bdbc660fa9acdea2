package numbering

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

func texts(faults []*fault.Fault) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Error())
	}
	return out
}

func TestASoundRangeHasNoFaults(t *testing.T) {
	for _, r := range []Range{
		gs(),
		patterned("{SEQ}"),
		patterned("a_B$%-/.{SEQ:18}"),
		with(func(r *Range) { r.Pattern, r.Reset = "{YY}{MM}{SEQ:4}", ResetMonthly }),
		with(func(r *Range) { r.Pattern, r.Scope = "{RECIPIENT}-{YYYY}-{SEQ}", ScopeRecipient }),
		with(func(r *Range) { r.Pattern = "{YYYY}-{SEQ}-{RECIPIENT}" }), // one sequence, recipient shown
		with(func(r *Range) { r.Scope = "" }),
		with(func(r *Range) { r.ValidFor = []DocumentType{CreditNote, Cancellation, Invoice} }),
	} {
		if faults := r.Validate(); len(faults) > 0 {
			t.Errorf("%s: %v", r.Pattern, texts(faults))
		}
	}
}

func TestValidateFindsEverythingThatIsWrong(t *testing.T) {
	cases := map[string]struct {
		r    Range
		want []string
	}{
		"no sequence":            {patterned("GS-1"), []string{"range_without_sequence pattern=GS-1 range=gs"}},
		"no pattern":             {patterned(""), []string{"range_without_sequence pattern= range=gs"}},
		"an unknown placeholder": {patterned("{DD}{SEQ}"), []string{"range_placeholder_unknown placeholder={DD} range=gs"}},
		"small letters":          {patterned("{seq}{SEQ}"), []string{"range_placeholder_unknown placeholder={seq} range=gs"}},
		"a padded year":          {patterned("{YYYY:4}{SEQ}"), []string{"range_placeholder_unknown placeholder={YYYY:4} range=gs"}},
		"no padding":             {patterned("{SEQ:}"), []string{"range_padding most=18 padding= range=gs"}},
		"too much padding":       {patterned("{SEQ:19}"), []string{"range_padding most=18 padding=19 range=gs"}},
		"padding with a sign":    {patterned("{SEQ:+5}"), []string{"range_padding most=18 padding=+5 range=gs"}},
		"an open brace":          {patterned("{SEQ}-{YYYY"), []string{"range_brace pattern={SEQ}-{YYYY range=gs"}},
		"a closing brace":        {patterned("{SEQ}}"), []string{"range_character character=} pattern={SEQ}} range=gs"}},
		"a space":                {patterned("GS {SEQ}"), []string{"range_character character=  pattern=GS {SEQ} range=gs"}},
		"an umlaut":              {patterned("Ü{SEQ}"), []string{"range_character character=Ü pattern=Ü{SEQ} range=gs"}},
		"two sequences":          {patterned("{SEQ}-{SEQ:2}"), []string{"range_placeholder_twice placeholder={SEQ} range=gs"}},
		"two years":              {patterned("{YYYY}{YY}{SEQ}"), []string{"range_placeholder_twice placeholder={YYYY} range=gs"}},
		"yearly without year":    {with(func(r *Range) { r.Pattern = "{MM}{SEQ}" }), []string{"range_reset_without_year pattern={MM}{SEQ} range=gs"}},
		"monthly without month": {
			with(func(r *Range) { r.Reset = ResetMonthly }), []string{"range_reset_without_month pattern=GS-{YYYY}-{SEQ:5} range=gs"},
		},
		"monthly without year": {
			with(func(r *Range) { r.Pattern, r.Reset = "{MM}{SEQ}", ResetMonthly }), []string{"range_reset_without_month pattern={MM}{SEQ} range=gs"},
		},
		"recipient's without recipient": {
			with(func(r *Range) { r.Scope = ScopeRecipient }), []string{"range_scope_without_recipient pattern=GS-{YYYY}-{SEQ:5} range=gs"},
		},
		"recipient beside sequence": {patterned("{RECIPIENT}{SEQ}"), []string{"range_ambiguous pattern={RECIPIENT}{SEQ} range=gs"}},
		"only digits between":       {patterned("{SEQ}0{YYYY}{RECIPIENT}"), []string{"range_ambiguous pattern={SEQ}0{YYYY}{RECIPIENT} range=gs"}},
		"too long": {
			patterned("ABCDEFGHIJKLMNOPQRSTUVWXYZ-{YYYY}-{SEQ:5}"),
			[]string{"range_too_long length=37 most=36 pattern=ABCDEFGHIJKLMNOPQRSTUVWXYZ-{YYYY}-{SEQ:5} range=gs"},
		},
		"all of it": {
			Range{Name: "N", Pattern: "x", Reset: "daily", Scope: "all", ValidFor: []DocumentType{"order"}},
			[]string{
				"range_key_empty name=N range=", "range_next_too_small next=0 range=", "range_reset_unknown range= value=daily",
				"range_scope_unknown range= value=all", "range_type_unknown range= value=order", "range_without_sequence pattern=x range=",
			},
		},
		"valid for nothing": {with(func(r *Range) { r.ValidFor = nil }), []string{"range_valid_for_nothing range=gs"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, texts(c.r.Validate())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFullStopIsAWarning(t *testing.T) {
	if got := texts(patterned("GS.{SEQ}").Warnings()); len(got) != 1 || got[0] != "range_full_stop pattern=GS.{SEQ} range=gs" {
		t.Errorf("got %v", got)
	}
	if gs().Warnings() != nil || patterned("{.}").Warnings() != nil {
		t.Error("warned without reason")
	}
}

func TestOnlyAnActiveRangeOfTheTypeIsUsable(t *testing.T) {
	sound, off, broken := gs(), with(func(r *Range) { r.Active = false }), patterned("x")
	cases := map[string]struct {
		r    *Range
		t    DocumentType
		want string
	}{
		"missing":    {nil, CreditNote, "range_missing type=credit_note"},
		"inactive":   {&off, CreditNote, "range_inactive range=gs type=credit_note"},
		"wrong type": {&sound, Cancellation, "range_wrong_type range=gs type=cancellation"},
		"broken":     {&broken, CreditNote, "range_without_sequence pattern=x range=gs"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if f := CheckUsable(c.r, c.t); f == nil || f.Error() != c.want {
				t.Errorf("got %v", f)
			}
		})
	}
	if f := CheckUsable(&sound, CreditNote); f != nil {
		t.Errorf("a sound range: %v", f)
	}
}

func TestRangesAreCheckedTogether(t *testing.T) {
	named := func(key, pattern string) Range {
		return with(func(r *Range) { r.Key, r.Pattern, r.Reset, r.Active = key, pattern, ResetNever, false })
	}
	got := texts(CheckAll([]Range{named("a", "{SEQ:5}"), named("b", "{YYYY}{SEQ:3}"), named("c", "C{SEQ}"), named("c", "C-{SEQ}"), named("d", "{X}")}))
	want := []string{
		"ranges_collide other=a other_pattern={SEQ:5} pattern={YYYY}{SEQ:3} range=b",
		"range_twice range=c",
		"range_placeholder_unknown placeholder={X} range=d",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
