package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"creditrun/internal/api"
)

// operationsFile says for each changing route which operation does the same.
const operationsFile = "testdata/operations.txt"

// What a page can do, the API can do, or the file says why not.
func TestWhatAPageCanDoTheAPICanDo(t *testing.T) {
	w := newWorld(t)
	text, err := os.ReadFile(operationsFile)
	must(t, err)
	says := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[2] == "-" && len(fields) < 4 {
			t.Fatalf("%s: %q names neither an operation nor a reason", operationsFile, line)
		}
		says[fields[0]+" "+fields[1]] = fields[2]
	}
	known := operationsOfTheAPI(t, w)
	for _, route := range w.server.routes {
		if !strings.HasPrefix(route.Pattern, "POST ") {
			continue
		}
		operation, said := says[route.Pattern]
		switch {
		case !said:
			t.Errorf("%s: say in %s which operation of the API does the same, or after a hyphen why there is none", route.Pattern, operationsFile)
		case operation != "-" && !known[operation]:
			t.Errorf("%s: the API has no operation %s", route.Pattern, operation)
		}
		delete(says, route.Pattern)
	}
	for pattern := range says {
		t.Errorf("%s: there is no such route", pattern)
	}
}

// operationsOfTheAPI are the ids in the description of the API.
func operationsOfTheAPI(t *testing.T, w *world) map[string]bool {
	t.Helper()
	a := api.New(api.Options{Store: w.store, Texts: w.server.Texts, Now: w.clock, Log: w.server.Log, Runner: w.server.Runner, Background: t.Context()})
	t.Cleanup(a.Close)
	answer := httptest.NewRecorder()
	a.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, api.Base+"/openapi.json", nil))
	var description struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	must(t, json.Unmarshal(answer.Body.Bytes(), &description))
	known := map[string]bool{}
	for _, methods := range description.Paths {
		for _, operation := range methods {
			known[operation.OperationID] = true
		}
	}
	return known
}
