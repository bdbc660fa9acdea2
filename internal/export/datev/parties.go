package datev

import (
	"bytes"
	"strings"

	"creditrun/internal/journal"
)

// parties writes the recipients of a journal.
func (w *writer) parties() (journal.File, error) {
	var content bytes.Buffer
	last := w.journal.Month.LastDay()
	if err := w.head(&content, 16, "Debitoren/Kreditoren", 5, "", last, "creditrun "+string(w.journal.Month)); err != nil {
		return journal.File{}, err
	}
	if err := names(&content, partyColumns); err != nil {
		return journal.File{}, err
	}
	for i := range w.journal.Parties {
		p := &w.journal.Parties[i]
		row, err := w.record(partyColumns, p.Entity, partyValues(p))
		if err != nil {
			return journal.File{}, err
		}
		content.Write(row)
	}
	return journal.File{Name: "EXTF_Debitoren_Kreditoren_" + string(w.journal.Month) + ".csv", Content: content.Bytes()}, nil
}

// languages are the numbers of languages that DATEV knows.
var languages = map[string]string{"de": "1", "fr": "4", "en": "5", "es": "10", "it": "19"}

// union are the countries of the EU as VAT ids begin.
const union = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"

func partyValues(p *journal.Party) map[string]string {
	values := map[string]string{
		"Konto": p.Account, "Name (Adressattyp Unternehmen)": p.Name, "Adressattyp": "2", "Kurzbezeichnung": cut(encodable(p.Name), 15),
		"Straße": p.Street, "Postleitzahl": p.Postcode, "Ort": p.City, "Land": p.Country, "Kennz. Korrespondenzadresse": "1",
		"Telefon": p.Phone, "E-Mail": p.Email, "Kunden-/Lief.-Nr.": p.CustomerNo, "Steuernummer": p.TaxNumber, "Sprache": languages[p.Language],
	}
	if p.Street != "" {
		values["Adressart"] = "STR"
	}
	if id := strings.ReplaceAll(p.VATID, " ", ""); len(id) > 2 && strings.Contains(union, id[:2]) {
		values["EU-Land"], values["EU-UStID"] = id[:2], id[2:]
	}
	return values
}
