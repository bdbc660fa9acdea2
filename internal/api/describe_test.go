package api

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// described is the description as programs read it.
type described struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string                `json:"operationId"`
		Summary     string                `json:"summary"`
		Tags        []string              `json:"tags"`
		Security    []map[string][]string `json:"security"`
		Parameters  []object              `json:"parameters"`
		RequestBody object                `json:"requestBody"`
		Responses   map[string]object     `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas         map[string]object `json:"schemas"`
		Responses       map[string]object `json:"responses"`
		SecuritySchemes map[string]object `json:"securitySchemes"`
	} `json:"components"`
}

func TestTheDescriptionSaysEverything(t *testing.T) {
	w := newWorld(t)
	answer := (&program{w, "", http.Header{}}).get("/openapi.json").is(http.StatusOK)
	d := read[described](answer)
	if d.OpenAPI != "3.1.0" {
		t.Errorf("version %s", d.OpenAPI)
	}
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			name := method + " " + path
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s: id %q, summary %q, tags %v", name, op.OperationID, op.Summary, op.Tags)
			}
			ids[op.OperationID] = true
			if len(op.Security) != 1 || op.Security[0][bearerScheme] == nil {
				t.Errorf("%s: security %v", name, op.Security)
			}
			good := 0
			for status := range op.Responses {
				if strings.HasPrefix(status, "2") {
					good++
				}
			}
			if good == 0 || op.Responses["401"] == nil || op.Responses["403"] == nil || op.Responses["default"] != nil {
				t.Errorf("%s: responses %v", name, op.Responses)
			}
			if changes(strings.ToUpper(method)) != slices.ContainsFunc(op.Parameters, func(p object) bool { return p["name"] == keyHeader }) {
				t.Errorf("%s: parameters %v", name, op.Parameters)
			}
			for _, wanted := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(op.Parameters, func(p object) bool { return p["name"] == wanted[1] && p["in"] == "path" }) {
					t.Errorf("%s: parameter %s is not described", name, wanted[1])
				}
			}
		}
	}
	if len(ids) != len(operations()) {
		t.Errorf("%d operations are described, there are %d", len(ids), len(operations()))
	}
	referred := regexp.MustCompile(`"\$ref":"#/components/(\w+)/(\w+)"`)
	for _, ref := range referred.FindAllStringSubmatch(string(answer.body), -1) {
		if d.Components.Schemas[ref[2]] == nil && d.Components.Responses[ref[2]] == nil {
			t.Errorf("%s is not there", ref[0])
		}
	}
}

// TestAmountsAreNeverNumbers looks at every schema: what is counted is a whole
// number, everything else is text.
func TestAmountsAreNeverNumbers(t *testing.T) {
	w := newWorld(t)
	for name, schema := range read[described](w.as("vera").get("/openapi.json")).Components.Schemas {
		properties, _ := schema["properties"].(object)
		for field, property := range properties {
			if kind := property.(object)["type"]; kind == "number" {
				t.Errorf("%s.%s is a %v", name, field, kind)
			}
			for _, word := range []string{"net", "tax", "gross", "energy_kwh", "amount", "per_kwh", "per_hour", "percent", "rate"} {
				if kind := property.(object)["type"]; field == word && kind == "integer" {
					t.Errorf("%s.%s is a %v", name, field, kind)
				}
			}
		}
	}
}
