package sessions

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"creditrun/internal/money"
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

func TestASoundSessionIsNotHeld(t *testing.T) {
	if got := Check(sound(), true, true, kW22, maxDays); got != "" {
		t.Errorf("held: %s", got)
	}
}

// faulty gives each reason of Check, in order, a change that causes it.
var faulty = []struct {
	reason Reason
	spoil  func(s *Session, known, owner *bool)
}{
	{ReasonInvalid, func(s *Session, _, _ *bool) { s.Status = Invalid }},
	{UnknownConnector, func(_ *Session, known, _ *bool) { *known = false }},
	{NoOwner, func(_ *Session, _, owner *bool) { *owner = false }},
	{EndBeforeStart, func(s *Session, _, _ *bool) { s.End, s.Duration = s.Start.Add(-time.Second), 0 }},
	{NegativeEnergy, func(s *Session, _, _ *bool) { s.Energy = -1 }},
	{TooLong, func(s *Session, _, _ *bool) { s.End = s.Start.Add(maxDays*24*time.Hour + time.Microsecond) }},
	{TooMuchEnergy, func(s *Session, _, _ *bool) { s.Energy = 1430 * kWh }},
}

func TestEachReasonHoldsASession(t *testing.T) {
	for _, f := range faulty {
		s, known, owner := sound(), true, true
		f.spoil(s, &known, &owner)
		if got := Check(s, known, owner, kW22, maxDays); got != f.reason {
			t.Errorf("got %q, want %q", got, f.reason)
		}
	}
}

func TestTheFirstReasonThatAppliesIsGiven(t *testing.T) {
	for i, first := range faulty {
		for _, second := range faulty[i+1:] {
			s, known, owner := sound(), true, true
			second.spoil(s, &known, &owner)
			first.spoil(s, &known, &owner)
			if got := Check(s, known, owner, kW22, maxDays); got != first.reason {
				t.Errorf("%s before %s: got %q", first.reason, second.reason, got)
			}
		}
	}
}

func TestAReleasedSessionIsSparedWhatMayBeReleasedOnly(t *testing.T) {
	for _, f := range faulty {
		s, known, owner := sound(), true, true
		f.spoil(s, &known, &owner)
		s.Released = true
		want := f.reason
		if want.Releasable() {
			want = ""
		}
		if got := Check(s, known, owner, kW22, maxDays); got != want {
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
		{168*time.Hour + time.Microsecond, -1, TooLong},
		{24*time.Hour + 1, 1, TooLong},
		{30 * 24 * time.Hour, math.MaxInt, ""},
		{0, 7, ""},
	} {
		s.End = s.Start.Add(c.lasts)
		if got := Check(s, true, true, 0, c.days); got != c.want {
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
	if got := Check(s, true, true, 0, 7); got != TooLong {
		t.Errorf("got %q", got)
	}
	s.Start = time.Date(2026, 10, 25, 2, 30, 0, 0, berlin) // shown twice
	s.End = s.Start.Add(45 * time.Minute)                  // 02:15 or 03:15
	if got := Check(s, true, true, 0, 7); got != "" {
		t.Errorf("a session through the change of clocks: %q", got)
	}
}

func TestEnergyMayReachPowerTimesDurationAndATenthAndOneKWh(t *testing.T) {
	cases := map[string]struct {
		energy, power money.Quantity
		seconds       int64
		want          Reason
	}{
		"at the limit":                      {25_200_000, kW22, 3600, ""}, // 22 × 1.1 + 1
		"a millionth above":                 {25_200_001, kW22, 3600, TooMuchEnergy},
		"power unknown":                     {9_999 * kWh, 0, 3600, ""},
		"one kWh in no time":                {kWh, kW22, 0, ""},
		"a millionth more in no time":       {kWh + 1, kW22, 0, TooMuchEnergy},
		"the limit is a fraction, below":    {1_006_722, kW22, 1, ""}, // 6722.2 millionths in a second
		"the limit is a fraction, above":    {1_006_723, kW22, 1, TooMuchEnergy},
		"a duration below zero counts none": {kWh + 1, kW22, -5, TooMuchEnergy},
		"the greatest numbers":              {math.MaxInt64, math.MaxInt64, math.MaxInt64, ""},
		"the greatest energy":               {math.MaxInt64, 1, 1, TooMuchEnergy},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := sound()
			s.Energy, s.Duration = c.energy, c.seconds
			if got := Check(s, true, true, c.power, maxDays); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTooMuchEnergyAgreesWithUnboundedNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func() int64 { return random.Int64() >> random.UintN(63) }
	for range 20_000 {
		energy, power, seconds := pick(), max(pick(), 1), pick()
		if random.IntN(2) == 0 && power < 1<<30 && seconds < 1<<30 { // close to the limit
			energy = power*seconds/36_000*11 + money.PerUnit + random.Int64N(5) - 2
		}
		left := new(big.Int).Mul(big.NewInt(energy-money.PerUnit), big.NewInt(36_000))
		right := new(big.Int).Mul(big.NewInt(power), big.NewInt(seconds))
		right.Mul(right, big.NewInt(11))
		want := left.Cmp(right) > 0
		if got := tooMuchEnergy(money.Quantity(energy), money.Quantity(power), seconds); got != want {
			t.Fatalf("energy %d, power %d, %d s: got %v", energy, power, seconds, got)
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
	s, o := sound(), &Overlaps{}
	if got := testing.AllocsPerRun(100, func() { Check(s, true, true, kW22, 7); o.Check(s) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
