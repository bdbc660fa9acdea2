package demo

import "math/rand/v2"

// habits say how people charge at a place.
type habits struct {
	// opens is the local hour at which a day begins here. No one stays beyond
	// the hour at which the next one does, so days are independent.
	opens int
	// perDay are sessions per connector and day from Monday on, in hundredths.
	perDay [7]int
	// arrivals weighs the 24 hours of the clock.
	arrivals string
	// shortest and longest tell how many minutes a car stays. At a fast charger
	// it leaves when it is full.
	shortest, longest int
}

// hour draws the hour at which a driver comes.
func (h *habits) hour(random *rand.Rand) int {
	total := 0
	for _, weight := range h.arrivals {
		total += int(weight - '0')
	}
	left := random.IntN(total)
	for hour, weight := range h.arrivals {
		if left -= int(weight - '0'); left < 0 {
			return hour
		}
	}
	return 0
}

// The habits. Hours read from midnight: 0 1 2 … 23.
var (
	city = &habits{
		opens: 4, perDay: [7]int{60, 62, 65, 68, 80, 85, 50},
		arrivals: "000001246543344455554310", shortest: 35, longest: 240,
	}
	fast = &habits{
		opens: 4, perDay: [7]int{115, 100, 100, 110, 160, 145, 155},
		arrivals: "000012345566777888876421",
	}
	parking = &habits{
		opens: 4, perDay: [7]int{75, 80, 80, 80, 85, 90, 25},
		arrivals: "000001489765433334432100", shortest: 60, longest: 420,
	}
	home = &habits{
		opens: 12, perDay: [7]int{50, 45, 45, 45, 50, 35, 55},
		arrivals: "110000000000112346898643", shortest: 240, longest: 780,
	}
	hotel = &habits{
		opens: 12, perDay: [7]int{45, 50, 52, 52, 58, 65, 35},
		arrivals: "210000000000123468987654", shortest: 300, longest: 840,
	}
	shop = &habits{
		opens: 4, perDay: [7]int{60, 60, 62, 66, 85, 105, 0},
		arrivals: "000000014678777788763000", shortest: 15, longest: 95,
	}
	fleet = &habits{
		opens: 12, perDay: [7]int{80, 80, 80, 80, 80, 20, 15},
		arrivals: "000000000000445679864221", shortest: 180, longest: 720,
	}
	trial = &habits{
		opens: 4, perDay: [7]int{12, 12, 12, 12, 12, 0, 0},
		arrivals: "000000001233222100000000", shortest: 10, longest: 40,
	}
	guest = &habits{
		opens: 12, perDay: [7]int{15, 15, 15, 20, 35, 35, 20},
		arrivals: "210000000000123468987654", shortest: 300, longest: 840,
	}
	unused = &habits{arrivals: "000000000000100000000000"}
)

// habitsByKind are the habits at the stations of an owner.
var habitsByKind = map[string]*habits{
	"SWB": city, "PKH": parking, "WOH": home, "QHF": home, "HOT": hotel, "ALP": hotel, "LYO": hotel, "FRM": shop,
	"CAF": shop, "LON": fleet, "TIC": city, "GMH": city, "OWN": parking, "BEM": unused, "NEU": trial,
	"SON": city, "GIT": guest, "WBB": home,
}

// habitsOf finds the habits at a place; no one charges at one that has none.
func habitsOf(p *place) *habits {
	switch h := habitsByKind[p.kind()]; {
	case p.dc:
		return fast
	case h != nil:
		return h
	}
	return unused
}
