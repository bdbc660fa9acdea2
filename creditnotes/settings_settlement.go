package creditnotes

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/money"
	"creditrun/numbering"
)

// ReminderDays are the days after the due date of a fee invoice on which its
// reminders are due, ascending, one per level (settlement.md §10.3).
type ReminderDays [3]int

// ledgerAccount is what an account of the ledger is written as.
const ledgerAccount = `[0-9]{1,9}`

// mostReminderDays bounds the last reminder.
const mostReminderDays = 365

// settlementSettings are the settings of settlement.md §5, §7 and §10.
func settlementSettings() map[string]setting {
	return map[string]setting{
		"invoice_range":          text(func(s *Settings) *string { return &s.InvoiceRange }),
		"fee_tax_account":        text(func(s *Settings) *string { return &s.FeeTaxAccount }),
		"fee_net_days":           count(func(s *Settings) *int { return &s.FeeNetDays }, 0, 365),
		"fee_revenue_account":    text(func(s *Settings) *string { return &s.FeeRevenueAccount }),
		"settlement_report_mail": boolean(func(s *Settings) *bool { return &s.SettlementReportMail }),
		"joint_mail":             boolean(func(s *Settings) *bool { return &s.JointMail }),
		"minimum_payout":         amountsByCurrency(func(s *Settings) *map[string]money.Amount { return &s.MinimumPayout }),
		"payout_addresses":       choice(func(s *Settings) *string { return &s.PayoutAddresses }, "structured", "hybrid", "none"),
		"reminder_days":          reminderDays(),
		"bank_account":           matching(func(s *Settings) *string { return &s.BankAccount }, ledgerAccount, "1800").as(FormQuoted),
		"clearing_account":       matching(func(s *Settings) *string { return &s.ClearingAccount }, ledgerAccount, "1460").as(FormQuoted),
		"datev_consultant":       count(func(s *Settings) *int { return &s.DATEVConsultant }, 0, 9_999_999),
		"datev_mandant":          count(func(s *Settings) *int { return &s.DATEVMandant }, 0, 99_999),
		"fiscal_year_start": matching(func(s *Settings) *string { return &s.FiscalYearStart },
			`(0[1-9]|1[0-2])-01`, "01-01").as(FormQuoted),
		"ledger_account_length":  count(func(s *Settings) *int { return &s.LedgerAccountLength }, 4, 8),
		"ledger_currency":        matching(func(s *Settings) *string { return &s.LedgerCurrency }, `[A-Z]{3}`, "EUR"),
		"first_creditor_account": matching(func(s *Settings) *string { return &s.FirstCreditorAccount }, `[0-9]{1,15}`, "70000").as(FormQuoted),
	}
}

// as gives a setting another form.
func (s setting) as(form Form) setting {
	s.form = form
	return s
}

// amountsByCurrency reads and writes amounts: CHF 20.00, EUR 10.00.
func amountsByCurrency(field func(*Settings) *map[string]money.Amount) setting {
	return setting{
		get: func(s Settings) string {
			var list []string
			amounts := *field(&s)
			for _, currency := range slices.Sorted(maps.Keys(amounts)) {
				digits, _ := money.Digits(currency) // was known when it was set
				list = append(list, currency+" "+amounts[currency].Format(digits))
			}
			return strings.Join(list, ", ")
		},
		set: func(s *Settings, v string) error {
			amounts := map[string]money.Amount{}
			for part := range strings.SplitSeq(v, ",") {
				if strings.TrimSpace(part) == "" {
					continue
				}
				currency, amount, err := amountOf(part)
				if err != nil {
					return err
				}
				if _, twice := amounts[currency]; twice {
					return fmt.Errorf("twice: %q", currency)
				}
				amounts[currency] = amount
			}
			*field(s) = amounts
			return nil
		},
		expected: "EUR 10.00, CHF 20.00",
		form:     FormAmounts,
	}
}

// amountOf reads a currency and an amount that is not negative.
func amountOf(text string) (currency string, amount money.Amount, err error) {
	currency, figure, _ := strings.Cut(strings.TrimSpace(text), " ")
	digits, known := money.Digits(currency)
	if !known {
		return "", 0, fmt.Errorf("no currency: %q", currency)
	}
	v, err := money.Parse(strings.TrimSpace(figure), digits)
	if err == nil && v < 0 {
		err = fmt.Errorf("negative: %q", figure)
	}
	return currency, money.Amount(v), err
}

// reminderDays reads and writes three numbers: 7, 14, 28.
func reminderDays() setting {
	return setting{
		get: func(s Settings) string {
			list := make([]string, len(s.ReminderDays))
			for i, n := range s.ReminderDays {
				list[i] = strconv.Itoa(n)
			}
			return strings.Join(list, ", ")
		},
		set: func(s *Settings, v string) error {
			parts := strings.Split(v, ",")
			var days ReminderDays
			if len(parts) != len(days) {
				return fmt.Errorf("not %d numbers: %q", len(days), v)
			}
			before := 0
			for i, part := range parts {
				n, err := strconv.Atoi(strings.TrimSpace(part))
				if err != nil || n <= before || n > mostReminderDays {
					return fmt.Errorf("not ascending from 1 to %d: %q", mostReminderDays, v)
				}
				days[i], before = n, n
			}
			s.ReminderDays = days
			return nil
		},
		expected: "7, 14, 28",
		form:     FormNumbers,
	}
}

// RangeSettings are the settings that name a number range, with what the range
// has to be valid for.
func RangeSettings() map[string]numbering.DocumentType {
	return map[string]numbering.DocumentType{
		"number_range": numbering.CreditNote, "cancellation_range": numbering.Cancellation, "invoice_range": numbering.Invoice,
	}
}

// TaxAccountSettings are the settings that name a tax account.
func TaxAccountSettings() []string { return []string{"tax_account", "fee_tax_account"} }
