package entities

import "testing"

func TestInternationalizedDomainsAreToldInPunycode(t *testing.T) {
	for address, want := range map[string]string{
		"rechnung@bücher.example": "rechnung@xn--bcher-kva.example", "a@Straße.example": "a@xn--strae-oqa.example", "a@B.example": "a@B.example",
		"jürgen@owner.example": "jürgen@owner.example", "jürgen@bücher.example": "jürgen@xn--bcher-kva.example", "a@my_host.local": "a@my_host.local",
	} {
		got, ok := ASCIIDomain(address)
		if got != want || !ok {
			t.Errorf("%s is told as %s, %t", address, got, ok)
		}
	}
	for _, address := range []string{"a@-bücher-.example", "a@bü cher.example", "a@xn--\u00fc.example", "nobody"} {
		if got, ok := ASCIIDomain(address); ok {
			t.Errorf("%s is told as %s", address, got)
		}
	}
	if got := UnicodeDomain("rechnung@xn--bcher-kva.example"); got != "rechnung@bücher.example" {
		t.Error(got)
	}
}

func TestOnlyTheLocalPartNeedsSMTPUTF8(t *testing.T) {
	for address, want := range map[string]bool{"jürgen@owner.example": true, "rechnung@bücher.example": false, "o'neill+gs@owner.example": false} {
		if NeedsSMTPUTF8(address) != want {
			t.Errorf("%s: %t", address, !want)
		}
	}
}

func TestADomainThatDoesNotExistIsAMalformedAddress(t *testing.T) {
	e := Entity{Key: "a", Emails: []string{"a@-bücher-.example", "a@bücher.example"}}
	found := e.Check()
	if len(found) != 1 || found[0].Key != "email_malformed" || found[0].Args["email"] != "a@-bücher-.example" {
		t.Errorf("%v", found)
	}
}
