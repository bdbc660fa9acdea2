package intake

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/entities"
	"creditrun/internal/money"
)

// What fields expect, in the words of a fault.
const (
	expText        = "text"
	expDecimal6    = "a decimal number with at most 6 decimals, such as 12.345"
	expRate        = `a decimal in quotes, not negative, with at most 6 decimals, such as "0.35"`
	expAmount      = `an amount in quotes, not negative, with at most the decimals of its currency, such as "10.00"`
	expFine        = `a decimal in quotes, not negative, with at most 9 decimals, such as "0.22"`
	expEnergy      = `kilowatt-hours in quotes, not negative, with at most 6 decimals, such as "1000"`
	expPower       = `kilowatts in quotes, with at most 6 decimals, such as "22"`
	expPercent     = `a percentage in quotes, 0 to 100, with at most 2 decimals, such as "7.5"`
	expDate        = "a date such as 2026-10-31"
	expMonth       = "a month such as 2026-10"
	expMoment      = "a date such as 2026-10-31 or a time with offset such as 2026-10-31T12:00:00+01:00"
	expInstant     = "a time with offset such as 2026-10-31T12:00:00+01:00"
	expOffset      = "a time with its offset from UTC, such as 2026-10-31T12:00:00+01:00 or 2026-10-31T11:00:00Z"
	expClock       = "a time of day such as 22:00"
	expCountry     = "a country code of ISO 3166-1 such as DE"
	expCurrency    = "a currency code of ISO 4217 such as EUR"
	expLanguage    = "a language code such as de"
	expZone        = "a time zone such as Europe/Berlin"
	expEmail       = "an e-mail address"
	expWord        = "a name in capital letters, such as IEC_62196_T2"
	expParty       = "a party id of three letters or digits, such as ABC"
	expPartner     = "a partner such as DE*ABC"
	expIdentifier  = "one line of text of at most 200 characters"
	expKey         = "one line of text of at most 200 characters without space around it"
	expNotNegative = "a decimal number that is not negative, with at most 6 decimals, such as 12.345"
)

var errSyntax = errors.New("wrong syntax")

// maxIdentifier bounds what becomes part of a database key.
const maxIdentifier = 200

var (
	monthSyntax    = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)
	clockSyntax    = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	languageSyntax = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)
	wordSyntax     = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,35}$`)
	partySyntax    = regexp.MustCompile(`^[A-Z0-9]{3}$`)
	weekdaySyntax  = regexp.MustCompile(`^[1-7]$`)
	closingSyntax  = regexp.MustCompile(`^(([01]\d|2[0-3]):[0-5]\d|24:00)$`)
)

// kind is a kind of text: what a fault says is expected, the parser, which
// returns the text as it is kept, and how it is written.
type kind struct {
	expected string
	parse    func(string) (string, error)
	node     func(string) *yaml.Node // as text where there is none
	decimal  bool                    // has to be in quotes
}

// kinds are the kinds of text by their names in the tag "file".
var kinds = map[string]kind{
	"":          {expected: expText, parse: anyText},
	"word":      {expected: expKey, parse: parseWord},
	"country":   {expected: expCountry, parse: parseCountry},
	"currency":  {expected: expCurrency, parse: parseCurrency},
	"language":  {expected: expLanguage, parse: matching(languageSyntax)},
	"zone":      {expected: expZone, parse: parseZone},
	"email":     {expected: expEmail, parse: parseEmail},
	"bank":      {expected: "letters and digits", parse: parseBank},
	"capitals":  {expected: expWord, parse: matching(wordSyntax)},
	"party":     {expected: expParty, parse: matching(partySyntax)},
	"weekday":   {expected: "a weekday from 1 (Monday) to 7", parse: matching(weekdaySyntax)},
	"date":      {expected: expDate, parse: as(entities.ParseDate), node: dateNode},
	"month":     {expected: expMonth, parse: matching(monthSyntax)},
	"moment":    {expected: expMoment, parse: as(entities.ParseMoment), node: momentNode},
	"since":     {expected: expMoment, parse: parseSince, node: quotedNode},
	"instant":   {expected: expInstant, parse: keepInstant, node: quotedNode},
	"clock":     {expected: expClock, parse: matching(clockSyntax), node: quotedNode},
	"closing":   {expected: expClock + " or 24:00", parse: matching(closingSyntax), node: quotedNode},
	"rate":      {expected: expRate, parse: written(notNegative(money.ParseRate)), node: quotedNode, decimal: true},
	"fine":      {expected: expFine, parse: written(notNegative(money.ParseFine)), node: quotedNode, decimal: true},
	"meter_key": {expected: expMeterKey, parse: parseMeterKey, node: quotedNode},
	"energy":    {expected: expEnergy, parse: written(notNegative(money.ParseQuantity)), node: quotedNode, decimal: true},
	"power":     {expected: expPower, parse: written(notNegative(money.ParseQuantity)), node: quotedNode, decimal: true},
	"percent":   {expected: expPercent, parse: written(parsePercentage), node: quotedNode, decimal: true},
	"limit":     {node: quotedNode}, // see limitKind
}

// matching makes a parser of a syntax.
func matching(syntax *regexp.Regexp) func(string) (string, error) {
	return func(s string) (string, error) {
		if !syntax.MatchString(s) {
			return "", errSyntax
		}
		return s, nil
	}
}

// oneOf is the kind of a closed list of words.
func oneOf(words ...string) kind {
	return kind{expected: "one of " + strings.Join(words, ", "), parse: func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", errSyntax
		}
		return s, nil
	}}
}

// as makes a parser of text of one that gives it a type.
func as[T ~string](parse func(string) (T, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		v, err := parse(s)
		return string(v), err
	}
}

// written makes a parser that spells a number as we write it.
func written[T fmt.Stringer](parse func(string) (T, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		v, err := parse(s)
		return v.String(), err
	}
}

// parsed is a text that its kind has checked, as a number; an empty one is 0.
func parsed[T any](parse func(string) (T, error), s string) T {
	v, _ := parse(s)
	return v
}

func anyText(s string) (string, error) { return s, nil }

// parseWord reads what names something: text without space around it, short
// enough to be a key.
func parseWord(s string) (string, error) {
	if len(s) > maxIdentifier || strings.TrimSpace(s) != s || strings.ContainsAny(s, "\n\r\t") {
		return "", errSyntax
	}
	return s, nil
}

// parseBank reads a bank identifier without the spaces it is printed with.
func parseBank(s string) (string, error) {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if len(s) > 34 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", errSyntax
	}
	return s, nil
}

// parseSince reads an instant, or a day for its midnight.
func parseSince(s string) (string, error) {
	if day, err := entities.ParseDate(s); err == nil {
		return string(day), nil
	}
	return keepInstant(s)
}

// keepInstant reads an instant as parseInstant does.
func keepInstant(s string) (string, error) {
	t, err := parseInstant(s)
	return t.Format(time.RFC3339Nano), err
}

func parseCurrency(s string) (string, error) {
	if _, ok := money.Digits(s); !ok {
		return "", errSyntax
	}
	return s, nil
}

func parseCountry(s string) (string, error) {
	if len(s) != 2 || !strings.Contains(countries, s+" ") || strings.Contains(s, " ") {
		return "", errSyntax
	}
	return s, nil
}

func parseZone(s string) (string, error) {
	if s == "" || s == "Local" {
		return "", errSyntax
	}
	_, err := time.LoadLocation(s)
	return s, err
}

// parseEmail accepts one plain address; it does not try to be RFC 5322.
func parseEmail(s string) (string, error) {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n,;<>()\"\\") ||
		strings.Contains(domain, "@") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", errSyntax
	}
	return s, nil
}

// parseInstant reads an RFC 3339 time in UTC and microseconds.
func parseInstant(s string) (time.Time, error) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[10] != 'T' || s[13] != ':' {
		return time.Time{}, errSyntax
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || strings.Contains(s, ",") {
		return time.Time{}, errSyntax
	}
	if t = t.UTC().Truncate(time.Microsecond); t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errSyntax
	}
	return t, nil
}

// notNegative makes a parser of one that also reads negative numbers.
func notNegative[T ~int64](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		if err == nil && v < 0 {
			return 0, errSyntax
		}
		return v, err
	}
}

func parsePercentage(s string) (money.Percent, error) {
	p, err := money.ParsePercent(s)
	if err == nil && (p < 0 || p > money.Hundred) {
		return 0, errSyntax
	}
	return p, err
}

// ordered reports whether an interval has any length; an open end has.
func ordered(from, to entities.Moment, zone *time.Location) bool {
	return to.IsZero() || from.IsZero() || from.In(zone).Before(to.In(zone))
}

// countries are the country codes of ISO 3166-1 alpha-2.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
