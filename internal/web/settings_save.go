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
	entered := v.entries(now)
	problem, err := v.logoEntry(entered)
	if err != nil {
		return err
	}
	if problem != nil {
		return v.showSettings(entered, problem)
	}
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
	changed, waiting, err := v.Store.ChangeSettings(v.r.Context(), v.name(), list)
	if err != nil {
		return v.settingsRefused(entered, err)
	}
	return v.saved("/settings", waiting, "settings_saved", "Count", changed)
}

// entries reads the settings in the form. Only those that the page offers can
// be sent; what is not sent stays.
func (v *visit) entries(now map[string]string) map[string]entry {
	entered := map[string]entry{}
	read := func(key string) {
		sent, ok := v.r.PostForm[key]
		if !ok {
			return
		}
		value := canonical(key, sent[len(sent)-1]) // a switch sends that it is there, then that it is on
		if key == "second_person" {
			value = strings.Trim(strings.Join(sent, ","), ",")
		}
		if key == "color" && v.r.PostForm.Get("color_standing") == "true" {
			value = ""
		}
		e := entry{value: value, was: canonical(key, now[key])}
		if was, ok := v.r.PostForm["was."+key]; ok {
			e.was = canonical(key, was[0])
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

// logoEntry keeps a logo that was sent and enters its name. What is wrong with
// it is the problem.
func (v *visit) logoEntry(entered map[string]entry) (problem, err error) {
	was := v.r.PostForm.Get("was.logo")
	if v.r.PostForm.Get("logo_none") == "true" {
		entered["logo"] = entry{was: was}
		return nil, nil
	}
	file, header, err := v.r.FormFile("logo")
	if err != nil || header.Size == 0 {
		return nil, nil // none was chosen
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	if err := v.CheckLogo(content); err != nil {
		return err, nil
	}
	name, err := v.Store.SaveAsset(v.r.Context(), content)
	entered["logo"] = entry{value: name, was: was}
	return nil, err
}

// settingsRefused shows the form again. Of settings that another person changed
// meanwhile it says so and keeps what was typed; now that it is known, it can be
// saved.
func (v *visit) settingsRefused(entered map[string]entry, problem error) error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	now := b.Config.Settings.Values()
	for _, f := range fault.Of(problem) {
		if key, ok := f.Args["key"].(string); ok && f.Key == "record_changed" {
			entered[key] = entry{value: entered[key].value, was: canonical(key, now[key])}
		}
	}
	return v.showSettings(entered, problem)
}

// activateView is the page that asks a second time before the feature is
// switched on.
type activateView struct {
	Confirm confirmView
	Missing []findingLine // what a run would stop at
	At      string        // when the first run fires
	Agreed  bool
}

// activatePage asks whether the feature is really to be switched on.
func (v *visit) activatePage() error { return v.showActivate(nil) }

func (v *visit) showActivate(problem error) error {
	b, err := v.network()
	if err != nil {
		return err
	}
	if b.Config.Settings.Active {
		return v.redirect("/settings")
	}
	view := activateView{Confirm: v.confirmView(), Agreed: v.r.PostFormValue("charged") == "true"}
	for _, f := range fault.Of(creditnotes.Ready(b.Config)) {
		if f.Key != "feature_inactive" {
			view.Missing = append(view.Missing, findingLine{v.Texts.Fault(v.lang, f), v.fixLink(f, b)})
		}
	}
	zone := v.zone()
	view.At = v.inWords(creditnotes.NewMonthEnd(b.Config.Settings, zone).Next(v.Now()).In(zone))
	title, err := v.text("activate_title")
	if err != nil {
		return err
	}
	if problem != nil {
		return v.retry(problem, "activate", title, view)
	}
	return v.show("activate", title, view)
}

// activate switches the feature on when both questions were answered: that it
// is a charged service, and who says so.
func (v *visit) activate() error {
	if v.r.PostFormValue("charged") != "true" {
		return v.showActivate(fault.New(fault.Invalid, "activation_unconfirmed", nil))
	}
	if err := v.confirm(); err != nil {
		return v.showActivate(err)
	}
	if _, err := v.Store.SetSettings(v.r.Context(), v.name(), []creditnotes.Setting{{Key: "active", Value: "true"}}); err != nil {
		return v.showActivate(err)
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
func (v *visit) switchPage() error { return v.showSwitch(nil) }

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

func (v *visit) showSwitch(problem error) error {
	view, err := v.nextSwitch()
	if err != nil {
		return err
	}
	view.Confirm = v.confirmView()
	title, err := v.text(fmt.Sprintf("switch_%s_title", view.Message))
	if err != nil {
		return err
	}
	if problem != nil {
		return v.retry(problem, "switch", title, view)
	}
	return v.show("switch", title, view)
}

// switchSetting switches what was asked for; when somebody else has done so
// meanwhile, the page asks anew.
func (v *visit) switchSetting() error {
	next, err := v.nextSwitch()
	if err != nil {
		return err
	}
	if v.r.PostFormValue("value") != next.Value {
		return v.showSwitch(v.Store.SettingChanged(v.r.Context(), next.Key))
	}
	if err := v.confirm(); err != nil {
		return v.showSwitch(err)
	}
	seen := strconv.FormatBool(next.Value == "false") // it is a switch
	if _, err := v.Store.SetSettings(v.r.Context(), v.name(), []creditnotes.Setting{{Key: next.Key, Value: next.Value, Seen: &seen}}); err != nil {
		return v.showSwitch(err)
	}
	return v.done("/settings", fmt.Sprintf("switch_%s_done", next.Message))
}
