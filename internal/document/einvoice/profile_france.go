package einvoice

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// France12 is the French CIUS of EN 16931 (XP Z12-012, rules BR-FR) as it is
// exchanged between approved platforms (flux 2).
var France12 = &Profile{
	Name: "france", Edition: "1.2", CII: true, UBL: true,
	ID:         EN16931.ID,
	parties:    (*composer).french,
	finish:     (*composer).frenchTerms,
	unsuitable: func(n *creditnotes.Note) bool { return sellerCountry(n) != "FR" },
}

// The schemes of French identifiers (ISO 6523).
const (
	schemeSIREN  = "0002"
	schemeFrance = "0225" // the annuaire: electronic addresses that begin with a SIREN
)

// The business processes (BT-23) that are written (BR-FR-08).
const (
	suppliesGoods    = "B1"
	suppliesServices = "S1"
)

// frenchNotes are the notes that every invoice must have, each once, with their
// codes (BR-FR-05, BR-FR-06). They state what the commercial code says where the
// parties agreed on nothing else (article L. 441-10).
var frenchNotes = []note{
	{"PMT", "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €."},
	{"PMD", "Pénalités de retard : taux d’intérêt de la Banque centrale européenne pour son opération de refinancement la plus récente, majoré de 10 points de pourcentage."},
	{"AAB", "Aucun escompte pour paiement anticipé."},
}

// sellerCountry is the country of the seller of a note.
func sellerCountry(n *creditnotes.Note) string {
	seller, _ := (&composer{note: n}).sides()
	return strings.ToUpper(clean(seller.Country))
}

// french gives the parties their SIREN, which the seller must have (BR-FR-10,
// BR-FR-32), and their electronic addresses (BR-FR-12, BR-FR-13).
func (c *composer) french(inv *invoice) {
	c.electronic(inv)
	inv.seller.id = "" // of no scheme (BR-FR-CO-10)
	seller, buyer := c.sides()
	for _, side := range []struct {
		from *creditnotes.Party
		to   *party
	}{{seller, &inv.seller}, {buyer, &inv.buyer}} {
		if siren := sirenOf(side.from); siren != "" {
			side.to.register, side.to.registerScheme = siren, schemeSIREN
		}
	}
	if inv.seller.registerScheme == "" {
		c.lacks(fault.New(fault.NotReady, "einvoice_siren_missing", fault.Args{"party": inv.seller.name}))
	}
}

// frenchTerms adds the process and the notes, and finds what the rules refuse of
// the document: its number (BR-FR-01, BR-FR-02), rates of tax that France has not,
// and a currency that asks for the tax in euro as well.
func (c *composer) frenchTerms(inv *invoice) {
	inv.process = suppliesGoods // electricity
	if c.note.OfFees() {
		inv.process = suppliesServices
	}
	inv.notes = append(inv.notes, frenchNotes...)
	numbers := []string{inv.number}
	if inv.preceding != nil {
		numbers = append(numbers, inv.preceding.number)
	}
	for _, number := range numbers {
		if !frenchNumber.MatchString(number) {
			c.refuses("BR-FR-02", number)
		}
	}
	if inv.currency != "EUR" {
		c.refuses("BR-FR-CO-12", inv.currency)
	}
	for _, t := range inv.taxes {
		if t.rate != "" && !slices.Contains(frenchRates, t.rate) {
			c.refuses("BR-FR-16", t.rate)
		}
	}
}

// frenchRates are the rates of tax there are and were in France (BR-FR-16).
var frenchRates = strings.Fields("0 0.9 1.05 1.75 2.1 5.5 7 8.5 9.2 9.6 10 13 19.6 20 20.6")

// frenchNumber is what numbers of documents may look like.
var frenchNumber = regexp.MustCompile(`^[A-Za-z0-9+_/-]{1,35}$`)

// sirenOf finds the nine digits of a French company: its register number where
// that is one, or those in its electronic address or VAT id (FR, two characters,
// SIREN).
func sirenOf(p *creditnotes.Party) string {
	if strings.ToUpper(clean(p.Country)) != "FR" {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, clean(p.RegisterNumber))
	if siren.MatchString(digits) {
		return digits
	}
	scheme, id := p.ElectronicAddress.Split()
	if (scheme == schemeSIREN || scheme == schemeFrance) && len(id) >= 9 && siren.MatchString(id[:9]) {
		return id[:9]
	}
	if vatID := entities.NormalVATID(clean(p.VATID)); len(vatID) == 13 && vatID[:2] == "FR" && siren.MatchString(vatID[4:]) {
		return vatID[4:]
	}
	return ""
}

var siren = regexp.MustCompile(`^[0-9]{9}$`)
