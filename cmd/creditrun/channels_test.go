package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// channelNetwork has five recipients: one by Peppol, one who wants that and is not
// known to be able to, one with the XRechnung, one with the portal only, and one in
// France by its platform and by mail.
func channelNetwork(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(caseFile("vat-change-late", "network.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(content), "entities:\n")
	_, tail, _ := strings.Cut(rest, "cost_rates:\n")
	tail, _, _ = strings.Cut(tail, "stations:\n")
	_, settings, _ := strings.Cut(string(content), "settings:\n")
	var b strings.Builder
	b.WriteString(strings.Replace(head, "  language: de\n", "  language: de\n  electronic_address: \"9930:DE123456788\"\n", 1))
	b.WriteString("entities:\n")
	for _, e := range []struct{ key, country, more string }{
		{"a", "BE", "vat_id: BE0123456749, electronic_address: \"0208:0123456749\", delivery: [peppol], capabilities: [{channel: peppol, from: 2026-01-01}]"},
		{"b", "DE", "vat_id: DE136695976, email: [b@owner.example], electronic_address: \"9930:DE136695976\", delivery: [peppol, portal], capabilities: [{channel: peppol, from: 2027-01-01}]"},
		{"c", "DE", "vat_id: DE136695976, email: [c@owner.example], delivery: [xrechnung]"},
		{"d", "DE", "vat_id: DE136695976, delivery: [portal]"},
		{"f", "FR", "vat_id: FR96345678901, email: [f@owner.example], electronic_address: \"0225:345678901\", delivery: [pdf, france], capabilities: [{channel: france, from: 2026-09-01}]"},
	} {
		tax := "de-19"
		if e.country != "DE" {
			tax = "rc"
		}
		fmt.Fprintf(&b, "  - {key: %s, parent: cpo, name: Hotel %s, street: Weg 1, postcode: \"20354\", city: Ort, country: %s, phone: \"1\", tax: [{from: 2022-01-01, account: %s}], agreement: {valid_from: 2022-01-01}, %s}\n",
			e.key, e.key, e.country, tax, e.more)
	}
	b.WriteString("cost_rates:\n" + tail + "stations:\n")
	for _, key := range []string{"a", "b", "c", "d", "f"} {
		fmt.Fprintf(&b, "  - {key: ST-%[1]s, name: Nord, time_zone: Europe/Berlin, owners: [{from: 2022-01-01, entity: %[1]s}], connectors: [{evse_id: DE*CPO*E%[1]s, connector: 1, power_type: AC, max_power_kw: \"22\", tariffs: [{from: 2022-01-01, community: COM}]}]}\n", key)
	}
	return b.String() + "settings:\n" + settings + "  cancellation_type: \"384\"\n"
}

func TestDocumentsGoByTheChannelsOfTheirRecipients(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		point := filepath.Join(w.dir, "access-point")
		w.vars["CREDITRUN_ACCESS_POINT"] = "folder:" + point
		sessions := "id,evse_id,start,end,energy_kwh\n"
		for _, key := range []string{"a", "b", "c", "d", "f"} {
			sessions += fmt.Sprintf("S-%[1]s,DE*CPO*E%[1]s,2026-10-05T10:00:00+02:00,2026-10-05T11:00:00+02:00,10\n", key)
		}
		for name, content := range map[string]string{"network.yaml": channelNetwork(t), "sessions.csv": sessions} {
			if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.at("2026-10-06", 12)
		w.do("import", filepath.Join(w.dir, "network.yaml"), filepath.Join(w.dir, "sessions.csv"))
		w.at("2026-10-31", 22)
		if said := w.do("readiness", "--json"); !strings.Contains(said, "delivery_unable") || strings.Contains(said, "recipient_without_email") {
			t.Errorf("readiness does not warn of the capability of b, or misses an e-mail address: %s", said)
		}
		report := w.monthEnd("2026-10")
		numbers := map[string]string{}
		for _, n := range report.Notes {
			numbers[n.Recipient] = *n.Number
		}
		if len(numbers) != 5 {
			t.Fatalf("notes for %v, failed %v", numbers, report.Failed)
		}
		w.do("deliver")
		w.attachments(t, map[string]string{
			numbers["b"]: "b.csv b.pdf", numbers["c"]: "c-xrechnung.xml c.csv", numbers["f"]: "f.csv f.pdf",
		}, numbers)
		if diff := cmp.Diff([]string{numbers["a"] + "-peppol.xml", numbers["f"] + "-france.xml"}, filesIn(t, point)); diff != "" {
			t.Errorf("access point (-want +got):\n%s", diff)
		}
		before := filesIn(t, point)
		if err := os.RemoveAll(point); err != nil {
			t.Fatal(err)
		}
		w.do("deliver")
		if again := filesIn(t, point); len(again) > 0 {
			t.Errorf("%v of %v were handed over twice", again, before)
		}
		w.do("cancel", numbers["a"], "--reason", "wrong price")
		w.do("deliver")
		if got := filesIn(t, point); len(got) != 1 || !strings.HasSuffix(got[0], "-peppol.xml") {
			t.Errorf("the cancellation went as %v", got)
		}
		w.validated(t, numbers["c"])
		w.clean()
	})
}

// attachments compares what mails carry, with names of documents by recipient.
func (w *world) attachments(t *testing.T, want, numbers map[string]string) {
	t.Helper()
	got := map[string]string{}
	for number, mail := range w.outbox() {
		var names []string
		for name := range mail.Files {
			for key, of := range numbers {
				name = strings.ReplaceAll(name, of, key)
			}
			names = append(names, name)
		}
		slices.Sort(names)
		got[number] = strings.Join(names, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// validated checks the record of the XRechnung of a note, and that a report is
// attached to it once and is in the archive.
func (w *world) validated(t *testing.T, number string) {
	t.Helper()
	path := filepath.Join(w.dir, "report.xml")
	if err := os.WriteFile(path, []byte("<report/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.fails(exitUsage, "notes", "attach", number, path, "--result", "perhaps")
	w.do("notes", "attach", number, path, "--validator", "KoSIT", "--version", "1.5.2", "--result", "passed")
	w.do("notes", "attach", number, path, "--validator", "KoSIT", "--version", "1.5.2", "--result", "passed")
	var list []validationJSON
	if err := json.Unmarshal([]byte(w.do("notes", "validation", number, "--json")), &list); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Kind != "xrechnung" {
			continue
		}
		if r := f.Record; r == nil || r.Profile != "xrechnung" || r.Edition != "3.0" || len(r.Checks) != 1 || r.Checks[0].Result != "passed" || len(r.RuleSets) != 2 {
			t.Errorf("record %+v", r)
		}
		if len(f.Reports) != 1 || f.Reports[0].Validator != "KoSIT" || f.Reports[0].By != "erika" {
			t.Errorf("reports %+v", f.Reports)
		}
	}
	archive := filepath.Join(w.dir, "archive")
	w.do("export", "archive", "--year", "2026", archive)
	files := filesIn(t, filepath.Join(archive, "validations"))
	if !slices.Contains(files, number+"-xrechnung.json") || !slices.ContainsFunc(files, func(name string) bool { return strings.HasSuffix(name, "-report.xml") }) {
		t.Errorf("the archive has %v", files)
	}
}

func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
