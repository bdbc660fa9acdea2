package ocmf

import (
	"strings"
	"unicode/utf8"

	"creditrun/internal/money"
)

// Result is what the check of all signed data of a session found.
type Result struct {
	Verdict Verdict
	Records []*Record       // that could be read
	Energy  *money.Quantity // that was charged, by the records; nil: they do not say
}

// Check reads the records of one session and checks them with the keys of the
// meter, of which one has to fit each record. What makes the verdict worse
// counts for all of them: wrong, not readable, not supported, without a key.
func Check(list []Value, keys []*Key) Result {
	result := Result{Verdict: Valid}
	for _, one := range list {
		if one.Format != "" && !strings.EqualFold(one.Format, "OCMF") && !strings.HasPrefix(one.Data, prefix) {
			result.worsen(Unsupported)
			continue
		}
		records, err := Parse(one.Data)
		if err != nil {
			result.worsen(Unreadable)
			continue
		}
		result.Records = append(result.Records, records...)
		for _, record := range records {
			result.worsen(record.verifyAny(keys))
		}
	}
	if len(list) == 0 {
		result.worsen(Unreadable)
	}
	if charge, ok := ChargeOf(result.Records); ok {
		result.Energy = new(charge.Energy())
	}
	return result
}

// severity orders the verdicts.
var severity = map[Verdict]int{Valid: 0, NoKey: 1, Unsupported: 2, Unreadable: 3, Invalid: 4}

func (r *Result) worsen(v Verdict) {
	if severity[v] > severity[r.Verdict] {
		r.Verdict = v
	}
}

// verifyAny verifies with several keys, of which the best verdict counts.
func (r *Record) verifyAny(keys []*Key) Verdict {
	if len(keys) == 0 {
		return r.Verify(nil)
	}
	best := Invalid
	for _, key := range keys {
		if v := r.Verify(key); severity[v] < severity[best] {
			best = v
		}
	}
	return best
}

// ValuesOf returns what a text holds: records one after the other, each of them
// on its own, the XML file of the transparency software, or either of them in
// base64. A text that is neither is handed back as it is.
func ValuesOf(text string) []Value {
	text = strings.TrimSpace(text)
	if inner := strings.TrimSpace(string(decodeBase64(strings.Join(strings.Fields(text), "")))); isText(inner) {
		text = inner
	}
	if strings.HasPrefix(strings.TrimPrefix(text, "\uFEFF"), "<") {
		if list, err := ReadContainer([]byte(text)); err == nil {
			return list
		}
	}
	return []Value{{Data: text}}
}

// isText reports whether what was read from base64 is a record or an XML file;
// other formats are not text, and are kept as they were written.
func isText(s string) bool {
	s = strings.TrimPrefix(s, "\uFEFF")
	return utf8.ValidString(s) && (strings.HasPrefix(s, prefix) || strings.HasPrefix(s, "<"))
}
