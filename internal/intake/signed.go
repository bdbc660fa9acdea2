package intake

import (
	"encoding/json"
	"strings"

	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// signedData is the signed meter data of a CDR (OCPI 2.2.1, chapter 10.4.6).
type signedData struct {
	Method string `json:"encoding_method"`
	Key    string `json:"public_key"`
	Values []struct {
		Nature string `json:"nature"`
		Data   string `json:"signed_data"`
	} `json:"signed_values"`
}

// signedOf takes the signed meter data of a CDR; of a credit CDR there is none. What
// is not as OCPI says refuses no CDR: it is kept as it is, and cannot be read.
func signedOf(c *cdr) *sessions.Signed {
	if c.Credit || len(c.Signed) == 0 || string(c.Signed) == "null" {
		return nil
	}
	var data signedData
	if json.Unmarshal(c.Signed, &data) != nil || len(data.Values) == 0 {
		return &sessions.Signed{Values: []ocmf.Value{{Data: string(c.Signed)}}}
	}
	out := &sessions.Signed{}
	for _, v := range data.Values {
		for _, one := range ocmf.ValuesOf(v.Data) {
			if one.Format == "" {
				one.Format = strings.TrimSpace(data.Method)
			}
			if one.Key == "" {
				one.Key = strings.TrimSpace(data.Key)
			}
			if one.Context == "" && len(data.Values) > 1 {
				one.Context = contexts[strings.ToLower(v.Nature)]
			}
			out.Values = append(out.Values, one)
		}
	}
	return out
}

// contexts are what OCPI names Start and End, in the words of the transparency
// software.
var contexts = map[string]string{"start": "Transaction.Begin", "end": "Transaction.End"}
