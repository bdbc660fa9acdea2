package einvoice

import "encoding/xml"

// The elements of UN/CEFACT CII D16B that are written, in the order of the
// Factur-X 1.0 schema: the fields of each struct are a sequence, and an
// element out of place is refused by every receiver. Pointers and empty texts
// are left out.
type (
	ciiDocument struct {
		XMLName     xml.Name       `xml:"rsm:CrossIndustryInvoice"`
		RSM         string         `xml:"xmlns:rsm,attr"`
		RAM         string         `xml:"xmlns:ram,attr"`
		UDT         string         `xml:"xmlns:udt,attr"`
		QDT         string         `xml:"xmlns:qdt,attr"`
		Context     ciiContext     `xml:"rsm:ExchangedDocumentContext"`
		Document    ciiHeader      `xml:"rsm:ExchangedDocument"`
		Transaction ciiTransaction `xml:"rsm:SupplyChainTradeTransaction"`
	}
	ciiContext struct {
		Process   *ciiID `xml:"ram:BusinessProcessSpecifiedDocumentContextParameter"` // BT-23
		Guideline ciiID  `xml:"ram:GuidelineSpecifiedDocumentContextParameter"`       // BT-24
	}
	ciiID struct {
		ID string `xml:"ram:ID"`
	}
	ciiHeader struct {
		ID       string    `xml:"ram:ID"`       // BT-1
		TypeCode string    `xml:"ram:TypeCode"` // BT-3
		Issued   ciiDate   `xml:"ram:IssueDateTime"`
		Notes    []ciiNote `xml:"ram:IncludedNote"` // BG-1
	}
	ciiNote struct {
		Content string `xml:"ram:Content"`               // BT-22
		Code    string `xml:"ram:SubjectCode,omitempty"` // BT-21
	}
	ciiTransaction struct {
		Lines      []ciiLine     `xml:"ram:IncludedSupplyChainTradeLineItem"`
		Agreement  ciiAgreement  `xml:"ram:ApplicableHeaderTradeAgreement"`
		Delivery   ciiDelivery   `xml:"ram:ApplicableHeaderTradeDelivery"`
		Settlement ciiSettlement `xml:"ram:ApplicableHeaderTradeSettlement"`
	}

	ciiLine struct {
		ID         string            `xml:"ram:AssociatedDocumentLineDocument>ram:LineID"` // BT-126
		Product    ciiProduct        `xml:"ram:SpecifiedTradeProduct"`
		Price      string            `xml:"ram:SpecifiedLineTradeAgreement>ram:NetPriceProductTradePrice>ram:ChargeAmount"` // BT-146
		Quantity   ciiQuantity       `xml:"ram:SpecifiedLineTradeDelivery>ram:BilledQuantity"`
		Settlement ciiLineSettlement `xml:"ram:SpecifiedLineTradeSettlement"`
	}
	ciiProduct struct {
		Station     string         `xml:"ram:SellerAssignedID,omitempty"` // BT-155
		Name        string         `xml:"ram:Name"`                       // BT-153
		Description string         `xml:"ram:Description,omitempty"`      // BT-154
		Attributes  []ciiAttribute `xml:"ram:ApplicableProductCharacteristic"`
	}
	ciiAttribute struct {
		Name  string `xml:"ram:Description"` // BT-160
		Value string `xml:"ram:Value"`       // BT-161
	}
	ciiQuantity struct {
		Unit  string `xml:"unitCode,attr"` // BT-130
		Value string `xml:",chardata"`     // BT-129
	}
	ciiLineSettlement struct {
		Tax    ciiLineTax `xml:"ram:ApplicableTradeTax"`
		Period *ciiPeriod `xml:"ram:BillingSpecifiedPeriod"`                                            // BG-26
		Net    string     `xml:"ram:SpecifiedTradeSettlementLineMonetarySummation>ram:LineTotalAmount"` // BT-131
	}
	ciiLineTax struct {
		Type     string `xml:"ram:TypeCode"`
		Category string `xml:"ram:CategoryCode"`                    // BT-151
		Rate     string `xml:"ram:RateApplicablePercent,omitempty"` // BT-152
	}

	ciiAgreement struct {
		BuyerReference string   `xml:"ram:BuyerReference,omitempty"` // BT-10
		Seller         ciiParty `xml:"ram:SellerTradeParty"`
		Buyer          ciiParty `xml:"ram:BuyerTradeParty"`
		Contract       *ciiRef  `xml:"ram:ContractReferencedDocument"` // BT-12
	}
	ciiRef struct {
		ID     string            `xml:"ram:IssuerAssignedID"`
		Issued *ciiQualifiedDate `xml:"ram:FormattedIssueDateTime"`
	}
	ciiParty struct {
		ID       string      `xml:"ram:ID,omitempty"`               // BT-29
		Name     string      `xml:"ram:Name"`                       // BT-27, BT-44
		Register *ciiTaxID   `xml:"ram:SpecifiedLegalOrganization"` // BT-30, BT-47
		Contact  *ciiContact `xml:"ram:DefinedTradeContact"`        // BG-6, BG-9
		Address  ciiAddress  `xml:"ram:PostalTradeAddress"`
		Endpoint *ciiURI     `xml:"ram:URIUniversalCommunication"` // BT-34, BT-49
		TaxIDs   []ciiTaxID  `xml:"ram:SpecifiedTaxRegistration"`  // BT-31, BT-32, BT-48
	}
	ciiContact struct {
		Name  string    `xml:"ram:PersonName,omitempty"` // BT-41
		Phone *ciiPhone `xml:"ram:TelephoneUniversalCommunication"`
		Email *ciiURI   `xml:"ram:EmailURIUniversalCommunication"`
	}
	ciiPhone struct {
		Number string `xml:"ram:CompleteNumber"` // BT-42
	}
	ciiURI struct {
		ID ciiSchemed `xml:"ram:URIID"`
	}
	ciiTaxID struct {
		ID ciiSchemed `xml:"ram:ID"`
	}
	ciiSchemed struct {
		Scheme string `xml:"schemeID,attr,omitempty"`
		Value  string `xml:",chardata"`
	}
	ciiAddress struct {
		Postcode string `xml:"ram:PostcodeCode,omitempty"`
		Street   string `xml:"ram:LineOne,omitempty"`
		City     string `xml:"ram:CityName,omitempty"`
		Country  string `xml:"ram:CountryID"`
	}

	ciiDelivery struct {
		ShipTo *ciiShipTo `xml:"ram:ShipToTradeParty"`
		On     ciiEvent   `xml:"ram:ActualDeliverySupplyChainEvent"`
	}
	ciiShipTo struct {
		Address ciiAddress `xml:"ram:PostalTradeAddress"` // BG-15
	}
	ciiEvent struct {
		At ciiDate `xml:"ram:OccurrenceDateTime"` // BT-72
	}

	ciiSettlement struct {
		Currency   string     `xml:"ram:InvoiceCurrencyCode"` // BT-5
		Means      ciiMeans   `xml:"ram:SpecifiedTradeSettlementPaymentMeans"`
		Taxes      []ciiTax   `xml:"ram:ApplicableTradeTax"`     // BG-23
		Period     *ciiPeriod `xml:"ram:BillingSpecifiedPeriod"` // BG-14
		Terms      ciiTerms   `xml:"ram:SpecifiedTradePaymentTerms"`
		Totals     ciiTotals  `xml:"ram:SpecifiedTradeSettlementHeaderMonetarySummation"`
		Preceding  *ciiRef    `xml:"ram:InvoiceReferencedDocument"`                 // BG-3
		Accounting *ciiID     `xml:"ram:ReceivableSpecifiedTradeAccountingAccount"` // BT-19
	}
	ciiMeans struct {
		Code    string      `xml:"ram:TypeCode"` // BT-81
		Account *ciiAccount `xml:"ram:PayeePartyCreditorFinancialAccount"`
		Bank    *ciiBank    `xml:"ram:PayeeSpecifiedCreditorFinancialInstitution"`
	}
	ciiAccount struct {
		IBAN   string `xml:"ram:IBANID"`                // BT-84
		Holder string `xml:"ram:AccountName,omitempty"` // BT-85
	}
	ciiBank struct {
		BIC string `xml:"ram:BICID"` // BT-86
	}
	ciiTax struct {
		Amount        string `xml:"ram:CalculatedAmount"` // BT-117
		Type          string `xml:"ram:TypeCode"`
		Exemption     string `xml:"ram:ExemptionReason,omitempty"`       // BT-120
		Base          string `xml:"ram:BasisAmount"`                     // BT-116
		Category      string `xml:"ram:CategoryCode"`                    // BT-118
		ExemptionCode string `xml:"ram:ExemptionReasonCode,omitempty"`   // BT-121
		Rate          string `xml:"ram:RateApplicablePercent,omitempty"` // BT-119
	}
	ciiPeriod struct {
		Start ciiDate `xml:"ram:StartDateTime"`
		End   ciiDate `xml:"ram:EndDateTime"`
	}
	ciiTerms struct {
		Description string  `xml:"ram:Description,omitempty"` // BT-20
		Due         ciiDate `xml:"ram:DueDateDateTime"`       // BT-9
	}
	ciiTotals struct {
		Lines string    `xml:"ram:LineTotalAmount"`     // BT-106
		Net   string    `xml:"ram:TaxBasisTotalAmount"` // BT-109
		Tax   ciiAmount `xml:"ram:TaxTotalAmount"`      // BT-110
		Gross string    `xml:"ram:GrandTotalAmount"`    // BT-112
		Due   string    `xml:"ram:DuePayableAmount"`    // BT-115
	}
	ciiAmount struct {
		Currency string `xml:"currencyID,attr"`
		Value    string `xml:",chardata"`
	}

	ciiDate struct {
		Day ciiDay `xml:"udt:DateTimeString"`
	}
	ciiQualifiedDate struct {
		Day ciiDay `xml:"qdt:DateTimeString"`
	}
	ciiDay struct {
		Format string `xml:"format,attr"`
		Value  string `xml:",chardata"`
	}
)
