package creditnotes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

func discount() setting {
	return setting{
		get: func(s Settings) string { return s.CommunityDiscount.String() },
		set: func(s *Settings, v string) error {
			p, err := money.ParsePercent(v)
			if err != nil {
				return err
			}
			if p < 0 || p > money.Hundred {
				return fmt.Errorf("not between 0 and 100: %q", v)
			}
			s.CommunityDiscount = p
			return nil
		},
		expected: "0.00 … 100.00",
		form:     FormPercent,
	}
}

func startDate() setting {
	return setting{
		get: func(s Settings) string { return string(s.StartDate) },
		set: func(s *Settings, v string) (err error) {
			if v == "" {
				s.StartDate = ""
				return nil
			}
			d, err := entities.ParseDate(v)
			if err == nil {
				s.StartDate = d
			}
			return err
		},
		expected: "2026-10-31",
		form:     FormDay,
	}
}

// countryDates reads and writes days by country: BE 2026-01-01, DE 2027-01-01.
func countryDates() setting {
	return setting{
		get: func(s Settings) string {
			var list []string
			for _, country := range slices.Sorted(maps.Keys(s.EInvoiceRequired)) {
				list = append(list, country+" "+string(s.EInvoiceRequired[country]))
			}
			return strings.Join(list, ", ")
		},
		set: func(s *Settings, v string) error {
			dates := map[string]entities.Date{}
			for part := range strings.SplitSeq(v, ",") {
				if strings.TrimSpace(part) == "" {
					continue
				}
				country, day, _ := strings.Cut(strings.TrimSpace(part), " ")
				date, err := entities.ParseDate(strings.TrimSpace(day))
				if err != nil {
					return err
				}
				if !countryCode.MatchString(country) || dates[country] != "" {
					return fmt.Errorf("no country code, or twice: %q", country)
				}
				dates[country] = date
			}
			s.EInvoiceRequired = dates
			return nil
		},
		expected: "DE 2027-01-01, BE 2026-01-01",
	}
}

var countryCode = regexp.MustCompile("^[A-Z]{2}$")

// needsEInvoice reports whether the law of a country requires an e-invoice for
// the supplies of a month.
func (s Settings) needsEInvoice(country string, month entities.Month) bool {
	from := s.EInvoiceRequired[country]
	return from != "" && !month.LastDay().Before(from)
}

func runTime() setting {
	return setting{
		get: func(s Settings) string { return s.RunTime },
		set: func(s *Settings, v string) error {
			t, err := time.Parse("15:04", v)
			if err != nil {
				return err
			}
			s.RunTime = t.Format("15:04")
			return nil
		},
		expected: "23:30",
		form:     FormQuoted,
	}
}

func release() setting {
	return choice(func(s *Settings) *string { return (*string)(&s.Release) }, string(ReleaseAutomatic), string(ReleaseApprove))
}
