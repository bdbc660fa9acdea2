package entities

import "creditrun/internal/fault"

// ResellerPeriod is a time in which an entity is a reseller of electricity
// (Article 38 of Directive 2006/112/EC, § 3g UStG), and the certificate of its
// tax office that shows it, such as USt 1 TH. Its dates are days in the
// operator's zone. A period with a certificate has an end.
type ResellerPeriod struct {
	From        Date   `json:"from"`
	Until       Date   `json:"until,omitzero"`        // the last day; zero: open
	Certificate string `json:"certificate,omitempty"` // its reference; empty: there is none
	IssuedOn    Date   `json:"issued_on,omitzero"`
}

// covers reports whether a day is in the period.
func (p ResellerPeriod) covers(day Date) bool {
	return !day.Before(p.From) && (p.Until.IsZero() || !p.Until.Before(day))
}

// ResellerState is what is shown of an entity as a reseller of electricity on a
// day.
type ResellerState string

// The states. The first of these that applies counts.
const (
	ResellerCertified ResellerState = "certified" // a certificate is valid
	ResellerEnded     ResellerState = "ended"     // the last certificate has ended
	ResellerStated    ResellerState = "stated"    // it is one, without a certificate
	ResellerLater     ResellerState = "later"     // a certificate begins later
	ResellerNone      ResellerState = "none"      // nothing is known
)

// ResellerOn is the state of the entity as a reseller on a day, and the day on
// which the certificate ends or ended, where it has one.
func (e *Entity) ResellerOn(day Date) (state ResellerState, until Date) {
	certified, stated, later := false, false, false
	var ended Date
	for _, p := range e.Reseller {
		switch {
		case p.Certificate == "":
			stated = stated || p.covers(day)
		case p.covers(day):
			certified = true
		case day.Before(p.From):
			later = true
		case ended.Before(p.Until):
			ended = p.Until
		}
	}
	switch {
	case certified:
		return ResellerCertified, e.certifiedUntil(day)
	case !ended.IsZero():
		return ResellerEnded, ended
	case stated:
		return ResellerStated, ""
	case later:
		return ResellerLater, ""
	}
	return ResellerNone, ""
}

// certifiedUntil is the last day of the certificates that follow each other
// without a gap from a day on; zero: they have no end.
func (e *Entity) certifiedUntil(day Date) Date {
	last := day
	for again := true; again; {
		again = false
		for _, p := range e.Reseller {
			if p.Certificate == "" || !p.covers(last) && !p.covers(last.AddDays(1)) {
				continue
			}
			if p.Until.IsZero() {
				return ""
			}
			if last.Before(p.Until) {
				last, again = p.Until, true
			}
		}
	}
	return last
}

// HasCertificate reports whether the entity ever had, has or will have a
// certificate as a reseller of electricity.
func (e *Entity) HasCertificate() bool {
	for _, p := range e.Reseller {
		if p.Certificate != "" {
			return true
		}
	}
	return false
}

// CertificateWarningDays is how many days before its end a certificate is warned of.
const CertificateWarningDays = 60

// CertificateWarnings warns of a certificate as a reseller that ends within 60
// days of a day and is not followed by another one.
func (e *Entity) CertificateWarnings(day Date) []*fault.Fault {
	state, until := e.ResellerOn(day)
	if state != ResellerCertified || until.IsZero() || day.DaysUntil(until) >= CertificateWarningDays {
		return nil
	}
	return []*fault.Fault{fault.New(fault.NotReady, "reseller_certificate_running_out", fault.Args{"entity": e.Key, "until": string(until)})}
}

// resellers looks for periods that end before they begin, and certificates
// without an end.
func (c *checker) resellers() {
	for _, p := range c.entity.Reseller {
		args := fault.Args{"from": string(p.From), "until": string(p.Until)}
		switch {
		case !p.Until.IsZero() && p.Until.Before(p.From):
			c.add("reseller", "reseller_ends_before_start", args)
		case p.Until.IsZero() && p.Certificate != "":
			c.add("reseller", "reseller_certificate_without_end", args)
		}
	}
}
