package sessions

import (
	"encoding/json"
	"testing"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
)

// charged is an hour at an unknown power.
func charged(energy money.Quantity, meter ...money.Quantity) *Session {
	s := sound()
	s.Energy = energy
	if len(meter) == 2 {
		s.MeterStart, s.MeterStop = &meter[0], &meter[1]
	}
	return s
}

func TestADurationMayBeAMinuteAboveEndMinusStart(t *testing.T) {
	for stated, want := range map[int64]Reason{
		0: "", 1800: "", 3660: "", 3661: DurationMismatch, 120 * 3600: DurationMismatch, 1<<63 - 1: DurationMismatch,
	} {
		s := sound()
		s.Duration = stated
		if got := held(s, here(kW22)); got != want {
			t.Errorf("%d s stated of an hour: got %q, want %q", stated, got, want)
		}
	}
	s := sound()
	s.End, s.Duration = s.Start, 60 // a source that rounds up
	if got := held(s, here(kW22)); s.Energy <= kWh && got != "" {
		t.Errorf("got %q", got)
	}
	s.Energy, s.Duration = kWh, 61
	if got := held(s, here(kW22)); got != DurationMismatch {
		t.Errorf("61 s of a session without length: got %q", got)
	}
}

func TestTheMeterMayBeOffByOnePercentOrATenthOfAKilowattHour(t *testing.T) {
	for name, c := range map[string]struct {
		s    *Session
		want Reason
	}{
		"the meter agrees":                  {charged(20*kWh, 500*kWh, 520*kWh), ""},
		"no meter":                          {charged(20 * kWh), ""},
		"exactly one percent":               {charged(20*kWh, 0, 20*kWh+200_000), ""},
		"a millionth more":                  {charged(20*kWh, 0, 20*kWh+200_001), MeterMismatch},
		"a millionth more, below":           {charged(20*kWh, 0, 20*kWh-200_001), MeterMismatch},
		"a tenth of a kWh of a little":      {charged(kWh, 0, kWh+100_000), ""},
		"a millionth more of a little":      {charged(kWh, 0, kWh+100_001), MeterMismatch},
		"the meter stood still":             {charged(20*kWh, 500*kWh, 500*kWh), MeterMismatch},
		"the reading is taken for energy":   {charged(200*kWh, 199_900_000, 200*kWh), MeterMismatch},
		"the meter began anew":              {charged(20*kWh, 999_990*kWh, 10*kWh), MeterMismatch},
		"nothing charged, the meter agrees": {charged(0, 7*kWh, 7*kWh), ""},
		"nothing charged, the meter counts": {charged(0, 7*kWh, 8*kWh), MeterMismatch},
	} {
		if got := held(c.s, here(0)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	half := charged(20*kWh, 0, 500*kWh)
	half.MeterStart = nil
	if got := held(half, here(0)); got != "" {
		t.Errorf("one value alone: got %q", got)
	}
}

func TestSignedMeterDataHoldsWhatItContradicts(t *testing.T) {
	signed := func(verdict ocmf.Verdict, energy ...money.Quantity) *Session {
		s := charged(20 * kWh)
		s.Signed = &Signed{Verdict: verdict}
		if len(energy) > 0 {
			s.Signed.Energy = &energy[0]
		}
		return s
	}
	for name, c := range map[string]struct {
		s            *Session
		held, warned Reason
	}{
		"the meter signed the energy":        {signed(ocmf.Valid, 20*kWh), "", ""},
		"exactly one percent more":           {signed(ocmf.Valid, 20*kWh+200_000), "", ""},
		"a millionth more":                   {signed(ocmf.Valid, 20*kWh+200_001), SignatureInvalid, ""},
		"the register went back":             {signed(ocmf.Valid, -kWh), SignatureInvalid, ""},
		"signed, and no energy in it":        {signed(ocmf.Valid), "", ""},
		"signed by someone else":             {signed(ocmf.Invalid, 20*kWh), SignatureInvalid, ""},
		"no key of the meter":                {signed(ocmf.NoKey, 20*kWh), "", SignatureInvalid},
		"no key, and another energy":         {signed(ocmf.NoKey, 30*kWh), "", SignatureInvalid},
		"a format that is not known":         {signed(ocmf.Unsupported), "", SignatureInvalid},
		"what can't be read":                 {signed(ocmf.Unreadable), "", SignatureInvalid},
		"nothing signed":                     {charged(20 * kWh), "", ""},
		"taken back: worth nothing any more": {func() *Session { s := signed(ocmf.Invalid); s.Reversed = true; return s }(), "", ""},
	} {
		if held, warned := Check(c.s, here(0)); held != c.held || warned != c.warned {
			t.Errorf("%s: held %q, warned %q", name, held, warned)
		}
	}
	at := here(0)
	at.Modes[RuleSignature] = Off
	if held, warned := Check(signed(ocmf.Invalid), at); held != "" || warned != "" {
		t.Errorf("off: held %q, warned %q", held, warned)
	}
}

func TestASessionMayEndADayAfterItWasReceived(t *testing.T) {
	s := sound()
	s.ReceivedAt = s.End.Add(-24 * time.Hour)
	if got := held(s, here(kW22)); got != "" {
		t.Errorf("a day: got %q", got)
	}
	s.ReceivedAt = s.ReceivedAt.Add(-time.Microsecond)
	if got := held(s, here(kW22)); got != InTheFuture {
		t.Errorf("a microsecond more: got %q", got)
	}
}

func TestARuleMayWarnOrBeOff(t *testing.T) {
	for _, rule := range Rules() {
		f := faulty[6+int(rule)]
		if f.reason != rule.Reason() {
			t.Fatalf("rule %d is not in the order of the reasons: %s", rule, f.reason)
		}
		for mode, want := range map[Mode][2]Reason{Hold: {rule.Reason(), ""}, "": {rule.Reason(), ""}, Warn: {"", rule.Reason()}, Off: {"", ""}} {
			s, at := sound(), here(kW22)
			f.spoil(s, at)
			at.Modes[rule] = mode
			if rule == RuleLength { // so long a session has also lasted for long
				s.Duration = DurationOf(s.Start, s.End)
			}
			if got, warned := Check(s, at); got != want[0] || warned != want[1] {
				t.Errorf("%s %q: held %q, warned %q", rule.Reason(), mode, got, warned)
			}
		}
	}
}

func TestARuleThatHoldsGoesBeforeOneThatWarned(t *testing.T) {
	s, at := sound(), here(kW22)
	s.Duration += 3600
	at.Overlaps = time.Hour
	at.Modes[RuleDuration] = Warn
	if got, warned := Check(s, at); got != Overlap || warned != "" {
		t.Errorf("held %q, warned %q", got, warned)
	}
	at.Modes[RuleOverlap] = Warn
	if got, warned := Check(s, at); got != "" || warned != DurationMismatch {
		t.Errorf("held %q, warned %q", got, warned)
	}
}

func TestLimitsAreSetByWhoIsNearest(t *testing.T) {
	var entity, partner Limits
	entity[RuleLength], entity[RuleEnergy] = 14, 1000
	partner[RuleLength] = 30
	got := partner.Over(entity.Over(StandardLimits()))
	if want := (Limits{24, 30, 60, 1000, 100, 100, 60}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	at := here(0)
	at.Limits = got
	s := sound()
	s.Start, s.Duration = s.End.Add(-30*24*time.Hour), 0
	s.Energy = 1000 * kWh
	if got := held(s, at); got != "" {
		t.Errorf("within the limits: %q", got)
	}
	s.Energy++
	if got := held(s, at); got != TooMuchEnergy {
		t.Errorf("above the limit: %q", got)
	}
}

func TestLimitsAreReadAsTheyAreWritten(t *testing.T) {
	var l Limits
	l[RuleMeter], l[RuleOverlap] = 250, 300
	content, err := json.Marshal(l)
	if err != nil || string(content) != `{"meter_tolerance_percent":"2.5","overlap_tolerance_s":"300"}` {
		t.Errorf("%s, %v", content, err)
	}
	var back Limits
	if err := json.Unmarshal(content, &back); err != nil || back != l {
		t.Errorf("%v, %v", back, err)
	}
	for _, wrong := range []string{`{"max_session_days":"0"}`, `{"max_session_days":"367"}`, `{"meter_tolerance_percent":"1.005"}`, `{"max_energy_kwh":"1e3"}`, `[]`} {
		if err := json.Unmarshal([]byte(wrong), &back); err == nil {
			t.Errorf("%s is taken for limits: %v", wrong, back)
		}
	}
}

func TestSessionsLongAgoAreThoseOfMoreThan400Days(t *testing.T) {
	s := sound()
	s.ReceivedAt = s.End.AddDate(0, 0, 400)
	if LongAgo(s) {
		t.Error("400 days")
	}
	s.ReceivedAt = s.ReceivedAt.Add(time.Microsecond)
	if !LongAgo(s) {
		t.Error("more than 400 days")
	}
}

func TestAClashNamesTheSessionThatEndsLast(t *testing.T) {
	var o Overlaps
	list := []*Session{at("a", 1, 0, 600), at("b", 1, 10, 20), at("c", 1, 15, 40)}
	for i, want := range []Clash{{}, {590 * time.Minute, list[0].ID}, {585 * time.Minute, list[0].ID}} {
		if got := o.Check(list[i]); got != want {
			t.Errorf("session %d: got %v, want %v", i, got, want)
		}
	}
}
