package einvoice

// EN16931 is the European standard as it is; in CII it is the profile
// "EN 16931" of Factur-X 1.0 and ZUGFeRD 2.
var EN16931 = &Profile{Name: "en16931", Edition: "2017", ID: "urn:cen.eu:en16931:2017", CII: true, UBL: true}
