package creditnotes

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/money"
)

func TestKeptPricesDoNotDependOnTheOrderOfSessions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var sessions []UnitPrice
		for range 1 + random.IntN(40) {
			sessions = append(sessions, UnitPrice{Tariff: "T", Unit: UnitKWh, Price: money.Fine(random.IntN(9)), Quantity: int64(random.IntN(7) - 3)})
		}
		sums := map[money.Fine]int64{}
		for _, s := range sessions {
			sums[s.Price] += s.Quantity
		}
		var first []UnitPrice
		for turn := range 5 {
			random.Shuffle(len(sessions), func(i, k int) { sessions[i], sessions[k] = sessions[k], sessions[i] })
			var l priceList
			for i := range sessions {
				l.add(&sessions[i])
			}
			got, further := l.frozen()
			if turn == 0 {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" || len(got) > MostPrices || further != (len(sums) > keptPrices) && len(sums) != keptPrices {
				t.Fatalf("round %d: %v, further %t of %d\n%s", round, got, further, len(sums), diff)
			}
			for _, p := range got {
				if p.Quantity == 0 || p.Quantity != sums[p.Price] {
					t.Fatalf("round %d: %d at %s, want %d", round, p.Quantity, p.Price, sums[p.Price])
				}
			}
		}
	}
}

func TestAPriceLessItsDiscountIsExact(t *testing.T) {
	for want, u := range map[string]UnitPrice{
		"0.315":          {Price: 350_000_000, Discount: 1000},
		"0.349965":       {Price: 350_000_000, Discount: 1},
		"0":              {Price: 350_000_000, Discount: money.Hundred},
		"0.000000001":    {Price: 1},
		"0.0000000009":   {Price: 1, Discount: 1000},
		"-0.22":          {Price: -220_000_000},
		"123456.7890123": {Price: 123_456_789_012_300},
	} {
		if got := u.Net(); got != want {
			t.Errorf("%s less %s %%: %s, want %s", u.Price, u.Discount, got, want)
		}
	}
}
