package ocmf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keyOf reads the public key of a case.
func keyOf(t *testing.T, slug string) *Key {
	t.Helper()
	key, err := ParseKey(read(t, slug, "public-key-1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheWorstVerdictCountsForASession(t *testing.T) {
	good, tampered := read(t, "keba-kcp30-valid", "record-1.ocmf"), read(t, "keba-kcp30-tampered", "record-1.ocmf")
	key, other := keyOf(t, "keba-kcp30-valid"), keyOf(t, "lem-dcbm-inherited-fields")
	for name, c := range map[string]struct {
		list []Value
		keys []*Key
		want Verdict
	}{
		"signed by the meter":               {[]Value{{Data: good}}, []*Key{key}, Valid},
		"signed by the meter of before":     {[]Value{{Data: good}}, []*Key{other, key}, Valid},
		"without a key":                     {[]Value{{Data: good}}, nil, NoKey},
		"changed":                           {[]Value{{Data: tampered}}, []*Key{key}, Invalid},
		"changed, and no key":               {[]Value{{Data: tampered}}, nil, NoKey},
		"one of two changed":                {[]Value{{Data: good}, {Data: tampered}}, []*Key{key}, Invalid},
		"both in one text":                  {[]Value{{Data: good + "\n" + tampered}}, []*Key{key}, Invalid},
		"signed by another meter":           {[]Value{{Data: good}}, []*Key{other}, Invalid},
		"another format":                    {[]Value{{Format: "ALFEN", Data: "AP;0;3;"}}, []*Key{key}, Unsupported},
		"an algorithm that is not known":    {[]Value{{Data: strings.Replace(good, `{"SD"`, `{"SA":"ECDSA-secp256r1-SHA512","SD"`, 1)}}, []*Key{key}, Unsupported},
		"cut off":                           {[]Value{{Data: good[:len(good)-1]}}, []*Key{key}, Unreadable},
		"nothing":                           {nil, []*Key{key}, Unreadable},
		"a readable one and another format": {[]Value{{Data: good}, {Format: "EDL40", Data: "1B1B"}}, []*Key{key}, Unsupported},
	} {
		if got := Check(c.list, c.keys); got.Verdict != c.want {
			t.Errorf("%s: %s, want %s", name, got.Verdict, c.want)
		}
	}
	if got := Check([]Value{{Data: good}}, []*Key{key}); got.Energy == nil || got.Energy.String() != "0.0001" {
		t.Error("energy", got.Energy)
	}
}

// A bar in a text of the record, as in a tariff, belongs to what was signed.
func TestABarWithinARecordIsNoSeparator(t *testing.T) {
	records, err := Parse(`OCMF|{"FV":"1.1","TT":"0.42|0.30"} |{"SD":"3006020101020101","X":"|"}`)
	if err != nil || string(records[0].payload) != `{"FV":"1.1","TT":"0.42|0.30"} ` || records[0].Tariff != "0.42|0.30" {
		t.Error(records, err)
	}
}

func TestWhatIsNoRecordIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "OCMF", "OCMF|", "OCMF|{}", "OCMF|{}|", "OCMF|{}|{}", `OCMF|{}|{"SD":""}`, `OCMF|{}|{"SD":"xyz"}`, `OCMF|{}|{"SD":"0"}`,
		`OCMF|[]|{"SD":"00"}`, `OCMF|{"RD":5}|{"SD":"00"}`, `OCMF|{"RD":[{"RV":{}}]}|{"SD":"00"}`, `OCMF|{}|{"SD":"00"}x`,
		`OCMF|{}|{"SD":"00"}` + strings.Repeat(" ", MostBytes), strings.Repeat(`OCMF|{}|{"SD":"00"}`, mostRecords+1),
		`OCMF|{"RD":` + strings.Repeat("[", 20_000), "ocmf|{}",
	} {
		if list, err := Parse(text); err == nil {
			t.Errorf("%.60q is read as %d records", text, len(list))
		}
	}
}

// Whatever a station sends, reading and checking it come to an end without a
// panic, and what is read keeps the text of the record.
func FuzzCheck(f *testing.F) {
	for _, slug := range []string{"keba-kcp30-valid", "ebz-ld3-der-negative", "lem-dcbm-inherited-fields", "isabellenhuette-multiline", "twincharger-base64-signature"} {
		record, err := Parse(readSeed(f, slug, "record-1.ocmf"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(record[0].Text, readSeed(f, slug, "public-key-1.txt"))
	}
	f.Add(readSeed(f, "keba-kcp30-valid", "input.xml"), "04")
	f.Fuzz(func(t *testing.T, text, keyText string) {
		var keys []*Key
		if key, err := ParseKey(keyText); err == nil {
			keys = append(keys, key)
			if again, err := ParseKey(key.Hex()); err != nil || again.Hex() != key.Hex() {
				t.Errorf("%q is written as %q", keyText, key.Hex())
			}
		}
		result := Check(ValuesOf(text), keys)
		for _, record := range result.Records {
			if again, err := Parse(record.Text); err != nil || len(again) != 1 || string(again[0].payload) != string(record.payload) {
				t.Errorf("%q is not read again: %v", record.Text, err)
			}
		}
		Doubts(result.Records)
	})
}

func readSeed(f *testing.F, slug, name string) string {
	f.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", slug, name))
	if err != nil {
		f.Fatal(err)
	}
	return string(content)
}

// What is downloaded can be checked with nothing else at hand: each record stands
// by itself, with the key of the meter and not the one that the source sent.
func TestExportsHaveTheKeyThatFits(t *testing.T) {
	key, other := keyOf(t, "bender-ebee-pair-begin-bad"), keyOf(t, "keba-kcp30-valid")
	begin, end := read(t, "bender-ebee-pair-begin-bad", "record-1.ocmf"), read(t, "bender-ebee-pair-begin-bad", "record-2.ocmf")
	export := func(list []Value, keys ...*Key) []Value {
		content, err := Export(4711, list, keys)
		if err != nil || !strings.Contains(string(content), `transactionId="4711"`) && len(list) == 1 && strings.Contains(list[0].Data, "\n") {
			t.Fatal(string(content), err)
		}
		read, err := ReadContainer(content)
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	got := export([]Value{{Data: begin + "\n" + end, Key: "of the source"}}, other, key)
	want := []Value{
		{Format: "OCMF", Data: begin, Context: "Transaction.Begin", Key: other.Hex()}, // no key fits it: it was changed
		{Format: "OCMF", Data: end, Context: "Transaction.End", Key: key.Hex()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := export([]Value{{Data: end, Key: "of the source"}}); got[0].Key != "of the source" || got[0].Context != "" {
		t.Error(got)
	}
	if got := export([]Value{{Format: `AL"FEN`, Data: "AP;0;3;<&>", Key: "k"}}, key); got[0] != (Value{Format: "AL'FEN", Data: "AP;0;3;<&>", Key: "k"}) {
		t.Error(got)
	}
}
