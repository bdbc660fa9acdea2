package api

import "strings"

// putPartner creates or replaces a roaming partner.
func putPartner(c *call, in *putInput[Partner]) (*Tagged[Partner], error) {
	country, party, ok := strings.Cut(in.Key, "*")
	if !ok || in.Body.CountryCode != "" && in.Body.CountryCode != country || in.Body.PartyID != "" && in.Body.PartyID != party {
		return nil, c.invalid("body.party_id", "expected country code and party id of the address, such as DE*ABC, or none")
	}
	in.Body.CountryCode, in.Body.PartyID = country, party
	network, err := c.element(allPartners.name, in.Body)
	if err != nil {
		return nil, err
	}
	if _, err := c.save(allPartners.record(in.Key), in.Conditions, network); err != nil {
		return nil, err
	}
	return allPartners.get(c, &keyInput{in.Key})
}
