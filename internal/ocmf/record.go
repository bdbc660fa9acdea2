// Package ocmf reads signed meter data in the Open Charge Metering Format, checks
// their signatures, and writes them as the transparency software reads them. It
// knows no sessions and no network, and reads nothing by itself.
package ocmf

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// Verdict says what the check of a record found.
type Verdict string

// The verdicts.
const (
	Valid       Verdict = "valid"
	Invalid     Verdict = "invalid"     // the key did not sign it so
	NoKey       Verdict = "no_key"      // no public key of the meter is known
	Unsupported Verdict = "unsupported" // another format, or an algorithm that is not known
	Unreadable  Verdict = "unreadable"
)

// MostBytes is how long the records of one session may be together.
const MostBytes = 256 << 10

// mostRecords is how many records one session may have.
const mostRecords = 100

// The errors of Parse.
var (
	ErrTooLong   = errors.New("longer than 256 KiB, or more than 100 records")
	ErrNotOCMF   = errors.New("no record that begins with OCMF|")
	ErrRecord    = errors.New("not OCMF|{data}|{signature}")
	ErrSignature = errors.New("no signature in hexadecimal or base64")
)

// Record is one signed record of a meter.
type Record struct {
	Text          string // as it was received, without white space around it
	Version       string
	Gateway       string
	GatewaySerial string
	MeterVendor   string
	MeterModel    string
	MeterSerial   string
	Pagination    string
	IDType        string
	ID            string // of the medium or the driver
	ChargePoint   string
	Tariff        string
	Algorithm     string // as stated; empty: ECDSA-secp256r1-SHA256
	Readings      []Reading
	payload       []byte // what was signed
	signature     []byte
}

// prefix begins every record.
const prefix = "OCMF|"

// Parse reads the records in a text, one after the other. What was signed is
// kept byte for byte.
func Parse(text string) ([]*Record, error) {
	if len(text) > MostBytes {
		return nil, ErrTooLong
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF"))
	if !strings.HasPrefix(text, prefix) {
		return nil, ErrNotOCMF
	}
	var list []*Record
	for text != "" {
		if len(list) == mostRecords {
			return nil, ErrTooLong
		}
		one, rest, err := next(text)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
		text = strings.TrimSpace(rest)
	}
	return list, nil
}

// next takes one record off the front of a text.
func next(text string) (one *Record, rest string, err error) {
	body, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, "", ErrRecord
	}
	var data payloadJSON
	length, err := object(body, &data)
	if err != nil {
		return nil, "", err
	}
	length += len(body[length:]) - len(strings.TrimLeft(body[length:], " \t\r\n"))
	payload := body[:length]
	after, ok := strings.CutPrefix(body[length:], "|")
	if !ok {
		return nil, "", ErrRecord
	}
	var sign signatureJSON
	length, err = object(after, &sign)
	if err != nil {
		return nil, "", err
	}
	one = data.record()
	one.Algorithm = string(sign.Algorithm)
	if one.signature, err = signatureBytes(string(sign.Data), string(sign.Encoding)); err != nil {
		return nil, "", err
	}
	one.payload = []byte(payload)
	one.Text = text[:len(text)-len(after)+length]
	return one, after[length:], nil
}

// object reads the JSON object at the front of a text and returns where it
// ends.
func object(text string, into any) (int, error) {
	in := json.NewDecoder(strings.NewReader(text))
	if err := in.Decode(into); err != nil {
		return 0, ErrRecord
	}
	return int(in.InputOffset()), nil
}

// scalar is a text, a number or a truth value of a record: makers write them in
// different ways.
type scalar string

// UnmarshalJSON implements json.Unmarshaler.
func (s *scalar) UnmarshalJSON(content []byte) error {
	if len(content) > 0 && content[0] == '"' {
		var text string
		if err := json.Unmarshal(content, &text); err != nil {
			return err
		}
		*s = scalar(text)
		return nil
	}
	if bytes.Equal(content, []byte("null")) {
		return nil
	}
	if len(content) > 0 && (content[0] == '{' || content[0] == '[') {
		return ErrRecord
	}
	*s = scalar(content)
	return nil
}

// payloadJSON is what we read of the first part of a record. What is signed is
// its text; other fields are left alone.
type payloadJSON struct {
	Version       scalar        `json:"FV"`
	Gateway       scalar        `json:"GI"`
	GatewaySerial scalar        `json:"GS"`
	MeterVendor   scalar        `json:"MV"`
	MeterModel    scalar        `json:"MM"`
	MeterSerial   scalar        `json:"MS"`
	Pagination    scalar        `json:"PG"`
	IDType        scalar        `json:"IT"`
	ID            scalar        `json:"ID"`
	ChargePoint   scalar        `json:"CI"`
	Tariff        scalar        `json:"TT"`
	Readings      []readingJSON `json:"RD"`
}

type signatureJSON struct {
	Algorithm scalar `json:"SA"`
	Encoding  scalar `json:"SE"`
	Data      scalar `json:"SD"`
}

func (p *payloadJSON) record() *Record {
	return &Record{
		Version: string(p.Version), Gateway: string(p.Gateway), GatewaySerial: string(p.GatewaySerial),
		MeterVendor: string(p.MeterVendor), MeterModel: string(p.MeterModel), MeterSerial: string(p.MeterSerial),
		Pagination: string(p.Pagination), IDType: string(p.IDType), ID: string(p.ID),
		ChargePoint: string(p.ChargePoint), Tariff: string(p.Tariff), Readings: readingsOf(p.Readings),
	}
}
