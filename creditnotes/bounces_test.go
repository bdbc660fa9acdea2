package creditnotes

import "testing"

func TestWhichRecipientAReportIsAbout(t *testing.T) {
	for name, c := range map[string]struct {
		r         BounceRecipient
		to        []string
		mentioned []string
		want      string
	}{
		"the address":                   {BounceRecipient{Address: "Anna@Owner.example"}, []string{"bob@owner.example", "anna@owner.example"}, nil, "anna@owner.example"},
		"in punycode":                   {BounceRecipient{Address: "anna@xn--bcher-kva.example"}, []string{"anna@bücher.example"}, nil, "anna@bücher.example"},
		"the original":                  {BounceRecipient{Address: "gone@elsewhere.example", Original: "anna@owner.example"}, []string{"bob@owner.example", "anna@owner.example"}, nil, "anna@owner.example"},
		"the original, in xtext":        {BounceRecipient{Address: "gone@elsewhere.example", Original: "anna+2Bx@owner.example"}, []string{"anna+x@owner.example"}, nil, "anna+x@owner.example"},
		"the original before the final": {BounceRecipient{Address: "bob@owner.example", Original: "anna@owner.example"}, []string{"bob@owner.example", "anna@owner.example"}, nil, "anna@owner.example"},
		"a forward of the only one":     {BounceRecipient{Address: "gone@elsewhere.example"}, []string{"anna@owner.example"}, []string{"anna@owner.example"}, "anna@owner.example"},
		"a forward of one of several":   {BounceRecipient{Address: "gone@elsewhere.example"}, []string{"anna@owner.example", "bob@owner.example"}, []string{"anna@owner.example"}, ""},
		"another one":                   {BounceRecipient{Address: "gone@elsewhere.example"}, []string{"anna@owner.example"}, nil, ""},
		"nothing":                       {BounceRecipient{}, []string{"anna@owner.example"}, nil, ""},
	} {
		if got := c.r.Matching(c.to, c.mentioned); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
