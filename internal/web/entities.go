package web

import (
	"slices"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// entitiesView is the tree of the entities, or those that a search found.
type entitiesView struct {
	List   *List
	Found  []entityLine
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
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/entities", Fields: []string{"q", "beneath"}, Size: rowsPerPage})
	if len(b.Config.Entities) == 0 {
		return v.showAs("entities", "menu_entities", entitiesView{List: l, Empty: true, Change: v.mayChangeEntities()})
	}
	if b, err = v.network(); err != nil {
		return err
	}
	view := entitiesView{List: l, Change: v.mayChangeEntities()}
	if view.Change {
		waiting, err := v.Store.Proposals(v.r.Context(), creditnotes.ProposalFilter{Waiting: true})
		if err != nil {
			return err
		}
		view.Waiting = len(waiting)
	}
	if text := l.Text("q"); text != "" {
		view.Found = v.foundLines(b, Rows(l, v.search(b, text), entityColumns...))
		return v.showEntities(view)
	}
	at, err := v.entityAt(b, l.Text("beneath"))
	if err != nil {
		return err
	}
	part := v.refreshes() && l.Text("beneath") != ""
	branch := v.branch(b, at.Key, l)
	if part {
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
	if v.refreshes() && view.List.Err() == nil {
		return v.part("entities", "found", view)
	}
	return v.showList("entities", "menu_entities", view, view.List.Err())
}

var entityColumns = []Column[*entities.Entity]{
	{Head{Key: "name", Message: "entity_name"}, ByText(func(e *entities.Entity) string { return e.Name })},
	{Head{Key: "key", Message: "entity_key"}, ByText(func(e *entities.Entity) string { return e.Key })},
	{Head{Key: "city", Message: "entity_city"}, ByText(func(e *entities.Entity) string { return e.City })},
	{Head: Head{Message: "entities_where"}},
	{Head: Head{Message: "entities_state"}},
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

// branch lists the sub-entities of an entity, those behind the key that the
// address names.
func (v *visit) branch(b *snapshot.Snapshot, key string, l *List) branch {
	children, after := b.Network.Tree.Children(key), l.Text(ParamAfter)
	for after != "" && len(children) > 0 && children[0].Key <= after {
		children = children[1:]
	}
	l.Set("beneath", key)
	shown := More(l, children, ParamAfter, func(e *entities.Entity) string { return e.Key })
	out := branch{Rest: len(children) - len(shown), More: l.Pager.Older}
	for _, e := range shown {
		out.Lines = append(out.Lines, v.entityLine(b, e))
	}
	return out
}

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
func (v *visit) search(b *snapshot.Snapshot, text string) (found []*entities.Entity) {
	text = strings.ToLower(text)
	vatID := strings.ToLower(entities.NormalVATID(text))
	for _, e := range b.Network.Tree.Subtree(v.top(b)) {
		if matches(e, text, vatID) {
			found = append(found, e)
		}
	}
	return found
}

// foundLines shows entities with what they stand beneath.
func (v *visit) foundLines(b *snapshot.Snapshot, found []*entities.Entity) (lines []entityLine) {
	for _, e := range found {
		line := v.entityLine(b, e)
		for _, above := range v.above(b, e) {
			line.Where = append(line.Where, above.Name)
		}
		lines = append(lines, line)
	}
	return lines
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
	for _, e := range v.search(b, text) {
		if e.Active && len(view.Choices) < rowsPerPage {
			view.Choices = append(view.Choices, choice{Value: e.Key, Text: strings.Trim(e.Name+", "+e.City, ", ")})
		}
	}
	return v.part("entity_edit", "choices", view)
}
