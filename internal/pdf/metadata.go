package pdf

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Properties is what a PDF says of itself, once in the information dictionary
// and once as XMP: both are written from here, so that they agree. Texts that
// are longer than 1,000 characters are shortened.
type Properties struct {
	Title, Author string
	Language      string    // ISO 639-1, with a region where that matters: de, de-AT
	Producer      string    // the program that makes the file
	At            time.Time // when the document was made, to the second
	Invoice       *FacturX  // nil for a document without one
}

// FacturX describes an attachment that is an invoice to be read by machines
// (Factur-X 1.0 §6.2.2).
type FacturX struct {
	FileName     string // of the attachment: factur-x.xml
	DocumentType string // INVOICE
	Version      string // of Factur-X: 1.0
	Level        string // conformance level: EN 16931
}

// maxProperty is how many characters of a text a reader sees in the properties
// of a file. PDF/A allows strings of 32,767 bytes (ISO 19005-3 §6.1.13).
const maxProperty = 1000

// printable makes texts that a person typed fit for metadata.
func (p Properties) printable() *Properties {
	p.Title, p.Author = short(Clean(p.Title)), short(Clean(p.Author))
	return &p
}

func short(text string) string {
	if letters := []rune(text); len(letters) > maxProperty {
		return string(letters[:maxProperty-1]) + "…"
	}
	return text
}

// information is the information dictionary.
func (p *Properties) information() string {
	return fmt.Sprintf("<< /Title %s /Author %s /Creator %s /Producer %s /CreationDate %s /ModDate %s >>",
		pdfText(p.Title), pdfText(p.Author), pdfText(p.Producer), pdfText(p.Producer), pdfDate(p.At), pdfDate(p.At))
}

// metadata is the XMP packet of a PDF/A-3b and PDF/UA-1 file (ISO 19005-3 §6.6, ISO
// 14289-1 §5).
func (p *Properties) metadata() []byte {
	invoice, words := "", ""
	if f := p.Invoice; f != nil {
		invoice = strings.NewReplacer(
			"{name}", xmlText(f.FileName), "{type}", xmlText(f.DocumentType), "{version}", xmlText(f.Version), "{level}", xmlText(f.Level),
		).Replace(facturX)
		words = extension
	}
	at := p.At.UTC().Format("2006-01-02T15:04:05Z")
	return []byte(strings.NewReplacer(
		"{title}", xmlText(p.Title), "{author}", xmlText(p.Author), "{language}", xmlText(p.Language),
		"{producer}", xmlText(p.Producer), "{at}", at, "{invoice}\n", invoice, "{extension}", words,
	).Replace(packet))
}

func xmlText(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a strings.Builder takes everything
	}
	return b.String()
}

// packet is the frame of all XMP packets, with the description of what PDF/A-3 has
// no words for (ISO 19005-3 §6.6.2.3); one that no one may change in place needs no
// room to grow.
const packet = "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" + `
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<xmp:CreateDate>{at}</xmp:CreateDate>
<xmp:ModifyDate>{at}</xmp:ModifyDate>
<xmp:MetadataDate>{at}</xmp:MetadataDate>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
{invoice}
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li>
</rdf:Seq></pdfaSchema:property>
</rdf:li>{extension}</rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
`

// facturX says that the file contains an invoice and where (Factur-X 1.0 §6.2.2).
const facturX = `<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>{type}</fx:DocumentType>
<fx:DocumentFileName>{name}</fx:DocumentFileName>
<fx:Version>{version}</fx:Version>
<fx:ConformanceLevel>{level}</fx:ConformanceLevel>
</rdf:Description>
`

// extension describes the words of Factur-X (Factur-X 1.0 §6.2.2).
const extension = `<rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>DocumentFileName</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>The name of the embedded XML document</pdfaProperty:description>
</rdf:li>
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>DocumentType</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>The type of the hybrid document in capital letters, e.g. INVOICE or ORDER</pdfaProperty:description>
</rdf:li>
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>Version</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>The actual version of the standard applying to the embedded XML document</pdfaProperty:description>
</rdf:li>
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>ConformanceLevel</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>The conformance level of the embedded XML document</pdfaProperty:description>
</rdf:li>
</rdf:Seq></pdfaSchema:property>
</rdf:li>`
