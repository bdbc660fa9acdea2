package web

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

func (keyTexts) Fault(_ string, f *fault.Fault) string { return f.Key + "!" }

func (keyTexts) Text(_, key string, _ map[string]any) (string, error) { return key, nil }

func typedForm(lang string, pairs ...string) *form {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return newForm("", lang, keyTexts{}, values)
}

func TestAFormSaysWhatIsWrongAtItsFields(t *testing.T) {
	f := typedForm("en")
	f.inputs = map[string]string{"email": "emails"}
	f.about("entity", "a")
	if !f.ok() || f.status() != http.StatusOK || f.fail(nil) {
		t.Error("something is wrong with a form that nothing is wrong with")
	}
	failed := f.fail(fault.List{
		fault.New(fault.Conflict, "whole", nil),
		fault.New(fault.Invalid, "bad_mail", fault.Args{"entity": "a"}).At("email"),
		fault.New(fault.Invalid, "of_another", fault.Args{"entity": "b"}).At("email"),
		fault.New(fault.Invalid, "bad_mail", fault.Args{"entity": "a"}).At("email"), // said once
	})
	f.say("name", "name_missing")
	if !failed || f.ok() || f.status() != http.StatusConflict || f.wrongFields() != 2 {
		t.Errorf("ok %t, status %d, %d fields", f.ok(), f.status(), f.wrongFields())
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
	top := []problemLine{{"whole!", ""}, {"bad_mail!", "emails"}, {"of_another!", ""}, {"name_missing", "name"}}
	if diff := cmp.Diff(top, f.summary()); diff != "" {
		t.Error(diff)
	}
}

func TestOfSeveralFormsOnlyTheOneThatWasSentIsWrong(t *testing.T) {
	f := typedForm("en", "from", "x", "seen", "old")
	f.name = "first"
	f.fail(fault.New(fault.Invalid, "bad", nil).At("from"))
	second := f.In("second")
	second.see("now")
	if f.In("first") != f || !second.ok() || second.Seen != "now" || second.text("from") != "" {
		t.Error("the second form has what was sent with the first")
	}
	if a, b := f.Mark("from"), second.Mark("from"); a == b || second.Wrong("from") != "" {
		t.Errorf("%s and %s", a, b)
	}
	if none := (*form)(nil); none.Mark("from") != "" || none.Wrong("from") != "" {
		t.Error("no form marks a field")
	}
}

func TestAFormKeepsWhatItHasSeenUntilTheRecordChanged(t *testing.T) {
	f := typedForm("en", "seen", "old")
	f.see("now")
	if f.Seen != "old" || f.sentOf(false) != "old" || f.sentOf(true) != "" || typedForm("en").sent() != unseen {
		t.Errorf("seen %q", f.Seen)
	}
	f.fail(fault.New(fault.Conflict, "record_changed", nil).At("name"))
	if f.see("now"); f.Seen != "now" || !f.changedMeanwhile("name") || f.changedMeanwhile("other") {
		t.Errorf("after a change: seen %q", f.Seen)
	}
}

func TestAnErrorOfTheProgramEndsTheRequest(t *testing.T) {
	f := typedForm("en")
	if !f.fail(errors.New("disk")) || f.ok() || f.broken == nil {
		t.Error("an error that is not for people is taken for a fault")
	}
}

func TestAFormReadsFiguresAndDays(t *testing.T) {
	f := typedForm("de", "a", " 1,25 ", "b", "1.25", "w", "12", "d", "2026-01-31", "m", "2026-01-31T12:00:00Z", "on", "true", "l", "x; y\nx")
	switch {
	case f.at("a", "l").decimal(2) != 125, f.at("b", "l").decimal(2) != 125, f.at("none", "l").decimal(2) != 0:
		t.Error("decimals")
	case f.at("w", "l").whole() != 12, f.at("d", "l").day() != "2026-01-31", f.at("m", "l").moment() != "2026-01-31T12:00:00Z", f.at("none", "l").moment() != "":
		t.Error("numbers and days")
	case !f.checked("on"), f.checked("off"), len(f.lines("l")) != 2, !f.ok():
		t.Error("lists and boxes")
	}
	for name, read := range map[string]func(typed){
		"decimal": func(x typed) { x.decimal(2) }, "whole": func(x typed) { x.whole() },
		"moment": func(x typed) { x.moment() }, "day": func(x typed) { x.day() },
	} {
		g := typedForm("en", "x", "1,255,")
		if read(g.at("x", "label")); g.ok() || len(g.wrong("x")) != 1 || g.faults[0].Args["field"] != "label" {
			t.Errorf("%s reads anything", name)
		}
	}
	if f.at("none", "l").price(2); f.ok() {
		t.Error("no price is free of charge")
	}
}
