package intake

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// What fields expect, in the words of a fault.
const (
	expText       = "text"
	expDecimal6   = "a decimal number with at most 6 decimals, such as 12.345"
	expRate       = `a decimal in quotes, not negative, with at most 6 decimals, such as "0.35"`
	expPower      = `kilowatts in quotes, with at most 6 decimals, such as "22"`
	expPercent    = `a percentage in quotes, 0 to 100, with at most 2 decimals, such as "7.5"`
	expDate       = "a date such as 2026-10-31"
	expMonth      = "a month such as 2026-10"
	expMoment     = "a date such as 2026-10-31 or a time with offset such as 2026-10-31T12:00:00+01:00"
	expInstant    = "a time with offset such as 2026-10-31T12:00:00+01:00"
	expOffset     = "a time with its offset from UTC, such as 2026-10-31T12:00:00+01:00 or 2026-10-31T11:00:00Z"
	expClock      = "a time of day such as 22:00"
	expCountry    = "a country code of ISO 3166-1 such as DE"
	expCurrency   = "a currency code of ISO 4217 such as EUR"
	expLanguage   = "a language code such as de"
	expZone       = "a time zone such as Europe/Berlin"
	expEmail      = "an e-mail address"
	expWord       = "a name in capital letters, such as IEC_62196_T2"
	expParty      = "a party id of three letters or digits, such as ABC"
	expPartner    = "a partner such as DE*ABC"
	expIdentifier = "one line of text of at most 200 characters"
	expKey        = "one line of text of at most 200 characters without space around it"
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
)

// matching makes a parser of a syntax.
func matching[T ~string](syntax *regexp.Regexp) func(string) (T, error) {
	return func(s string) (T, error) {
		if !syntax.MatchString(s) {
			return "", errSyntax
		}
		return T(s), nil
	}
}

// oneOf makes a parser of a closed list of words, and the words for a fault.
func oneOf[T ~string](words ...T) (parse func(string) (T, error), expected string) {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	return func(s string) (T, error) {
		for _, w := range words {
			if s == string(w) {
				return w, nil
			}
		}
		return "", errSyntax
	}, "one of " + strings.Join(names, ", ")
}

func parseClock(s string) (tariffs.ClockTime, error) {
	return matching[tariffs.ClockTime](clockSyntax)(s)
}

// parseClosing reads a time of day that may be the day's end.
func parseClosing(s string) (tariffs.ClockTime, error) {
	if s == "24:00" {
		return "24:00", nil
	}
	return parseClock(s)
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

// parsePriceRate reads a price, which is never negative.
func parsePriceRate(s string) (money.Rate, error) {
	r, err := money.ParseRate(s)
	if err == nil && r < 0 {
		return 0, errSyntax
	}
	return r, err
}

func parsePower(s string) (money.Quantity, error) {
	q, err := money.ParseQuantity(s)
	if err == nil && q < 0 {
		return 0, errSyntax
	}
	return q, err
}

func parsePercentage(s string) (money.Percent, error) {
	p, err := money.ParsePercent(s)
	if err == nil && (p < 0 || p > money.Hundred) {
		return 0, errSyntax
	}
	return p, err
}

// ordered tells whether an interval has any length; an open end has.
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
