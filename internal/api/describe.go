package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
)

// bearerScheme names the only way in.
const bearerScheme = "token"

// describe is what the description of the API says of all operations.
func (a *API) describe() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	problem := registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	responses := map[string]*huma.Response{}
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout,
		http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusInternalServerError,
		http.StatusServiceUnavailable,
		http.StatusPreconditionFailed, http.StatusPreconditionRequired,
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
		"times are RFC 3339 in the operator's zone. Lists come in pages: follow next. A GET of what can be put answers an ETag: send it as If-Match " +
		"with the PUT, or If-None-Match: * to create. A PUT without either does not replace what another user changed last (428)."
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

// binary is what a file is to the description, in any of some media types.
func binary(types ...string) map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, one := range types {
		content[one] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return content
}

// describeAnswers describes what huma cannot read off the types.
func describeAnswers(op *huma.Operation) {
	switch op.OperationID {
	case "get-credit-note-file":
		op.Responses["200"] = &huma.Response{Description: "the file", Content: binary("application/pdf", "application/xml", "text/csv")}
		op.Responses["304"] = &huma.Response{Description: "the file is the one that If-None-Match names"}
	case "list-credit-note-sessions":
		op.Responses["200"] = &huma.Response{Description: "one JSON object a line", Content: binary("application/x-ndjson")}
	case "get-draft-document":
		op.Responses["200"] = &huma.Response{Description: "the document, marked as a draft", Content: binary("application/pdf")}
	case "list-draft-sessions":
		op.Responses["200"] = &huma.Response{Description: "one JSON object a line", Content: binary("application/x-ndjson")}
	case "get-settlement-report-file":
		op.Responses["200"] = &huma.Response{Description: "the file", Content: binary("application/pdf", creditnotes.TypeXLSX)}
	case "get-session-signed-data":
		op.Responses["200"] = &huma.Response{Description: "the file", Content: binary("application/xml")}
	case "get-entity-document":
		op.Responses["200"] = &huma.Response{Description: "the file", Content: binary("application/pdf", "image/png", "image/jpeg")}
	case "get-journal-file":
		op.Responses["200"] = &huma.Response{Description: "the file", Content: binary("application/octet-stream")}
	case "get-settlement-report":
		op.Responses["200"] = &huma.Response{
			Description: "the report as it was frozen, with its records and what was collected for previous periods",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}},
		}
	case "export-accounting-month":
		describeWork(op, "the export goes on: the month has the state exporting until it has ended", &huma.Schema{Ref: "#/components/schemas/AccountingMonth"})
	case "send-reminders":
		describeWork(op, "sending goes on: GET /reminders lists what was sent, GET /reminders/due what is still to be sent",
			&huma.Schema{Type: huma.TypeObject, AdditionalProperties: true})
	case "make-archive":
		describeWork(op, "the archive is being made", &huma.Schema{Ref: "#/components/schemas/Archive"})
	case "reprice-sessions":
		describeWork(op, "sessions are being priced: the state is applying", &huma.Schema{Ref: "#/components/schemas/RepriceJSON"})
	case "put-entity":
		op.Responses["202"] = &huma.Response{
			Description: "saved, but for what waits for a second person: changes names it, bank_change the one of bank data",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/SavedEntity"}}},
		}
	}
}

// describeWork describes the answer while the work goes on in the background.
func describeWork(op *huma.Operation, description string, body *huma.Schema) {
	op.Responses["202"] = &huma.Response{
		Description: description + "; GET of the Location says how it ended, and why it failed",
		Headers:     map[string]*huma.Param{"Location": {Description: "address of the work, /work/{id}", Schema: &huma.Schema{Type: huma.TypeString}}},
		Content:     map[string]*huma.MediaType{"application/json": {Schema: body}},
	}
}

// describeFiles describes the bodies that are files. It comes last: what huma
// knows of while it registers an operation, it reads into memory.
func (a *API) describeFiles() {
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // of huma; ours is Problem
	delete(schemas, "ErrorDetail")
	paths := a.huma.OpenAPI().Paths
	paths["/network"].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: binary("application/yaml", "application/json"),
		Description: "a network file; importing the same twice changes nothing; at most 16 MiB",
	}
	paths["/entities/{key}/documents"].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: binary("application/pdf", "image/png", "image/jpeg"), Description: "the document; at most 10 MiB",
	}
	paths["/sessions"].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: binary("text/csv", "application/json", "application/x-ndjson", "application/gzip"),
		Description: "CSV, or OCPI 2.2.1 and 2.3.0 CDRs, compressed or not: what it is shows in its first bytes; at most 64 MiB, and 1 GiB when it is unpacked",
	}
}
