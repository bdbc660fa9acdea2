package creditnotes_test

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// billing is a world in which b pays for what its drivers charge with the medium
// MB, by a contract that may be changed.
func billing(t *testing.T, change func(*settlement.Contract), story func(t *testing.T, w *world)) {
	t.Helper()
	tell(t, func(t *testing.T, w *world) {
		contract := settlement.Contract{Key: "kb", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true}
		if change != nil {
			change(&contract)
		}
		w.Config.Contracts = []settlement.Contract{contract}
		w.Config.NumberRanges = append(w.Config.NumberRanges, numberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
		w.Config.Media = []entities.Medium{{UID: "MB", Issuer: "b"}}
		w.Save()
		w.Set("invoice_range", "re", "fee_tax_account", "s19")
		story(t, w)
	})
}

// withMB was charged with the medium MB; the driver paid an amount in millionths.
func withMB(amount money.Micros) func(*sessions.Session) {
	return func(s *sessions.Session) {
		s.MediumUID, s.DriverAmount, s.Currency = "MB", &amount, "EUR"
	}
}

// billed lists what is billed, by the id of the session.
func (w *world) billed() map[int64]bool {
	found := map[int64]bool{}
	w.s.Tamper(func(d *memory.Data) {
		for _, c := range d.Own {
			if c.Live {
				found[c.SessionID] = true
			}
		}
	})
	return found
}

func TestOwnChargingIsBilledWhileTheStationWaits(t *testing.T) {
	cases := map[string]struct {
		session sessions.Session
		change  func(c *creditnotes.Configuration)
		billed  bool
	}{
		"credited":          {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)), billed: true},
		"unpriced":          {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000), ofClass(sessions.Internal)), billed: true},
		"at the operator's": {session: charge("S", "ST-0", "2026-10-03 10:00", "10", withMB(4_900_000)), billed: true},
		"without an owner": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)), billed: true,
			change: func(c *creditnotes.Configuration) { c.Stations[0].Owners[0].From = "2026-11-01" }},
		"at an owner that failed": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)), billed: true,
			change: func(c *creditnotes.Configuration) { entityIn(c, "a").Emails = nil }},
		"at an owner that is not due": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)), billed: true,
			change: func(c *creditnotes.Configuration) { entityIn(c, "a").Frequency = entities.Quarterly }},
		"invalid":                  {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000), invalid)},
		"at an unknown connector":  {session: charge("S", "ST-7", "2026-10-03 10:00", "10", withMB(4_900_000))},
		"too long":                 {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000), lasting(200*3600_000_000_000))},
		"overlapping":              {session: charge("S", "ST-1", "2026-10-05 10:30", "10", withMB(4_900_000))},
		"of a month before":        {session: charge("S", "ST-1", "2026-09-03 10:00", "10", withMB(4_900_000))},
		"taken back":               {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000), reversed)},
		"before the start date":    {session: charge("S", "ST-1", "2026-10-01 10:00", "10", withMB(4_900_000))},
		"with a medium of another": {session: charge("S", "ST-1", "2026-10-03 10:00", "10")},
		"while the payer is not due": {session: charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)),
			change: func(c *creditnotes.Configuration) { entityIn(c, "b").Frequency = entities.Quarterly }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			billing(t, nil, func(t *testing.T, w *world) {
				station(w.Config, "ST-0", "op", "COM")
				if c.change != nil {
					c.change(w.Config)
				}
				w.Save()
				w.Set("start_date", "2026-10-02")
				if name == "of a month before" {
					w.Set("start_date", "")
				}
				w.Charged(charge("other", "ST-1", "2026-10-05 10:00", "1"), c.session)
				w.Month("2026-10")
				if got := w.billed()[w.ID("S")]; got != c.billed {
					t.Errorf("billed: %t", got)
				}
				w.Proven()
			})
		})
	}
}

func TestWhatWasBilledIsTakenBack(t *testing.T) {
	cases := map[string]func(*sessions.Session){
		"taken back by its source":   reversed,
		"invalid":                    invalid,
		"of another medium":          func(s *sessions.Session) { s.MediumUID = "MX" },
		"without a driver amount":    func(s *sessions.Session) { s.DriverAmount, s.Currency = nil, "" },
		"of a month without billing": func(s *sessions.Session) { s.Start, s.End = s.Start.AddDate(0, 0, -3), s.End.AddDate(0, 0, -3) },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			billing(t, nil, func(t *testing.T, w *world) {
				w.Charged(charge("S", "ST-0", "2026-10-03 10:00", "10", withMB(4_900_000)))
				w.Config.Media = append(w.Config.Media, entities.Medium{UID: "MX", Issuer: "op"})
				station(w.Config, "ST-0", "op", "COM")
				w.Save()
				w.Month("2026-10")
				w.Corrected(charge("S", "ST-0", "2026-10-03 10:00", "10", withMB(4_900_000), change))
				w.Now = evening("2026-11-30")
				var told []string
				for _, line := range strings.Split(story(w.Month("2026-11")), "\n") {
					if strings.Contains(line, "own_charging") || strings.Contains(line, "carried") {
						told = append(told, line)
					}
				}
				same(t, strings.Join(told, "\n"), `
					carried b→b -4.90 + -0.93 = -5.83 EUR
					own_charging kb 2026-10 1× -10 kWh -4.90 late correction`)
				w.Proven()
			})
		})
	}
}

func TestNegativeFeesGoOnTheNextFeeInvoiceAlone(t *testing.T) {
	billing(t, nil, func(t *testing.T, w *world) {
		w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)))
		w.Month("2026-10")
		w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(900_000)))
		w.Now = evening("2026-11-30")
		w.Tells("2026-11", `
			carried b→b -4.00 + -0.76 = -4.76 EUR
			own_charging kb 2026-10 1× 0 kWh -4.00 late correction
			received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Now = evening("2026-12-31")
		w.Charged(charge("B", "ST-9", "2026-12-03 10:00", "10"), charge("T", "ST-1", "2026-12-03 10:00", "10", withMB(9_000_000)))
		w.Tells("2026-12", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-12 1× 10 kWh 3.15
			GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-12 1× 10 kWh 3.15
			RE-2026-00002 b→b 5.00 + 0.95 = 5.95 EUR
			own_charging kb 2026-12 1× 10 kWh 9.00
			carried_forward 2026-11 0× 0 kWh -4.00 late
			received 2: credited 2 held 0 zero 0 excluded 0`)
		invoice := w.Note("RE-2026-00002")
		if months := invoice.CarriedMonths(&invoice.Positions[1]); len(months) != 1 || months[0].Month != "2026-10" || months[0].Sessions != 1 || months[0].Net != -400 {
			t.Errorf("%+v", months)
		}
		w.Proven()
	})
}

func TestVerifyFindsWhatWasBilledAndIsTamperedWith(t *testing.T) {
	cases := map[string]struct {
		change func(c *memory.OwnCharge)
		want   string
	}{
		"another amount":        {func(c *memory.OwnCharge) { c.Net++ }, "verify_lines"},
		"another driver amount": {func(c *memory.OwnCharge) { c.DriverAmount++ }, "verify_sessions"},
		"undone":                {func(c *memory.OwnCharge) { c.Live = false }, "verify_undone"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			billing(t, nil, func(t *testing.T, w *world) {
				w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)))
				w.Month("2026-10")
				w.Proven()
				w.s.Tamper(func(d *memory.Data) { c.change(&d.Own[0]) })
				if got := strings.Join(w.Problems(), " "); !strings.Contains(got, c.want) {
					t.Errorf("verify finds %q, want %s", got, c.want)
				}
			})
		})
	}
}
