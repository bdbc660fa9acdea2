package intake

import (
	"bytes"
	"strings"
	"testing"

	"creditrun/internal/fault"
)

func TestExamplesAreWhatTheySayAndAreRead(t *testing.T) {
	for _, f := range Formats() {
		content, ok := Example(f.Example)
		if kind := Sniff(f.Example, content); !ok || kind != f.Kind {
			t.Errorf("%s is %q", f.Example, kind)
		}
		var err error
		read := 0
		switch f.Kind {
		case KindNetwork:
			var n *Network
			if n, err = ReadNetwork(f.Example, bytes.NewReader(content)); err == nil {
				_, _, err = n.Configuration()
				read = len(n.Stations)
			}
		case KindCSV:
			read, err = counted(ReadCSV(f.Example, bytes.NewReader(content)))
		case KindCollections:
			read, err = counted(ReadCollections(f.Example, bytes.NewReader(content)))
		case KindTopUps:
			read, err = counted(ReadTopUps(f.Example, bytes.NewReader(content)))
		case KindRecords:
			read, err = counted(ReadRecords(f.Example, bytes.NewReader(content), func(string) string { return "EUR" }))
		}
		if err != nil || read == 0 {
			t.Errorf("%s: %d records, %v", f.Example, read, err)
		}
	}
}

// counted reads all records, and returns the first error.
func counted[T any](list func(func(T, error) bool)) (n int, first error) {
	for _, err := range list {
		if err != nil && first == nil {
			first = err
		}
		n++
	}
	return n, first
}

func TestRejectedRecordsCanBePutRightAndReadAgain(t *testing.T) {
	const file = "id;entity;user;amount;currency;at\nT-1;a;u;none;EUR;2026-10-05T14:30:00Z\nT-2;a;\"u;v\";5;EUR;2026-10-05T14:30:00Z\nT-3;a;u;1,5;EUR;later\n"
	r := NewRejects([]byte(file), 1<<20, func(f *fault.Fault) string { return f.Args["field"].(string) + ` "bad"` })
	for _, err := range ReadTopUps("top-ups.csv", strings.NewReader(file)) {
		if err != nil {
			r.Add(err)
		}
	}
	content, left := r.Content()
	want := "id;entity;user;amount;currency;at;rejected_because\nT-1;a;u;none;EUR;2026-10-05T14:30:00Z;\" amount \"\"bad\"\"\"\n" +
		"T-3;a;u;1,5;EUR;later;\" at \"\"bad\"\" amount \"\"bad\"\"\"\n"
	if string(content) != want || left != 0 || r.Count != 2 {
		t.Errorf("%d, %d left out:\n%s", r.Count, left, content)
	}
	corrected := strings.NewReplacer("none", "7.00", "1,5", "1.50", "later", "2026-10-06T14:30:00Z").Replace(string(content))
	if n, err := counted(ReadTopUps("top-ups.csv", strings.NewReader(corrected))); n != 2 || err != nil {
		t.Errorf("put right: %d, %v", n, err)
	}
	again := NewRejects(content, 10, nil)
	again.Add(fault.New(fault.Invalid, FaultRecord, fault.Args{"record": "x", "line": 1}))
	if content, left := again.Content(); left != 1 || strings.Count(string(content), RejectedBecause) != 1 {
		t.Errorf("%d left out:\n%s", left, content)
	}
}
