package entities

import "testing"

func TestAResellerIsCertifiedOnTheDaysOfItsCertificates(t *testing.T) {
	e := Entity{Key: "a", Reseller: []ResellerPeriod{
		{From: "2024-01-01", Until: "2024-12-31", Certificate: "1 TH 17"},
		{From: "2025-01-01", Until: "2025-06-30", Certificate: "1 TH 18"}, // follows without a gap
		{From: "2026-01-01", Until: "2028-12-31", Certificate: "1 TH 19"},
	}}
	if found := e.Check(); len(found) > 0 {
		t.Error(found)
	}
	for _, c := range []struct {
		day   Date
		state ResellerState
		until Date
	}{
		{"2023-12-31", ResellerLater, ""}, {"2024-01-01", ResellerCertified, "2025-06-30"}, {"2025-06-30", ResellerCertified, "2025-06-30"},
		{"2025-07-01", ResellerEnded, "2025-06-30"}, {"2026-01-01", ResellerCertified, "2028-12-31"}, {"2029-01-01", ResellerEnded, "2028-12-31"},
	} {
		if state, until := e.ResellerOn(c.day); state != c.state || until != c.until {
			t.Errorf("%s: %s until %q, want %s until %q", c.day, state, until, c.state, c.until)
		}
	}
	e.Reseller = []ResellerPeriod{{From: "2026-01-01"}}
	if state, _ := e.ResellerOn("2026-02-01"); state != ResellerStated || e.HasCertificate() {
		t.Errorf("without a certificate it is %s", state)
	}
	if state, _ := e.ResellerOn("2025-12-31"); state != ResellerNone {
		t.Errorf("before, it is %s", state)
	}
}

func TestACertificateIsWarnedOfSixtyDaysBeforeItsEnd(t *testing.T) {
	e := Entity{Key: "a", Reseller: []ResellerPeriod{{From: "2026-01-01", Until: "2026-12-31", Certificate: "1 TH 17"}}}
	for day, want := range map[Date]int{"2026-11-01": 0, "2026-11-02": 1, "2026-12-31": 1, "2027-01-01": 0} {
		if found := e.CertificateWarnings(day); len(found) != want {
			t.Errorf("%s: %v", day, found)
		}
	}
	e.Reseller = append(e.Reseller, ResellerPeriod{From: "2027-01-01", Until: "2029-12-31", Certificate: "1 TH 18"})
	if found := e.CertificateWarnings("2026-12-31"); len(found) > 0 {
		t.Errorf("another one follows: %v", found)
	}
}

func TestPeriodsOfResellersAreChecked(t *testing.T) {
	e := Entity{Key: "a", Reseller: []ResellerPeriod{
		{From: "2026-02-01", Until: "2026-01-31"}, {From: "2026-01-01", Certificate: "1 TH 17"}, {From: "2026-01-01"},
	}}
	found := e.Check()
	if len(found) != 2 || found[0].Key != "reseller_ends_before_start" || found[1].Key != "reseller_certificate_without_end" {
		t.Errorf("%v", found)
	}
}
