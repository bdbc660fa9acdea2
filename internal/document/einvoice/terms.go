package einvoice

import "strings"

// term is a business term of EN 16931 with its paths in the two syntaxes, without
// prefixes and the root (EN 16931-3-2 and -3-3).
type term struct {
	name     string
	cii, ubl string
	day      bool // a date
	optional bool // no rule of EN 16931 asks for it
	address  bool // an electronic address or its scheme
	scheme   int  // the term of the scheme of its identifier; 0 for none
}

// The parts of a transaction in CII.
const (
	agreement  = "/SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/"
	delivered  = "/SupplyChainTradeTransaction/ApplicableHeaderTradeDelivery/"
	settlement = "/SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/"
	lineItem   = "/SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem/"
)

// terms are the business terms that this package writes. The scheme of a term is
// the one behind it.
var terms = []term{
	{name: "BT-24", cii: "/ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID", ubl: "/CustomizationID"},
	{name: "BT-23", cii: "/ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter/ID", ubl: "/ProfileID"},
	{name: "BT-1", cii: "/ExchangedDocument/ID", ubl: "/ID"},
	{name: "BT-3", cii: "/ExchangedDocument/TypeCode", ubl: "/InvoiceTypeCode"},
	{name: "BT-2", cii: "/ExchangedDocument/IssueDateTime/DateTimeString", ubl: "/IssueDate", day: true},
	{name: "BT-22", cii: "/ExchangedDocument/IncludedNote/Content", ubl: "/Note"},
	{name: "BT-5", cii: settlement + "InvoiceCurrencyCode", ubl: "/DocumentCurrencyCode"},
	{name: "BT-19", cii: settlement + "ReceivableSpecifiedTradeAccountingAccount/ID", ubl: "/AccountingCost"},
	{name: "BT-10", cii: agreement + "BuyerReference", ubl: "/BuyerReference"},
	{name: "BT-73", cii: settlement + "BillingSpecifiedPeriod/StartDateTime/DateTimeString", ubl: "/InvoicePeriod/StartDate", day: true},
	{name: "BT-74", cii: settlement + "BillingSpecifiedPeriod/EndDateTime/DateTimeString", ubl: "/InvoicePeriod/EndDate", day: true},
	{name: "BT-12", cii: agreement + "ContractReferencedDocument/IssuerAssignedID", ubl: "/ContractDocumentReference/ID"},
	{name: "BT-25", cii: settlement + "InvoiceReferencedDocument/IssuerAssignedID", ubl: "/BillingReference/InvoiceDocumentReference/ID"},
	{name: "BT-26", cii: settlement + "InvoiceReferencedDocument/FormattedIssueDateTime/DateTimeString", ubl: "/BillingReference/InvoiceDocumentReference/IssueDate", day: true},
	{name: "BT-72", cii: delivered + "ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString", ubl: "/Delivery/ActualDeliveryDate", day: true},
	{name: "BT-75", cii: delivered + "ShipToTradeParty/PostalTradeAddress/LineOne", ubl: "/Delivery/DeliveryLocation/Address/StreetName"},
	{name: "BT-77", cii: delivered + "ShipToTradeParty/PostalTradeAddress/CityName", ubl: "/Delivery/DeliveryLocation/Address/CityName"},
	{name: "BT-78", cii: delivered + "ShipToTradeParty/PostalTradeAddress/PostcodeCode", ubl: "/Delivery/DeliveryLocation/Address/PostalZone"},
	{name: "BT-80", cii: delivered + "ShipToTradeParty/PostalTradeAddress/CountryID", ubl: "/Delivery/DeliveryLocation/Address/Country/IdentificationCode"},
	{name: "BT-29", cii: agreement + "SellerTradeParty/ID", ubl: "/AccountingSupplierParty/Party/PartyIdentification/ID"},
	{name: "BT-27", cii: agreement + "SellerTradeParty/Name", ubl: "/AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName"},
	{name: "BT-30", cii: agreement + "SellerTradeParty/SpecifiedLegalOrganization/ID", ubl: "/AccountingSupplierParty/Party/PartyLegalEntity/CompanyID"},
	{name: "BT-41", cii: agreement + "SellerTradeParty/DefinedTradeContact/PersonName", ubl: "/AccountingSupplierParty/Party/Contact/Name", optional: true},
	{name: "BT-42", cii: agreement + "SellerTradeParty/DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber", ubl: "/AccountingSupplierParty/Party/Contact/Telephone", optional: true},
	{name: "BT-43", cii: agreement + "SellerTradeParty/DefinedTradeContact/EmailURIUniversalCommunication/URIID", ubl: "/AccountingSupplierParty/Party/Contact/ElectronicMail", optional: true},
	{name: "BT-34", cii: agreement + "SellerTradeParty/URIUniversalCommunication/URIID", ubl: "/AccountingSupplierParty/Party/EndpointID", optional: true, address: true, scheme: 26},
	{name: "BT-34-1", optional: true, address: true},
	{name: "BT-31", cii: agreement + "SellerTradeParty/SpecifiedTaxRegistration/ID", ubl: "/AccountingSupplierParty/Party/PartyTaxScheme/CompanyID", scheme: 28},
	{name: "BT-31-1", ubl: "/AccountingSupplierParty/Party/PartyTaxScheme/TaxScheme/ID"},
	{name: "BT-35", cii: agreement + "SellerTradeParty/PostalTradeAddress/LineOne", ubl: "/AccountingSupplierParty/Party/PostalAddress/StreetName"},
	{name: "BT-37", cii: agreement + "SellerTradeParty/PostalTradeAddress/CityName", ubl: "/AccountingSupplierParty/Party/PostalAddress/CityName"},
	{name: "BT-38", cii: agreement + "SellerTradeParty/PostalTradeAddress/PostcodeCode", ubl: "/AccountingSupplierParty/Party/PostalAddress/PostalZone"},
	{name: "BT-40", cii: agreement + "SellerTradeParty/PostalTradeAddress/CountryID", ubl: "/AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode"},
	{name: "BT-46", cii: agreement + "BuyerTradeParty/ID", ubl: "/AccountingCustomerParty/Party/PartyIdentification/ID"},
	{name: "BT-44", cii: agreement + "BuyerTradeParty/Name", ubl: "/AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName"},
	{name: "BT-47", cii: agreement + "BuyerTradeParty/SpecifiedLegalOrganization/ID", ubl: "/AccountingCustomerParty/Party/PartyLegalEntity/CompanyID"},
	{name: "BT-56", cii: agreement + "BuyerTradeParty/DefinedTradeContact/PersonName", ubl: "/AccountingCustomerParty/Party/Contact/Name", optional: true},
	{name: "BT-57", cii: agreement + "BuyerTradeParty/DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber", ubl: "/AccountingCustomerParty/Party/Contact/Telephone", optional: true},
	{name: "BT-58", cii: agreement + "BuyerTradeParty/DefinedTradeContact/EmailURIUniversalCommunication/URIID", ubl: "/AccountingCustomerParty/Party/Contact/ElectronicMail", optional: true},
	{name: "BT-49", cii: agreement + "BuyerTradeParty/URIUniversalCommunication/URIID", ubl: "/AccountingCustomerParty/Party/EndpointID", optional: true, address: true, scheme: 40},
	{name: "BT-49-1", optional: true, address: true},
	{name: "BT-48", cii: agreement + "BuyerTradeParty/SpecifiedTaxRegistration/ID", ubl: "/AccountingCustomerParty/Party/PartyTaxScheme/CompanyID", scheme: 42},
	{name: "BT-48-1", ubl: "/AccountingCustomerParty/Party/PartyTaxScheme/TaxScheme/ID"},
	{name: "BT-50", cii: agreement + "BuyerTradeParty/PostalTradeAddress/LineOne", ubl: "/AccountingCustomerParty/Party/PostalAddress/StreetName"},
	{name: "BT-52", cii: agreement + "BuyerTradeParty/PostalTradeAddress/CityName", ubl: "/AccountingCustomerParty/Party/PostalAddress/CityName"},
	{name: "BT-53", cii: agreement + "BuyerTradeParty/PostalTradeAddress/PostcodeCode", ubl: "/AccountingCustomerParty/Party/PostalAddress/PostalZone"},
	{name: "BT-55", cii: agreement + "BuyerTradeParty/PostalTradeAddress/CountryID", ubl: "/AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode"},
	{name: "BT-81", cii: settlement + "SpecifiedTradeSettlementPaymentMeans/TypeCode", ubl: "/PaymentMeans/PaymentMeansCode"},
	{name: "BT-84", cii: settlement + "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID", ubl: "/PaymentMeans/PayeeFinancialAccount/ID"},
	{name: "BT-85", cii: settlement + "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/AccountName", ubl: "/PaymentMeans/PayeeFinancialAccount/Name"},
	{name: "BT-86", cii: settlement + "SpecifiedTradeSettlementPaymentMeans/PayeeSpecifiedCreditorFinancialInstitution/BICID", ubl: "/PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID"},
	{name: "BT-20", cii: settlement + "SpecifiedTradePaymentTerms/Description", ubl: "/PaymentTerms/Note"},
	{name: "BT-9", cii: settlement + "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString", ubl: "/DueDate", day: true},
	{name: "BT-110", cii: settlement + "SpecifiedTradeSettlementHeaderMonetarySummation/TaxTotalAmount", ubl: "/TaxTotal/TaxAmount"},
	{name: "BT-106", cii: settlement + "SpecifiedTradeSettlementHeaderMonetarySummation/LineTotalAmount", ubl: "/LegalMonetaryTotal/LineExtensionAmount"},
	{name: "BT-109", cii: settlement + "SpecifiedTradeSettlementHeaderMonetarySummation/TaxBasisTotalAmount", ubl: "/LegalMonetaryTotal/TaxExclusiveAmount"},
	{name: "BT-112", cii: settlement + "SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount", ubl: "/LegalMonetaryTotal/TaxInclusiveAmount"},
	{name: "BT-115", cii: settlement + "SpecifiedTradeSettlementHeaderMonetarySummation/DuePayableAmount", ubl: "/LegalMonetaryTotal/PayableAmount"},
	{name: "BT-116", cii: settlement + "ApplicableTradeTax/BasisAmount", ubl: "/TaxTotal/TaxSubtotal/TaxableAmount"},
	{name: "BT-117", cii: settlement + "ApplicableTradeTax/CalculatedAmount", ubl: "/TaxTotal/TaxSubtotal/TaxAmount"},
	{name: "BT-118", cii: settlement + "ApplicableTradeTax/CategoryCode", ubl: "/TaxTotal/TaxSubtotal/TaxCategory/ID"},
	{name: "BT-118-1", cii: settlement + "ApplicableTradeTax/TypeCode", ubl: "/TaxTotal/TaxSubtotal/TaxCategory/TaxScheme/ID"},
	{name: "BT-119", cii: settlement + "ApplicableTradeTax/RateApplicablePercent", ubl: "/TaxTotal/TaxSubtotal/TaxCategory/Percent"},
	{name: "BT-120", cii: settlement + "ApplicableTradeTax/ExemptionReason", ubl: "/TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReason"},
	{name: "BT-121", cii: settlement + "ApplicableTradeTax/ExemptionReasonCode", ubl: "/TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReasonCode"},
	{name: "BT-126", cii: lineItem + "AssociatedDocumentLineDocument/LineID", ubl: "/InvoiceLine/ID"},
	{name: "BT-129", cii: lineItem + "SpecifiedLineTradeDelivery/BilledQuantity", ubl: "/InvoiceLine/InvoicedQuantity"},
	{name: "BT-130"},
	{name: "BT-131", cii: lineItem + "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount", ubl: "/InvoiceLine/LineExtensionAmount"},
	{name: "BT-134", cii: lineItem + "SpecifiedLineTradeSettlement/BillingSpecifiedPeriod/StartDateTime/DateTimeString", ubl: "/InvoiceLine/InvoicePeriod/StartDate", day: true},
	{name: "BT-135", cii: lineItem + "SpecifiedLineTradeSettlement/BillingSpecifiedPeriod/EndDateTime/DateTimeString", ubl: "/InvoiceLine/InvoicePeriod/EndDate", day: true},
	{name: "BT-146", cii: lineItem + "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount", ubl: "/InvoiceLine/Price/PriceAmount"},
	{name: "BT-151", cii: lineItem + "SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode", ubl: "/InvoiceLine/Item/ClassifiedTaxCategory/ID"},
	{name: "BT-151-1", cii: lineItem + "SpecifiedLineTradeSettlement/ApplicableTradeTax/TypeCode", ubl: "/InvoiceLine/Item/ClassifiedTaxCategory/TaxScheme/ID"},
	{name: "BT-152", cii: lineItem + "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent", ubl: "/InvoiceLine/Item/ClassifiedTaxCategory/Percent"},
	{name: "BT-153", cii: lineItem + "SpecifiedTradeProduct/Name", ubl: "/InvoiceLine/Item/Name"},
	{name: "BT-154", cii: lineItem + "SpecifiedTradeProduct/Description", ubl: "/InvoiceLine/Item/Description"},
	{name: "BT-155", cii: lineItem + "SpecifiedTradeProduct/SellerAssignedID", ubl: "/InvoiceLine/Item/SellersItemIdentification/ID"},
	{name: "BT-160", cii: lineItem + "SpecifiedTradeProduct/ApplicableProductCharacteristic/Description", ubl: "/InvoiceLine/Item/AdditionalItemProperty/Name"},
	{name: "BT-161", cii: lineItem + "SpecifiedTradeProduct/ApplicableProductCharacteristic/Value", ubl: "/InvoiceLine/Item/AdditionalItemProperty/Value"},
}

// grouped are the paths of lines, 0, and of tax breakdowns, 1.
var grouped = map[string]int{
	strings.TrimSuffix(lineItem, "/"): 0, "/InvoiceLine": 0, "/CreditNoteLine": 0,
	settlement + "ApplicableTradeTax": 1, "/TaxTotal/TaxSubtotal": 1,
}

// termByPath finds terms in both syntaxes. A UBL credit note has names of its own
// for some, and its due date elsewhere.
var termByPath = pathsOf(terms)

func pathsOf(list []term) map[string]int {
	paths := map[string]int{"/PaymentMeans/PaymentDueDate": termOf("BT-9"), "/CreditNoteTypeCode": termOf("BT-3"), "/CreditNoteLine/CreditedQuantity": termOf("BT-129")}
	for i, t := range list {
		if t.cii != "" {
			paths[t.cii] = i
		}
		if t.ubl != "" {
			paths[t.ubl] = i
			paths[strings.Replace(t.ubl, "/InvoiceLine/", "/CreditNoteLine/", 1)] = i
		}
	}
	return paths
}

func termOf(name string) int {
	for i, t := range terms {
		if t.name == name {
			return i
		}
	}
	return -1
}

// What attributes are that are no term: the scheme of an identifier, which is that
// of its term, the currency of an amount, and the format of a day.
const (
	schemeTerm = -1 - iota
	currencyTerm
	formatTerm
)

// attributeTerms are the attributes that are known, and the terms that they are.
var attributeTerms = map[string]int{"schemeID": schemeTerm, "unitCode": termOf("BT-130"), "currencyID": currencyTerm, "format": formatTerm}

// schemeWords are the words for the same scheme in the other syntax.
var schemeWords = map[string]string{"VA": "VAT"}
