package web

import (
	"net/url"
	"slices"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// How many entities a page shows at once: beneath one, and of a search.
const (
	mostChildren = 50
	mostFound    = 50
)

// entitiesView is the tree of the entities, or those that a search found.
type entitiesView struct {
	Search string
	Found  []entityLine
	More   bool // more were found than are shown
	Node   *entityLine
	Crumbs []entityLink
	Change bool
	Empty  bool // there is no entity yet
	// Waiting is how many changes wait for a second person.
	Waiting int
}

// entityLink names an entity and where it is shown.
type entityLink struct {
	Name, Path string
}

// entityLine is an entity in the tree or in a list.
type entityLine struct {
	Key, Name, City string
	Path            string   // of its own page
	Where           []string // what it stands beneath, from the top
	Beneath         int      // how many entities stand beneath it
	Unfold          string   // address of what stands right beneath it
	Alternate       string   // name of the alternate credit address
	Inactive        bool
	Missing         []string // words for what is missing or wrong
	Branch          *branch  // nil: not opened
}

// branch is what stands right beneath an entity, or the part of it that is
// shown.
type branch struct {
	Lines []entityLine
	Rest  int    // how many more there are
	More  string // where they are
}

// entities shows the tree. Beneath one entity only so many are shown as a
// person can read, and deeper levels when they are opened.
func (v *visit) entities() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	if len(b.Config.Entities) == 0 {
		return v.showAs("entities", "menu_entities", entitiesView{Empty: true, Change: v.mayChangeEntities()})
	}
	if b, err = v.network(); err != nil {
		return err
	}
	view := entitiesView{Search: strings.TrimSpace(v.r.FormValue("q")), Change: v.mayChangeEntities()}
	if view.Change {
		waiting, err := v.Store.Proposals(v.r.Context(), creditnotes.ProposalFilter{Waiting: true})
		if err != nil {
			return err
		}
		view.Waiting = len(waiting)
	}
	if view.Search != "" {
		view.Found, view.More = v.search(b, view.Search)
		return v.showEntities(view)
	}
	at, err := v.entityAt(b, v.r.FormValue("beneath"))
	if err != nil {
		return err
	}
	branch := v.branch(b, at.Key, v.r.FormValue("after"))
	if v.refreshes() && v.r.FormValue("beneath") != "" {
		return v.part("entities", "branch", branch)
	}
	line := v.entityLine(b, at)
	line.Branch = &branch
	view.Node = &line
	for _, e := range v.above(b, at) {
		view.Crumbs = append(view.Crumbs, entityLink{Name: e.Name, Path: beneath(e.Key)})
	}
	return v.showEntities(view)
}

func (v *visit) showEntities(view entitiesView) error {
	if v.refreshes() {
		return v.part("entities", "found", view)
	}
	return v.showAs("entities", "menu_entities", view)
}

func (v *visit) mayChangeEntities() bool {
	return v.may(access.ChangeEntities) && v.who.Operator
}

// entityAt is an entity that the visitor may see; without a key that where the
// visitor's tree begins.
func (v *visit) entityAt(b *snapshot.Snapshot, key string) (*entities.Entity, error) {
	if key == "" {
		key = v.top(b)
	}
	e := b.Network.Tree.Entity(key)
	if e == nil || !v.who.Sees(key) {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
	}
	return e, nil
}

// top is the key of the entity where the visitor's tree begins.
func (v *visit) top(b *snapshot.Snapshot) string {
	if v.who.Operator {
		return b.Network.Tree.Root().Key
	}
	return v.who.User.Entity
}

// branch lists what stands right beneath an entity, behind a key.
func (v *visit) branch(b *snapshot.Snapshot, key, after string) branch {
	children := b.Network.Tree.Children(key)
	for after != "" && len(children) > 0 && children[0].Key <= after {
		children = children[1:]
	}
	shown := children[:min(len(children), mostChildren)]
	out := branch{Rest: len(children) - len(shown)}
	for _, e := range shown {
		out.Lines = append(out.Lines, v.entityLine(b, e))
	}
	if out.Rest > 0 {
		out.More = beneath(key) + "&after=" + url.QueryEscape(shown[len(shown)-1].Key)
	}
	return out
}

func beneath(key string) string { return "/entities?beneath=" + url.QueryEscape(key) }

func entityPath(key string) string { return "/entities/" + url.PathEscape(key) }

func (v *visit) entityLine(b *snapshot.Snapshot, e *entities.Entity) entityLine {
	line := entityLine{
		Key: e.Key, Name: e.Name, City: e.City, Path: entityPath(e.Key),
		Beneath: b.Network.Tree.Descendants(e.Key), Inactive: !e.Active, Missing: v.missing(b, e),
	}
	if line.Beneath > 0 {
		line.Unfold = beneath(e.Key)
	}
	if e.AlternateCredit != "" {
		line.Alternate = b.Name(e.AlternateCredit)
	}
	return line
}

// badges are the words for findings about who receives credit notes; findings
// without one are wrong rather than missing.
var badges = map[string]string{
	"recipient_without_address": "address",
	"recipient_without_iban":    "bank",
	"recipient_without_email":   "email",
	"tax_treatment_unknown":     "tax",
	"einvoice_tax_id_missing":   "tax_id",
	"agreement_missing":         "agreement",
	"agreement_running_out":     "agreement_end",
}

// missing lists in words what is missing or looks wrong at an entity.
func (v *visit) missing(b *snapshot.Snapshot, e *entities.Entity) (words []string) {
	said := map[string]bool{}
	for _, f := range v.entityFindings(b, e) {
		word := badges[f.Key]
		if word == "" {
			word = "wrong"
		}
		if !said[word] {
			said[word] = true
			words = append(words, word)
		}
	}
	return words
}

// entityFindings are what the readiness check would say of an entity as the
// recipient of its own credit notes: nothing of one that is none.
func (v *visit) entityFindings(b *snapshot.Snapshot, e *entities.Entity) []*fault.Fault {
	if !e.Active || e.AlternateCredit != "" || e.Parent == "" {
		return e.Check()
	}
	found := creditnotes.RecipientWarnings(e, b.Day(v.Now()), b.Day(v.Now()))
	if len(e.Emails) == 0 {
		found = append(found, fault.New(fault.NotReady, "recipient_without_email", fault.Args{"recipient": e.Key, "owner": e.Key}))
	}
	return found
}

// search finds entities by key, name, city and VAT id, in walk order.
func (v *visit) search(b *snapshot.Snapshot, text string) (found []entityLine, more bool) {
	text = strings.ToLower(text)
	vatID := strings.ToLower(entities.NormalVATID(text))
	for _, e := range b.Network.Tree.Subtree(v.top(b)) {
		if !matches(e, text, vatID) {
			continue
		}
		if len(found) == mostFound {
			return found, true
		}
		line := v.entityLine(b, e)
		for _, above := range v.above(b, e) {
			line.Where = append(line.Where, above.Name)
		}
		found = append(found, line)
	}
	return found, false
}

// matches tells whether an entity is one that somebody searches for with a
// text in lower case; vatID is the text without what people put between.
func matches(e *entities.Entity, text, vatID string) bool {
	for _, have := range [...]string{e.Key, e.Name, e.LegalName, e.City} {
		if strings.Contains(strings.ToLower(have), text) {
			return true
		}
	}
	return vatID != "" && e.VATID != "" && strings.Contains(strings.ToLower(entities.NormalVATID(e.VATID)), vatID)
}

// above lists what an entity stands beneath, from the top of what the visitor
// sees.
func (v *visit) above(b *snapshot.Snapshot, e *entities.Entity) (list []*entities.Entity) {
	for e.Parent != "" && e.Key != v.top(b) {
		e = b.Network.Tree.Entity(e.Parent)
		list = append(list, e)
	}
	slices.Reverse(list)
	return list
}

// choicesView lists entities that can be chosen in a form.
type choicesView struct{ Choices []choice }

// entityChoices lists active entities whose key, name, city or VAT id contains
// what was typed so far, for the fields in which one is chosen.
func (v *visit) entityChoices() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	text := v.r.FormValue("alternate") + v.r.FormValue("parent")
	var view choicesView
	found, _ := v.search(b, text)
	for _, line := range found {
		if !line.Inactive {
			view.Choices = append(view.Choices, choice{Value: line.Key, Text: strings.Trim(line.Name+", "+line.City, ", ")})
		}
	}
	return v.part("entity_edit", "choices", view)
}
