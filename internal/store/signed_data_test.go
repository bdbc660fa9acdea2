package store_test

import (
	"os"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
)

// meterRecord is what a meter signed: 1.304 kWh.
func meterRecord(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("../ocmf/testdata/twincharger-base64-signature/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// signed gives a session signed meter data.
func signed(data string) func(*sessions.Session) {
	return func(s *sessions.Session) {
		s.Signed = &sessions.Signed{Values: []ocmf.Value{{Format: "OCMF", Data: data, Key: "of the source"}}}
	}
}

// withKeys gives the connector of a station the keys of its meters.
func withKeys(station string, keys ...entities.MeterKey) func(*creditnotes.Configuration) {
	return func(c *creditnotes.Configuration) {
		for i := range c.Connectors {
			if c.Connectors[i].Station == station {
				c.Connectors[i].MeterKeys = keys
			}
		}
	}
}

// verdict is what is stored of a session's signed data.
func verdict(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	found, err := s.FindSessions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if found[0].Signed == nil {
		return ""
	}
	energy := "unknown"
	if e := found[0].Signed.Energy; e != nil {
		energy = e.String()
	}
	return string(found[0].Signed.Verdict) + " " + energy
}

// The meter of ST-1 was exchanged on the 10th: what the new one signed is right
// with the new key and wrong before that day. A record that was changed on its
// way, and one that says another energy than the session, are held; one of a
// station without a key is credited, and named.
func TestSignedMeterDataIsCheckedWithTheKeyOfItsDay(t *testing.T) {
	right := meterRecord(t, "record-1.ocmf")
	old, err := os.ReadFile("../ocmf/testdata/keba-kcp30-valid/public-key-1.txt")
	if err != nil {
		t.Fatal(err)
	}
	keys := []entities.MeterKey{{Key: strings.TrimSpace(string(old)), Until: "2026-10-10"}, {Key: meterRecord(t, "public-key-1.txt"), From: "2026-10-10"}}
	inEach(t, func(t *testing.T, w *world) {
		charge := creditnotestest.Charge
		w.Charged(
			charge("S-plain", "ST-1", "2026-10-02 10:00", "10"),
			charge("S-before", "ST-1", "2026-10-09 23:00", "1.304", signed(right)),
			charge("S-right", "ST-1", "2026-10-10 00:00", "1.304", signed(right)),
			charge("S-other", "ST-1", "2026-10-11 10:00", "13.04", signed(right)),
			charge("S-changed", "ST-1", "2026-10-12 10:00", "1.304", signed(strings.Replace(right, `"1.304"`, `"1.305"`, 1))),
			charge("S-cut", "ST-1", "2026-10-13 10:00", "1.304", signed(right[:100])),
			charge("S-no-key", "ST-9", "2026-10-13 10:00", "1.304", signed(right)),
			charge("S-stray", "ST-unknown", "2026-10-13 10:00", "1.304", signed(right)),
		)
		for id, want := range map[string]string{
			"S-plain": "", "S-before": "invalid 1.304", "S-right": "valid 1.304", "S-other": "valid 1.304",
			"S-changed": "invalid 1.305", "S-cut": "unreadable unknown", "S-no-key": "no_key 1.304", "S-stray": "no_key 1.304",
		} {
			if got := verdict(t, w.s, id); got != want {
				t.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		report := w.Month("2026-10")
		held := map[string]sessions.Reason{}
		for _, h := range report.Held {
			held[h.Session] = h.Reason
		}
		want := map[string]sessions.Reason{"S-before": sessions.SignatureInvalid, "S-other": sessions.SignatureInvalid, "S-changed": sessions.SignatureInvalid, "S-stray": sessions.UnknownConnector}
		if diff := gocmp.Diff(want, held); diff != "" {
			t.Error(diff)
		}
		w.Proven()

		found, err := w.s.FindSessions(t.Context(), "S-before")
		if err != nil {
			t.Fatal(err)
		}
		values, err := w.s.SignedData(t.Context(), []int64{found[0].ID})
		if err != nil || len(values) != 1 || values[0] != (ocmf.Value{Format: "OCMF", Data: right, Key: "of the source"}) {
			t.Error("what was received is not what is given back:", values, err)
		}
		if _, err := w.s.SignedData(t.Context(), []int64{-1}); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	}, withKeys("ST-1", keys...))
}

// A key that is entered later is used for what no note pays yet.
func TestSignedDataIsCheckedAgainWithAKeyThatCameLater(t *testing.T) {
	right := meterRecord(t, "record-1.ocmf")
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(creditnotestest.Charge("S-1", "ST-1", "2026-10-02 10:00", "1.304", signed(right)),
			creditnotestest.Charge("S-2", "ST-9", "2026-10-02 10:00", "1.304", signed(right)))
		c, err := w.s.Configuration(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		withKeys("ST-1", entities.MeterKey{Key: meterRecord(t, "public-key-1.txt")})(c)
		if _, err := w.s.SaveConfiguration(t.Context(), "anna", &creditnotes.Configuration{Connectors: c.Connectors}, nil); err != nil {
			t.Fatal(err)
		}
		again := func(since string) (int, int) {
			at, err := time.Parse(time.DateOnly, since)
			if err != nil {
				t.Fatal(err)
			}
			checked, changed, err := w.s.CheckSignedAgain(t.Context(), "anna", nil, at)
			if err != nil {
				t.Fatal(err)
			}
			return checked, changed
		}
		if checked, changed := again("2026-10-03"); checked != 0 || changed != 0 {
			t.Error("later ones alone:", checked, changed)
		}
		if checked, changed := again("2026-10-01"); checked != 2 || changed != 1 {
			t.Error(checked, changed)
		}
		if got := verdict(t, w.s, "S-1") + ", " + verdict(t, w.s, "S-2"); got != "valid 1.304, no_key 1.304" {
			t.Error(got)
		}
		if checked, changed := again("2026-10-01"); checked != 2 || changed != 0 {
			t.Error("once more:", checked, changed)
		}
		w.Month("2026-10")
		if checked, _ := again("2026-10-01"); checked != 0 {
			t.Error("what is paid is checked again:", checked)
		}
	})
}

// A person who corrects the energy of a session knows better than its record; a
// reversal is worth nothing, so nothing of it has to be proven.
func TestACorrectionLeavesTheSignedDataBehind(t *testing.T) {
	right := meterRecord(t, "record-1.ocmf")
	inEach(t, func(t *testing.T, w *world) {
		first := creditnotestest.Charge("S-1", "ST-1", "2026-10-02 10:00", "13.04", signed(right))
		w.Charged(first, creditnotestest.Charge("S-2", "ST-1", "2026-10-04 10:00", "1.304", signed(right)))
		found, err := w.s.FindSessions(t.Context(), "S-1")
		if err != nil {
			t.Fatal(err)
		}
		change := creditnotes.SessionChange{Energy: new(money.Quantity(2_000_000))}
		if err := w.s.CorrectSession(t.Context(), "anna", found[0].ID, change, "read at the meter"); err != nil {
			t.Fatal(err)
		}
		back := creditnotestest.Charge("S-2", "ST-1", "2026-10-04 10:00", "0", creditnotestest.Reversed)
		w.Charged(back)
		if got := verdict(t, w.s, "S-1") + verdict(t, w.s, "S-2"); got != "" {
			t.Error(got)
		}
		found, err = w.s.FindSessions(t.Context(), "S-1")
		if err != nil || len(found) != 2 {
			t.Fatal(found, err)
		}
		if values, err := w.s.SignedData(t.Context(), []int64{found[0].ID, found[1].ID}); err != nil || values[0].Data != right {
			t.Error("the record of the earlier version is lost:", err)
		}
		if n := w.rows("signed_data"); n != 2 {
			t.Error(n)
		}
	})
}
