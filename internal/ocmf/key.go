package ocmf

import (
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

// Key is the public key of a meter. Where it was stated as a point alone, the
// record says on which curve it lies.
type Key struct {
	curve *curve // nil: the record says so
	x, y  *big.Int
	half  int // bytes of a coordinate as stated
}

// mostKeyBytes is how long the text of a public key may be.
const mostKeyBytes = 4096

// The errors of ParseKey.
var (
	ErrKey      = errors.New("not a public key in hexadecimal or base64")
	ErrKeyCurve = errors.New("a public key of a curve that is not known")
)

// ParseKey reads a public key as stations, meters and the transparency software
// write it: SubjectPublicKeyInfo or the point alone, in hexadecimal (blanks and
// colons are left out), base64 or PEM.
func ParseKey(text string) (*Key, error) {
	if len(text) > mostKeyBytes {
		return nil, ErrKey
	}
	content := keyBytes(text)
	if len(content) == 0 {
		return nil, ErrKey
	}
	var info keyInfo
	if rest, err := asn1.Unmarshal(content, &info); err == nil && len(rest) == 0 {
		return keyOfInfo(&info)
	}
	return keyOfPoint(content, nil)
}

func keyBytes(text string) []byte {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes
	}
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', ':', '\uFEFF':
			return -1
		}
		return r
	}, text)
	if content, err := hex.DecodeString(text); err == nil {
		return content
	}
	return decodeBase64(text)
}

// decodeBase64 reads base64, also that of addresses and without its end; nil
// when it is none.
func decodeBase64(text string) []byte {
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	content, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return content
}

// keyInfo is SubjectPublicKeyInfo (RFC 5480).
type keyInfo struct {
	Algorithm struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	Key asn1.BitString
}

func keyOfInfo(info *keyInfo) (*Key, error) {
	var oid asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &oid); err != nil || len(rest) > 0 {
		return nil, ErrKeyCurve
	}
	c := curveOf(oid)
	if c == nil {
		return nil, ErrKeyCurve
	}
	return keyOfPoint(info.Key.RightAlign(), c)
}

// keyOfPoint reads x and y, with or without the 04 in front of them.
func keyOfPoint(content []byte, c *curve) (*Key, error) {
	if len(content)%2 == 1 && content[0] == 4 {
		content = content[1:]
	}
	half := len(content) / 2
	if len(content)%2 == 1 || !sizeOfCurve(half) || c != nil && half != c.size {
		return nil, ErrKey
	}
	k := &Key{curve: c, x: new(big.Int).SetBytes(content[:half]), y: new(big.Int).SetBytes(content[half:]), half: half}
	if c != nil && !c.has(k.x, k.y) {
		return nil, ErrKey
	}
	return k, nil
}

func sizeOfCurve(half int) bool {
	for _, c := range curves {
		if c.size == half {
			return true
		}
	}
	return false
}

// Curve names the curve of the key; empty where the record has to say it.
func (k *Key) Curve() string {
	if k.curve == nil {
		return ""
	}
	return k.curve.name
}

// on returns the curve of the key for a record that names one; nil: they do not
// fit each other.
func (k *Key) on(stated *curve) *curve {
	if k.curve != nil {
		return k.curve
	}
	if stated == nil || stated.size != k.half || !stated.has(k.x, k.y) {
		return nil
	}
	return stated
}

// Hex writes the key as the transparency software reads it: in hexadecimal.
func (k *Key) Hex() string {
	point := append(k.x.FillBytes(make([]byte, k.half)), k.y.FillBytes(make([]byte, k.half))...)
	if k.curve == nil {
		return strings.ToUpper(hex.EncodeToString(point))
	}
	var info keyInfo
	info.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	parameters, _ := asn1.Marshal(k.curve.oid) // an identifier of ours always goes
	info.Algorithm.Parameters = asn1.RawValue{FullBytes: parameters}
	info.Key = asn1.BitString{Bytes: append([]byte{4}, point...), BitLength: 8 * (1 + len(point))}
	content, _ := asn1.Marshal(info)
	return strings.ToUpper(hex.EncodeToString(content))
}

// signature is the pair of numbers that signs a record.
type signature struct{ r, s *big.Int }

// parseSignature reads a signature of a curve: DER, or r and s one after the
// other. Some meters leave out the zero byte in front of a number whose highest
// bit is set, which makes it negative in DER; no signature has negative
// numbers, so both are read without a sign.
func parseSignature(content []byte, c *curve) (signature, bool) {
	if body, rest, ok := element(content, 0x30); ok && len(rest) == 0 {
		r, after, okR := element(body, 0x02)
		s, end, okS := element(after, 0x02)
		if okR && okS && len(end) == 0 {
			return signature{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)}, true
		}
	}
	if len(content) != 2*c.size {
		return signature{}, false
	}
	return signature{new(big.Int).SetBytes(content[:c.size]), new(big.Int).SetBytes(content[c.size:])}, true
}

// element takes the content of a DER element off the front.
func element(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	length, b := int(b[1]), b[2:]
	if length == 0x81 && len(b) > 0 {
		length, b = int(b[0]), b[1:]
	} else if length >= 0x80 {
		return nil, nil, false
	}
	if length > len(b) {
		return nil, nil, false
	}
	return b[:length], b[length:], true
}

// Verify says whether the key signed the record.
func (r *Record) Verify(k *Key) Verdict {
	if k == nil {
		return NoKey
	}
	stated, known := r.algorithm()
	if !known {
		return Unsupported
	}
	c := k.on(stated)
	if c == nil {
		return Invalid
	}
	sign, ok := parseSignature(r.signature, c)
	if !ok {
		return Invalid
	}
	digest := sha256.Sum256(r.payload)
	if !c.verify(k.x, k.y, digest[:], sign.r, sign.s) {
		return Invalid
	}
	return Valid
}

// algorithm returns the curve that the record names, which is secp256r1 where it
// names none. All of them sign SHA-256.
func (r *Record) algorithm() (*curve, bool) {
	if r.Algorithm == "" {
		return curveNamed("secp256r1"), true
	}
	method, rest, _ := strings.Cut(r.Algorithm, "-")
	name, digest, _ := strings.Cut(rest, "-")
	c := curveNamed(name)
	return c, c != nil && strings.EqualFold(method, "ECDSA") && strings.EqualFold(digest, "SHA256")
}

// signatureBytes reads the signature of a record.
func signatureBytes(text, encoding string) ([]byte, error) {
	text = strings.TrimSpace(text)
	var content []byte
	if strings.EqualFold(encoding, "base64") {
		content = decodeBase64(text)
	} else if read, err := hex.DecodeString(text); err == nil {
		content = read
	}
	if len(content) == 0 {
		return nil, ErrSignature
	}
	return content, nil
}
