package network

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// How much of an entity's past its page shows.
const (
	mostStations = 100
	mostNotes    = 12
)

// entityView is all that is to be said of one entity.
type entityView struct {
	Entity      *entities.Entity
	Path        string
	Crumbs      []entityLink
	Descendants int
	Unfold      string
	Operator    bool // it is the operator
	Change      bool
	Audit       bool // the visitor may read the audit log
	Warnings    []page.FindingLine
	Recipient   recipientView
	Taxes       []taxLine
	FeeTaxes    []taxLine
	Contracts   []contractLine
	NewContract string // where one is made; empty: the visitor may not
	ReportMail  string // message that says whether settlement reports are mailed; empty: the settings do
	Reseller    []resellerLine
	Proposed    []proposedLine
	Papers      *entityDocuments
	Agreement   string // state: missing, later, good, ending or over
	Earlier     []earlierAgreement
	Stations    []stationLine
	MoreOwned   int // stations that are not shown
	Notes       []entityNote
	Balances    []creditnotes.Balance
	Issuer      string         // its media on both sides; empty: it has issued none
	IBAN        string         // in groups of four
	Waiting     []proposalView // for a second person
	Objections  []creditnotes.Objection
	Marked      []markedLine
}

// recipientView is who gets the next credit notes of an entity.
type recipientView struct {
	Name     string
	Path     string   // empty: the visitor may not look at it
	Self     bool     // the entity itself
	Address  []string // line by line
	Emails   []string
	Problem  string // why there is none
	Warnings []string
}

// taxLine is one tax treatment with the days it applies.
type taxLine struct {
	From, Until   entities.Date // Until: the last day; zero: open
	Account, Name string
	Current       bool
}

// stationLine is one time for which an entity owned a station.
type stationLine struct {
	Key, Name, City string
	From, Until     string // Until: empty as long as it owns it
}

// entityNote is a document that concerns the entity.
type entityNote struct {
	creditnotes.NoteEntry
	Path      string
	Recipient string // name
	Own       bool   // it is made out to the entity
}

// EntityPage shows one entity.
func (v *Visit) EntityPage() error { return v.showEntity(v.Form("")) }

// showEntity shows the entity of the address.
func (v *Visit) showEntity(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	view := entityView{
		Entity: e, Path: page.EntityPath(e.Key), Operator: e.Parent == "", Change: v.mayChangeEntities(),
		Audit:       v.May(access.ReadAudit) && v.Who.Operator,
		Descendants: b.Network.Tree.Descendants(e.Key), Unfold: page.TreePath(e.Key), IBAN: page.GroupsOfFour(e.Bank.IBAN),
		Recipient: v.recipient(b.Network.Tree, e), Taxes: v.taxLines(b, e.Taxes), FeeTaxes: v.taxLines(b, e.FeeTaxes), Agreement: agreementState(e.Agreement, b.Day(v.Now())),
	}
	if e.ReportMail != nil {
		view.ReportMail = map[bool]string{true: "yes", false: "no"}[*e.ReportMail]
	}
	stated, err := v.statements(e.Key)
	if err != nil {
		return err
	}
	view.Reseller, view.Proposed = resellerLines(e, b.Day(v.Now())), v.proposedLines(b, e, stated)
	if view.Papers, err = v.documentsOf(e, b.Day(v.Now()), f); err != nil {
		return err
	}
	view.Contracts = v.contractsOf(b, e.Key)
	if creditnotes.IssuersOf(b.Config)[e.Key] > 0 {
		view.Issuer = issuerPath(e.Key, v.ThisMonth().Prev())
	}
	view.NewContract = v.LinkIfAllowed("/contracts/new")
	for _, above := range v.above(b, e) {
		view.Crumbs = append(view.Crumbs, entityLink{Name: above.Name, Path: page.EntityPath(above.Key)})
	}
	for _, f := range v.entityFindings(b, e, stated) {
		line := page.FindingLine{Text: v.Texts.PageFault(v.Lang, f)}
		if link := v.FixLink(f, b); link != view.Path {
			line.Fix = link
		}
		view.Warnings = append(view.Warnings, line)
	}
	if !entities.UsualPostcode(e.Country, e.Postcode) {
		text, err := v.Text("entity_postcode_unusual", "Postcode", e.Postcode, "Country", v.Texts.Country(v.Lang, e.Country))
		if err != nil {
			return err
		}
		view.Warnings = append(view.Warnings, page.FindingLine{Text: text})
	}
	if view.Marked, err = v.markedAddresses(b, e); err != nil {
		return err
	}
	view.Stations, view.MoreOwned = v.stationsOf(b, e)
	if err := v.addDocuments(b, e, &view); err != nil {
		return err
	}
	if view.Earlier, err = v.earlierAgreements(e.Key); err != nil {
		return err
	}
	if view.Waiting, err = v.waiting(creditnotes.ProposalFilter{Subject: e.Key}); err != nil {
		return err
	}
	return v.ShowForm(f, "entity", e.Name, view)
}

// recipient says who gets the next credit notes of an entity. Of a recipient
// that the visitor may not look at it tells the name alone.
func (v *Visit) recipient(tree *entities.Tree, e *entities.Entity) recipientView {
	to, err := tree.Recipient(e)
	if err != nil {
		var view recipientView
		for _, f := range fault.Of(err) {
			view.Problem = v.Texts.PageFault(v.Lang, f)
		}
		return view
	}
	view := recipientView{Name: to.DisplayName(), Self: to.Key == e.Key}
	for _, f := range tree.AddressWarnings(e) {
		view.Warnings = append(view.Warnings, v.Texts.PageFault(v.Lang, f))
	}
	if !v.Who.Sees(to.Key) {
		return view
	}
	view.Path, view.Emails = page.EntityPath(to.Key), to.Emails
	for _, line := range []string{to.Street, strings.TrimSpace(to.Postcode + " " + to.City), v.country(to.Country)} {
		if line != "" {
			view.Address = append(view.Address, line)
		}
	}
	return view
}

func (v *Visit) country(code string) string {
	if code == "" {
		return ""
	}
	return v.Texts.Country(v.Lang, code)
}

// taxLines lists the tax treatments, the latest first.
func (v *Visit) taxLines(b *snapshot.Snapshot, list []entities.TaxTreatment) (lines []taxLine) {
	today := b.Day(v.Now())
	for i, t := range list {
		line := taxLine{From: t.From, Account: t.Account, Name: v.taxName(b, t.Account)}
		if i+1 < len(list) {
			line.Until = list[i+1].From.AddDays(-1)
		}
		line.Current = !today.Before(line.From) && (line.Until.IsZero() || !line.Until.Before(today))
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

func (v *Visit) taxName(b *snapshot.Snapshot, key string) string {
	for _, a := range b.Config.TaxAccounts {
		if a.Key == key {
			return cmp.Or(a.Name[v.Words()], a.Name["en"], key)
		}
	}
	return key
}

// stationsOf lists for which times the entity owned which stations, by station,
// and how many of these times are not shown.
func (v *Visit) stationsOf(b *snapshot.Snapshot, e *entities.Entity) (lines []stationLine, rest int) {
	for _, s := range b.Network.Stations() {
		for i, o := range s.Owners {
			if o.Entity != e.Key {
				continue
			}
			if len(lines) == mostStations {
				rest++
				continue
			}
			zone := b.Network.StationZone(s.Key)
			line := stationLine{Key: s.Key, Name: s.Name, City: s.City, From: v.moment(o.From, zone)}
			if i+1 < len(s.Owners) {
				line.Until = v.momentBefore(s.Owners[i+1].From, zone)
			}
			lines = append(lines, line)
		}
	}
	return lines, rest
}

// moment writes the beginning of something dated, in the zone of the thing; one
// that is not set is nothing.
func (v *Visit) moment(m entities.Moment, zone *time.Location) string {
	if m.IsZero() {
		return ""
	}
	if day, err := entities.ParseDate(string(m)); err == nil {
		return v.Texts.Date(v.Lang, day)
	}
	t := m.In(zone)
	return v.Texts.Date(v.Lang, entities.DateOf(t, zone)) + " " + t.Format("15:04")
}

// momentBefore writes the end of something dated that ends where the next thing
// begins: its last day, where that begins with a day.
func (v *Visit) momentBefore(m entities.Moment, zone *time.Location) string {
	if day, err := entities.ParseDate(string(m)); err == nil {
		return v.Texts.Date(v.Lang, day.AddDays(-1))
	}
	return v.moment(m, zone)
}

// addDocuments adds the last documents of the entity, its balance and what it
// objects to. A visitor with a scope sees the documents of that scope.
func (v *Visit) addDocuments(b *snapshot.Snapshot, e *entities.Entity, view *entityView) error {
	ctx := v.R.Context()
	scope := snapshot.Scope(v.Who)
	var notes []creditnotes.NoteEntry
	for _, f := range []creditnotes.NoteFilter{{Recipient: e.Key, Scope: scope}, {Owner: e.Key, Scope: scope}} {
		list, err := v.Store.ListNotes(ctx, f, creditnotes.Page{Limit: mostNotes})
		if err != nil {
			return err
		}
		notes = append(notes, list.Notes...)
	}
	slices.SortStableFunc(notes, func(a, b creditnotes.NoteEntry) int {
		return cmp.Or(strings.Compare(string(b.Date), string(a.Date)), strings.Compare(b.Number, a.Number))
	})
	notes = slices.CompactFunc(notes, func(a, b creditnotes.NoteEntry) bool { return a.ID == b.ID })
	for _, n := range notes[:min(len(notes), mostNotes)] {
		view.Notes = append(view.Notes, entityNote{
			NoteEntry: n, Path: page.NumberPath(n.Number), Recipient: b.Name(n.Recipient), Own: n.Recipient == e.Key,
		})
	}
	balances, err := v.Store.Balances(ctx, []string{e.Key}, "")
	if err != nil {
		return err
	}
	view.Balances = balances[e.Key]
	view.Objections, err = v.openObjections(e.Key)
	return err
}

// openObjections are the objections for which the entity's next runs wait, as
// far as the visitor sees all whom they concern.
func (v *Visit) openObjections(key string) (list []creditnotes.Objection, err error) {
	all, err := v.Store.Objections(v.R.Context(), creditnotes.ObjectionFilter{Open: true})
	for _, o := range all {
		if concerns(o, key, v.Who) {
			list = append(list, o)
		}
	}
	return list, err
}

// concerns tells whether an objection is one to a note of an owner, and the
// visitor sees all owners of the note.
func concerns(o creditnotes.Objection, key string, who *access.Visitor) bool {
	return slices.Contains(o.Owners, key) && snapshot.SeesAll(who, o.Owners)
}
