package admin

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// entry is what a form says of a setting: what it was when the form was made,
// and what the visitor made of it.
type entry struct {
	value, was string
}

// changed reports whether the visitor wants it to be another one.
func (e entry) changed() bool { return e.value != e.was }

// SaveSettings stores what the visitor changed, and nothing else: all of it or,
// when something is wrong with it, nothing.
func (v *Visit) SaveSettings() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	now := b.Config.Settings.Values()
	f := v.Form("")
	entered := v.entries(f, now)
	f.Fail(v.logoEntry(f, entered))
	var list []creditnotes.Setting
	for _, key := range page.SortedKeys(entered) {
		if e := entered[key]; e.changed() {
			seen := e.was
			if seen == canonical(key, now[key]) {
				seen = now[key] // as it is stored
			}
			list = append(list, creditnotes.Setting{Key: key, Value: e.value, Seen: &seen})
		}
	}
	if e := entered["start_date"]; e.changed() {
		if err := v.askStart(f, e.value); err != nil {
			return err
		}
	}
	changed, waiting := 0, []creditnotes.Proposal(nil)
	if f.Ok() {
		changed, waiting, err = v.Store.ChangeSettings(v.R.Context(), v.Name(), list)
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showSettings(f, entered)
	}
	return v.Saved("/settings", waiting, "settings_saved", "Count", changed)
}

// startSure is the field with which a visitor confirms a start date.
const startSure = "start_date_sure"

// askStart asks before a new start date keeps sessions from being credited that
// the next run would credit.
func (v *Visit) askStart(f *page.FormState, value string) error {
	day, err := entities.ParseDate(value)
	if err != nil || f.Text(startSure) == value {
		return nil // the store says what is wrong with it
	}
	lost, err := v.Store.OpenBefore(v.R.Context(), day)
	for _, part := range lost {
		net := v.Texts.Amount(v.Lang, part.Currency, part.Net.Round(page.DigitsOf(part.Currency)))
		f.Say("start_date", "settings_start_loses", "Day", v.Texts.Date(v.Lang, day), "Count", part.Sessions, "Amount", net)
	}
	if len(lost) > 0 && v.Now().Before(day.In(v.Zone())) {
		f.Say("start_date", "settings_start_future", "Day", v.Texts.Date(v.Lang, day))
	}
	return err
}

// entries reads the settings in the form. Only those that the page offers can
// be sent; what is not sent stays.
func (v *Visit) entries(f *page.FormState, now map[string]string) map[string]entry {
	entered := map[string]entry{}
	read := func(key string) {
		sent := f.All(key)
		if len(sent) == 0 {
			return
		}
		value := canonical(key, sent[len(sent)-1]) // a switch sends that it is there, then that it is on
		if key == "second_person" {
			value = strings.Trim(strings.Join(sent, ","), ",")
		}
		if key == "color" && f.Checked("color_standing") {
			value = ""
		}
		e := entry{value: value, was: canonical(key, now[key])}
		if was, ok := f.Was(key); ok {
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
func (v *Visit) logoEntry(f *page.FormState, entered map[string]entry) error {
	was, _ := f.Was("logo")
	if f.Checked("logo_none") {
		entered["logo"] = entry{was: was}
		return nil
	}
	content, err := v.sentLogo()
	if err != nil || len(content) == 0 {
		return err
	}
	name, err := v.Store.SaveAsset(v.R.Context(), content)
	entered["logo"] = entry{value: name, was: was}
	return err
}

// sentLogo is the file of a logo that was sent, if it can be printed; empty: none
// was chosen.
func (v *Visit) sentLogo() ([]byte, error) {
	file, header, err := v.R.FormFile("logo")
	if err != nil || header.Size == 0 {
		return nil, nil
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return content, v.CheckLogo(content)
}

// activateView is the page that asks a second time before the feature is
// switched on.
type activateView struct {
	*page.FormState
	Confirm page.ConfirmView
	Missing []page.FindingLine // what a run would stop at
	At      string             // when the first run fires
	Agreed  bool
}

// ActivatePage asks whether the feature is really to be switched on.
func (v *Visit) ActivatePage() error { return v.showActivate(v.Form("")) }

func (v *Visit) showActivate(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	if b.Config.Settings.Active {
		return v.Redirect("/settings")
	}
	view := activateView{FormState: f, Confirm: v.ConfirmView().On(f), Agreed: f.Checked("charged")}
	for _, found := range fault.Of(creditnotes.Ready(b.Config)) {
		if found.Key != "feature_inactive" {
			view.Missing = append(view.Missing, page.FindingLine{Text: v.Texts.PageFault(v.Lang, found), Fix: v.FixLink(found, b)})
		}
	}
	zone := v.Zone()
	view.At = v.InWords(creditnotes.NewMonthEnd(b.Config.Settings, zone).Next(v.Now()).In(zone))
	return v.ShowForm(f, "activate", v.Message("activate_title"), view)
}

// Activate switches the feature on when both questions were answered: that it
// is a charged service, and who says so.
func (v *Visit) Activate() error {
	f := v.Form("")
	if !f.Checked("charged") {
		f.Fail(fault.New(fault.Invalid, "activation_unconfirmed", nil).At("charged"))
	}
	if f.Ok() && !f.Fail(v.Confirm()) {
		_, err := v.Store.SetSettings(v.R.Context(), v.Name(), []creditnotes.Setting{{Key: "active", Value: "true"}})
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showActivate(f)
	}
	return v.Done("/settings", "settings_activated")
}

// switchView is the page that asks before the feature is switched off, or the
// license right is withdrawn or granted.
type switchView struct {
	Key     string
	Value   string // that it is to have
	Message string // part of the messages that say what happens then
	Confirm page.ConfirmView
}

// SwitchPage asks whether to switch.
func (v *Visit) SwitchPage() error { return v.showSwitch(v.Form("")) }

// nextSwitch says what a switch would become: the feature can only be switched
// off here.
func (v *Visit) nextSwitch() (*switchView, error) {
	settings, err := v.Store.Settings(v.R.Context())
	if err != nil {
		return nil, err
	}
	view := &switchView{Key: v.R.PathValue("key"), Value: "false"}
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

func (v *Visit) showSwitch(f *page.FormState) error {
	view, err := v.nextSwitch()
	if err != nil {
		return err
	}
	view.Confirm = v.ConfirmView().On(f)
	return v.ShowForm(f, "switch", v.Message("switch_"+view.Message+"_title"), view)
}

// SwitchSetting switches what was asked for; when another user has done so
// meanwhile, the page asks again.
func (v *Visit) SwitchSetting() error {
	next, err := v.nextSwitch()
	if err != nil {
		return err
	}
	f := v.Form("")
	switch {
	case f.Text("value") != next.Value:
		f.Fail(v.Store.SettingChanged(v.R.Context(), next.Key))
	case !f.Fail(v.Confirm()):
		seen := strconv.FormatBool(next.Value == "false") // it is a switch
		_, err := v.Store.SetSettings(v.R.Context(), v.Name(), []creditnotes.Setting{{Key: next.Key, Value: next.Value, Seen: &seen}})
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showSwitch(f)
	}
	return v.Done("/settings", fmt.Sprintf("switch_%s_done", next.Message))
}
