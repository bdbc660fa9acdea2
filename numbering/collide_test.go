package numbering

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestRangesThatCouldGiveTheSameNumberCollide(t *testing.T) {
	cases := []struct {
		a, b string
		want bool
	}{
		{"GS-{YYYY}-{SEQ:5}", "ST-{YYYY}-{SEQ:5}", false},
		{"GS-{YYYY}-{SEQ:5}", "GS-{YYYY}-{SEQ:5}", true},
		{"GS-{YYYY}-{SEQ:5}", "GS-{YYYY}-{SEQ:3}", true}, // 12345 in both
		{"GS-{YYYY}-{SEQ:5}", "GS-{YY}-{SEQ:5}", false},
		{"GS-{YYYY}-{SEQ}", "GS-{YYYY}{MM}-{SEQ}", false},
		{"GS{YYYY}{SEQ}", "GS{SEQ}", true},
		{"GS{YY}{MM}{SEQ:4}", "GS{YYYY}{SEQ:4}", true}, // 20 12 0001
		{"{MM}-{SEQ}", "13-{SEQ}", false},
		{"{MM}-{SEQ}", "00-{SEQ}", false},
		{"{MM}-{SEQ}", "12-{SEQ}", true},
		{"A{SEQ}", "A0{SEQ}", false}, // an unpadded sequence never begins with 0
		{"A{SEQ:2}", "A0{SEQ}", true},
		{"A{SEQ:3}", "A00{SEQ}", true},
		{"A{SEQ:3}", "A000{SEQ}", false}, // 000 is no sequence, 0001 has too many zeros
		{"A{SEQ:2}", "A00{SEQ:2}", false},
		{"{RECIPIENT}-{SEQ:5}", "GS-{SEQ:5}", true},
		{"{RECIPIENT}-{SEQ:5}", "GS/{SEQ:5}", false}, // a key's slash is written %2F
		{"{RECIPIENT}-{SEQ:5}", "%2F-{SEQ:5}", true},
		{"{RECIPIENT}-{SEQ:5}", "%2-{SEQ:5}", false},
		{"X{RECIPIENT}-{SEQ}", "X-{SEQ}", false}, // a recipient has a key, and after it comes a hyphen
		{"X{RECIPIENT}-{SEQ}", "X--{SEQ}", true},
		{"{SEQ}A", "{SEQ}B", false},
		{"{SEQ}", "{BROKEN", false},
	}
	for _, c := range cases {
		a, b := patterned(c.a), patterned(c.b)
		if Collide(a, b) != c.want || Collide(b, a) != c.want {
			t.Errorf("%s and %s collide: %v, want %v", c.a, c.b, !c.want, c.want)
		}
	}
}

// expression writes a pattern as a regular expression: a second, independent
// statement of what numbers look like.
func expression(p pattern) *regexp.Regexp {
	var b strings.Builder
	for _, t := range p {
		switch t.placeholder {
		case placeholderYear:
			b.WriteString(`\d{4}`)
		case placeholderShortYear:
			b.WriteString(`\d{2}`)
		case placeholderMonth:
			b.WriteString(`(0[1-9]|1[0-2])`)
		case placeholderRecipient:
			b.WriteString(`([A-Za-z0-9_-]|%[0-9A-F]{2})+`)
		case placeholderSequence:
			var ways []string
			for zeros := range t.width {
				ways = append(ways, fmt.Sprintf(`0{%d}[1-9]\d{%d}`, zeros, t.width-zeros-1))
			}
			b.WriteString("(" + strings.Join(ways, "|") + fmt.Sprintf(`|[1-9]\d{%d,}`, t.width) + ")")
		default:
			b.WriteString(regexp.QuoteMeta(t.text))
		}
	}
	return regexp.MustCompile("^" + b.String() + "$")
}

// randomPattern writes short patterns over few characters, so that pairs meet
// often.
func randomPattern(random *rand.Rand) string {
	pieces := []string{"{YY}", "{MM}", "{RECIPIENT}", "0", "1", "-", "a", "%"}
	var b strings.Builder
	sequence := random.IntN(3)
	for i := range 3 {
		if i == sequence {
			b.WriteString([]string{"{SEQ}", "{SEQ:1}", "{SEQ:2}", "{SEQ:3}"}[random.IntN(4)])
		} else if random.IntN(3) > 0 {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
	}
	return b.String()
}

// soundPattern leaves out patterns that repeat a placeholder: Validate refuses
// them.
func soundPattern(random *rand.Rand) string {
	for {
		r := patterned(randomPattern(random))
		if p, _ := parsePattern(&r); p.count(placeholderRecipient) < 2 && p.count(placeholderMonth) < 2 && p.count(placeholderShortYear) < 2 {
			return r.Pattern
		}
	}
}

// allNumbers generates every number of a pattern up to a length, over a few
// characters that stand for their classes.
func allNumbers(e *regexp.Regexp, most int) map[string]bool {
	found := map[string]bool{}
	var grow func(prefix string)
	grow = func(prefix string) {
		if e.MatchString(prefix) {
			found[prefix] = true
		}
		if len(prefix) < most {
			for _, c := range "012-a%" {
				grow(prefix + string(c))
			}
		}
	}
	grow("")
	return found
}

func TestCollideAgreesWithGeneratingAllNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const most = 5
	numbers := map[string]map[string]bool{}
	of := func(r Range) map[string]bool {
		if numbers[r.Pattern] == nil {
			p, _ := parsePattern(&r)
			numbers[r.Pattern] = allNumbers(expression(p), most)
		}
		return numbers[r.Pattern]
	}
	collided := 0
	for range 150 {
		a, b := patterned(soundPattern(random)), patterned(soundPattern(random))
		common := ""
		for number := range of(a) {
			if of(b)[number] {
				common = number
				break
			}
		}
		got := Collide(a, b)
		if got {
			collided++
		}
		// Numbers of up to five characters suffice for most pairs; a collision
		// that only longer ones show is looked for with random longer ones.
		if common != "" && !got {
			t.Errorf("%s and %s both give %s", a.Pattern, b.Pattern, common)
		}
		if common == "" && got && !meetsLonger(a, b) && !meetsLonger(b, a) {
			t.Errorf("%s and %s have no number in common", a.Pattern, b.Pattern)
		}
	}
	if collided < 20 || collided > 130 {
		t.Errorf("%d of 150 pairs collide: the test proves little", collided)
	}
}

// meetsLonger looks among random long numbers of a for one of b's.
func meetsLonger(a, b Range) bool {
	random := rand.New(rand.NewPCG(7, 8))
	p, _ := parsePattern(&a)
	q, _ := parsePattern(&b)
	other := expression(q)
	keys := []string{"1", "11", "a", "-", "0", "01", "-1", "-0", "a1", "1-", "a0", "010", "/", "1/", "0-1", "10", "12", "-12", "12-", "a12", "\x10", "\x11", "\x12"}
	for range 200_000 {
		date := fmt.Sprintf("20%02d-%02d-01", random.IntN(100), 1+random.IntN(12))
		key := keys[random.IntN(len(keys))] + keys[random.IntN(len(keys))]
		if other.MatchString(p.spell(date, key, 1+random.Int64N(1_000_000)>>random.UintN(20))) {
			return true
		}
	}
	return false
}

func TestWhatIsNotAmbiguousReadsBackInOneWay(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	keys := []string{"a", "a1", "1", "11", "0", "-", "1-1", "a-1", "00", "01", "-1", "1-", "10", "001", "a001"}
	tested, ambiguous := 0, 0
	for tested < 60 {
		r := patterned(randomPattern(random))
		p, broken := parsePattern(&r)
		if len(broken) > 0 || p.count(placeholderRecipient) != 1 {
			continue
		}
		tested++
		seen, clash := map[string]string{}, ""
		for _, key := range keys {
			for _, month := range []string{"01", "10", "11", "12"} {
				for seq := int64(1); seq < 1112; seq++ {
					number := p.spell("2011-"+month+"-01", key, seq)
					who := fmt.Sprint(key, " ", seq)
					if seen[number] != "" && seen[number] != who {
						clash = number
					}
					seen[number] = who
				}
			}
		}
		if clash != "" && !p.ambiguous() {
			t.Errorf("%s gives %s twice", r.Pattern, clash)
		}
		if clash != "" {
			ambiguous++
		}
	}
	if ambiguous < 5 {
		t.Errorf("%d patterns are ambiguous: the test proves little", ambiguous)
	}
}

func FuzzCollideIsSymmetricAndKnowsItself(f *testing.F) {
	f.Add("GS-{YYYY}-{SEQ:5}", "GS{SEQ}")
	f.Add("{RECIPIENT}{SEQ:18}", "%{MM}{SEQ}")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := patterned(a), patterned(b)
		if Collide(x, y) != Collide(y, x) {
			t.Error("the order of the ranges matters")
		}
		if len(x.Validate()) == 0 && !Collide(x, x) {
			t.Errorf("%s does not collide with itself", a)
		}
	})
}
