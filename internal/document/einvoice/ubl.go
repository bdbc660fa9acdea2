package einvoice

import "encoding/xml"

// The elements of UBL 2.1 that are written, in the order of its schema: the
// fields of each struct are a sequence, and an element out of place is refused
// by every receiver. Pointers and empty texts are left out.
type (
	ublInvoice struct {
		XMLName xml.Name `xml:"Invoice"`
		ublNamespaces
		ublHead
		Due  string `xml:"cbc:DueDate"` // BT-9
		Type string `xml:"cbc:InvoiceTypeCode"`
		ublBody
		Lines []ublLine `xml:"cac:InvoiceLine"`
	}
	// ublCreditNote has its due date with the payment means.
	ublCreditNote struct {
		XMLName xml.Name `xml:"CreditNote"`
		ublNamespaces
		ublHead
		Type string `xml:"cbc:CreditNoteTypeCode"`
		ublBody
		Lines []ublLine `xml:"cac:CreditNoteLine"`
	}
	ublNamespaces struct {
		Document string `xml:"xmlns,attr"`
		CAC      string `xml:"xmlns:cac,attr"`
		CBC      string `xml:"xmlns:cbc,attr"`
	}
	ublHead struct {
		Customization string `xml:"cbc:CustomizationID"`     // BT-24
		Process       string `xml:"cbc:ProfileID,omitempty"` // BT-23
		ID            string `xml:"cbc:ID"`                  // BT-1
		Issued        string `xml:"cbc:IssueDate"`           // BT-2
	}
	ublBody struct {
		Notes          []string      `xml:"cbc:Note"`                      // BT-22
		Currency       string        `xml:"cbc:DocumentCurrencyCode"`      // BT-5
		Accounting     string        `xml:"cbc:AccountingCost,omitempty"`  // BT-19
		BuyerReference string        `xml:"cbc:BuyerReference,omitempty"`  // BT-10
		Period         *ublPeriod    `xml:"cac:InvoicePeriod"`             // BG-14
		Preceding      *ublPreceding `xml:"cac:BillingReference"`          // BG-3
		Contract       *ublID        `xml:"cac:ContractDocumentReference"` // BT-12
		Seller         ublParty      `xml:"cac:AccountingSupplierParty>cac:Party"`
		Buyer          ublParty      `xml:"cac:AccountingCustomerParty>cac:Party"`
		Delivery       ublDelivery   `xml:"cac:Delivery"`
		Means          ublMeans      `xml:"cac:PaymentMeans"`
		Terms          *ublTerms     `xml:"cac:PaymentTerms"`
		Tax            ublTaxTotal   `xml:"cac:TaxTotal"`
		Totals         ublTotals     `xml:"cac:LegalMonetaryTotal"`
	}
	ublID struct {
		ID string `xml:"cbc:ID"`
	}
	ublPeriod struct {
		Start string `xml:"cbc:StartDate"`
		End   string `xml:"cbc:EndDate"`
	}
	ublPreceding struct {
		Document ublDocument `xml:"cac:InvoiceDocumentReference"`
	}
	ublDocument struct {
		ID     string `xml:"cbc:ID"`                  // BT-25
		Issued string `xml:"cbc:IssueDate,omitempty"` // BT-26
	}

	ublParty struct {
		Endpoint *ublSchemed    `xml:"cbc:EndpointID"`          // BT-34, BT-49
		ID       *ublID         `xml:"cac:PartyIdentification"` // BT-29
		Address  ublAddress     `xml:"cac:PostalAddress"`       // BG-5, BG-8
		TaxIDs   []ublTaxID     `xml:"cac:PartyTaxScheme"`      // BT-31, BT-32, BT-48
		Legal    ublLegalEntity `xml:"cac:PartyLegalEntity"`    // BT-27, BT-30, BT-44, BT-47
		Contact  *ublContact    `xml:"cac:Contact"`             // BG-6, BG-9
	}
	ublSchemed struct {
		Scheme string `xml:"schemeID,attr,omitempty"`
		Value  string `xml:",chardata"`
	}
	ublAddress struct {
		Street   string `xml:"cbc:StreetName,omitempty"`
		City     string `xml:"cbc:CityName,omitempty"`
		Postcode string `xml:"cbc:PostalZone,omitempty"`
		Country  string `xml:"cac:Country>cbc:IdentificationCode"`
	}
	ublTaxID struct {
		ID     string `xml:"cbc:CompanyID"`
		Scheme string `xml:"cac:TaxScheme>cbc:ID"`
	}
	ublLegalEntity struct {
		Name     string      `xml:"cbc:RegistrationName"`
		Register *ublSchemed `xml:"cbc:CompanyID"`
	}
	ublContact struct {
		Name  string `xml:"cbc:Name,omitempty"`
		Phone string `xml:"cbc:Telephone,omitempty"`
		Email string `xml:"cbc:ElectronicMail,omitempty"`
	}

	ublDelivery struct {
		On       string       `xml:"cbc:ActualDeliveryDate"` // BT-72
		Location *ublLocation `xml:"cac:DeliveryLocation"`
	}
	ublLocation struct {
		Address ublAddress `xml:"cac:Address"` // BG-15
	}
	ublMeans struct {
		Code    string      `xml:"cbc:PaymentMeansCode"`         // BT-81
		Due     string      `xml:"cbc:PaymentDueDate,omitempty"` // BT-9 of a credit note
		Account *ublAccount `xml:"cac:PayeeFinancialAccount"`
	}
	ublAccount struct {
		IBAN   string `xml:"cbc:ID"`                         // BT-84
		Holder string `xml:"cbc:Name,omitempty"`             // BT-85
		BIC    *ublID `xml:"cac:FinancialInstitutionBranch"` // BT-86
	}
	ublTerms struct {
		Note string `xml:"cbc:Note"` // BT-20
	}

	ublTaxTotal struct {
		Amount    ublAmount        `xml:"cbc:TaxAmount"`   // BT-110
		Subtotals []ublTaxSubtotal `xml:"cac:TaxSubtotal"` // BG-23
	}
	ublTaxSubtotal struct {
		Base     ublAmount   `xml:"cbc:TaxableAmount"` // BT-116
		Amount   ublAmount   `xml:"cbc:TaxAmount"`     // BT-117
		Category ublCategory `xml:"cac:TaxCategory"`
	}
	ublCategory struct {
		ID            string `xml:"cbc:ID"`                               // BT-118, BT-151
		Rate          string `xml:"cbc:Percent,omitempty"`                // BT-119, BT-152
		ExemptionCode string `xml:"cbc:TaxExemptionReasonCode,omitempty"` // BT-121
		Exemption     string `xml:"cbc:TaxExemptionReason,omitempty"`     // BT-120
		Scheme        string `xml:"cac:TaxScheme>cbc:ID"`
	}
	ublTotals struct {
		Lines ublAmount `xml:"cbc:LineExtensionAmount"` // BT-106
		Net   ublAmount `xml:"cbc:TaxExclusiveAmount"`  // BT-109
		Gross ublAmount `xml:"cbc:TaxInclusiveAmount"`  // BT-112
		Due   ublAmount `xml:"cbc:PayableAmount"`       // BT-115
	}
	ublAmount struct {
		Currency string `xml:"currencyID,attr"`
		Value    string `xml:",chardata"`
	}

	// ublLine has one of the two quantities, as the document it stands in.
	ublLine struct {
		ID       string       `xml:"cbc:ID"`               // BT-126
		Invoiced *ublQuantity `xml:"cbc:InvoicedQuantity"` // BT-129
		Credited *ublQuantity `xml:"cbc:CreditedQuantity"` // BT-129
		Net      ublAmount    `xml:"cbc:LineExtensionAmount"`
		Period   *ublPeriod   `xml:"cac:InvoicePeriod"` // BG-26
		Item     ublItem      `xml:"cac:Item"`
		Price    ublAmount    `xml:"cac:Price>cbc:PriceAmount"` // BT-146
	}
	ublQuantity struct {
		Unit  string `xml:"unitCode,attr"` // BT-130
		Value string `xml:",chardata"`
	}
	ublItem struct {
		Description string         `xml:"cbc:Description,omitempty"`     // BT-154
		Name        string         `xml:"cbc:Name"`                      // BT-153
		Station     *ublID         `xml:"cac:SellersItemIdentification"` // BT-155
		Tax         ublCategory    `xml:"cac:ClassifiedTaxCategory"`     // BG-30
		Attributes  []ublAttribute `xml:"cac:AdditionalItemProperty"`
	}
	ublAttribute struct {
		Name  string `xml:"cbc:Name"`  // BT-160
		Value string `xml:"cbc:Value"` // BT-161
	}
)
