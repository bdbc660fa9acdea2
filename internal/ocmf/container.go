package ocmf

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is a record with the public key that came with it, as texts.
type Value struct {
	Format  string // OCMF, or the name of another format; empty: not stated
	Data    string
	Key     string
	Context string // Transaction.Begin, Transaction.End or nothing
}

// ErrContainer is the error of ReadContainer.
var ErrContainer = errors.New("not the XML of the transparency software: <values><value><signedData>…</signedData></value></values>")

// valuesXML is the file of the transparency software.
type valuesXML struct {
	XMLName xml.Name   `xml:"values"`
	Values  []valueXML `xml:"value"`
}

type valueXML struct {
	Transaction string   `xml:"transactionId,attr,omitempty"`
	Context     string   `xml:"context,attr,omitempty"`
	Data        textXML  `xml:"signedData"`
	Key         *textXML `xml:"publicKey"`
}

type textXML struct {
	Format   string `xml:"format,attr,omitempty"`
	Encoding string `xml:"encoding,attr,omitempty"`
	Text     string `xml:",chardata"`
}

// ReadContainer reads the XML file of the transparency software.
func ReadContainer(content []byte) ([]Value, error) {
	if len(content) > MostBytes {
		return nil, ErrTooLong
	}
	content = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(content), []byte("\uFEFF")))
	in := xml.NewDecoder(bytes.NewReader(content))
	in.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, ErrContainer }
	var file valuesXML
	if err := in.Decode(&file); err != nil || len(file.Values) == 0 {
		return nil, ErrContainer
	}
	if len(file.Values) > mostRecords {
		return nil, ErrTooLong
	}
	list := make([]Value, len(file.Values))
	for i, v := range file.Values {
		list[i] = Value{Format: v.Data.Format, Data: v.Data.plain(), Context: v.Context}
		if v.Key != nil {
			list[i].Key = strings.TrimSpace(v.Key.Text)
		}
	}
	return list, nil
}

// plain is the text, which may be written in base64 or hexadecimal.
func (t *textXML) plain() string {
	text := strings.TrimSpace(t.Text)
	switch strings.ToLower(t.Encoding) {
	case "base64":
		if content := decodeBase64(strings.Join(strings.Fields(text), "")); utf8.Valid(content) && len(content) > 0 {
			return string(content)
		}
	case "hex":
		if content, err := hex.DecodeString(text); err == nil && utf8.Valid(content) {
			return string(content)
		}
	}
	return text
}

// WriteContainer writes the XML file of the transparency software, which puts
// values of the same transaction together as begin and end.
func WriteContainer(transaction int64, list []Value) ([]byte, error) {
	file := valuesXML{Values: make([]valueXML, len(list))}
	for i, one := range list {
		v := valueXML{Context: one.Context, Data: textXML{Format: strings.ReplaceAll(one.Format, `"`, "'"), Encoding: "plain", Text: one.Data}}
		if one.Context != "" {
			v.Transaction = strconv.FormatInt(transaction, 10)
		}
		if one.Key != "" {
			v.Key = &textXML{Encoding: "plain", Text: one.Key}
		}
		file.Values[i] = v
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	err := xml.NewEncoder(&out).Encode(file)
	out.WriteByte('\n')
	// Records are full of quotation marks. In texts they need no escape, and no
	// attribute has one, so people can read and copy the records.
	return bytes.ReplaceAll(out.Bytes(), []byte("&#34;"), []byte(`"`)), err
}
