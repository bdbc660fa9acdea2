package page

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

// keyTexts writes faults and messages as their keys.
type keyTexts struct{}

func (keyTexts) PageFault(_ string, f *fault.Fault) string { return f.Key + "!" }

func (keyTexts) DecimalSign(lang string) string {
	return map[bool]string{true: ",", false: "."}[lang == "de"]
}

func (keyTexts) Text(_, key string, _ map[string]any) (string, error) { return key, nil }

func typedForm(lang string, pairs ...string) *FormState {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return newForm("", lang, keyTexts{}, values)
}

func TestAFormSaysWhatIsWrongAtItsFields(t *testing.T) {
	f := typedForm("en")
	f.Inputs = map[string]string{"email": "emails"}
	f.About("entity", "a")
	if !f.Ok() || f.status() != http.StatusOK || f.Fail(nil) {
		t.Error("something is wrong with a form that nothing is wrong with")
	}
	failed := f.Fail(fault.List{
		fault.New(fault.Conflict, "whole", nil),
		fault.New(fault.Invalid, "bad_mail", fault.Args{"entity": "a"}).At("email"),
		fault.New(fault.Invalid, "of_another", fault.Args{"entity": "b"}).At("email"),
		fault.New(fault.Invalid, "bad_mail", fault.Args{"entity": "a"}).At("email"), // said once
	})
	f.Say("name", "name_missing")
	if !failed || f.Ok() || f.status() != http.StatusConflict || f.WrongFields() != 2 {
		t.Errorf("ok %t, status %d, %d fields", f.Ok(), f.status(), f.WrongFields())
	}
	got := []string{
		string(f.Mark("free", "free-help")), string(f.Mark("emails", "emails-help")), string(f.Mark("emails")), string(f.Group("name")),
		string(f.Wrong("free")), string(f.Wrong("emails")), string(f.Wrong("name")),
	}
	want := []string{
		` id="free" aria-describedby="free-help"`,
		` id="emails" aria-invalid="true" autofocus aria-describedby="emails-help emails-fault"`,
		` id="emails-2" aria-invalid="true"`,
		` id="name" tabindex="-1" aria-describedby="name-fault"`,
		"", `<span id="emails-fault"><span class="wrong">bad_mail!</span></span>`, `<span id="name-fault"><span class="wrong">name_missing</span></span>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	top := []ProblemLine{{"whole!", ""}, {"bad_mail!", "emails"}, {"of_another!", ""}, {"name_missing", "name"}}
	if diff := cmp.Diff(top, f.summary()); diff != "" {
		t.Error(diff)
	}
}

func TestOfSeveralFormsOnlyTheOneThatWasSentIsWrong(t *testing.T) {
	f := typedForm("en", "from", "x", "seen", "old")
	f.Name = "first"
	f.Fail(fault.New(fault.Invalid, "bad", nil).At("from"))
	second := f.In("second")
	second.See("now")
	if f.In("first") != f || !second.Ok() || second.Seen != "now" || second.Text("from") != "" {
		t.Error("the second form has what was sent with the first")
	}
	if a, b := f.Mark("from"), second.Mark("from"); a == b || second.Wrong("from") != "" {
		t.Errorf("%s and %s", a, b)
	}
	if none := (*FormState)(nil); none.Mark("from") != "" || none.Wrong("from") != "" {
		t.Error("no form marks a field")
	}
}

func TestAFormKeepsWhatItHasSeenUntilTheRecordChanged(t *testing.T) {
	f := typedForm("en", "seen", "old")
	f.See("now")
	if f.Seen != "old" || f.sentOf(false) != "old" || f.sentOf(true) != "" || typedForm("en").Sent() != Unseen {
		t.Errorf("seen %q", f.Seen)
	}
	f.Fail(fault.New(fault.Conflict, "record_changed", nil).At("name"))
	if f.See("now"); f.Seen != "now" || !f.ChangedMeanwhile("name") || f.ChangedMeanwhile("other") {
		t.Errorf("after a change: seen %q", f.Seen)
	}
}

func TestAnErrorOfTheProgramEndsTheRequest(t *testing.T) {
	f := typedForm("en")
	if !f.Fail(errors.New("disk")) || f.Ok() || f.broken == nil {
		t.Error("an error that is not for people is taken for a fault")
	}
}

func TestAFormReadsFiguresAndDays(t *testing.T) {
	f := typedForm("de", "a", " 1,25 ", "b", "1.25", "w", "12", "d", "2026-01-31", "m", "2026-01-31T12:00:00Z", "on", "true", "l", "x; y\nx")
	switch {
	case f.At("a", "l").Decimal(2) != 125, f.At("b", "l").Decimal(2) != 125, f.At("none", "l").Decimal(2) != 0:
		t.Error("decimals")
	case f.At("w", "l").Whole() != 12, f.At("d", "l").Day() != "2026-01-31", f.At("m", "l").Moment() != "2026-01-31T12:00:00Z", f.At("none", "l").Moment() != "":
		t.Error("numbers and days")
	case !f.Checked("on"), f.Checked("off"), len(f.Lines("l")) != 2, !f.Ok():
		t.Error("lists and boxes")
	}
	for name, read := range map[string]func(Typed){
		"decimal": func(x Typed) { x.Decimal(2) }, "whole": func(x Typed) { x.Whole() },
		"moment": func(x Typed) { x.Moment() }, "day": func(x Typed) { x.Day() },
	} {
		g := typedForm("en", "x", "1,255,")
		if read(g.At("x", "label")); g.Ok() || len(g.wrong("x")) != 1 || g.Faults[0].Args["field"] != "label" {
			t.Errorf("%s reads anything", name)
		}
	}
	if f.At("none", "l").Price(2); f.Ok() {
		t.Error("no price is free of charge")
	}
}
