package locales

import (
	"testing"

	"creditrun/tariffs"
)

// Why a rule was passed over can be said in every language.
func TestEveryReasonOfAPricePathHasWords(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range c.Languages() {
		for _, why := range tariffs.Whys() {
			if _, err := c.Text(language, "why_"+string(why), nil); err != nil {
				t.Errorf("%s: %v", language, err)
			}
		}
	}
}
