package creditnotes

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// MostOfEntityDocument is how many bytes a document about an entity may have.
const MostOfEntityDocument = 10 << 20

// EntityDocument is a document about an entity as it was received: a certificate,
// a statement, an agreement. It never changes; one that was stored by mistake is
// withdrawn.
type EntityDocument struct {
	ID         int64
	Entity     string // key
	Kind       EntityDocumentKind
	Name       string // of the file
	MediaType  string
	Size       int64  // bytes
	SHA256     string // of the content, in hexadecimal digits
	Reference  string // such as the number of a certificate
	ValidFrom  entities.Date
	ValidUntil entities.Date // the last day; zero: open
	StoredAt   time.Time
	StoredBy   string

	Withdrawn   string    // why; empty: it is not
	WithdrawnAt time.Time // zero: it is not
	WithdrawnBy string
}

// EntityDocumentKind says what a document about an entity is.
type EntityDocumentKind string

// The kinds.
const (
	ResellerCertificate EntityDocumentKind = "reseller_certificate" // such as USt 1 TH
	SmallBusinessLetter EntityDocumentKind = "small_business"       // the statement on § 19 UStG or the local rule
	SelfBillingLetter   EntityDocumentKind = "agreement"            // on self-billing
	OtherDocument       EntityDocumentKind = "other"
)

// EntityDocumentKinds lists the kinds.
func EntityDocumentKinds() []EntityDocumentKind {
	return []EntityDocumentKind{ResellerCertificate, SmallBusinessLetter, SelfBillingLetter, OtherDocument}
}

// EntityDocumentFilter narrows a list of documents about entities.
type EntityDocumentFilter struct {
	Entity string             // key; empty: of all
	Kind   EntityDocumentKind // empty: of all kinds
	Scope  []string           // keys of the entities that may be seen; nil: all
	Valid  bool               // only those that are not withdrawn
}

// Has reports whether a document is in the list.
func (f EntityDocumentFilter) Has(d *EntityDocument) bool {
	return (f.Entity == "" || f.Entity == d.Entity) && (f.Kind == "" || f.Kind == d.Kind) && (f.Scope == nil || slices.Contains(f.Scope, d.Entity)) && (!f.Valid || d.WithdrawnAt.IsZero())
}

// Actions of the audit log on documents about entities. The subject is the key of
// the entity.
const (
	ActionEntityDocumentStored    = "entity_document.stored"
	ActionEntityDocumentWithdrawn = "entity_document.withdrawn"
)

// mediaTypes are what a document about an entity may be, with what its content
// begins with: what any machine shows and no machine executes.
var mediaTypes = []struct{ name, begins string }{
	{"application/pdf", "%PDF-"}, {"image/png", "\x89PNG\r\n\x1a\n"}, {"image/jpeg", "\xff\xd8\xff"},
}

// mediaType is the media type of a content; empty: none of those that a document
// may be.
func mediaType(content []byte) string {
	for _, t := range mediaTypes {
		if bytes.HasPrefix(content, []byte(t.begins)) {
			return t.name
		}
	}
	return ""
}

// fileName is the name of a file without the folders before it and without control
// characters; empty: it has none.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
	return strings.Trim(name, "./ ")
}

// CheckEntityDocument judges a document before it is stored. It fills in size and
// media type from its content, and leaves of the name that of the file. The faults are about the fields kind, file, name,
// valid_until and reference.
func CheckEntityDocument(d *EntityDocument, content []byte) error {
	var found fault.List
	wrong := func(field, key string, args fault.Args) {
		found = append(found, fault.New(fault.Invalid, key, args).At(field))
	}
	if !slices.Contains(EntityDocumentKinds(), d.Kind) {
		wrong("kind", "entity_document_kind", fault.Args{"kind": string(d.Kind)})
	}
	d.Name = fileName(d.Name)
	d.Size, d.MediaType = int64(len(content)), mediaType(content)
	args := fault.Args{"name": d.Name, "most": int64(MostOfEntityDocument >> 20)}
	switch {
	case d.Size == 0 || d.Name == "":
		wrong("file", "entity_document_empty", nil)
	case d.Size > MostOfEntityDocument:
		wrong("file", "entity_document_too_large", args)
	case d.MediaType == "":
		wrong("file", "entity_document_type", args)
	}
	if !d.ValidUntil.IsZero() && d.ValidUntil.Before(d.ValidFrom) {
		wrong("valid_until", "entity_document_dates", fault.Args{"from": string(d.ValidFrom), "until": string(d.ValidUntil)})
	}
	return found.Err()
}

// State is a word for how a document is on a day: withdrawn, later, ended,
// ending (within 60 days) or valid.
func (d *EntityDocument) State(day entities.Date) string {
	switch {
	case !d.WithdrawnAt.IsZero():
		return "withdrawn"
	case day.Before(d.ValidFrom):
		return "later"
	case d.ValidUntil.IsZero():
		return "valid"
	case d.ValidUntil.Before(day):
		return "ended"
	case day.DaysUntil(d.ValidUntil) < entities.CertificateWarningDays:
		return "ending"
	}
	return "valid"
}

// documents warns of documents of recipients that end within 60 days, and of
// statements of small businesses that have ended while their tax is still that of
// one. Certificates and agreements are judged by the master data.
func (o *Readiness) documents(p *Plan, day entities.Date, list []EntityDocument) {
	type paper struct {
		entity string
		kind   EntityDocumentKind
	}
	last := map[paper]*EntityDocument{}
	for i := range list {
		d, key := &list[i], paper{list[i].Entity, list[i].Kind}
		if have := last[key]; have == nil || !have.ValidUntil.IsZero() && (d.ValidUntil.IsZero() || have.ValidUntil.Before(d.ValidUntil)) {
			last[key] = d
		}
	}
	for _, e := range p.Network.Tree.Walk() {
		for _, kind := range []EntityDocumentKind{SmallBusinessLetter, OtherDocument} {
			d := last[paper{e.Key, kind}]
			if d == nil || !e.Active {
				continue
			}
			account := p.Config.taxAccountOn(e, day)
			state := d.State(day)
			if state == "ending" || state == "ended" && kind == SmallBusinessLetter && account != nil && account.Category == Exempt {
				o.add(Warns, fault.New(fault.NotReady, "entity_document_running_out", fault.Args{"entity": e.Key, "name": d.Name, "until": string(d.ValidUntil)}))
			}
		}
	}
}
