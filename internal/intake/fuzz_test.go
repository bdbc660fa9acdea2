package intake

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

func FuzzNetwork(f *testing.F) {
	f.Add(sample(f, "../../docs/examples/network.yaml"))
	f.Add("operator: {key: o, name: O, country: DE, time_zone: Europe/Berlin}\nmedia: &m [{uid: NO, issuer: '~'}]\nsettings: {payment_terms: {text: {de: \"a\\nb\"}}}\n")
	f.Add("cost_rates: [{key: a, currency: EUR, valid_from: 2026-01-01T00:00:00Z, schedule: [{weekdays: [1], session_fee: {amount: \"1\"}}]}]")
	f.Add("a: &a [*a]\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ReadNetwork("n.yaml", strings.NewReader(text))
		if err != nil {
			if len(fault.Of(err)) == 0 {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		var out bytes.Buffer
		if err := WriteNetwork(&out, first); err != nil {
			t.Fatal(err)
		}
		second, err := ReadNetwork("n.yaml", bytes.NewReader(out.Bytes()))
		if err != nil {
			if len(fault.Of(err)) == 1 && fault.Of(err)[0].Key == FaultEmpty {
				return // nothing in it
			}
			t.Fatalf("%v in\n%s", err, out.String())
		}
		if diff := cmp.Diff(withoutLines(first), withoutLines(second)); diff != "" {
			t.Fatalf("%s\nin\n%s", diff, out.String())
		}
	})
}

// bounded fails the test when a reader yields more than its input can hold.
func bounded(t *testing.T, name, text string) {
	seq, _, err := OpenSessions(name, strings.NewReader(text), false)
	if err != nil {
		if len(fault.Of(err)) == 0 {
			t.Fatalf("not a fault: %v", err)
		}
		return
	}
	n := 0
	for s, err := range seq {
		if n++; n > len(text)+2 {
			t.Fatal("more records than bytes")
		}
		if err != nil && len(fault.Of(err)) == 0 {
			t.Fatalf("not a fault: %v", err)
		}
		if err == nil && (s.ExternalID == "" || s.EVSEID == "" || s.Connector < 1 || s.Start.IsZero() || s.End.IsZero() || s.Duration < 0) {
			t.Fatalf("incomplete: %+v", s)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(csvHeader + "\n" + goodRow)
	f.Add("\uFEFF" + strings.Join(columns, ";") + "\r\n\"a\"\"b\";E;2026-10-01T06:00:00Z;2026-10-01T07:00:00+02:00;1.5;2;m;internal;DE*ABC;valid;5;1;2;3;EUR;2026-10-01T06:00:00Z;x\r\n")
	f.Add(csvHeader + "\n\"a\nb\n" + goodRow + "\"c\"d,\n\n" + goodRow)
	f.Fuzz(func(t *testing.T, text string) { bounded(t, "s.csv", text) })
}

func FuzzOCPI(f *testing.F) {
	f.Add(cdrWith())
	f.Add("[" + cdrWith() + "," + cdrWith() + "]")
	f.Add(`{"status_code":1000,"data":[` + cdrWith() + `]}`)
	f.Add(cdrWith() + "\n{\"a\n" + cdrWith() + "\n[1]\n{\"data\":{}}")
	f.Fuzz(func(t *testing.T, text string) { bounded(t, "cdrs.json", text) })
}
