package web

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
	"creditrun/internal/web/page"
)

// signedFile reads what a meter signed: 1.304 kWh.
func signedFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("../ocmf/testdata/twincharger-base64-signature/" + name)
	must(t, err)
	return string(content)
}

// A session arrives with signed data before anyone entered the key of the meter.
// With the key it is checked again; the owner sees that, and both download it for
// the transparency software. An owner of other stations sees nothing.
func TestSignedMeterDataIsCheckedShownAndGivenOut(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, paul := w.as("anna"), w.as("paul")
		record, key := signedFile(t, "record-1.ocmf"), signedFile(t, "public-key-1.txt")
		station := w.stationOf(subCPO)
		place := mustBooks(t, w).Places()[station][0]
		begin := w.now.Add(-48 * time.Hour)
		one := sessions.Session{Source: "csv", ExternalID: "SIGNED-1", EVSEID: place.Connector.EVSEID, Connector: place.Connector.Number, Start: begin,
			End: begin.Add(30 * time.Minute), Duration: 1800, Energy: 1_304_000, Status: sessions.Valid, Class: sessions.Community,
			Signed: &sessions.Signed{Values: ocmf.ValuesOf(record)}}
		changed := one
		changed.ExternalID, changed.Start, changed.End = "SIGNED-2", one.Start.Add(time.Hour), one.End.Add(time.Hour)
		changed.Signed = &sessions.Signed{Values: ocmf.ValuesOf(strings.Replace(record, `"1.304"`, `"9.304"`, 1))}
		foreign, plain := one, one
		elsewhere := mustBooks(t, w).Places()[w.stationOf("gemeinde")][0].Connector
		foreign.ExternalID, foreign.EVSEID, foreign.Connector = "SIGNED-3", elsewhere.EVSEID, elsewhere.Number
		plain.ExternalID, plain.Start, plain.End, plain.Signed = "PLAIN-1", one.Start.Add(2*time.Hour), one.End.Add(2*time.Hour), nil
		w.imports(one, changed, foreign, plain)
		path := func(id string) string {
			return page.SessionPath(w.aSession(creditnotes.SessionFilter{Name: id}).Session.ID)
		}
		anna.get(path("SIGNED-1")).shows(t, "Signed meter data", "no key", "The record states 1.304 kWh.", "33019230", "1-0:1.8.0")

		name := place.Connector.EVSEID + "/" + strconv.Itoa(place.Connector.Number)
		keys := page.StationPath(station) + "/meter-keys"
		anna.save(page.StationPath(station), keys, "connector", name, "key", "no key").refuses(t, 422, "This is no public key of a meter.")
		anna.save(page.StationPath(station), keys, "connector", "elsewhere", "key", key).refuses(t, 422, "Choose a connector of this station.")
		anna.save(page.StationPath(station), keys, "connector", name, "key", key).shows(t, "are saved", "…"+strings.ToUpper(key[len(key)-16:]), "secp256r1")
		anna.post(page.StationPath(station)+"/meters/check").shows(t, "Sessions of the last three months that no note pays were checked again: 2. Of these, another result: 2.")
		p := anna.get(path("SIGNED-1"))
		p.shows(t, "signed by the meter")
		p.lacks(t, "no key")
		anna.get(path("SIGNED-2")).shows(t, "not signed by the meter")
		w.opened()
		if n := w.held(sessions.SignatureInvalid); n != 1 {
			t.Errorf("%d sessions are held", n)
		}
		p = anna.get("/sessions?next=held&reason=signature_invalid")
		p.shows(t, "SIGNED-2")
		p.lacks(t, "SIGNED-1")
		anna.get("/sessions/held").shows(t, "signed meter data not confirmed")

		for _, who := range []*browser{anna, paul} {
			file := who.get(path("SIGNED-1") + "/signed.xml")
			list, err := ocmf.ReadContainer([]byte(file.body))
			if err != nil || len(list) != 1 || list[0].Data != record || !strings.EqualFold(list[0].Key, key) {
				t.Error(file.status, file.body, err)
			}
		}
		paul.get(path("SIGNED-3")+"/signed.xml").refuses(t, http.StatusNotFound, "")
		paul.get(path("SIGNED-3")).refuses(t, http.StatusNotFound, "")
		anna.get(path("PLAIN-1")).lacks(t, "Signed meter data")
		anna.get(path("PLAIN-1")+"/signed.xml").refuses(t, http.StatusNotFound, "No signed meter data came with this session.")

		anna.save(page.StationPath(station), keys, "connector", name, "remove", "0").shows(t, "No key of a meter is entered at this station.")
	})
}

// The form of connectors, which knows no keys, leaves them as they are.
func TestTheFormOfConnectorsKeepsTheKeysOfMeters(t *testing.T) {
	w := newWorld(t)
	anna, station := w.as("anna"), w.stationOf(subCPO)
	place := mustBooks(t, w).Places()[station][0]
	name := place.Connector.EVSEID + "/" + strconv.Itoa(place.Connector.Number)
	anna.save(page.StationPath(station), page.StationPath(station)+"/meter-keys", "connector", name, "key", signedFile(t, "public-key-1.txt"), "from", "2026-01-01").shows(t, "are saved")
	form := page.StationPath(station) + "/connectors"
	anna.submit(form, anna.get(form).form(), "c0_max", "43").shows(t, "are saved")
	if got := mustBooks(t, w).Places()[station][0].Connector; len(got.MeterKeys) != 1 || got.MaxPowerKW != 43_000_000 {
		t.Errorf("%+v", got)
	}
}
