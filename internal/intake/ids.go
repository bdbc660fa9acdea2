package intake

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"os"
	"slices"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// record is a session as a file has it.
type record struct {
	session sessions.Session
	line    int    // on which it begins
	raw     []byte // as it was written; valid until the next record
}

// records are what is read of a file: record by record, with errors as ReadCSV
// describes them.
type records = iter.Seq2[record, error]

// once reads the sessions of a file and reports at its end which records have
// one id for different content (domain.md §3.4): an error of each record but
// the first of its id.
func once(name string, list records) iter.Seq2[sessions.Session, error] {
	return func(yield func(sessions.Session, error) bool) {
		ids := newIDCheck()
		defer ids.close()
		for r, err := range list {
			if err == nil {
				err = ids.add(&r)
			} else {
				ids.records++
			}
			if !yield(r.session, err) || fatal(err) {
				return
			}
		}
		for c, err := range ids.conflicts() {
			if err != nil {
				yield(sessions.Session{}, unreadable(name, 0, err))
				return
			}
			if !c.first && !yield(sessions.Session{}, c.fault(name, nil)) {
				return
			}
		}
	}
}

// apart reads the sessions of a file without those whose id represents
// different content. It looks for these in a first pass; each is an error of
// its record.
func apart(name string, first, second records) iter.Seq2[sessions.Session, error] {
	return func(yield func(sessions.Session, error) bool) {
		twice, err := newIDCheck().shared(first)
		if err != nil {
			yield(sessions.Session{}, unreadable(name, 0, err))
			return
		}
		n := int64(0)
		for r, err := range second {
			if c, ok := twice[n]; ok && err == nil {
				err = c.fault(name, r.raw)
			}
			n++
			if !yield(r.session, err) || fatal(err) {
				return
			}
		}
	}
}

// shared finds the records whose id represents different content, by their
// place among all records. What cannot be read is left to the second pass.
func (ids *idCheck) shared(list records) (map[int64]conflict, error) {
	defer ids.close()
	for r, err := range list {
		if err != nil {
			ids.records++
			continue
		}
		if err := ids.add(&r); err != nil {
			return nil, err
		}
	}
	twice := map[int64]conflict{}
	for c, err := range ids.conflicts() {
		if err != nil {
			return nil, err
		}
		twice[c.place] = c
	}
	return twice, nil
}

// conflict is a record whose id another record has, too.
type conflict struct {
	idEntry
	other idEntry
	first bool // of its id
}

// fault names both records.
func (c *conflict) fault(file string, raw []byte) error {
	other := fmt.Sprintf("line %d", c.other.line)
	if c.other.line == c.line {
		other = fmt.Sprintf("record %d", c.other.place+1)
	}
	return fault.List{fault.New(fault.Invalid, FaultRecord, fault.Args{
		"file": file, "line": int(c.line), "field": "id", "record": string(raw),
		"expected": "one record of each id, or the time of the last change to tell which of them is later",
		"got":      "other content than " + other + " has under the same id",
	})}
}

// idEntry is what is remembered of a record: hashes of its id and its content,
// when it was changed, and where it is.
type idEntry struct {
	name    [2]uint64
	content uint64
	changed int64 // microseconds; 0: not stated
	line    int64
	place   int64 // among all records, from 0
}

func byName(a, b idEntry) int {
	return cmp.Or(cmp.Compare(a.name[0], b.name[0]), cmp.Compare(a.name[1], b.name[1]), cmp.Compare(a.place, b.place))
}

// idCheck finds ids that represent different content in a file of any size. It
// keeps some entries in memory; where there are more, it sorts them and puts
// them aside in a temporary file, and merges all in the end.
type idCheck struct {
	seeds   [3]maphash.Seed
	most    int // entries in memory
	records int64
	entries []idEntry
	aside   *os.File
	runs    []int64 // where each sorted run ends in the file
}

// mostEntries is how many entries are in memory, 12 MiB.
const mostEntries = 1 << 18

func newIDCheck() *idCheck {
	return &idCheck{most: mostEntries, seeds: [3]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed(), maphash.MakeSeed()}}
}

func (c *idCheck) add(r *record) error {
	id := r.session.ExternalID
	e := idEntry{
		name:    [2]uint64{maphash.String(c.seeds[0], id), maphash.String(c.seeds[1], id)},
		content: maphash.String(c.seeds[2], sessions.Fingerprint(&r.session)), line: int64(r.line), place: c.records,
	}
	if !r.session.UpdatedAt.IsZero() {
		e.changed = r.session.UpdatedAt.UnixMicro()
	}
	c.records++
	if c.entries = append(c.entries, e); len(c.entries) < c.most {
		return nil
	}
	return c.putAside()
}

// entrySize is how long an entry is in the temporary file.
const entrySize = 6 * 8

// putAside writes the entries of the memory as a sorted run.
func (c *idCheck) putAside() (err error) {
	if c.aside == nil {
		if c.aside, err = temporary(); err != nil {
			return err
		}
	}
	slices.SortFunc(c.entries, byName)
	out := bufio.NewWriterSize(c.aside, 1<<20)
	if err := binary.Write(out, binary.LittleEndian, c.entries); err != nil {
		return err
	}
	end := int64(len(c.entries) * entrySize)
	if n := len(c.runs); n > 0 {
		end += c.runs[n-1]
	}
	c.runs = append(c.runs, end)
	c.entries = c.entries[:0]
	return out.Flush()
}

// close removes the temporary file.
func (c *idCheck) close() {
	if c.aside != nil {
		discard(c.aside)
	}
}

// temporary makes a file that goes with the process, wherever the system lets
// an open file be removed; discard removes it everywhere.
func temporary() (*os.File, error) {
	f, err := os.CreateTemp("", "creditrun-import-*")
	if err == nil {
		_ = os.Remove(f.Name())
	}
	return f, err
}

func discard(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// conflicts yields the records whose id represents different content. An error
// is the last one.
func (c *idCheck) conflicts() iter.Seq2[conflict, error] {
	return func(yield func(conflict, error) bool) {
		var group []idEntry
		for e, err := range c.sorted() {
			if err != nil {
				yield(conflict{}, err)
				return
			}
			if len(group) > 0 && group[0].name != e.name {
				if !conflicting(group, yield) {
					return
				}
				group = group[:0]
			}
			group = append(group, e)
		}
		conflicting(group, yield)
	}
}

// conflicting yields the records of one id if their content differs and their source
// does not say which is later. It is false when no one wants to hear on.
func conflicting(group []idEntry, yield func(conflict, error) bool) bool {
	if !ambiguous(group) {
		return true
	}
	different := group[slices.IndexFunc(group, func(e idEntry) bool { return e.content != group[0].content })]
	for i, e := range group {
		other := group[0]
		if other.content == e.content {
			other = different
		}
		if !yield(conflict{e, other, i == 0}, nil) {
			return false
		}
	}
	return true
}

// ambiguous reports whether records of one id differ without an order.
func ambiguous(group []idEntry) bool {
	if !slices.ContainsFunc(group, func(e idEntry) bool { return e.content != group[0].content }) {
		return false
	}
	at := map[int64]uint64{} // content by time of change
	for _, e := range group {
		if content, ok := at[e.changed]; e.changed == 0 || ok && content != e.content {
			return true
		}
		at[e.changed] = e.content
	}
	return false
}

// sorted merges what is in memory with what was put aside.
func (c *idCheck) sorted() iter.Seq2[idEntry, error] {
	slices.SortFunc(c.entries, byName)
	return func(yield func(idEntry, error) bool) {
		heads := make([]*idRun, 0, len(c.runs)+1)
		begin := int64(0)
		for _, end := range c.runs {
			heads = append(heads, &idRun{in: bufio.NewReaderSize(io.NewSectionReader(c.aside, begin, end-begin), 64<<10)})
			begin = end
		}
		heads = append(heads, &idRun{memory: c.entries})
		for _, h := range heads {
			h.next()
		}
		for {
			var least *idRun
			for _, h := range heads {
				if h.err != nil && h.err != io.EOF {
					yield(idEntry{}, h.err)
					return
				}
				if h.err == nil && (least == nil || byName(h.head, least.head) < 0) {
					least = h
				}
			}
			if least == nil || !yield(least.head, nil) {
				return
			}
			least.next()
		}
	}
}

// idRun is a sorted part of the entries, in memory or put aside.
type idRun struct {
	memory []idEntry
	in     *bufio.Reader
	space  [entrySize]byte
	head   idEntry
	err    error
}

func (r *idRun) next() {
	if r.in == nil {
		if len(r.memory) == 0 {
			r.err = io.EOF
			return
		}
		r.head, r.memory = r.memory[0], r.memory[1:]
		return
	}
	if _, r.err = io.ReadFull(r.in, r.space[:]); r.err == nil {
		word := func(i int) uint64 { return binary.LittleEndian.Uint64(r.space[8*i:]) }
		r.head = idEntry{[2]uint64{word(0), word(1)}, word(2), int64(word(3)), int64(word(4)), int64(word(5))}
	}
}

// rewindable makes a source readable twice: a file is, anything else is kept in
// a temporary file until done is called.
func rewindable(r io.Reader) (again io.ReadSeeker, done func(), err error) {
	if s, ok := r.(io.ReadSeeker); ok {
		if _, err := s.Seek(0, io.SeekCurrent); err == nil {
			return s, func() {}, nil
		}
	}
	f, err := temporary()
	if err != nil {
		return nil, nil, err
	}
	done = func() { discard(f) }
	if _, err = io.Copy(f, r); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return f, done, nil
}
