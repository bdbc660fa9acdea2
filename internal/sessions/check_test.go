package sessions

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
)

const (
	kWh     money.Quantity = money.PerUnit
	kW22                   = 22 * kWh // in millionths of a kilowatt
	maxDays                = 7
)

var noon = time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC)

// sound is an hour at 22 kW that nothing is wrong with.
func sound() *Session {
	return &Session{
		ID: 1, Source: "csv", ExternalID: "S-1", Version: 1, ConnectorID: 10,
		Start: noon, End: noon.Add(time.Hour), Duration: 3600, Energy: 10 * kWh, Status: Valid,
	}
}

// here is where sound sessions happen.
func here(power money.Quantity) *Circumstances {
	return &Circumstances{Known: true, Owned: true, Power: power}
}

// held is the reason for which Check holds a session.
func held(s *Session, at *Circumstances) Reason {
	reason, _ := Check(s, at)
	return reason
}

func TestASoundSessionIsNotHeld(t *testing.T) {
	if got, warned := Check(sound(), here(kW22)); got != "" || warned != "" {
		t.Errorf("held: %s, warned: %s", got, warned)
	}
}

// faulty gives each reason of Check, in order, a change that causes it.
var faulty = []struct {
	reason Reason
	spoil  func(s *Session, at *Circumstances)
}{
	{ReasonInvalid, func(s *Session, _ *Circumstances) { s.Status = Invalid }},
	{IDReused, func(s *Session, _ *Circumstances) { s.IDReused = true }},
	{UnknownConnector, func(_ *Session, at *Circumstances) { at.Known = false }},
	{NoOwner, func(_ *Session, at *Circumstances) { at.Owned = false }},
	{EndBeforeStart, func(s *Session, _ *Circumstances) { s.End, s.Duration = s.Start.Add(-time.Second), 0 }},
	{NegativeEnergy, func(s *Session, _ *Circumstances) { s.Energy = -1 }},
	{InTheFuture, func(s *Session, _ *Circumstances) { s.ReceivedAt = s.End.Add(-24*time.Hour - time.Microsecond) }},
	{TooLong, func(s *Session, _ *Circumstances) { s.End = s.Start.Add(maxDays*24*time.Hour + time.Microsecond) }},
	{DurationMismatch, func(s *Session, _ *Circumstances) { s.Duration += 10 * 24 * 3600 }},
	{TooMuchEnergy, func(s *Session, _ *Circumstances) { s.Energy = 2 * 7 * 24 * 22 * kWh }},
	{MeterMismatch, func(s *Session, _ *Circumstances) {
		meter := money.Quantity(0)
		s.MeterStart, s.MeterStop = &meter, &meter
	}},
	{SignatureInvalid, func(s *Session, _ *Circumstances) { s.Signed = &Signed{Verdict: ocmf.Invalid} }},
	{Overlap, func(_ *Session, at *Circumstances) { at.Overlaps = time.Minute + time.Microsecond }},
}

func TestEachReasonHoldsASession(t *testing.T) {
	for _, f := range faulty {
		s, at := sound(), here(kW22)
		f.spoil(s, at)
		if got := held(s, at); got != f.reason {
			t.Errorf("got %q, want %q", got, f.reason)
		}
	}
}

func TestTheFirstReasonThatAppliesIsGiven(t *testing.T) {
	for i, first := range faulty {
		for _, second := range faulty[i+1:] {
			s, at := sound(), here(kW22)
			second.spoil(s, at)
			first.spoil(s, at)
			if got := held(s, at); got != first.reason {
				t.Errorf("%s before %s: got %q", first.reason, second.reason, got)
			}
		}
	}
}

func TestAReleasedSessionIsSparedWhatMayBeReleasedOnly(t *testing.T) {
	for _, f := range faulty {
		s, at := sound(), here(kW22)
		f.spoil(s, at)
		s.Released = true
		want := f.reason
		if want.Releasable() {
			want = ""
		}
		if got := held(s, at); got != want {
			t.Errorf("released in spite of %s: got %q, want %q", f.reason, got, want)
		}
	}
}

func TestASessionMayLastExactlySevenDays(t *testing.T) {
	s := sound()
	for _, c := range []struct {
		lasts time.Duration
		days  int
		want  Reason
	}{
		{168 * time.Hour, 7, ""},
		{168*time.Hour + time.Microsecond, 7, TooLong},
		{168 * time.Hour, 0, ""}, // 0: the default
		{24*time.Hour + 1, 1, TooLong},
		{30 * 24 * time.Hour, 366, ""},
		{0, 7, ""},
	} {
		s.End, s.Duration, s.Energy = s.Start.Add(c.lasts), 0, kWh
		at := here(0)
		at.Limits[RuleLength] = c.days
		if got := held(s, at); got != c.want {
			t.Errorf("%s of %d days: got %q, want %q", c.lasts, c.days, got, c.want)
		}
	}
}

func TestAWeekIsSevenTimes24HoursThroughTheChangeOfClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := sound() // a calendar week with 169 hours
	s.Start = time.Date(2026, 10, 20, 8, 0, 0, 0, berlin)
	s.End = time.Date(2026, 10, 27, 8, 0, 0, 0, berlin)
	if got := held(s, here(0)); got != TooLong {
		t.Errorf("got %q", got)
	}
	s.Start = time.Date(2026, 10, 25, 2, 30, 0, 0, berlin) // shown twice
	s.End, s.Duration = s.Start.Add(45*time.Minute), 2700  // 02:15 or 03:15
	if got := held(s, here(0)); got != "" {
		t.Errorf("a session through the change of clocks: %q", got)
	}
}

func TestEnergyMayReachPowerTimesDurationAndATenthAndOneKWh(t *testing.T) {
	cases := map[string]struct {
		energy, power money.Quantity
		seconds       int64
		want          Reason
	}{
		"at the limit":                     {25_200_000, kW22, 3600, ""}, // 22 × 1.1 + 1
		"a millionth above":                {25_200_001, kW22, 3600, TooMuchEnergy},
		"unknown power, 400 kW":            {301*kWh - 1, 0, 3600, TooMuchEnergy},
		"unknown power, the most":          {300 * kWh, 0, 3600, ""},
		"unknown power, a millionth above": {300*kWh + 1, 0, 7 * 24 * 3600, TooMuchEnergy},
		"unknown power, too fast":          {74_333_334, 0, 600, TooMuchEnergy}, // 400 × 1.1 / 6 + 1
		"unknown power, as fast as 400 kW": {74_333_333, 0, 600, ""},
		"one kWh in no time":               {kWh, kW22, 0, ""},
		"a millionth more in no time":      {kWh + 1, kW22, 0, TooMuchEnergy},
		"the limit is a fraction, below":   {1_006_722, kW22, 1, ""}, // 6722.2 millionths in a second
		"the limit is a fraction, above":   {1_006_723, kW22, 1, TooMuchEnergy},
		"the greatest power":               {math.MaxInt64, math.MaxInt64, 9_000_000_000, ""},
		"the greatest energy":              {math.MaxInt64, 1, 1, TooMuchEnergy},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := sound()
			s.Energy, s.Duration, s.End = c.energy, c.seconds, s.Start.Add(time.Duration(c.seconds)*time.Second)
			at := here(c.power)
			at.Modes[RuleLength] = Off
			if got := held(s, at); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTooMuchEnergyAgreesWithUnboundedNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func() int64 { return random.Int64() >> random.UintN(63) }
	for range 20_000 {
		energy, power, micros := pick(), max(pick(), 1), pick()
		if random.IntN(2) == 0 && power < 1<<30 && micros < 1<<30 { // close to the limit
			energy = power*micros/36_000_000_000*11 + money.PerUnit + random.Int64N(5) - 2
		}
		left := new(big.Int).Mul(big.NewInt(energy-money.PerUnit), big.NewInt(36_000_000_000))
		right := new(big.Int).Mul(big.NewInt(power), big.NewInt(micros))
		right.Mul(right, big.NewInt(11))
		want := left.Cmp(right) > 0
		if got := exceeds(money.Quantity(energy), money.Quantity(power), micros); got != want {
			t.Fatalf("energy %d, power %d, %d µs: got %v", energy, power, micros, got)
		}
	}
}

func TestExclusionComesBeforeAllReasons(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	begins := time.Date(2022, 10, 1, 0, 0, 0, 0, berlin)
	s := sound()
	for _, c := range []struct {
		start    time.Time
		operator bool
		want     Reason
	}{
		{begins.Add(-time.Microsecond), true, BeforeStartDate},
		{begins.Add(-time.Microsecond), false, BeforeStartDate},
		{begins, true, OperatorOwned},
		{begins, false, ""},
	} {
		s.Start = c.start
		if got := Exclude(s, begins, c.operator); got != c.want {
			t.Errorf("%s: got %q, want %q", c.start, got, c.want)
		}
	}
	if got := Exclude(s, time.Time{}, false); got != "" {
		t.Errorf("no start date: got %q", got)
	}
}

func TestABegunSecondCountsWhole(t *testing.T) {
	for lasts, want := range map[time.Duration]int64{
		0: 0, -time.Hour: 0, time.Microsecond: 1, time.Second: 1, time.Second + 1: 2, time.Hour: 3600,
	} {
		if got := DurationOf(noon, noon.Add(lasts)); got != want {
			t.Errorf("%s: got %d, want %d", lasts, got, want)
		}
	}
	if DurationOf(time.Time{}, noon.AddDate(9000, 0, 0)) <= 0 {
		t.Error("an endless session has no duration")
	}
}

func TestCheckDoesNotAllocate(t *testing.T) {
	s, o, at := sound(), &Overlaps{}, here(kW22)
	if got := testing.AllocsPerRun(100, func() { Check(s, at); o.Check(s) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
