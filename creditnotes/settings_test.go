package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

func TestEverySettingIsReadAsItIsWritten(t *testing.T) {
	s := creditnotes.DefaultSettings()
	for key, values := range map[string][]string{
		"active": {"true", "false"}, "language": {"de"}, "payment_terms.net_days": {"14"}, "payment_terms.text.de": {"Zahlbar"}, "review_days": {"3"},
		"community_discount_percent": {"12.5"}, "start_date": {"2026-10-01", ""}, "run_time": {"07:05"}, "release": {"approve"},
		"second_person": {"bank,station_owner", ""}, "einvoice_required": {"BE 2026-01-01, DE 2027-01-01", ""}, "cancellation_type": {"384"},
		"logo": {""}, "color": {"#0b5563"}, "plausibility.too_long": {"warn", "off"}, sessions.RuleLength.LimitName(): {"9"},
	} {
		for _, value := range values {
			if err := s.Set(key, value); err != nil || s.Values()[key] != value {
				t.Errorf("%s = %q is %q, %v", key, value, s.Values()[key], err)
			}
		}
	}
	for key, value := range map[string]string{
		"active": "yes", "payment_terms.net_days": "999", "review_days": "x", "community_discount_percent": "101", "start_date": "1.10.2026",
		"run_time": "25:00", "release": "never", "second_person": "money", "einvoice_required": "Germany 2027-01-01", "cancellation_type": "380",
		"logo": "logo.png", "color": "blue", "plausibility.too_long": "maybe", sessions.RuleLength.LimitName(): "0",
	} {
		says(t, s.Set(key, value), "setting_value")
	}
	says(t, s.Set("einvoice_required", "DE 2027-01-01, DE 2028-01-01"), "setting_value")
	says(t, s.Set("einvoice_required", "DE someday"), "setting_value")
	says(t, s.Set("community_discount_percent", "x"), "setting_value")
	says(t, s.Set("colour", "x"), "setting_unknown")
	if keys := creditnotes.SettingKeys(); len(keys) < 30 || len(s.Values()) <= len(keys) {
		t.Errorf("%d keys", len(keys))
	}
	if hour, minute := (creditnotes.Settings{RunTime: "x"}).RunClock(); hour != 23 || minute != 30 {
		t.Errorf("%d:%d", hour, minute)
	}
}

func TestWhatNeedsASecondPerson(t *testing.T) {
	s := creditnotes.Settings{SecondPerson: []creditnotes.Matter{creditnotes.MatterBank, creditnotes.MatterPastOwner}}
	for matter, want := range map[creditnotes.Matter][2]bool{ // from now on, and in the past
		creditnotes.MatterBank: {true, true}, creditnotes.MatterOwner: {false, true}, creditnotes.MatterConnector: {false, true},
		creditnotes.MatterSetting: {true, true}, creditnotes.MatterEmail: {false, false},
	} {
		if got := [2]bool{s.NeedsSecondPerson(matter, false), s.NeedsSecondPerson(matter, true)}; got != want {
			t.Errorf("%s: %v", matter, got)
		}
	}
	for _, c := range []struct {
		key, before, after string
		want               bool
	}{
		{"second_person", "bank,reply_to", "bank", true}, {"second_person", "bank", "bank,reply_to", false}, {"second_person", "", "bank", false},
		{"release", "approve", "automatic", true}, {"release", "automatic", "approve", false}, {"language", "de", "en", false},
	} {
		if got := creditnotes.Weakens(c.key, c.before, c.after); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

func TestARecordThatChangesHasAnotherFingerprint(t *testing.T) {
	c := smallNetwork()
	a := creditnotes.Record{Section: creditnotes.SectionEntities, Key: "a"}
	print := func(whole bool) string {
		t.Helper()
		f, err := c.Fingerprint(a)
		if whole {
			f, err = c.FingerprintWhole(a)
		}
		if err != nil || f == "" {
			t.Fatal(f, err)
		}
		return f
	}
	part, whole := print(false), print(true)
	entityIn(c, "a").Bank.IBAN = "DE02120300000000202051"
	if print(false) != part || print(true) == whole {
		t.Error("bank data are part of the entity, or not of the whole")
	}
	var changes creditnotes.Changes
	for _, change := range []creditnotes.Change{creditnotes.Created, creditnotes.Updated, creditnotes.Unchanged} {
		changes.Add(change, "a", "name")
	}
	if changes.Created != 1 || changes.Updated != 1 || changes.Unchanged != 1 || len(changes.Records) != 3 {
		t.Errorf("%+v", changes)
	}
}
