package admin

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/access"
	"creditrun/internal/store"
)

func TestChangesAreShownFieldByField(t *testing.T) {
	for claim, one := range map[string]struct {
		before, after string
		want          []auditChange
	}{
		"single values":           {"14", "30", []auditChange{{Field: "", Before: "14", After: "30"}}},
		"nothing at all":          {"", "", nil},
		"only what changed":       {`{"a":1,"b":"x"}`, `{"a":2,"b":"x"}`, []auditChange{{Field: "a", Before: "1", After: "2"}}},
		"what is new, not empty":  {"", `{"a":"","b":null,"c":[],"d":true}`, []auditChange{{Field: "d", Before: "", After: "true"}}},
		"what is within":          {`{"a":{"b":[{"c":1}]}}`, `{"a":{"b":[{"c":2}]}}`, []auditChange{{Field: "a.b.1.c", Before: "1", After: "2"}}},
		"lists in one line":       {`{"a":["x"]}`, `{"a":["x","y"]}`, []auditChange{{Field: "a", Before: "x", After: "x, y"}}},
		"JSON in a text":          {`{"a":"{\"b\":1}"}`, `{"a":"{\"b\":2}"}`, []auditChange{{Field: "a.b", Before: "1", After: "2"}}},
		"large numbers, exactly":  {"", `{"a":12345678901234567890}`, []auditChange{{Field: "a", Before: "", After: "12345678901234567890"}}},
		"what only looks like it": {"{x", "[", []auditChange{{Field: "", Before: "{x", After: "["}}},
	} {
		t.Run(claim, func(t *testing.T) {
			if diff := cmp.Diff(one.want, changesOf(one.before, one.after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBankAccountsAreMasked(t *testing.T) {
	const iban = "DE89370400440532013000"
	for claim, one := range map[string]struct{ change, want auditChange }{
		"in its field":     {auditChange{Field: "bank.IBAN", Before: iban, After: "X1"}, auditChange{Field: "bank.IBAN", Before: "•••• 3000", After: "•••• X1"}},
		"in a text":        {auditChange{Field: "note", Before: "to " + iban + ", please", After: "DE89 3704 0044 0532 0130 00"}, auditChange{Field: "note", Before: "to •••• 3000, please", After: "•••• 3000"}},
		"what is none":     {auditChange{Field: "evse", Before: "DE12ABCDEFGHIJK4444", After: ""}, auditChange{Field: "evse", Before: "DE12ABCDEFGHIJK4444", After: ""}},
		"an empty account": {auditChange{Field: "iban", Before: "", After: ""}, auditChange{Field: "iban", Before: "", After: ""}},
	} {
		t.Run(claim, func(t *testing.T) {
			one.change.mask()
			if diff := cmp.Diff(one.want, one.change); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBankAccountsAreShownToWhoChangesEntities(t *testing.T) {
	v := newVisit(t)
	e := store.AuditEntry{Entry: store.Entry{Before: `{"IBAN":"DE89370400440532013000"}`}}
	for _, scopes := range [][]access.Right{{access.ReadAudit}, {access.ReadAudit, access.ChangeEntities}} {
		v.Who = &access.Visitor{User: v.Who.User, Operator: true, Scopes: scopes}
		masked := len(scopes) == 1
		line := v.auditLine(e, 10)
		if got := strings.HasPrefix(line.Changes[0].Before, "•"); got != masked {
			t.Errorf("%v: the page shows %q", scopes, line.Changes[0].Before)
		}
		if got := strings.Contains(v.auditRecord(e)[5], "•"); got != masked {
			t.Errorf("%v: the file shows %q", scopes, v.auditRecord(e)[5])
		}
	}
}
