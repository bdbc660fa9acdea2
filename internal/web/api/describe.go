package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// bearerScheme names the only way in.
const bearerScheme = "token"

// describe is what the description of the API says of all operations.
func (a *API) describe() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	problem := registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	responses := map[string]*huma.Response{}
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusInternalServerError,
	} {
		responses[problemName(status)] = &huma.Response{
			Description: http.StatusText(status), Content: map[string]*huma.MediaType{problemType: {Schema: problem}},
		}
	}
	config := huma.DefaultConfig("creditrun", a.Version)
	config.CreateHooks = nil // no $schema in answers
	config.DocsPath, config.SchemasPath = "", ""
	config.Transformers = []huma.Transformer{asProblems}
	config.Info.Description = "Monthly credit notes for the owners of charging stations. Amounts, energy and rates are texts, never floats; " +
		"times are RFC 3339 in the operator's zone. Lists come in pages: follow next."
	config.Servers = []*huma.Server{{URL: Base}}
	config.Components = &huma.Components{
		Schemas: registry, Responses: responses,
		SecuritySchemes: map[string]*huma.SecurityScheme{bearerScheme: {
			Type: "http", Scheme: "bearer", BearerFormat: "crt_…", Description: "An API token; its scopes are the rights that an operation names.",
		}},
	}
	return config
}

// problemName is under which the description keeps an answer.
func problemName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

// joined lists words.
func joined(words []string) string { return strings.Join(words, ", ") }

// describeBodies describes what huma cannot read off the types: files.
func describeBodies(op *huma.Operation) {
	bytes := func(types ...string) map[string]*huma.MediaType {
		content := map[string]*huma.MediaType{}
		for _, one := range types {
			content[one] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		return content
	}
	switch op.OperationID {
	case "import-network":
		op.RequestBody = &huma.RequestBody{
			Required: true, Content: bytes("application/yaml", "application/json"), Description: "a network file; the same importing it twice changes nothing",
		}
	case "import-sessions":
		op.RequestBody = &huma.RequestBody{
			Required: true, Content: bytes("text/csv", "application/json", "application/x-ndjson", "application/gzip"),
			Description: "CSV, or OCPI 2.2.1 and 2.3.0 CDRs: what it is shows in its first bytes; at most 64 MiB",
		}
	case "get-credit-note-file":
		op.Responses["200"] = &huma.Response{Description: "the file", Content: bytes("application/pdf", "application/xml", "text/csv")}
		op.Responses["304"] = &huma.Response{Description: "the file is the one that If-None-Match names"}
	case "list-credit-note-sessions":
		op.Responses["200"] = &huma.Response{Description: "one NoteSession a line", Content: bytes("application/x-ndjson")}
	case "put-entity":
		op.Responses["202"] = &huma.Response{
			Description: "saved, but for the bank data, which wait for a second person: bank_change names the change",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/SavedEntity"}}},
		}
	}
}
