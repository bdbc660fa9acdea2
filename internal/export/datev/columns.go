package datev

import (
	"strconv"
	"strings"
)

// column is a field of a record.
type column struct {
	name  string
	limit int // characters of a text, which stands in quotes; 0: a number or a date
}

// columnsOf reads a list of fields. A number after "=" is the length of a text.
// Fields in braces are repeated: {1-3 name # =20; other #}.
func columnsOf(list string) (columns []column) {
	for line := range strings.SplitSeq(strings.TrimSpace(list), "\n") {
		repeated, many := strings.CutPrefix(line, "{")
		if !many {
			columns = append(columns, columnOf(line))
			continue
		}
		span, names, _ := strings.Cut(strings.TrimSuffix(repeated, "}"), " ")
		first, last, _ := strings.Cut(span, "-")
		from, _ := strconv.Atoi(first)
		until, _ := strconv.Atoi(last)
		for n := from; n <= until; n++ {
			for name := range strings.SplitSeq(names, "; ") {
				columns = append(columns, columnOf(strings.Replace(name, "#", strconv.Itoa(n), 1)))
			}
		}
	}
	return columns
}

func columnOf(text string) column {
	name, limit, isText := strings.Cut(text, " =")
	c := column{name: name}
	if isText {
		c.limit, _ = strconv.Atoi(limit)
	}
	return c
}

// bookingFields are the 125 fields of a booking batch: category 21, version 13.
const bookingFields = `
Umsatz (ohne Soll/Haben-Kz)
Soll/Haben-Kennzeichen =1
WKZ Umsatz =3
Kurs
Basis-Umsatz
WKZ Basis-Umsatz =3
Konto
Gegenkonto (ohne BU-Schlüssel)
BU-Schlüssel =4
Belegdatum
Belegfeld 1 =36
Belegfeld 2 =12
Skonto
Buchungstext =60
Postensperre
Diverse Adressnummer =9
Geschäftspartnerbank
Sachverhalt
Zinssperre
Beleglink =210
{1-8 Beleginfo - Art # =20; Beleginfo - Inhalt # =210}
KOST1 - Kostenstelle =36
KOST2 - Kostenstelle =36
Kost-Menge
EU-Land u. UStID (Bestimmung) =15
EU-Steuersatz (Bestimmung)
Abw. Versteuerungsart =1
Sachverhalt L+L
Funktionsergänzung L+L
BU 49 Hauptfunktionstyp
BU 49 Hauptfunktionsnummer
BU 49 Funktionsergänzung
{1-20 Zusatzinformation - Art # =20; Zusatzinformation- Inhalt # =210}
Stück
Gewicht
Zahlweise
Forderungsart =10
Veranlagungsjahr
Zugeordnete Fälligkeit
Skontotyp
Auftragsnummer =30
Buchungstyp =2
USt-Schlüssel (Anzahlungen)
EU-Land (Anzahlungen) =2
Sachverhalt L+L (Anzahlungen)
EU-Steuersatz (Anzahlungen)
Erlöskonto (Anzahlungen)
Herkunft-Kz =2
Buchungs GUID =36
KOST-Datum
SEPA-Mandatsreferenz =35
Skontosperre
Gesellschaftername =76
Beteiligtennummer
Identifikationsnummer =11
Zeichnernummer =20
Postensperre bis
Bezeichnung SoBil-Sachverhalt =30
Kennzeichen SoBil-Buchung
Festschreibung
Leistungsdatum
Datum Zuord. Steuerperiode
Fälligkeit
Generalumkehr (GU) =1
Steuersatz
Land =2
Abrechnungsreferenz =50
BVV-Position
EU-Land u. UStID (Ursprung) =15
EU-Steuersatz (Ursprung)
Abw. Skontokonto
`

// bankFields are those of one bank account of a debtor or creditor.
const bankFields = "Bankleitzahl # =8; Bankbezeichnung # =30; Bankkonto-Nummer # =10; Länderkennzeichen # =2; IBAN # =34; Leerfeld # =1; " +
	"SWIFT-Code # =11; Abw. Kontoinhaber # =70; Kennz. Haupt-Bankverb. # =1; Bankverb # Gültig von; Bankverb # Gültig bis"

// partyFields are the 254 fields of a debtor or creditor: category 16, version 5.
const partyFields = `
Konto
Name (Adressattyp Unternehmen) =50
Unternehmensgegenstand =50
Name (Adressattyp natürl. Person) =30
Vorname (Adressattyp natürl. Person) =30
Name (Adressattyp keine Angabe) =50
Adressattyp =1
Kurzbezeichnung =15
EU-Land =2
EU-UStID =13
Anrede =30
Titel/Akad. Grad =25
Adelstitel =15
Namensvorsatz =14
Adressart =3
Straße =36
Postfach =10
Postleitzahl =10
Ort =30
Land =2
Versandzusatz =50
Adresszusatz =36
Abweichende Anrede =30
Abw. Zustellbezeichnung 1 =50
Abw. Zustellbezeichnung 2 =36
Kennz. Korrespondenzadresse
Adresse Gültig von
Adresse Gültig bis
Telefon =60
Bemerkung (Telefon) =40
Telefon GL =60
Bemerkung (Telefon GL) =40
E-Mail =60
Bemerkung (E-Mail) =40
Internet =60
Bemerkung (Internet) =40
Fax =60
Bemerkung (Fax) =40
Sonstige =60
Bemerkung (Sonstige) =40
{1-5 ` + bankFields + `}
Leerfeld
Briefanrede =100
Grußformel =50
Kunden-/Lief.-Nr. =15
Steuernummer =20
Sprache
Ansprechpartner =40
Vertreter =40
Sachbearbeiter =40
Diverse-Konto
Ausgabeziel
Währungssteuerung
Kreditlimit (Debitor)
Zahlungsbedingung
Fälligkeit in Tagen (Debitor)
Skonto in Prozent (Debitor)
Kreditoren-Ziel 1 Tg.
Kreditoren-Skonto 1 %
Kreditoren-Ziel 2 Tg.
Kreditoren-Skonto 2 %
Kreditoren-Ziel 3 Brutto Tg.
Kreditoren-Ziel 4 Tg.
Kreditoren-Skonto 4 %
Kreditoren-Ziel 5 Tg.
Kreditoren-Skonto 5 %
Mahnung
Kontoauszug
Mahntext 1
Mahntext 2
Mahntext 3
Kontoauszugstext
Mahnlimit Betrag
Mahnlimit %
Zinsberechnung
{1-3 Mahnzinssatz #}
Lastschrift =1
Verfahren =1
Mandantenbank
Zahlungsträger =1
{1-15 Indiv. Feld # =40}
Abweichende Anrede (Rechnungsadresse) =30
Adressart (Rechnungsadresse) =3
Straße (Rechnungsadresse) =36
Postfach (Rechnungsadresse) =10
Postleitzahl (Rechnungsadresse) =10
Ort (Rechnungsadresse) =30
Land (Rechnungsadresse) =2
Versandzusatz (Rechnungsadresse) =50
Adresszusatz (Rechnungsadresse) =36
Abw. Zustellbezeichnung 1 (Rechnungsadresse) =50
Abw. Zustellbezeichnung 2 (Rechnungsadresse) =36
Adresse Gültig von (Rechnungsadresse)
Adresse Gültig bis (Rechnungsadresse)
{6-10 ` + bankFields + `}
Nummer Fremdsystem =15
Insolvent
{1-10 SEPA-Mandatsreferenz # =35}
Verknüpftes OPOS-Konto
Mahnsperre bis
Lastschriftsperre bis
Zahlungssperre bis
Gebührenberechnung
{1-3 Mahngebühr #}
Pauschalberechnung
{1-3 Verzugspauschale #}
Alternativer Suchname =50
Status
Anschrift manuell geändert (Korrespondenzadresse)
Anschrift individuell (Korrespondenzadresse) =306
Anschrift manuell geändert (Rechnungsadresse)
Anschrift individuell (Rechnungsadresse) =306
Fristberechnung bei Debitor
{1-3 Mahnfrist #}
Letzte Frist
`
