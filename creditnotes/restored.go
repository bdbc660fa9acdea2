package creditnotes

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"creditrun/internal/fault"
	"creditrun/numbering"
)

// Restored is a database that was restored from a backup and waits for a person
// to confirm that no document was issued after the backup. Until then nothing
// is issued and nothing is sent.
type Restored struct {
	At           time.Time
	By           string
	BackupAt     time.Time
	ComparedAt   time.Time // zero: not compared with an archive yet
	ComparedWith string
	// Twice are the documents of the archive that the database does not know
	// and whose numbers it would give again.
	Twice []KeptDocument
	// Waiting counts the mails that waited when the backup was made. They may
	// have been sent after it.
	Waiting int
}

// Fault says why nothing is issued.
func (r *Restored) Fault() *fault.Fault {
	return fault.New(fault.NotReady, "restore_unconfirmed", fault.Args{"at": r.BackupAt.UTC().Format("2006-01-02 15:04 MST")})
}

// WaitingMails says what becomes of the mails that waited when a backup was made,
// once its restore is confirmed.
type WaitingMails string

// What became of waiting mails.
const (
	SendWaiting WaitingMails = "send" // they were not sent after the backup
	ParkWaiting WaitingMails = "park" // no one knows: each is looked at by a person
)

// KeptFile is a file of an archive of issued documents that is kept outside of
// the database.
type KeptFile struct {
	Path   string // as people find it
	Name   string // without folders
	SHA256 string // hexadecimal
}

// KeptDocument is a document of an archive: one of a number range, or a reminder,
// whose sequence is its id.
type KeptDocument struct {
	Number   string            `json:"number"`
	Reminder bool              `json:"reminder,omitempty"`
	Counter  numbering.Counter `json:"counter"`
	Sequence int64             `json:"sequence"`
	File     string            `json:"file"`
	SHA256   string            `json:"sha256"`
}

// ArchiveComparison is what an archive of issued documents says of the database.
type ArchiveComparison struct {
	Files     int            `json:"files"`     // of documents
	Documents int            `json:"documents"` // of them, that the database knows
	Others    int            `json:"other_files"`
	Twice     []KeptDocument `json:"given_twice"`
	Differing []string       `json:"differing"` // files whose number another document has
	Missing   []string       `json:"missing"`   // last documents of ranges that the archive lacks
	// Later counts the documents that were issued after the backup of the
	// restore that waits. Without one the archive may be as old as the backup,
	// and proves nothing of what was issued after it.
	Later int `json:"issued_after_backup"`
	// Newest is the document, of those that the database has, that was issued
	// last.
	Newest   string    `json:"newest,omitempty"`
	NewestAt time.Time `json:"newest_issued_at,omitzero"`
}

// Problems says what is wrong, for people.
func (c *ArchiveComparison) Problems() []*fault.Fault {
	var list []*fault.Fault
	for _, d := range c.Twice {
		list = append(list, fault.New(fault.Conflict, "against_twice", fault.Args{"number": d.Number, "file": d.File}))
	}
	for _, file := range c.Differing {
		list = append(list, fault.New(fault.Conflict, "against_differs", fault.Args{"file": file}))
	}
	for _, number := range c.Missing {
		list = append(list, fault.New(fault.Conflict, "against_missing", fault.Args{"number": number}))
	}
	if c.Files == 0 {
		list = append(list, fault.New(fault.Conflict, "against_empty", nil))
	}
	return list
}

// KnownDocument is what the database has of a document of an archive.
type KnownDocument struct {
	Files    map[FileKind]string // the SHA-256 of the stored files
	IssuedAt time.Time           // zero: its number is lost
	// Later reports whether the number was lost with the restore that waits:
	// the document was issued after the backup.
	Later bool
}

// ArchiveStore reads what a comparison needs.
type ArchiveStore interface {
	// KnownDocument returns what the database has of a number, issued or
	// lost; nil where it does not know the number.
	KnownDocument(ctx context.Context, number string) (*KnownDocument, error)
	// KnownReminder is KnownDocument for the number of a reminder.
	KnownReminder(ctx context.Context, number string) (*KnownDocument, error)
	// NextReminder returns the id of the reminder that is sent next.
	NextReminder(ctx context.Context) (int64, error)
	// NextNumber returns the sequence that a counter gives next.
	NextNumber(ctx context.Context, r *numbering.Range, c numbering.Counter) (int64, error)
	// LastDocuments lists the last number of every range that has stored files.
	LastDocuments(ctx context.Context) ([]string, error)
}

// Compare compares the files of an archive with the database. Files that are
// none of documents are left alone.
func CompareArchive(ctx context.Context, store ArchiveStore, ranges []numbering.Range, files iter.Seq2[KeptFile, error]) (*ArchiveComparison, error) {
	c := &comparer{store: store, ranges: ranges, seen: map[string]bool{}, out: ArchiveComparison{Twice: []KeptDocument{}, Differing: []string{}, Missing: []string{}}}
	last, err := store.LastDocuments(ctx)
	if err != nil {
		return nil, err
	}
	for file, err := range files {
		if err != nil {
			return nil, err
		}
		if err := c.file(ctx, file); err != nil {
			return nil, err
		}
	}
	for _, number := range last {
		if !c.seen[number] {
			c.out.Missing = append(c.out.Missing, number)
		}
	}
	c.out.Documents = len(c.seen) - len(c.out.Twice)
	slices.SortFunc(c.out.Twice, func(a, b KeptDocument) int { return strings.Compare(a.Number, b.Number) })
	return &c.out, nil
}

// comparer compares file by file.
type comparer struct {
	store  ArchiveStore
	ranges []numbering.Range
	seen   map[string]bool // numbers
	out    ArchiveComparison
}

func (c *comparer) file(ctx context.Context, file KeptFile) error {
	document, kind, r := c.read(file)
	if r == nil && !document.Reminder {
		c.out.Others++
		return nil
	}
	c.out.Files++
	again := c.seen[document.Number]
	c.seen[document.Number] = true
	known, err := c.known(ctx, &document)
	if err != nil {
		return err
	}
	if known != nil {
		if have := known.Files[kind]; have != "" && have != file.SHA256 {
			c.out.Differing = append(c.out.Differing, file.Path)
		}
		if !again {
			c.dated(document.Number, known)
		}
		return nil
	}
	if again {
		return nil
	}
	next, err := c.next(ctx, &document, r)
	if err != nil {
		return err
	}
	if document.Sequence < next { // given already, and not to this document
		c.out.Differing = append(c.out.Differing, file.Path)
		delete(c.seen, document.Number)
		return nil
	}
	c.out.Twice = append(c.out.Twice, document)
	c.out.Later++
	return nil
}

func (c *comparer) known(ctx context.Context, d *KeptDocument) (*KnownDocument, error) {
	if d.Reminder {
		return c.store.KnownReminder(ctx, d.Number)
	}
	return c.store.KnownDocument(ctx, d.Number)
}

// next is the sequence that is given next where a document has its own.
func (c *comparer) next(ctx context.Context, d *KeptDocument, r *numbering.Range) (int64, error) {
	if d.Reminder {
		return c.store.NextReminder(ctx)
	}
	return c.store.NextNumber(ctx, r, d.Counter)
}

// dated notes how new the archive is by one of its documents.
func (c *comparer) dated(number string, known *KnownDocument) {
	if known.Later {
		c.out.Later++
	}
	if known.IssuedAt.IsZero() {
		return
	}
	if order := known.IssuedAt.Compare(c.out.NewestAt); order > 0 || order == 0 && number > c.out.Newest {
		c.out.Newest, c.out.NewestAt = number, known.IssuedAt
	}
}

// read finds out which document a file is of, by its name: of a range, of a
// reminder, or of none.
func (c *comparer) read(file KeptFile) (document KeptDocument, kind FileKind, r *numbering.Range) {
	for kind, ending := range endings {
		stem, ok := strings.CutSuffix(file.Name, ending)
		if !ok {
			continue
		}
		for i := range c.ranges {
			number, counter, sequence, ok := c.ranges[i].Read(stem)
			if ok {
				return KeptDocument{Number: number, Counter: counter, Sequence: sequence, File: file.Path, SHA256: file.SHA256}, kind, &c.ranges[i]
			}
		}
		if id, ok := ReminderID(stem); ok && kind == FilePDF {
			return KeptDocument{Number: stem, Reminder: true, Sequence: id, File: file.Path, SHA256: file.SHA256}, kind, nil
		}
	}
	return document, "", nil
}
