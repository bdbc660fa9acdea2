package month

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/money"
	"creditrun/internal/web/page"
)

func TestTheMainCurrencyComesFirst(t *testing.T) {
	sums := page.SumsOf(map[string]money.Micros{"CHF": 1, "EUR": 16_835_000, "USD": 3}, "EUR")
	want := []page.Sum{{Currency: "EUR", Amount: 1684}, {Currency: "CHF", Amount: 0}, {Currency: "USD", Amount: 0}}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Error(diff)
	}
}
