package entities

import "testing"

func TestEVSEIsTheSameInEverySpellingOfItsID(t *testing.T) {
	for _, id := range []string{"DE*CPO*E1", "DECPOE1", "de*cpo*e1", "DE*CPOE1", "decpo*e1", " DE*CPO*E1 ", "DE*CPO*E*1"} {
		if got := EVSEKey(id); got != "DECPOE1" {
			t.Errorf("%q: %q", id, got)
		}
	}
}

func TestOtherEVSEsStayApart(t *testing.T) {
	for id, want := range map[string]string{
		"DE*CPO*E1*1": "DECPOE11", "+49*810*000": "+49*810*000", "+49*CPO*E1": "+49*CPO*E1", "wallbox*1": "WALLBOX*1",
		"DE*CPO*1": "DE*CPO*1", "DE*CPO*E": "DE*CPO*E", "DE*CPO*E1-2": "DE*CPO*E1-2", "": "", "1E*CPO*E1": "1E*CPO*E1", "DE*CÄO*E1": "DE*CÄO*E1",
	} {
		if got := EVSEKey(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}
