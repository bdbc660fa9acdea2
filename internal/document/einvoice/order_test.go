package einvoice

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// sequences are the children that elements may have, in the order of the
// schemas (Factur-X 1.0 EN 16931 for CII, UBL 2.1), written down apart from
// the structs. No schematron sees a wrong order, every receiver refuses it.
var sequences = parseSequences(`
CrossIndustryInvoice: ExchangedDocumentContext ExchangedDocument SupplyChainTradeTransaction
ExchangedDocumentContext: BusinessProcessSpecifiedDocumentContextParameter GuidelineSpecifiedDocumentContextParameter
BusinessProcessSpecifiedDocumentContextParameter: ID
GuidelineSpecifiedDocumentContextParameter: ID
ExchangedDocument: ID TypeCode IssueDateTime IncludedNote*
IncludedNote: Content SubjectCode
SupplyChainTradeTransaction: IncludedSupplyChainTradeLineItem* ApplicableHeaderTradeAgreement ApplicableHeaderTradeDelivery ApplicableHeaderTradeSettlement
IncludedSupplyChainTradeLineItem: AssociatedDocumentLineDocument SpecifiedTradeProduct SpecifiedLineTradeAgreement SpecifiedLineTradeDelivery SpecifiedLineTradeSettlement
AssociatedDocumentLineDocument: LineID IncludedNote
SpecifiedTradeProduct: GlobalID SellerAssignedID BuyerAssignedID Name Description ApplicableProductCharacteristic* DesignatedProductClassification* OriginTradeCountry
ApplicableProductCharacteristic: Description Value
SpecifiedLineTradeAgreement: BuyerOrderReferencedDocument GrossPriceProductTradePrice NetPriceProductTradePrice
NetPriceProductTradePrice: ChargeAmount BasisQuantity
SpecifiedLineTradeDelivery: BilledQuantity
SpecifiedLineTradeSettlement: ApplicableTradeTax BillingSpecifiedPeriod SpecifiedTradeAllowanceCharge* SpecifiedTradeSettlementLineMonetarySummation
ApplicableTradeTax: CalculatedAmount TypeCode ExemptionReason BasisAmount CategoryCode ExemptionReasonCode TaxPointDate DueDateTypeCode RateApplicablePercent
BillingSpecifiedPeriod: StartDateTime EndDateTime
SpecifiedTradeSettlementLineMonetarySummation: LineTotalAmount
ApplicableHeaderTradeAgreement: BuyerReference SellerTradeParty BuyerTradeParty SellerTaxRepresentativeTradeParty SellerOrderReferencedDocument BuyerOrderReferencedDocument ContractReferencedDocument
SellerTradeParty: ID* GlobalID* Name Description SpecifiedLegalOrganization DefinedTradeContact PostalTradeAddress URIUniversalCommunication SpecifiedTaxRegistration*
BuyerTradeParty: ID GlobalID Name Description SpecifiedLegalOrganization DefinedTradeContact PostalTradeAddress URIUniversalCommunication SpecifiedTaxRegistration
ShipToTradeParty: ID GlobalID Name PostalTradeAddress
SpecifiedLegalOrganization: ID TradingBusinessName
DefinedTradeContact: PersonName DepartmentName TelephoneUniversalCommunication EmailURIUniversalCommunication
TelephoneUniversalCommunication: CompleteNumber
EmailURIUniversalCommunication: URIID
URIUniversalCommunication: URIID
PostalTradeAddress: PostcodeCode LineOne LineTwo LineThree CityName CountryID CountrySubDivisionName
SpecifiedTaxRegistration: ID
ContractReferencedDocument: IssuerAssignedID
InvoiceReferencedDocument: IssuerAssignedID FormattedIssueDateTime
ApplicableHeaderTradeDelivery: ShipToTradeParty ActualDeliverySupplyChainEvent
ActualDeliverySupplyChainEvent: OccurrenceDateTime
ApplicableHeaderTradeSettlement: CreditorReferenceID PaymentReference TaxCurrencyCode InvoiceCurrencyCode PayeeTradeParty SpecifiedTradeSettlementPaymentMeans ApplicableTradeTax* BillingSpecifiedPeriod SpecifiedTradeAllowanceCharge* SpecifiedTradePaymentTerms SpecifiedTradeSettlementHeaderMonetarySummation InvoiceReferencedDocument ReceivableSpecifiedTradeAccountingAccount
SpecifiedTradeSettlementPaymentMeans: TypeCode Information ApplicableTradeSettlementFinancialCard PayerPartyDebtorFinancialAccount PayeePartyCreditorFinancialAccount PayeeSpecifiedCreditorFinancialInstitution
PayeePartyCreditorFinancialAccount: IBANID AccountName ProprietaryID
PayeeSpecifiedCreditorFinancialInstitution: BICID
SpecifiedTradePaymentTerms: Description DueDateDateTime DirectDebitMandateID
SpecifiedTradeSettlementHeaderMonetarySummation: LineTotalAmount ChargeTotalAmount AllowanceTotalAmount TaxBasisTotalAmount TaxTotalAmount RoundingAmount GrandTotalAmount TotalPrepaidAmount DuePayableAmount
ReceivableSpecifiedTradeAccountingAccount: ID
IssueDateTime: DateTimeString
StartDateTime: DateTimeString
EndDateTime: DateTimeString
OccurrenceDateTime: DateTimeString
DueDateDateTime: DateTimeString
FormattedIssueDateTime: DateTimeString

Invoice: CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode Note* TaxPointDate DocumentCurrencyCode TaxCurrencyCode AccountingCost BuyerReference InvoicePeriod OrderReference BillingReference* ContractDocumentReference ProjectReference AccountingSupplierParty AccountingCustomerParty PayeeParty TaxRepresentativeParty Delivery PaymentMeans PaymentTerms AllowanceCharge* TaxTotal LegalMonetaryTotal InvoiceLine*
CreditNote: CustomizationID ProfileID ID IssueDate TaxPointDate CreditNoteTypeCode Note* DocumentCurrencyCode TaxCurrencyCode AccountingCost BuyerReference InvoicePeriod OrderReference BillingReference* ContractDocumentReference AccountingSupplierParty AccountingCustomerParty PayeeParty TaxRepresentativeParty Delivery PaymentMeans PaymentTerms AllowanceCharge* TaxTotal LegalMonetaryTotal CreditNoteLine*
InvoicePeriod: StartDate EndDate
BillingReference: InvoiceDocumentReference
InvoiceDocumentReference: ID IssueDate
ContractDocumentReference: ID
AccountingSupplierParty: Party
AccountingCustomerParty: Party
Party: EndpointID PartyIdentification* PartyName PostalAddress PartyTaxScheme* PartyLegalEntity Contact
PartyIdentification: ID
PostalAddress: StreetName AdditionalStreetName CityName PostalZone CountrySubentity AddressLine Country
Address: StreetName AdditionalStreetName CityName PostalZone CountrySubentity AddressLine Country
Country: IdentificationCode
PartyTaxScheme: CompanyID TaxScheme
TaxScheme: ID
PartyLegalEntity: RegistrationName CompanyID CompanyLegalForm
Contact: Name Telephone ElectronicMail
Delivery: ActualDeliveryDate DeliveryLocation DeliveryParty
DeliveryLocation: ID Address
PaymentMeans: PaymentMeansCode PaymentDueDate PaymentID PayeeFinancialAccount
PayeeFinancialAccount: ID Name FinancialInstitutionBranch
FinancialInstitutionBranch: ID
PaymentTerms: Note
TaxTotal: TaxAmount TaxSubtotal*
TaxSubtotal: TaxableAmount TaxAmount TaxCategory
TaxCategory: ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme
ClassifiedTaxCategory: ID Percent TaxScheme
LegalMonetaryTotal: LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount
InvoiceLine: ID Note InvoicedQuantity LineExtensionAmount AccountingCost InvoicePeriod Item Price
CreditNoteLine: ID Note CreditedQuantity LineExtensionAmount AccountingCost InvoicePeriod Item Price
Item: Description Name SellersItemIdentification ClassifiedTaxCategory AdditionalItemProperty*
SellersItemIdentification: ID
AdditionalItemProperty: Name Value
Price: PriceAmount BaseQuantity
`)

func parseSequences(text string) map[string][]string {
	all := map[string][]string{}
	for l := range strings.Lines(text) {
		if name, children, ok := strings.Cut(strings.TrimSpace(l), ": "); ok {
			all[name] = strings.Fields(children)
		}
	}
	return all
}

func TestElementsStandInTheOrderOfTheSchema(t *testing.T) {
	words := texts(t)
	for name, s := range samples() {
		for file, content := range s.write(t, name, words) {
			if err := inOrder(content); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestAWrongOrderIsSeen(t *testing.T) {
	files := samples()["S"].write(t, "S", texts(t))
	for file, swap := range map[string][2]string{
		"en16931-2017/S.cii.xml": {"<ram:TypeCode>389</ram:TypeCode>", "<ram:ID>GS-2026-00001</ram:ID>"},
		"en16931-2017/S.ubl.xml": {"<cbc:DueDate>2026-11-14</cbc:DueDate>", "<cbc:InvoiceTypeCode>389</cbc:InvoiceTypeCode>"},
	} {
		swapped := strings.NewReplacer(swap[0], swap[1], swap[1], swap[0]).Replace(string(files[file]))
		if swapped == string(files[file]) {
			t.Fatalf("%s: nothing to swap", file)
		}
		if err := inOrder([]byte(swapped)); err == nil {
			t.Errorf("%s: not seen", file)
		}
	}
}

// inOrder walks a document and holds every element against its sequence. It
// refuses empty elements too (PEPPOL-EN16931-R008).
func inOrder(document []byte) error {
	type open struct {
		name  string
		place int
		full  bool
	}
	var path []open
	decoder := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if len(path) > 0 {
				parent := &path[len(path)-1]
				parent.full = true
				if parent.place, err = next(parent.name, parent.place, name); err != nil {
					return err
				}
			}
			path = append(path, open{name: name})
		case xml.CharData:
			if len(path) > 0 && strings.TrimSpace(string(token)) != "" {
				path[len(path)-1].full = true
			}
		case xml.EndElement:
			if last := path[len(path)-1]; !last.full {
				return fmt.Errorf("<%s> is empty", last.name)
			}
			path = path[:len(path)-1]
		}
	}
}

// next finds a child in its parent's sequence, at or behind a place, and says
// from where the one after it may come.
func next(parent string, place int, child string) (int, error) {
	sequence := sequences[parent]
	for i := place; i < len(sequence); i++ {
		switch sequence[i] {
		case child:
			return i + 1, nil
		case child + "*":
			return i, nil
		}
	}
	if slices.Contains(sequence, child) || slices.Contains(sequence, child+"*") {
		return 0, fmt.Errorf("<%s> is out of order in <%s>", child, parent)
	}
	return 0, fmt.Errorf("<%s> is no child of <%s>", child, parent)
}
