package web

// fixPages is where each fault of the readiness check is fixed: a page and the
// field on it. Words in braces are arguments of the fault.
var fixPages = map[string]string{
	// The settings.
	"licence_withdrawn":     "/settings#credit_run",
	"feature_inactive":      "/settings/activate",
	"restore_unconfirmed":   "/restore",
	"range_missing":         "/settings#number_range",
	"range_inactive":        "/ranges/{range}",
	"range_wrong_type":      "/ranges/{range}",
	"tax_account_unset":     "/settings#tax_account",
	"revenue_account_unset": "/settings#revenue_account",

	// Changes that wait.
	"proposal_waits": "/changes",

	// Tax accounts.
	"tax_account_missing": "/entities/{recipient}/edit#taxes",
	"tax_rate_missing":    "/taxes/{account}#rates",

	// The operator and the recipients.
	"operator_missing":              "/entities",
	"operator_incomplete":           "/entities/{operator}/edit#{field}",
	"operator_zone_missing":         "/entities/{entity}/edit#time_zone",
	"operator_zone_unknown":         "/entities/{entity}/edit#time_zone",
	"recipient_without_email":       "/entities/{recipient}/edit#emails",
	"recipient_without_country":     "/entities/{recipient}/edit#country",
	"recipient_without_address":     "/entities/{recipient}/edit#street",
	"recipient_without_tax_id":      "/entities/{recipient}/edit#vat_id",
	"recipient_without_iban":        "/entities/{recipient}/edit#iban",
	"carried_sum_waits":             "/entities/{recipient}",
	"tax_treatment_changes":         "/entities/{recipient}/edit#taxes",
	"tax_treatment_unknown":         "/entities/{recipient}/edit#taxes",
	"reverse_charge_without_vat_id": "/entities/{recipient}/edit#vat_id",
	"agreement_missing":             "/entities/{recipient}/edit#agreement",
	"agreement_running_out":         "/entities/{recipient}/edit#agreement",
	"einvoice_tax_id_missing":       "/entities?q={party}",
	"recipient_inactive":            "/entities/{entity}/edit#active",
	"alternate_address_unknown":     "/entities/{entity}/edit#alternate",
	"alternate_address_self":        "/entities/{entity}/edit#alternate",
	"alternate_address_inactive":    "/entities/{entity}/edit#alternate",
	"alternate_address_no_ancestor": "/entities/{entity}/edit#alternate",
	"alternate_address_operator":    "/entities/{entity}/edit#alternate",
	"alternate_address_not_chained": "/entities/{entity}/edit#alternate",
	"country_unknown":               "/entities/{entity}/edit#country",
	"vat_id_malformed":              "/entities/{entity}/edit#vat_id",
	"vat_id_check_digit":            "/entities/{entity}/edit#vat_id",
	"iban_malformed":                "/entities/{entity}/edit#iban",
	"iban_length":                   "/entities/{entity}/edit#iban",
	"iban_check_digits":             "/entities/{entity}/edit#iban",
	"bic_malformed":                 "/entities/{entity}/edit#bic",
	"email_malformed":               "/entities/{entity}/edit#emails",
	"address_bounced":               "/entities/{entity}",
	"address_complained":            "/entities/{entity}",
	"reply_to_malformed":            "/entities/{entity}/edit#reply_to",
	"currency_unknown":              "/entities/{entity}/edit#currency",
	"tax_treatment_twice":           "/entities/{entity}/edit#taxes",
	"agreement_ends_before_start":   "/entities/{entity}/edit#agreement",
	"session_detail_unknown":        "/entities/{entity}/edit#session_detail",
	"electronic_address_malformed":  "/entities/{entity}/edit#electronic_address",
	"delivery_channel_unknown":      "/entities/{entity}/edit#delivery",
	"capability_unknown":            "/entities/{entity}/edit#capabilities",
	"delivery_unable":               "/entities/{recipient}/edit#capabilities",
	"einvoice_endpoint_missing":     "/entities?q={party}",
	"einvoice_siren_missing":        "/entities?q={party}",
	"media_without_sales_tariff":    "/entities/{entity}",
	"medium_sales_tariff_unknown":   "/entities/{entity}",
	"objection_open":                "/notes/{number}#objections",

	// Contracts.
	"contract_unread":              "/contracts/{contract}/edit#active",
	"contract_station_never_owned": "/contracts/{contract}/edit#stations",
	"contracts_overlap":            "/contracts/{contract}",
	"contracts_own_charging_twice": "/contracts/{contract}",
	"frequency_not_agreed":         "/entities/{owner}/edit#agreement",
	"frequency_reverse_charge":     "/entities/{owner}/edit#frequency",

	// Stations and tariffs.
	"station_without_owner":            "/stations/{station}#owners",
	"connector_without_tariff":         "/stations/{station}#tariffs",
	"connector_without_purchase_price": "/stations/{station}#tariffs",
	"condition_company_unknown":        "/tariffs/charge-point/{tariff}",
	"condition_station_unknown":        "/tariffs/charge-point/{tariff}",
	"condition_evse_unknown":           "/tariffs/charge-point/{tariff}",
	"conditions_may_be_ambiguous":      "/tariffs/charge-point/{tariff}",
	"ambiguous_conditions":             "/tariffs/charge-point/{tariff}",
}
