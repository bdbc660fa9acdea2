package creditnotes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Settings is what administrators toggle for the credit notes to Sub-CPOs
// (domain.md §9.1). Each setting has a key; Set and Values read and write them
// as text, which is how they are stored, audited and imported.
type Settings struct {
	// CreditRun is the license right (domain.md §10): when it is withdrawn,
	// no one runs, approves, sends or cancels credit notes.
	CreditRun              bool
	Active                 bool
	Mail                   bool // automatic e-mail
	CreateZeroNotes        bool
	Language               string
	NumberRange            string // key of the range for credit notes
	CancellationRange      string // key of the range for cancellations
	TaxAccount             string // key
	RevenueAccount         string // ledger account of the net amount
	CommunityDiscount      money.Percent
	CommunityChoice        string        // keys, with commas, of the COMMUNITY tariffs among which Sub-CPOs choose; empty: they do not
	StartDate              entities.Date // sessions that start before it are never credited
	PaymentTerms           PaymentTerms
	RunTime                string // local time of the run, such as 23:30
	ReviewDays             int    // fire this many days after month end instead of on its last day
	ReviewChangePercent    int    // changes of an owner's amount above it are pointed out, where they are above
	ReviewChangeAmount     int    // this many units of the currency, too
	HeldDeadlineDays       int    // sessions that are held for longer are a finding; 0: none
	Release                ReleaseMode
	SecondPerson           []Matter // whose changes wait for another person
	ConsolidateByRecipient bool
	RequireAgreement       bool
	Modes                  sessions.Modes  // what the rules of plausibility do (domain.md §3.5)
	Limits                 sessions.Limits // of these rules, where neither owner nor roaming partner has others
	// EInvoiceRequired says by country (ISO 3166-1 alpha-2) from which day on the
	// law requires an e-invoice: an owner whose note would be without one fails
	// for months that end on that day or later.
	EInvoiceRequired map[string]entities.Date
	CancellationType string // document type of cancellations in e-invoices (UNTDID 1001)
	// InvoiceRange is the key of the range for fee invoices; FeeTaxAccount and
	// FeeRevenueAccount are their tax account and ledger account of the net
	// amount, FeeNetDays the days after which they are due (settlement.md §5).
	InvoiceRange      string
	FeeTaxAccount     string
	FeeNetDays        int
	FeeRevenueAccount string
	// SettlementReportMail says whether owners with a contract are mailed their
	// settlement reports, where the entity says nothing else.
	SettlementReportMail bool
	// JointMail says that a fee invoice goes in the mail of the credit note that the
	// same run issues to the same addresses.
	JointMail bool
	// PayoutAddresses says how addresses are written in bank files: structured,
	// hybrid or none. Some banks refuse the address lines of hybrid ones.
	PayoutAddresses      string
	MinimumPayout        map[string]money.Amount // by currency, in its minor unit: less is not paid out
	ReminderDays         ReminderDays
	FirstCreditorAccount string // from which creditor accounts of entities that have none are counted; empty: none
	// BankAccount and ClearingAccount are the contra accounts of payouts and
	// payments, and of top-ups and adjustments (settlement.md §11).
	BankAccount         string
	ClearingAccount     string
	DATEVConsultant     int               // number that DATEV gave the consultant; 0: none
	DATEVMandant        int               // number of the client; 0: none
	FiscalYearStart     string            // month and day: 01-01
	LedgerAccountLength int               // digits; accounts of recipients have one more
	LedgerCurrency      string            // in which the ledger is kept
	Logo                string            // SHA-256 of the stored logo; empty: none
	Color               string            // of headings and rules, such as #0b5563; empty: the standing one
	Layout              string            // key of the layout of documents; empty: none
	Layouts             map[string]Layout // by key
}

// Setting is one setting as text, the way Set takes it.
type Setting struct {
	Key   string
	Value string

	// Seen is the value that a person saw when changing it; where it is another
	// one by now, the change is refused. nil: it does not matter.
	Seen *string
}

// PaymentTerms says when the operator pays, and how that is put in words.
type PaymentTerms struct {
	NetDays int
	Text    map[string]string // by language
}

// ReleaseMode says who lets a drafted run go on to be issued.
type ReleaseMode string

// The release modes.
const (
	ReleaseAutomatic ReleaseMode = "automatic"
	ReleaseApprove   ReleaseMode = "approve" // by another person than who drafted it
)

// The document types of cancellations in e-invoices (domain.md §7.4).
const (
	CancellationSelfBilled = "261" // self-billed credit note, positive figures
	CancellationCorrected  = "384" // corrected invoice, negative figures
	CancellationNegative   = "389" // self-billed invoice, negative figures
)

// DefaultSettings are the settings of a new database.
func DefaultSettings() Settings {
	return Settings{
		CreditRun:    true,
		Mail:         true,
		Language:     "en",
		RunTime:      "23:30",
		Release:      ReleaseAutomatic,
		SecondPerson: []Matter{MatterBank, MatterAlternate},
		Limits:       sessions.StandardLimits(),

		CancellationType: CancellationSelfBilled,

		ReviewChangePercent:  50,
		ReviewChangeAmount:   100,
		HeldDeadlineDays:     60,
		FeeNetDays:           14,
		SettlementReportMail: true,
		PayoutAddresses:      "structured",
		ReminderDays:         ReminderDays{7, 14, 28},
		FiscalYearStart:      "01-01",
		LedgerAccountLength:  4,
		LedgerCurrency:       "EUR",
	}
}

// OffersCommunity reports whether Sub-CPOs may choose a COMMUNITY tariff for their
// connectors.
func (s Settings) OffersCommunity(tariff string) bool {
	return slices.Contains(strings.Split(strings.ReplaceAll(s.CommunityChoice, " ", ""), ","), tariff) && tariff != ""
}

// RunClock returns hour and minute of the run time.
func (s Settings) RunClock() (hour, minute int) {
	t, err := time.Parse("15:04", s.RunTime)
	if err != nil {
		return 23, 30
	}
	return t.Hour(), t.Minute()
}

// setting reads and writes one field as text.
type setting struct {
	get      func(Settings) string
	set      func(*Settings, string) error
	expected string
	form     Form
}

// Form is what a setting is in a network file.
type Form int

// The forms of settings.
const (
	FormText    Form = iota
	FormTruth        // true or false
	FormCount        // a whole number
	FormDay          // a date, or nothing
	FormQuoted       // a text in quotes: a time of day or a quantity, which are no numbers
	FormPercent      // a decimal in quotes
	FormAmounts      // amounts in quotes by currency
	FormNumbers      // a list of whole numbers
)

// SettingForm returns the form of a setting; that of an unknown one is text.
func SettingForm(key string) Form { return settingsByKey[key].form }

var settingsByKey = withRules(map[string]setting{
	"credit_run":                 boolean(func(s *Settings) *bool { return &s.CreditRun }),
	"active":                     boolean(func(s *Settings) *bool { return &s.Active }),
	"mail":                       boolean(func(s *Settings) *bool { return &s.Mail }),
	"create_zero_notes":          boolean(func(s *Settings) *bool { return &s.CreateZeroNotes }),
	"consolidate_by_recipient":   boolean(func(s *Settings) *bool { return &s.ConsolidateByRecipient }),
	"require_agreement":          boolean(func(s *Settings) *bool { return &s.RequireAgreement }),
	"language":                   text(func(s *Settings) *string { return &s.Language }),
	"number_range":               text(func(s *Settings) *string { return &s.NumberRange }),
	"cancellation_range":         text(func(s *Settings) *string { return &s.CancellationRange }),
	"tax_account":                text(func(s *Settings) *string { return &s.TaxAccount }),
	"revenue_account":            text(func(s *Settings) *string { return &s.RevenueAccount }),
	"payment_terms.net_days":     count(func(s *Settings) *int { return &s.PaymentTerms.NetDays }, 0, 365),
	"review_days":                count(func(s *Settings) *int { return &s.ReviewDays }, 0, 31),
	"review_change_percent":      count(func(s *Settings) *int { return &s.ReviewChangePercent }, 0, 1000),
	"review_change_amount":       count(func(s *Settings) *int { return &s.ReviewChangeAmount }, 0, 1_000_000),
	"held_deadline_days":         count(func(s *Settings) *int { return &s.HeldDeadlineDays }, 0, 3650),
	"community_discount_percent": discount(),
	"community_choice":           matching(func(s *Settings) *string { return &s.CommunityChoice }, `[^,\s]+(, ?[^,\s]+)*`, "COM-AC, COM-DC"),
	"start_date":                 startDate(),
	"run_time":                   runTime(),
	"release":                    release(),
	"second_person":              secondPerson(),
	"einvoice_required":          countryDates(),
	"cancellation_type":          choice(func(s *Settings) *string { return &s.CancellationType }, CancellationSelfBilled, CancellationCorrected, CancellationNegative),
	"logo":                       matching(func(s *Settings) *string { return &s.Logo }, `[0-9a-f]{64}`, "creditrun settings set logo FILE"),
	"color":                      matching(func(s *Settings) *string { return &s.Color }, `#[0-9a-fA-F]{6}`, "#0b5563"),
	"layout":                     matching(func(s *Settings) *string { return &s.Layout }, `[a-z0-9][a-z0-9-]{0,39}`, "the key of a layout"),
})

// paymentText is the prefix of the payment terms in one language:
// payment_terms.text.de.
const paymentText = "payment_terms.text."

// Set changes one setting by key. The fault says which keys there are or what
// the value should look like; on a fault nothing is changed.
func (s *Settings) Set(key, value string) error {
	if language, ok := strings.CutPrefix(key, paymentText); ok && language != "" {
		s.PaymentTerms.Text = maps.Clone(s.PaymentTerms.Text)
		if s.PaymentTerms.Text == nil {
			s.PaymentTerms.Text = map[string]string{}
		}
		s.PaymentTerms.Text[language] = value
		return nil
	}
	if path, ok := strings.CutPrefix(key, layoutPrefix); ok {
		return s.setLayout(path, value)
	}
	one, ok := settingsByKey[key]
	if !ok {
		return fault.New(fault.Invalid, "setting_unknown", fault.Args{"key": key, "keys": strings.Join(SettingKeys(), ", ")})
	}
	if err := one.set(s, value); err != nil {
		return fault.Wrap(fault.Invalid, "setting_value", fault.Args{"key": key, "value": value, "expected": one.expected}, err).At(key)
	}
	return nil
}

// Values returns every setting as text by key.
func (s Settings) Values() map[string]string {
	values := make(map[string]string, len(settingsByKey)+len(s.PaymentTerms.Text))
	for key, one := range settingsByKey {
		values[key] = one.get(s)
	}
	for language, words := range s.PaymentTerms.Text {
		values[paymentText+language] = words
	}
	s.layoutValues(values)
	return values
}

// SettingKeys lists the keys that every database has, sorted.
func SettingKeys() []string { return slices.Sorted(maps.Keys(settingsByKey)) }

func boolean(field func(*Settings) *bool) setting {
	return setting{
		get: func(s Settings) string { return strconv.FormatBool(*field(&s)) },
		set: func(s *Settings, v string) error {
			if v != "true" && v != "false" {
				return fmt.Errorf("not true or false: %q", v)
			}
			*field(s) = v == "true"
			return nil
		},
		expected: "true | false",
		form:     FormTruth,
	}
}

func text(field func(*Settings) *string) setting {
	return setting{
		get:      func(s Settings) string { return *field(&s) },
		set:      func(s *Settings, v string) error { *field(s) = v; return nil },
		expected: "text",
	}
}

// choice is a setting with a few possible words.
func choice(field func(*Settings) *string, words ...string) setting {
	return setting{
		get: func(s Settings) string { return *field(&s) },
		set: func(s *Settings, v string) error {
			if !slices.Contains(words, v) {
				return fmt.Errorf("not one of %s: %q", strings.Join(words, ", "), v)
			}
			*field(s) = v
			return nil
		},
		expected: strings.Join(words, " | "),
	}
}

// matching is a setting that is empty or matches a pattern.
func matching(field func(*Settings) *string, pattern, expected string) setting {
	whole := regexp.MustCompile("^(" + pattern + ")?$")
	return setting{
		get: func(s Settings) string { return *field(&s) },
		set: func(s *Settings, v string) error {
			if !whole.MatchString(v) {
				return fmt.Errorf("not like %s: %q", expected, v)
			}
			*field(s) = v
			return nil
		},
		expected: expected,
	}
}

func count(field func(*Settings) *int, least, most int) setting {
	return setting{
		get: func(s Settings) string { return strconv.Itoa(*field(&s)) },
		set: func(s *Settings, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < least || n > most {
				return fmt.Errorf("not a whole number from %d to %d: %q", least, most, v)
			}
			*field(s) = n
			return nil
		},
		expected: fmt.Sprintf("%d … %d", least, most),
		form:     FormCount,
	}
}

// RulePrefix begins the setting that says what a rule of plausibility does; the
// reason follows: plausibility.too_long. Its limit is a setting of its own.
const RulePrefix = "plausibility."

// withRules adds the settings of settlement and of the rules of plausibility.
func withRules(settings map[string]setting) map[string]setting {
	maps.Copy(settings, settlementSettings())
	for _, rule := range sessions.Rules() {
		settings[RulePrefix+string(rule.Reason())] = ruleMode(rule)
		settings[rule.LimitName()] = ruleLimit(rule)
	}
	return settings
}

func ruleMode(rule sessions.Rule) setting {
	mode := choice(func(s *Settings) *string { return (*string)(&s.Modes[rule]) },
		string(sessions.Hold), string(sessions.Warn), string(sessions.Off))
	mode.get = func(s Settings) string { return string(s.Modes.Of(rule)) }
	return mode
}

func ruleLimit(rule sessions.Rule) setting {
	return setting{
		get: func(s Settings) string { return rule.Format(s.Limits[rule]) },
		set: func(s *Settings, v string) error {
			limit, err := rule.Parse(v)
			if err == nil {
				s.Limits[rule] = limit
			}
			return err
		},
		expected: rule.Expected(),
		form:     limitForm(rule),
	}
}

func limitForm(rule sessions.Rule) Form {
	switch {
	case rule.Percent():
		return FormPercent
	case rule == sessions.RuleEnergy:
		return FormQuoted
	}
	return FormCount
}
