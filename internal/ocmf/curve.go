package ocmf

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/asn1"
	"math/big"
	"strings"
)

// curve is an elliptic curve y² = x³ + ax + b over the integers modulo p, with
// a base point (gx, gy) of order n. All of them have the cofactor 1: every
// point but the one at infinity has the order n.
type curve struct {
	name       string // as key and record name it
	oid        asn1.ObjectIdentifier
	p, a, b, n *big.Int
	gx, gy     *big.Int
	standard   elliptic.Curve // of the standard library, which is many times faster; nil: it has none
	size       int            // bytes of a coordinate
}

// The curves that meters sign with. Parameters: SEC 2 (versions 1 and 2) and
// RFC 5639.
var curves = []*curve{
	newCurve("secp192k1", asn1.ObjectIdentifier{1, 3, 132, 0, 31},
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFEE37", "0", "3",
		"DB4FF10EC057E9AE26B07D0280B7F4341DA5D1B1EAE06C7D", "9B2F2F6D9C5628A7844163D015BE86344082AA88D95E2F9D",
		"FFFFFFFFFFFFFFFFFFFFFFFE26F2FC170F69466A74DEFD8D"),
	newCurve("secp192r1", asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 1},
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFC",
		"64210519E59C80E70FA7E9AB72243049FEB8DEECC146B9B1",
		"188DA80EB03090F67CBF20EB43A18800F4FF0AFD82FF1012", "07192B95FFC8DA78631011ED6B24CDD573F977A11E794811",
		"FFFFFFFFFFFFFFFFFFFFFFFF99DEF836146BC9B1B4D22831"),
	newCurve("secp256k1", asn1.ObjectIdentifier{1, 3, 132, 0, 10},
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F", "0", "7",
		"79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798",
		"483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8",
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"),
	newCurve("brainpoolP256r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 7},
		"A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377",
		"7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9",
		"26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6",
		"8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262",
		"547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997",
		"A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7"),
	newCurve("brainpoolP384r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 11},
		"8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B412B1DA197FB71123ACD3A729901D1A71874700133107EC53",
		"7BC382C63D8C150C3C72080ACE05AFA0C2BEA28E4FB22787139165EFBA91F90F8AA5814A503AD4EB04A8C7DD22CE2826",
		"04A8C7DD22CE28268B39B55416F0447C2FB77DE107DCD2A62E880EA53EEB62D57CB4390295DBC9943AB78696FA504C11",
		"1D1C64F068CF45FFA2A63A81B7C13F6B8847A3E77EF14FE3DB7FCAFE0CBD10E8E826E03436D646AAEF87B2E247D4AF1E",
		"8ABE1D7520F9C2A45CB1EB8E95CFD55262B70B29FEEC5864E19C054FF99129280E4646217791811142820341263C5315",
		"8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B31F166E6CAC0425A7CF3AB6AF6B7FC3103B883202E9046565"),
	standardCurve("secp256r1", asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, elliptic.P256()),
	standardCurve("secp384r1", asn1.ObjectIdentifier{1, 3, 132, 0, 34}, elliptic.P384()),
	standardCurve("secp521r1", asn1.ObjectIdentifier{1, 3, 132, 0, 35}, elliptic.P521()),
}

func newCurve(name string, oid asn1.ObjectIdentifier, p, a, b, gx, gy, n string) *curve {
	c := &curve{name: name, oid: oid, p: number(p), a: number(a), b: number(b), gx: number(gx), gy: number(gy), n: number(n)}
	c.size = (c.p.BitLen() + 7) / 8
	return c
}

func standardCurve(name string, oid asn1.ObjectIdentifier, standard elliptic.Curve) *curve {
	of := standard.Params()
	return &curve{name: name, oid: oid, p: of.P, a: new(big.Int).Sub(of.P, big.NewInt(3)), b: of.B,
		gx: of.Gx, gy: of.Gy, n: of.N, standard: standard, size: (of.BitSize + 7) / 8}
}

// number reads one of the constants above.
func number(hexadecimal string) *big.Int {
	n, _ := new(big.Int).SetString(hexadecimal, 16) // a constant is always right
	return n
}

// curveNamed finds the curve of a signature algorithm; records name it in
// several ways: secp256r1, brainpool256r1, brainpoolP256r1.
func curveNamed(name string) *curve {
	name = strings.Replace(strings.ToLower(name), "brainpool2", "brainpoolp2", 1)
	name = strings.Replace(name, "brainpool3", "brainpoolp3", 1)
	for _, c := range curves {
		if strings.ToLower(c.name) == name {
			return c
		}
	}
	return nil
}

func curveOf(oid asn1.ObjectIdentifier) *curve {
	for _, c := range curves {
		if c.oid.Equal(oid) {
			return c
		}
	}
	return nil
}

// has reports whether a point lies on the curve.
func (c *curve) has(x, y *big.Int) bool {
	if x.Cmp(c.p) >= 0 || y.Cmp(c.p) >= 0 {
		return false
	}
	right := new(big.Int).Mul(x, x)
	right.Add(right, c.a).Mul(right, x).Add(right, c.b).Mod(right, c.p)
	left := new(big.Int).Mul(y, y)
	return left.Mod(left, c.p).Cmp(right) == 0
}

// verify reports whether (r, s) is a signature of a digest under the public
// key (x, y), which lies on the curve (SEC 1, §4.1.4).
func (c *curve) verify(x, y *big.Int, digest []byte, r, s *big.Int) bool {
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.n) >= 0 || s.Cmp(c.n) >= 0 {
		return false
	}
	if c.standard != nil {
		point := append([]byte{4}, x.FillBytes(make([]byte, c.size))...)
		key, err := ecdsa.ParseUncompressedPublicKey(c.standard, append(point, y.FillBytes(make([]byte, c.size))...))
		return err == nil && ecdsa.Verify(key, digest, r, s)
	}
	e := new(big.Int).SetBytes(digest)
	if extra := len(digest)*8 - c.n.BitLen(); extra > 0 {
		e.Rsh(e, uint(extra))
	}
	w := new(big.Int).ModInverse(s, c.n)
	u := e.Mul(e, w).Mod(e, c.n)
	v := w.Mul(w, r).Mod(w, c.n)
	sum := c.sum(u, v, x, y)
	found := sum.affineX(c)
	return found != nil && found.Mod(found, c.n).Cmp(r) == 0
}

// point is (x/z², y/z³); z = 0 is the point at infinity.
type point struct{ x, y, z *big.Int }

func affine(x, y *big.Int) point { return point{x, y, big.NewInt(1)} }

func infinity() point { return point{big.NewInt(1), big.NewInt(1), new(big.Int)} }

// sum returns u·G + v·(x, y), bit by bit of both at once.
func (c *curve) sum(u, v, x, y *big.Int) point {
	g, q := affine(c.gx, c.gy), affine(x, y)
	both := c.add(g, q)
	sum := infinity()
	for i := max(u.BitLen(), v.BitLen()) - 1; i >= 0; i-- {
		sum = c.double(sum)
		switch {
		case u.Bit(i) == 1 && v.Bit(i) == 1:
			sum = c.add(sum, both)
		case u.Bit(i) == 1:
			sum = c.add(sum, g)
		case v.Bit(i) == 1:
			sum = c.add(sum, q)
		}
	}
	return sum
}

func (c *curve) times(a, b *big.Int) *big.Int {
	out := new(big.Int).Mul(a, b)
	return out.Mod(out, c.p)
}

func (c *curve) minus(a, b *big.Int) *big.Int {
	out := new(big.Int).Sub(a, b)
	return out.Mod(out, c.p)
}

// double returns 2·a.
func (c *curve) double(a point) point {
	if a.z.Sign() == 0 || a.y.Sign() == 0 {
		return infinity()
	}
	yy, zz := c.times(a.y, a.y), c.times(a.z, a.z)
	s := c.times(c.times(a.x, yy), big.NewInt(4))
	m := c.times(c.times(a.x, a.x), big.NewInt(3))
	m.Add(m, c.times(c.a, c.times(zz, zz)))
	x := c.minus(c.times(m, m), new(big.Int).Lsh(s, 1))
	y := c.minus(c.times(m, c.minus(s, x)), new(big.Int).Lsh(c.times(yy, yy), 3))
	return point{x, y, c.times(new(big.Int).Lsh(a.y, 1), a.z)}
}

// add returns a + b.
func (c *curve) add(a, b point) point {
	switch {
	case a.z.Sign() == 0:
		return b
	case b.z.Sign() == 0:
		return a
	}
	aa, bb := c.times(a.z, a.z), c.times(b.z, b.z)
	u, v := c.times(a.x, bb), c.times(b.x, aa)
	s, t := c.times(a.y, c.times(bb, b.z)), c.times(b.y, c.times(aa, a.z))
	h, r := c.minus(v, u), c.minus(t, s)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return c.double(a)
		}
		return infinity()
	}
	hh := c.times(h, h)
	hhh, w := c.times(hh, h), c.times(u, hh)
	x := c.minus(c.minus(c.times(r, r), hhh), new(big.Int).Lsh(w, 1))
	y := c.minus(c.times(r, c.minus(w, x)), c.times(s, hhh))
	return point{x, y, c.times(h, c.times(a.z, b.z))}
}

// affineX returns x of a point, and nil of the one at infinity.
func (a point) affineX(c *curve) *big.Int {
	if a.z.Sign() == 0 {
		return nil
	}
	inverse := new(big.Int).ModInverse(a.z, c.p)
	return c.times(a.x, c.times(inverse, inverse))
}
