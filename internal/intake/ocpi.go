package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"

	"creditrun/internal/sessions"
)

// ReadOCPI reads sessions from OCPI 2.2.1 or 2.3.0 CDRs (formats.md §2): one
// object, an array, a response with data, or one object per line. It holds one
// CDR in memory at a time. Errors are yielded as ReadCSV does.
func ReadOCPI(name string, r io.Reader) iter.Seq2[sessions.Session, error] {
	return once(name, readOCPI(name, r))
}

func readOCPI(name string, r io.Reader) records {
	return func(yield func(record, error) bool) {
		o := &ocpiReader{json: newJSONReader(r), file: name, yield: yield}
		switch err := o.values(); {
		case err == nil || err == errStopped:
		case broken(err):
			o.reject(o.json.line, nil, expCDRs, err.Error())
		default:
			yield(record{}, unreadable(name, o.json.line, err))
		}
	}
}

const expCDRs = "CDRs in JSON: an object, an array, a response or one object per line"

// errStopped says that no one wants to read on.
var errStopped = errors.New("stopped")

type ocpiReader struct {
	json  *jsonReader
	file  string
	yield func(record, error) bool
}

// values reads whatever the file holds, one value after the other.
func (o *ocpiReader) values() error {
	if bom, _ := o.json.in.Peek(3); string(bom) == "\uFEFF" {
		_, _ = o.json.in.Discard(3)
	}
	for seen := false; ; seen = true {
		o.json.mark()
		first, err := o.json.peek()
		switch {
		case err == io.EOF && seen:
			return nil
		case err == io.EOF:
			o.yield(record{}, empty(o.file))
			return nil
		case err != nil:
			return err
		}
		o.json.mark()
		switch first {
		case '[':
			err = o.array()
		case '{':
			var single bool
			if single, err = o.object(); err == nil && single {
				return o.lines()
			}
		default:
			return errSyntaxJSON
		}
		if err != nil {
			return err
		}
	}
}

// array reads an array of CDRs.
func (o *ocpiReader) array() error {
	if err := o.json.expect('['); err != nil {
		return err
	}
	if next, err := o.json.inside(); err != nil || next == ']' {
		return o.skip(err)
	}
	for {
		if _, err := o.json.inside(); err != nil {
			return err
		}
		o.json.mark()
		line := o.json.line
		if err := o.json.value(); err != nil {
			return err
		}
		if err := o.one(line, o.json.kept); err != nil {
			return err
		}
		o.json.mark()
		switch next, err := o.json.inside(); {
		case err != nil:
			return err
		case next == ']':
			return o.skip(nil)
		case next != ',':
			return errSyntaxJSON
		}
		if err := o.skip(nil); err != nil {
			return err
		}
	}
}

// skip reads one byte unless something went wrong before.
func (o *ocpiReader) skip(err error) error {
	if err == nil {
		_, err = o.json.read()
	}
	return err
}

// object reads a CDR or a response. single says that it was a CDR on a line of
// its own, or that it was broken: the file goes on line by line.
func (o *ocpiReader) object() (single bool, err error) {
	line := o.json.line
	response, err := o.members()
	switch {
	case response || err != nil && !broken(err):
		return false, err
	case err != nil:
		o.json.giveBack(line)
		return true, nil
	}
	single = o.json.line == line && o.json.lineEnds()
	return single, o.record(line, o.json.kept)
}

// members reads an object. Once it meets an array called data it hands out the
// elements: then the object is a response.
func (o *ocpiReader) members() (response bool, err error) {
	if err = o.json.expect('{'); err != nil {
		return false, err
	}
	if next, err := o.json.inside(); err != nil || next == '}' {
		return false, o.skip(err)
	}
	for {
		list, err := o.member()
		response = response || list
		if err != nil {
			return response, err
		}
		next, err := o.json.inside()
		if err != nil || next != ',' && next != '}' {
			return response, firstError(err, errSyntaxJSON)
		}
		if err := o.skip(nil); err != nil || next == '}' {
			return response, err
		}
	}
}

func firstError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (o *ocpiReader) member() (list bool, err error) {
	first, err := o.json.inside()
	if err != nil || first != '"' {
		return false, firstError(err, errSyntaxJSON)
	}
	start := len(o.json.kept)
	if err := o.json.value(); err != nil {
		return false, err
	}
	key := string(o.json.kept[start:])
	if err := o.json.expect(':'); err != nil {
		return false, err
	}
	next, err := o.json.inside()
	if err == nil && key == `"data"` && next == '[' {
		return true, o.array()
	}
	line, at := o.json.line, len(o.json.kept)
	if err == nil {
		err = o.json.value()
	}
	if err == nil && key == statusCode {
		err = o.status(line, o.json.kept[at:])
	}
	return false, err
}

// statusCode is the key by which a response says whether it worked.
const statusCode = `"status_code"`

// status ends a file that is the answer to a request that did not work: what it
// lacks is not known. OCPI's codes of success begin with 1.
func (o *ocpiReader) status(line int, code []byte) error {
	text := strings.Trim(string(bytes.TrimSpace(code)), `"`)
	if len(text) == 4 && text[0] == '1' {
		return nil
	}
	rep := report{file: o.file}
	rep.add(line, "status_code", "1000, the answer to a request that worked", text)
	o.yield(record{}, rep.err())
	return errStopped
}

// lines reads one CDR a line. A line that is not JSON is rejected together with
// the lines that follow it up to the next one with an object.
func (o *ocpiReader) lines() error {
	var wrong []byte
	at := 0
	reject := func() bool {
		bad := wrong
		wrong = nil
		return len(bad) == 0 || o.reject(at, bad, "a CDR in JSON", errSyntaxJSON.Error())
	}
	for {
		line := o.json.line
		text, err := o.json.readLine()
		if err != nil && err != errTooLarge {
			if !reject() || err == io.EOF {
				return nil
			}
			return err
		}
		starts := len(text) > 0 && (text[0] == '{' || text[0] == '[')
		switch {
		case len(bytes.TrimSpace(text)) == 0:
		case len(wrong) > 0 && !starts:
			wrong = append(append(wrong, '\n'), text[:min(len(text), max(0, maxCDR-len(wrong)))]...)
		case !reject():
			return nil
		case err == errTooLarge || !json.Valid(text):
			wrong, at = bytes.Clone(text), line
		default:
			if err := o.record(line, text); err != nil {
				return err
			}
		}
	}
}

// record reads one CDR, or those in a response or an array that was kept whole.
func (o *ocpiReader) record(line int, raw []byte) error {
	if code := statusOf(raw); code != nil {
		if err := o.status(line, code); err != nil {
			return err
		}
	}
	list, ok := o.within(raw)
	if !ok {
		return o.one(line, raw)
	}
	for _, raw := range list {
		if err := o.one(line, raw); err != nil {
			return err
		}
	}
	return nil
}

// one reads one CDR and hands it out.
func (o *ocpiReader) one(line int, raw []byte) error {
	raw = bytes.TrimSpace(raw)
	s, err := parseCDR(o.file, line, raw)
	if !o.yield(record{s, line, raw}, err) {
		return errStopped
	}
	return nil
}

// statusOf returns the status code of a response, or nil.
func statusOf(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(statusCode)) {
		return nil
	}
	var response struct {
		Code json.RawMessage `json:"status_code"`
	}
	if json.Unmarshal(raw, &response) != nil {
		return nil
	}
	return response.Code
}

// within returns what a response or an array holds; false for anything else.
func (o *ocpiReader) within(raw []byte) (list []json.RawMessage, ok bool) {
	if raw = bytes.TrimSpace(raw); bytes.HasPrefix(raw, []byte("[")) {
		return list, json.Unmarshal(raw, &list) == nil
	}
	if !bytes.Contains(raw, []byte(`"data"`)) {
		return nil, false
	}
	var response struct {
		ID   json.RawMessage `json:"id"`
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(raw, &response) != nil || response.ID != nil || response.Data == nil {
		return nil, false
	}
	switch data := response.Data; data[0] {
	case '[':
		return list, json.Unmarshal(data, &list) == nil
	case 'n':
		return nil, true
	default:
		return []json.RawMessage{data}, true
	}
}

// reject hands out a fault of a record; without a record it ends the file.
func (o *ocpiReader) reject(line int, raw []byte, expected, got string) bool {
	rep := report{file: o.file, record: string(raw)}
	rep.add(line, "", expected, got)
	return o.yield(record{}, rep.err())
}
