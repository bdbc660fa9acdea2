package proof

import (
	"bytes"
	"compress/zlib"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// FileName is the name of the attachment.
const FileName = "proof.json"

// File is what a document carries: the head of its run, and what leads from the
// document and its sessions to it.
type File struct {
	Version  int        `json:"creditrun_proof"`
	Head     SignedHead `json:"head"`
	Document Document   `json:"document"`
	Secret   Secret     `json:"secret"`
	Position int64      `json:"position"` // of the document among the leaves of the run
	Path     []Hash     `json:"path"`
	// Sessions are the sessions of the document, as JSON packed by zlib; nil where
	// the recipient gets no sessions.
	Sessions []byte `json:"sessions,omitempty"`
	// Paper is the signature over the file in which this is the attachment. It has
	// always the same length, and is zero where the file is hashed.
	Paper string `json:"paper"`
}

// version is that of the format.
const version = 1

// opening is how an attachment begins, by which it is found in a file.
const opening = `{"creditrun_proof":`

var unsigned = base64.StdEncoding.EncodeToString(make([]byte, ed25519.SignatureSize))

// ErrNoProof says that a file has no proof in it.
var ErrNoProof = errors.New("there is no proof in this file: it was made without one, or it was taken out")

// Pack packs sessions for File.Sessions.
func Pack(sessions []Session) ([]byte, error) {
	content, err := json.Marshal(sessions)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// mostUnpacked is how many bytes packed sessions may come to: a file that was
// made to fill the memory of its reader is refused.
const mostUnpacked = 1 << 30

// errMoreSessions says that a proof has more sessions than its document.
var errMoreSessions = errors.New("there are more sessions than the document has")

// unpack reads sessions that Pack packed, at most as many as a document has. They are
// read one by one: a few bytes can be packed of so many that they fill the memory.
func unpack(packed []byte, most int64) (list []Session, err error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	decoder := json.NewDecoder(io.LimitReader(r, mostUnpacked))
	if _, err := decoder.Token(); err != nil { // [
		return nil, err
	}
	for decoder.More() {
		if int64(len(list)) == most {
			return nil, errMoreSessions
		}
		var s Session
		if err := decoder.Decode(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	_, err = decoder.Token() // ]
	if err == io.EOF {       // of null, which Pack makes of no sessions
		err = nil
	}
	return list, err
}

// Attachment writes the proof as it is put into a file, before that is signed.
func (f *File) Attachment() ([]byte, error) {
	f.Version, f.Paper = version, unsigned
	return json.Marshal(f)
}

// SignPaper signs a file that has an unsigned attachment in it: the signature
// covers every byte but its own.
func SignPaper(content []byte, key ed25519.PrivateKey) error {
	at, err := find(content)
	if err != nil {
		return err
	}
	base64.StdEncoding.Encode(content[at.paper:at.paper+len(unsigned)], ed25519.Sign(key, paper(sha256.Sum256(content))))
	return nil
}

// HeadIn is the head that a file carries, unproven; nil where it has none.
func HeadIn(content []byte) *SignedHead {
	at, err := find(content)
	if err != nil {
		return nil
	}
	return &at.file.Head
}

// paper are the bytes that the signature of a file covers.
func paper(sum Hash) []byte { return fields("creditrun paper v1", sum.String()) }

// place is where the proof stands in a file.
type place struct {
	file  File
	paper int // where the signature begins
}

// find finds the one proof of a file. One that is not written as Attachment
// writes it is none.
func find(content []byte) (*place, error) {
	begin := bytes.Index(content, []byte(opening))
	if begin < 0 {
		return nil, ErrNoProof
	}
	if bytes.Contains(content[begin+1:], []byte(opening)) {
		return nil, errors.New("there is more than one proof in this file")
	}
	at := &place{}
	decoder := json.NewDecoder(bytes.NewReader(content[begin:]))
	if err := decoder.Decode(&at.file); err != nil {
		return nil, fmt.Errorf("the proof in this file cannot be read: %w", err)
	}
	end := begin + int(decoder.InputOffset())
	if at.file.Version != version {
		return nil, fmt.Errorf("the proof in this file is of version %d, which this program does not know", at.file.Version)
	}
	const close = `"}`
	written, err := json.Marshal(&at.file)
	if err != nil || !bytes.Equal(written, content[begin:end]) || len(at.file.Paper) != len(unsigned) {
		return nil, errors.New("the proof in this file is not written as creditrun writes it: it was changed")
	}
	at.paper = end - len(close) - len(unsigned)
	return at, nil
}
