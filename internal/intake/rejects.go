package intake

import (
	"bytes"
	"fmt"
	"strings"

	"creditrun/internal/fault"
)

// RejectedBecause is the column that says in a file of rejected records why each
// was rejected. It is not read.
const RejectedBecause = "rejected_because"

// Rejects collects the records of a file that were left out, in the form of that
// file: a CSV file keeps its header and gets a column with the reasons, so that
// it can be put right and read again. It is not for concurrent use.
type Rejects struct {
	Count int // records

	words     func(*fault.Fault) string
	separator byte // in front of the reasons; 0: records without columns, or with the reasons of before
	most      int  // bytes
	left      int  // records that are more than that
	out       bytes.Buffer
}

// NewRejects begins with the first bytes of the file; words say a fault to the
// person who reads the reasons. Above most bytes the records are only counted.
func NewRejects(first []byte, most int, words func(*fault.Fault) string) *Rejects {
	r := &Rejects{words: words, most: most}
	if header := headerOf(first); bytes.ContainsAny(header, ",;") && !bytes.ContainsAny(header, "{[") {
		r.out.Write(header)
		if !bytes.Contains(bytes.ToLower(header), []byte(RejectedBecause)) {
			r.separator = separatorOf(header)
			fmt.Fprintf(&r.out, "%c%s", r.separator, RejectedBecause)
		}
		r.out.WriteByte('\n')
	}
	return r
}

// Add adds the record of an error; other errors are no records and not added.
func (r *Rejects) Add(err error) {
	_, record, ok := Rejected(err)
	if !ok {
		return
	}
	r.Count++
	if r.out.Len() > r.most {
		r.left++
		return
	}
	r.out.WriteString(strings.TrimRight(record, "\r\n"))
	if r.separator != 0 {
		reasons := ""
		for _, f := range fault.Of(err) {
			reasons += " " + r.words(f) // the blank keeps a spreadsheet from taking it for a formula
		}
		fmt.Fprintf(&r.out, `%c"%s"`, r.separator, strings.ReplaceAll(reasons, `"`, `""`))
	}
	r.out.WriteByte('\n')
}

// separatorOf is what stands between the columns of a header.
func separatorOf(header []byte) byte {
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		return ';'
	}
	return ','
}

// Content is the file, and how many records are not in it because they were too
// many.
func (r *Rejects) Content() (content []byte, left int) { return r.out.Bytes(), r.left }
