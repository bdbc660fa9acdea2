package proof

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
)

func keyOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func ringOf(keys ...ed25519.PrivateKey) *Ring {
	ring := &Ring{Operator: "Stadtwerke"}
	for _, key := range keys {
		ring.Keys = append(ring.Keys, Key{ID: KeyID(Public(key)), Public: Public(key)})
	}
	return ring
}

var (
	night   = Session{ID: "cdr/S-1", Version: 1, Kind: "credit", Connector: 7, Start: "2026-10-01T20:00:00Z", End: "2026-10-01T21:00:00Z", Energy: 12_000_000, Net: 3_600_000}
	morning = Session{ID: "cdr/S-2", Version: 1, Kind: "credit", Connector: 7, Start: "2026-10-02T06:00:00Z", End: "2026-10-02T07:00:00Z", Energy: 8_000_000, Net: 2_400_000}
)

// issue makes the files of a run in which each owner gets some sessions, as
// they are written: pages, the proof, pages.
func issue(t *testing.T, run string, log *Frontier, key ed25519.PrivateKey, owners map[string][]Session) map[string][]byte {
	t.Helper()
	secret := Secret{1, byte(len(run))}
	copy(secret[2:], run)
	var files []*File
	var leaves []Hash
	for _, name := range []string{"hotel", "depot"} {
		own := secret.Of(name)
		var tree Frontier
		for i, s := range owners[name] {
			tree.Append(s.Leaf(own, int64(i)))
		}
		packed, err := Pack(owners[name])
		if err != nil {
			t.Fatal(err)
		}
		f := &File{
			Secret: own, Sessions: packed, Position: int64(len(files)),
			Document: Document{Number: "GS-" + run + "-" + name, Recipient: name, Currency: "EUR", Net: "6.00", Tax: "1.14", Gross: "7.14", Sessions: tree.Size(), SessionsRoot: tree.Root()},
		}
		files, leaves = append(files, f), append(leaves, f.Document.Leaf(own))
	}
	leaves = append(leaves, ControlLeaf(secret, "sheet"))
	head, err := Sign(Head{Operator: "Stadtwerke", Run: run, Month: run, SignedAt: "2026-11-01T06:00:00Z", Leaves: int64(len(leaves)), Root: Root(leaves)}, log, key)
	if err != nil {
		t.Fatal(err)
	}
	written := map[string][]byte{}
	for i, f := range files {
		f.Head, f.Path = *head, Paths(leaves)[i]
		attachment, err := f.Attachment()
		if err != nil {
			t.Fatal(err)
		}
		content := append([]byte("%PDF "+f.Document.Number+" Total 7.14 EUR\nstream\n"), attachment...)
		content = append(content, "\nendstream\n%%EOF"...)
		if err := SignPaper(content, key); err != nil {
			t.Fatal(err)
		}
		written[f.Document.Recipient] = content
	}
	return written
}

func TestAFileProvesItself(t *testing.T) {
	files := issue(t, "2026-10", &Frontier{}, keyOf(1), map[string][]Session{"hotel": {night}, "depot": {morning}})
	got, err := Check(files["hotel"], ringOf(keyOf(2), keyOf(1)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Document.Number != "GS-2026-10-hotel" || len(got.Sessions) != 1 || got.Sessions[0] != night {
		t.Errorf("it proves %+v", got)
	}
}

func TestNoByteCanBeChanged(t *testing.T) {
	file := issue(t, "2026-10", &Frontier{}, keyOf(1), map[string][]Session{"hotel": {night}, "depot": {morning}})["hotel"]
	ring := ringOf(keyOf(1))
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if _, err := Check(changed, ring); err == nil {
			t.Fatalf("byte %d (%q) can be changed", i, file[i])
		}
	}
	// The last digits of a signature in base64 have bits that mean nothing.
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := bytes.LastIndex(file, []byte(`=="}`)) - 1
	for _, digit := range []byte(digits) {
		changed := bytes.Clone(file)
		changed[last] = digit
		if _, err := Check(changed, ring); digit != file[last] && !errors.Is(err, ErrChanged) {
			t.Errorf("the last digit of the signature can be %c: %v", digit, err)
		}
	}
	if _, err := Check(append(bytes.Clone(file), '\n'), ring); !errors.Is(err, ErrChanged) {
		t.Errorf("something can be appended: %v", err)
	}
}

func TestAChangedDigitAForeignKeyAndAnotherRunsProofFail(t *testing.T) {
	log := &Frontier{}
	file := issue(t, "2026-10", log, keyOf(1), map[string][]Session{"hotel": {night}})["hotel"]
	other := issue(t, "2026-11", log, keyOf(1), map[string][]Session{"hotel": {morning}})["hotel"]
	ring := ringOf(keyOf(1))
	proofOf := func(file []byte) []byte {
		_, rest, _ := bytes.Cut(file, []byte("stream\n"))
		attachment, _, _ := bytes.Cut(rest, []byte("\nendstream"))
		return attachment
	}
	headOf := func(file []byte) []byte {
		begin := bytes.Index(file, []byte(`"head":`))
		return file[begin:bytes.Index(file, []byte(`,"document":`))]
	}
	for _, c := range []struct {
		name string
		file []byte
		ring *Ring
		want error
	}{
		{"a digit on the page", bytes.Replace(file, []byte("Total 7.14"), []byte("Total 7.15"), 1), ring, ErrChanged},
		{"a digit of the document in the proof", bytes.Replace(file, []byte(`"gross":"7.14"`), []byte(`"gross":"9.14"`), 1), ring, ErrDocument},
		{"a digit of the head", bytes.Replace(file, []byte(`"month":"2026-10"`), []byte(`"month":"2026-09"`), 1), ring, ErrSignature},
		{"the key of another", file, ringOf(keyOf(2)), ForeignKey{KeyID(Public(keyOf(1)))}},
		{"a file that another signed", issue(t, "2026-10", &Frontier{}, keyOf(2), nil)["hotel"], ring, ForeignKey{KeyID(Public(keyOf(2)))}},
		{"the whole proof of another run", bytes.Replace(file, proofOf(file), proofOf(other), 1), ring, ErrChanged},
		{"the head of another run", bytes.Replace(file, headOf(file), headOf(other), 1), ring, ErrDocument},
		{"no proof", []byte("%PDF"), ring, ErrNoProof},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Check(c.file, c.ring); !errors.Is(err, c.want) {
				t.Errorf("it is %v, want %v", err, c.want)
			}
		})
	}
}

func TestAFileThatWasMadeToHarmItsReaderIsRefused(t *testing.T) {
	file := issue(t, "2026-10", &Frontier{}, keyOf(1), map[string][]Session{"hotel": {night}})["hotel"]
	at, err := find(file)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(f *File)) error {
		f := at.file
		change(&f)
		attachment, err := f.Attachment()
		if err != nil {
			t.Fatal(err)
		}
		_, err = Check(attachment, ringOf(keyOf(1)))
		return err
	}
	// What the reader prints of it could look like a proof.
	err = with(func(f *File) { f.Head.Key = "x\nother.pdf: proven.\x1b[1A" })
	if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("its words are printed: %v", err)
	}
	many := make([]Session, 1000)
	many[0] = night
	err = with(func(f *File) {
		if f.Sessions, err = Pack(many); err != nil {
			t.Fatal(err)
		}
	})
	if !errors.Is(err, ErrSessions) {
		t.Errorf("more sessions than the document has: %v", err)
	}
	packed, err := Pack(many)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := unpack(packed, 1); !errors.Is(err, errMoreSessions) || len(list) > 1 {
		t.Errorf("%d of them are read: %v", len(list), err)
	}
}

func TestKeysHaveTheirTimes(t *testing.T) {
	file := issue(t, "2026-10", &Frontier{}, keyOf(1), nil)["hotel"]
	ring := ringOf(keyOf(1))
	ring.Keys[0].From, ring.Keys[0].Until = "2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z"
	if _, err := Check(file, ring); err != nil {
		t.Error(err)
	}
	ring.Keys[0].Until = "2026-11-01T06:00:00Z"
	if _, err := Check(file, ring); err == nil || !strings.Contains(err.Error(), "not in use") {
		t.Errorf("a head counts that was signed after its key was given up: %v", err)
	}
}

func TestOneSessionGivenToTwoOwnersIsFound(t *testing.T) {
	renamed := night
	renamed.ID = "cdr/S-1001"
	back := night
	back.Kind = "reversal"
	second := night
	second.Version = 2
	for _, c := range []struct {
		name         string
		hotel, depot []Session
		want         int
		sameID       bool
	}{
		{"each has its own", []Session{night}, []Session{morning}, 0, false},
		{"the same id", []Session{night}, []Session{night, morning}, 1, true},
		{"another id at the same place and time", []Session{night}, []Session{renamed}, 1, false},
		{"taken back again", []Session{night, back}, []Session{night}, 0, false},
		{"taken back, given again and given to another", []Session{night, back, night}, []Session{night}, 1, true},
		{"taken back from another", []Session{night}, []Session{night, back, second}, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := issue(t, "2026-10", &Frontier{}, keyOf(1), map[string][]Session{"hotel": c.hotel, "depot": c.depot})
			a, err := Check(files["hotel"], ringOf(keyOf(1)))
			if err != nil {
				t.Fatal(err)
			}
			b, err := Check(files["depot"], ringOf(keyOf(1)))
			if err != nil {
				t.Fatal(err)
			}
			twice := GivenTwice([]*Checked{a, b})
			if len(twice) != c.want || len(twice) > 0 && twice[0].SameID != c.sameID {
				t.Errorf("given twice: %+v", twice)
			}
		})
	}
}

func TestOwnersCannotGuessTheSessionsOfOthers(t *testing.T) {
	run := Secret{1}
	if night.Leaf(run.Of("hotel"), 0) == night.Leaf(run.Of("depot"), 0) || night.Leaf(run.Of("hotel"), 0) == night.Leaf(run.Of("hotel"), 1) {
		t.Error("two leaves of one session are alike: their salts are the same")
	}
}

func TestKeysAreReadAsTheyWereWritten(t *testing.T) {
	private, public, err := WriteKey(keyOf(1))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(private)
	if err != nil || !key.Equal(keyOf(1)) {
		t.Errorf("the key is another: %v", err)
	}
	ring, err := ParseRing(public)
	if err != nil || ring.Keys[0].ID != KeyID(Public(keyOf(1))) {
		t.Errorf("the public key is another: %v", err)
	}
	if _, err := ParseRing(private); err == nil {
		t.Error("a private key is taken for a public one")
	}
	if _, err := ParseRing([]byte(`{"operator":"x","keys":[{"id":"0000000000000000","public":"AAAA"}]}`)); err == nil {
		t.Error("a key is taken that its id does not name")
	}
}
