package api

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"creditrun/entities"
	"creditrun/internal/ocmf"
)

// A program imports signed meter data, reads what its check found, and hands it on
// to someone who has the transparency software. Another Sub-CPO gets nothing.
func TestSignedMeterDataGoesInAndOut(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, paul := w.as("anna"), w.as("paul")
		content, err := os.ReadFile("../ocmf/testdata/twincharger-base64-signature/record-1.ocmf")
		if err != nil {
			t.Fatal(err)
		}
		record := string(content)
		foreign := read[Items[Session]](anna.get("/sessions?owner=cafe&limit=1").is(http.StatusOK)).Items[0]
		file := "id,evse_id,start,end,energy_kwh,signed_data\nsigned-1," + foreign.EVSEID + `,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,1.304,"` + strings.ReplaceAll(record, `"`, `""`) + "\"\n"
		anna.with("Content-Type", "text/csv").post("/sessions", file).is(http.StatusOK)
		story := read[SessionHistory](anna.get("/sessions/signed-1").is(http.StatusOK))
		if story.Signature != ocmf.NoKey || story.SignedEnergy == nil || story.SignedEnergy.String() != "1.304" {
			t.Errorf("%+v", story.Session)
		}
		list, err := ocmf.ReadContainer([]byte(anna.get("/sessions/signed-1/signed-data").is(http.StatusOK).body))
		if err != nil || len(list) != 1 || list[0].Data != record {
			t.Error(list, err)
		}
		current, err := w.api.snapshots.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(current.Config.Connectors, func(c entities.Connector) bool { return c.EVSEID == foreign.EVSEID })
		station := current.Config.Connectors[at].Station
		if done := read[SignaturesChecked](anna.post("/stations/"+station+"/check-signatures", "").is(http.StatusOK)); done != (SignaturesChecked{Checked: 1}) {
			t.Errorf("%+v", done)
		}
		anna.post("/stations/gone/check-signatures", "").problem(http.StatusNotFound, "key_unknown")
		paul.post("/stations/"+station+"/check-signatures", "").problem(http.StatusForbidden, "right_missing")
		paul.get("/sessions/signed-1/signed-data").problem(http.StatusNotFound, "session_not_found")
		anna.get("/sessions/"+foreign.Session+"/signed-data").problem(http.StatusNotFound, "session_signed_data_missing")
	})
}
