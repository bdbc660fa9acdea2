package access

import "time"

// Look is how a user has pages written.
type Look struct {
	Language     string `json:"language"`                // ISO 639-1; "": what the browser asks for
	NumberFormat string `json:"number_format,omitempty"` // region of locales.NumberFormats; "": as the language does
	TimeZone     string `json:"time_zone,omitempty"`     // IANA name; "": that of the operator
}

// Look is how the user has pages written.
func (u *User) Look() Look { return Look{u.Language, u.NumberFormat, u.TimeZone} }

// Zone is the time zone of the look; nil where it is that of the operator. A
// name that no zone has is an error.
func (l Look) Zone() (*time.Location, error) {
	if l.TimeZone == "" {
		return nil, nil
	}
	return time.LoadLocation(l.TimeZone)
}
