package web

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// entry is what a form says of a setting: what it was when the form was made,
// and what the visitor made of it.
type entry struct {
	value, was string
}

// changed tells whether the visitor wants it to be another one.
func (e entry) changed() bool { return e.value != e.was }

// saveSettings stores what the visitor changed, and nothing else: all of it or,
// when something is wrong with it, nothing.
func (v *visit) saveSettings() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	now := b.Config.Settings.Values()
	f := v.form("")
	entered := v.entries(f, now)
	f.fail(v.logoEntry(f, entered))
	var list []creditnotes.Setting
	for _, key := range sortedKeys(entered) {
		if e := entered[key]; e.changed() {
			seen := e.was
			if seen == canonical(key, now[key]) {
				seen = now[key] // as it is stored
			}
			list = append(list, creditnotes.Setting{Key: key, Value: e.value, Seen: &seen})
		}
	}
	changed, waiting := 0, []creditnotes.Proposal(nil)
	if f.ok() {
		changed, waiting, err = v.Store.ChangeSettings(v.r.Context(), v.name(), list)
		f.fail(err)
	}
	if !f.ok() {
		return v.showSettings(f, entered)
	}
	return v.saved("/settings", waiting, "settings_saved", "Count", changed)
}

// entries reads the settings in the form. Only those that the page offers can
// be sent; what is not sent stays.
func (v *visit) entries(f *form, now map[string]string) map[string]entry {
	entered := map[string]entry{}
	read := func(key string) {
		sent := f.all(key)
		if len(sent) == 0 {
			return
		}
		value := canonical(key, sent[len(sent)-1]) // a switch sends that it is there, then that it is on
		if key == "second_person" {
			value = strings.Trim(strings.Join(sent, ","), ",")
		}
		if key == "color" && f.checked("color_standing") {
			value = ""
		}
		e := entry{value: value, was: canonical(key, now[key])}
		if was, ok := f.was(key); ok {
			e.was = canonical(key, was)
		}
		entered[key] = e
	}
	for _, group := range settingForm {
		for _, s := range group.fields {
			if s.control != controlLogo {
				read(s.key)
			}
		}
	}
	for _, lang := range v.Texts.Languages() {
		read(paymentText + lang)
	}
	return entered
}

// logoEntry keeps a logo that was sent and enters its name.
func (v *visit) logoEntry(f *form, entered map[string]entry) error {
	was, _ := f.was("logo")
	if f.checked("logo_none") {
		entered["logo"] = entry{was: was}
		return nil
	}
	file, header, err := v.r.FormFile("logo")
	if err != nil || header.Size == 0 {
		return nil // none was chosen
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	if err := v.CheckLogo(content); err != nil {
		return err
	}
	name, err := v.Store.SaveAsset(v.r.Context(), content)
	entered["logo"] = entry{value: name, was: was}
	return err
}

// activateView is the page that asks a second time before the feature is
// switched on.
type activateView struct {
	*form
	Confirm confirmView
	Missing []findingLine // what a run would stop at
	At      string        // when the first run fires
	Agreed  bool
}

// activatePage asks whether the feature is really to be switched on.
func (v *visit) activatePage() error { return v.showActivate(v.form("")) }

func (v *visit) showActivate(f *form) error {
	b, err := v.network()
	if err != nil {
		return err
	}
	if b.Config.Settings.Active {
		return v.redirect("/settings")
	}
	view := activateView{form: f, Confirm: v.confirmView().on(f), Agreed: f.checked("charged")}
	for _, found := range fault.Of(creditnotes.Ready(b.Config)) {
		if found.Key != "feature_inactive" {
			view.Missing = append(view.Missing, findingLine{v.Texts.Fault(v.lang, found), v.fixLink(found, b)})
		}
	}
	zone := v.zone()
	view.At = v.inWords(creditnotes.NewMonthEnd(b.Config.Settings, zone).Next(v.Now()).In(zone))
	return v.showForm(f, "activate", v.message("activate_title"), view)
}

// activate switches the feature on when both questions were answered: that it
// is a charged service, and who says so.
func (v *visit) activate() error {
	f := v.form("")
	if !f.checked("charged") {
		f.fail(fault.New(fault.Invalid, "activation_unconfirmed", nil).At("charged"))
	}
	if f.ok() && !f.fail(v.confirm()) {
		_, err := v.Store.SetSettings(v.r.Context(), v.name(), []creditnotes.Setting{{Key: "active", Value: "true"}})
		f.fail(err)
	}
	if !f.ok() {
		return v.showActivate(f)
	}
	return v.done("/settings", "settings_activated")
}

// switchView is the page that asks before the feature is switched off, or the
// licence right is withdrawn or granted.
type switchView struct {
	Key     string
	Value   string // that it is to have
	Message string // part of the messages that say what happens then
	Confirm confirmView
}

// switchPage asks whether to switch.
func (v *visit) switchPage() error { return v.showSwitch(v.form("")) }

// nextSwitch says what a switch would become: the feature can only be switched
// off here.
func (v *visit) nextSwitch() (*switchView, error) {
	settings, err := v.Store.Settings(v.r.Context())
	if err != nil {
		return nil, err
	}
	view := &switchView{Key: v.r.PathValue("key"), Value: "false"}
	switch {
	case view.Key == "active" && settings.Active:
		view.Message = "active_off"
	case view.Key == "credit_run" && settings.CreditRun:
		view.Message = "licence_off"
	case view.Key == "credit_run":
		view.Message, view.Value = "licence_on", "true"
	default:
		return nil, fault.New(fault.NotFound, "page_unknown", nil)
	}
	return view, nil
}

func (v *visit) showSwitch(f *form) error {
	view, err := v.nextSwitch()
	if err != nil {
		return err
	}
	view.Confirm = v.confirmView().on(f)
	return v.showForm(f, "switch", v.message("switch_"+view.Message+"_title"), view)
}

// switchSetting switches what was asked for; when another user has done so
// meanwhile, the page asks again.
func (v *visit) switchSetting() error {
	next, err := v.nextSwitch()
	if err != nil {
		return err
	}
	f := v.form("")
	switch {
	case f.text("value") != next.Value:
		f.fail(v.Store.SettingChanged(v.r.Context(), next.Key))
	case !f.fail(v.confirm()):
		seen := strconv.FormatBool(next.Value == "false") // it is a switch
		_, err := v.Store.SetSettings(v.r.Context(), v.name(), []creditnotes.Setting{{Key: next.Key, Value: next.Value, Seen: &seen}})
		f.fail(err)
	}
	if !f.ok() {
		return v.showSwitch(f)
	}
	return v.done("/settings", fmt.Sprintf("switch_%s_done", next.Message))
}
