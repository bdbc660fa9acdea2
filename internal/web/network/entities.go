package network

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// entitiesView is the tree of the entities, or those that a search found.
type entitiesView struct {
	List   *page.List
	Found  []entityLine
	Node   *entityLine
	Crumbs []entityLink
	Change bool
	Empty  bool   // there is no entity yet
	Upload string // page on which files are uploaded; empty: not for the visitor
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
	Where           []string // what it stands below, from the top
	Descendants     int      // how many entities stand below it
	Unfold          string   // address of what stands directly below it
	Alternate       string   // name of the alternate credit address
	Inactive        bool
	Missing         []string // words for what is missing or wrong
	Branch          *branch  // nil: not opened
}

// branch is what stands directly below an entity, or the part of it that is
// shown.
type branch struct {
	Lines []entityLine
	Rest  int    // how many more there are
	More  string // where they are
}

// Entities shows the tree. Below one entity only so many are shown as a
// person can read, and deeper levels when they are opened.
func (v *Visit) Entities() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/entities", Fields: []string{"q", "beneath"}, Size: page.RowsPerPage})
	if len(b.Config.Entities) == 0 {
		return v.ShowAs("entities", "menu_entities", entitiesView{List: l, Empty: true, Change: v.mayChangeEntities(), Upload: v.LinkIfAllowed("/uploads")})
	}
	if b, err = v.Network(); err != nil {
		return err
	}
	view := entitiesView{List: l, Change: v.mayChangeEntities(), Upload: v.LinkIfAllowed("/uploads")}
	if view.Change {
		waiting, err := v.Store.Proposals(v.R.Context(), creditnotes.ProposalFilter{Waiting: true})
		if err != nil {
			return err
		}
		view.Waiting = len(waiting)
	}
	stated, err := v.statements("")
	if err != nil {
		return err
	}
	if text := l.Text("q"); text != "" {
		view.Found = v.foundLines(b, stated, page.Rows(l, v.search(b, text), entityColumns...))
		return v.showEntities(view)
	}
	at, err := v.EntityAt(b, l.Text("beneath"))
	if err != nil {
		return err
	}
	part := v.Refreshes() && l.Text("beneath") != ""
	branch := v.branch(b, stated, at.Key, l)
	if part {
		return v.Part("entities", "branch", branch)
	}
	line := v.entityLine(b, stated, at)
	line.Branch = &branch
	view.Node = &line
	for _, e := range v.above(b, at) {
		view.Crumbs = append(view.Crumbs, entityLink{Name: e.Name, Path: page.TreePath(e.Key)})
	}
	return v.showEntities(view)
}

func (v *Visit) showEntities(view entitiesView) error {
	if v.Refreshes() && view.List.Err() == nil {
		return v.Part("entities", "found", view)
	}
	return v.ShowList("entities", "menu_entities", view, view.List.Err())
}

var entityColumns = []page.Column[*entities.Entity]{
	{Head: page.Head{Key: "name", Message: "entity_name"}, By: page.ByText(func(e *entities.Entity) string { return e.Name })},
	{Head: page.Head{Key: "key", Message: "entity_key"}, By: page.ByText(func(e *entities.Entity) string { return e.Key })},
	{Head: page.Head{Key: "city", Message: "entity_city"}, By: page.ByText(func(e *entities.Entity) string { return e.City })},
	{Head: page.Head{Message: "entities_where"}},
	{Head: page.Head{Message: "entities_state"}},
}

func (v *Visit) mayChangeEntities() bool {
	return v.May(access.ChangeEntities) && v.Who.Operator
}

// branch lists the sub-entities of an entity, those behind the key that the
// address names.
func (v *Visit) branch(b *snapshot.Snapshot, stated creditnotes.Statements, key string, l *page.List) branch {
	children, after := b.Network.Tree.Children(key), l.Text(page.ParamAfter)
	for after != "" && len(children) > 0 && children[0].Key <= after {
		children = children[1:]
	}
	l.Set("beneath", key)
	shown := page.More(l, children, page.ParamAfter, func(e *entities.Entity) string { return e.Key })
	out := branch{Rest: len(children) - len(shown), More: l.Pager.Older}
	for _, e := range shown {
		out.Lines = append(out.Lines, v.entityLine(b, stated, e))
	}
	return out
}

func (v *Visit) entityLine(b *snapshot.Snapshot, stated creditnotes.Statements, e *entities.Entity) entityLine {
	line := entityLine{
		Key: e.Key, Name: e.Name, City: e.City, Path: page.EntityPath(e.Key),
		Descendants: b.Network.Tree.Descendants(e.Key), Inactive: !e.Active, Missing: v.missing(b, stated, e),
	}
	if line.Descendants > 0 {
		line.Unfold = page.TreePath(e.Key)
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

	"reseller_certificate_running_out": "certificate_end",
}

// missing lists in words what is missing or looks wrong at an entity.
func (v *Visit) missing(b *snapshot.Snapshot, stated creditnotes.Statements, e *entities.Entity) (words []string) {
	said := map[string]bool{}
	for _, f := range v.entityFindings(b, e, stated) {
		word := badges[f.Key]
		switch {
		case strings.HasPrefix(f.Key, "tax_proposal_"):
			word = "proposal"
		case word == "":
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
func (v *Visit) entityFindings(b *snapshot.Snapshot, e *entities.Entity, stated creditnotes.Statements) []*fault.Fault {
	today := b.Day(v.Now())
	if !e.Active || e.AlternateCredit != "" || e.Parent == "" {
		return append(e.Check(), e.CertificateWarnings(today)...)
	}
	found := append(creditnotes.RecipientWarnings(e, today, today), b.Config.TaxDifferences(e, b.Operator(), stated, today, today)...)
	if len(e.Emails) == 0 {
		found = append(found, fault.New(fault.NotReady, "recipient_without_email", fault.Args{"recipient": e.Key, "owner": e.Key}))
	}
	return found
}

// search finds entities by key, name, city and VAT id, in walk order.
func (v *Visit) search(b *snapshot.Snapshot, text string) (found []*entities.Entity) {
	text = strings.ToLower(text)
	vatID := strings.ToLower(entities.NormalVATID(text))
	for _, e := range b.Network.Tree.Subtree(v.Top(b)) {
		if matches(e, text, vatID) {
			found = append(found, e)
		}
	}
	return found
}

// foundLines shows entities with what they stand below.
func (v *Visit) foundLines(b *snapshot.Snapshot, stated creditnotes.Statements, found []*entities.Entity) (lines []entityLine) {
	for _, e := range found {
		line := v.entityLine(b, stated, e)
		for _, above := range v.above(b, e) {
			line.Where = append(line.Where, above.Name)
		}
		lines = append(lines, line)
	}
	return lines
}

// matches tells whether an entity is one that a person searches for with a
// text in lower case; vatID is the text without what people put between.
func matches(e *entities.Entity, text, vatID string) bool {
	for _, have := range [...]string{e.Key, e.Name, e.LegalName, e.City} {
		if strings.Contains(strings.ToLower(have), text) {
			return true
		}
	}
	return vatID != "" && e.VATID != "" && strings.Contains(strings.ToLower(entities.NormalVATID(e.VATID)), vatID)
}

// above lists what an entity stands below, from the top of what the visitor
// sees.
func (v *Visit) above(b *snapshot.Snapshot, e *entities.Entity) (list []*entities.Entity) {
	for e.Parent != "" && e.Key != v.Top(b) {
		e = b.Network.Tree.Entity(e.Parent)
		list = append(list, e)
	}
	slices.Reverse(list)
	return list
}

// choicesView lists entities that can be chosen in a form.
type choicesView struct{ Choices []page.Choice }

// EntityChoices lists active entities whose key, name, city or VAT id contains
// what was typed so far, for the fields in which one is chosen.
func (v *Visit) EntityChoices() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	text := v.R.FormValue("alternate") + v.R.FormValue("parent")
	var view choicesView
	for _, e := range v.search(b, text) {
		if e.Active && len(view.Choices) < page.RowsPerPage {
			view.Choices = append(view.Choices, page.Choice{Value: e.Key, Text: strings.Trim(e.Name+", "+e.City, ", ")})
		}
	}
	return v.Part("entity_edit", "choices", view)
}
