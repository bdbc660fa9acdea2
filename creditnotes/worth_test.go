package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// A held session is worth what it would come to if it were released; without an
// owner, a price or a driver amount no one knows.
func TestAHeldSessionHasItsWorth(t *testing.T) {
	driven := func(s *sessions.Session) { s.DriverAmount, s.Currency = new(money.Micros(4_900_000)), "EUR" }
	half := new(money.Percent(5000))
	share := settlement.Contract{Key: "k", Owner: "a", From: "2026-10", Active: true, Terms: settlement.Terms{ShareAC: half, ShareDC: half}}
	collected := share
	collected.SettleOn = settlement.Collected
	cases := map[string]struct {
		session  sessions.Session
		contract *settlement.Contract
		change   func(c *creditnotes.Configuration)
		reason   sessions.Reason
		worth    string // empty: unknown
	}{
		"invalid":           {session: charge("S", "ST-1", "2026-10-03 10:00", "10", invalid), reason: sessions.ReasonInvalid, worth: "3.150000"},
		"invalid, by share": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", invalid, driven), contract: &share, reason: sessions.ReasonInvalid, worth: "2.450000"},
		"not collected":     {session: charge("S", "ST-1", "2026-10-03 10:00", "10", driven), contract: &collected, reason: sessions.NotCollected, worth: "2.450000"},
		"invalid and not collected": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", invalid, driven), contract: &collected, reason: sessions.ReasonInvalid,
			worth: "2.450000"},
		"not due": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", driven), contract: &share, reason: sessions.NotDue, worth: "2.450000",
			change: func(c *creditnotes.Configuration) { entityIn(c, "a").Frequency = entities.Quarterly }},
		"no driver amount": {session: charge("S", "ST-1", "2026-10-03 10:00", "10"), contract: &share, reason: sessions.NoDriverAmount},
		"unpriced":         {session: charge("S", "ST-1", "2026-10-03 10:00", "10", ofClass(sessions.Bilateral)), reason: sessions.Unpriced},
		"invalid and unpriced": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", invalid, ofClass(sessions.Bilateral)),
			reason: sessions.ReasonInvalid},
		"negative energy":         {session: charge("S", "ST-1", "2026-10-03 10:00", "-10"), reason: sessions.NegativeEnergy},
		"at an unknown connector": {session: charge("S", "ST-7", "2026-10-03 10:00", "10"), reason: sessions.UnknownConnector},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				if c.contract != nil {
					w.Config.Contracts = []settlement.Contract{*c.contract}
				}
				if c.change != nil {
					c.change(w.Config)
				}
				w.Save()
				w.Charged(c.session)
				w.Month("2026-10")
				a, err := creditnotes.Analyze(t.Context(), w.s, creditnotes.AnalysisQuery{By: creditnotes.ByOwner, From: "2026-10", Until: "2026-10"})
				if err != nil || len(a.Held) != 1 {
					t.Fatalf("%+v, %v", a, err)
				}
				h, want := a.Held[0], c.worth
				if want == "" {
					want = "0.000000"
				}
				if h.Reason != c.reason || h.Worth.String() != want || (h.Unknown == 1) != (c.worth == "") {
					t.Errorf("held: %+v", h)
				}
			})
		})
	}
}
