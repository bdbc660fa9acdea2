package intake

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

const (
	beginRecord = `OCMF|{"FV":"1.0","PG":"T1"}|{"SD":"3006020101020101"}`
	endRecord   = `OCMF|{"FV":"1.0","PG":"T2"}|{"SD":"3006020101020102"}`
)

// signedCDR is a CDR with signed meter data as it is written in JSON.
func signedCDR(t *testing.T, signed any) string {
	t.Helper()
	content, err := json.Marshal(signed)
	if err != nil {
		t.Fatal(err)
	}
	return cdrWith(`"whatever"`, `"signed_data":`+string(content)+`,"whatever"`)
}

func TestSignedDataOfCDRsIsKeptByteForByte(t *testing.T) {
	value := func(nature, data string) map[string]string {
		return map[string]string{"nature": nature, "plain_data": "x", "signed_data": data}
	}
	coded := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct {
		signed any
		want   []ocmf.Value
	}{
		"begin and end": {
			map[string]any{"encoding_method": "OCMF", "encoding_method_version": 1, "public_key": "3059", "url": "https://example.com",
				"signed_values": []any{value("Start", beginRecord), value("End", endRecord)}},
			[]ocmf.Value{{Format: "OCMF", Context: "Transaction.Begin", Data: beginRecord, Key: "3059"}, {Format: "OCMF", Context: "Transaction.End", Data: endRecord, Key: "3059"}},
		},
		"base64, as OCPI says": {
			map[string]any{"encoding_method": "OCMF", "signed_values": []any{value("End", coded([]byte(endRecord)))}},
			[]ocmf.Value{{Format: "OCMF", Data: endRecord}},
		},
		"another format": {
			map[string]any{"encoding_method": "Alfen Eichrecht", "public_key": "k", "signed_values": []any{value("End", "QVA7MDsz")}},
			[]ocmf.Value{{Format: "Alfen Eichrecht", Data: "QVA7MDsz", Key: "k"}},
		},
		"bytes that are no text": {
			map[string]any{"encoding_method": "EDL", "signed_values": []any{value("End", coded([]byte{0, 0xff, 27}))}},
			[]ocmf.Value{{Format: "EDL", Data: coded([]byte{0, 0xff, 27})}},
		},
		"no object":    {"nothing", []ocmf.Value{{Data: `"nothing"`}}},
		"no values":    {map[string]any{"encoding_method": "OCMF"}, []ocmf.Value{{Data: `{"encoding_method":"OCMF"}`}}},
		"none at all":  {nil, nil},
		"a wrong kind": {map[string]any{"signed_values": 5}, []ocmf.Value{{Data: `{"signed_values":5}`}}},
	} {
		s, err := ParseCDR("push", []byte(signedCDR(t, c.signed)))
		if err != nil {
			t.Errorf("%s refuses the CDR: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, values(s.Signed)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestACreditCDRHasNoSignedData(t *testing.T) {
	signed := signedCDR(t, map[string]any{"signed_values": []any{map[string]string{"signed_data": endRecord}}})
	credit := strings.Replace(signed, `"whatever"`, `"credit":true,"credit_reference_id":"cdr-0","whatever"`, 1)
	if s, err := ParseCDR("push", []byte(credit)); err != nil || s.Signed != nil || !s.Reversed {
		t.Error(s, err)
	}
}

// A column of a CSV file may hold several records, over several lines, or the
// file of the transparency software.
func TestSignedDataOfCSVFiles(t *testing.T) {
	container, err := ocmf.WriteContainer(1, []ocmf.Value{{Format: "OCMF", Context: "Transaction.Begin", Data: beginRecord, Key: "3059"}, {Format: "OCMF", Context: "Transaction.End", Data: endRecord, Key: "3059"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		field string
		want  []ocmf.Value
	}{
		"two records":               {beginRecord + "\n" + endRecord, []ocmf.Value{{Data: beginRecord + "\n" + endRecord}}},
		"the transparency software": {string(container), []ocmf.Value{{Format: "OCMF", Context: "Transaction.Begin", Data: beginRecord, Key: "3059"}, {Format: "OCMF", Context: "Transaction.End", Data: endRecord, Key: "3059"}}},
		"nothing":                   {"", nil},
	} {
		text := csvHeader + ",signed_data\ns-1,DE*VLT*E1,2026-10-01T08:00:00Z,2026-10-01T09:00:00Z,1," + `"` + strings.ReplaceAll(c.field, `"`, `""`) + `"` + "\n"
		list, faults := collect(ReadCSV("s.csv", strings.NewReader(text)))
		if faults != "" || len(list) != 1 {
			t.Fatal(name, faults)
		}
		if diff := cmp.Diff(c.want, values(list[0].Signed)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func values(s *sessions.Signed) []ocmf.Value {
	if s == nil {
		return nil
	}
	return s.Values
}

func TestKeysOfMetersAreReadAndChecked(t *testing.T) {
	const station = "stations:\n  - key: ST-1\n    name: S\n    time_zone: Europe/Berlin\n    connectors:\n      - evse_id: DE*VLT*E1\n        meter_keys: ["
	key := strings.TrimSpace(sample(t, "../ocmf/testdata/bender-ebee-pair-begin-bad/public-key-1.txt"))
	for name, c := range map[string]struct{ keys, fault string }{
		"a key with blanks":  {"{key: \"" + key + "\", from: 2026-01-01}", ""},
		"no key":             {"{key: \"12 34\"}", "meter_keys[0].key"},
		"left out":           {"{from: 2026-01-01}", "meter_keys[0].key"},
		"ends before begins": {"{key: \"" + key + "\", from: 2026-02-01, until: 2026-01-01}", "meter_keys[0].until"},
	} {
		n, err := ReadNetwork("n.yaml", strings.NewReader(station+c.keys+"]\n"))
		if c.fault == "" {
			if err != nil || strings.Contains(n.Connectors[0].MeterKeys[0].Key, " ") {
				t.Errorf("%s: %v", name, err)
			}
		} else if !strings.Contains(lines(err), c.fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
