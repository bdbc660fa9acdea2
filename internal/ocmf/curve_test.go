package ocmf

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
)

// signedByOpenSSL are a key, and a signature of "OCMF signed text NAME", that
// OpenSSL 3 made for each curve (names as OpenSSL writes them).
var signedByOpenSSL = []struct{ name, key, signature string }{
	{"secp192k1",
		"3046301006072a8648ce3d020106052b8104001f033200046ab3d6baa4a96ce5c9d8da6b272b4d846f710d1d75d806a1dac341b663f035c58c4965ad56f132c435d6a289d3f56ca2",
		"3034021829c5d91d19ac4d3e7e6e6a43f43e25f5e346c15ddfe936b00218110e53ad2d9bfbac6463367f58bd84fdaa73a4689d40aead"},
	{"prime192v1",
		"3049301306072a8648ce3d020106082a8648ce3d03010103320004c588e929a81c5fbf275ad11615848c441bc2be10413d4a0a3379f8358ac258b128ecb37dbb0794df947fa5697e96cda8",
		"3036021900c1055e974cdd707c17f2bd4bc5059d3349d827bd9541acab021900cf45b6872f220abecf80310a65fad10b0b432d1737ce5d75"},
	{"secp256k1",
		"3056301006072a8648ce3d020106052b8104000a03420004b9315d97fa7f36685e1a2c2e437940f1a29fbe8e8605926989f5ec19f4c078466933162577426b53ff52c7f99d31dfcfbf8c0a35b0112195e8c769bc27f031c4",
		"304602210089e24f4b5885a77d70513564f1bd68fc672fe9214aa3d40f7d64497d0f1e3dc1022100d06bb9fa9162057b928948169047916d7be194bc5d8feceff2e1fda3c9bae8ae"},
	{"brainpoolP256r1",
		"305a301406072a8648ce3d020106092b240303020801010703420004506ef42bb74bfeec0202c0c7a3cdcf385c1d145ab3f83901162ba6f9795312d69e6175904088145b786bfa11b368aad282a197771c5995ec2893888d9e0b2f46",
		"3044022010175e45877b1a6730faaed67498149f61993a7250d90e18a17a4833fd0f724e022037cb582ef551a92025b0263f71ee74ab2a976ecb8f3edc64384cd5f96fd89726"},
	{"brainpoolP384r1",
		"307a301406072a8648ce3d020106092b240303020801010b036200047898a1214e2672186dcd10771ab821b2bd6788e4d04bc92271280ebeb1de37afeec3d5d65a47e3835ad1f27b17b93ee606c6e56b865918a0cbf4423da69c8e4c8f2db108a7ba3b76333d45e3828cd22b06479e5cdce71d2d1ab5fa232218a876",
		"30640230499aac480f216e231ea0e79333ce8157a0e63af90b01105f666c25f8a91728d38eaeff0b43e57def72009a4030edf2db02305d36005277e1445a3856ab9fcd3171f3c4e2527556b8b548401bb5869c1c5def6bfc58a3dff2dc51676ca7898d800b97"},
	{"prime256v1",
		"3059301306072a8648ce3d020106082a8648ce3d03010703420004a4f5e032fba4726c45f0097c67da1a73d227fd26ce8de6b443d1d2bbc4cf5ca68408a28d41dea356e0a2a90b24420ba25ce3d6bde536bca952a2bb728dfd819e",
		"3045022100f28aa54b5e8664d7bb863af2f17a77d43870c9f7fe3cc2a853953af7b63608570220083a4c5138a577c6d0bdce6ed9b63679590e92b86dddda97bbc86dc02eed3d4e"},
	{"secp384r1",
		"3076301006072a8648ce3d020106052b8104002203620004e28f4b270722961f999a2af16517ad5e8f28b35b479c90b064e9b21d76c3917ca8834ebde21ac6b46ea5c335c0b6d690e653a67544ce4d53f59c20eae6f782c73e17b6fe900960dcbe1bcf19356faa0d4abdae0438c4521133034adc2866da47",
		"3066023100f900155a20e6fba4513b0d22789756b6e9264e0dfbf482837b6732eeb158c1d1a765a9f776b70058c547c37ebd3224a6023100c926a9e3d2ac97b53812b5dd28adbdf0ea8820344603ce2f1e1461b13fcdc40971d1cc84a0feabd5b85f2a6498909836"},
	{"secp521r1",
		"30819b301006072a8648ce3d020106052b810400230381860004016e048dc9afaa05746c509db350a0e7773b25992ef631c4af7e9d3ade0807b1a2afe4c0b3551a7116e80d9389889059cae458baed3b390ec28b1b0b8282a903dcbe013d6a32b50eff001e1e88d0512cb76556f062f55207c8fedb1355bb7f30a89f1f229d738d763fca6807fcb4c62d30617a490a9d19a6f281c617016964e4d41fd65b",
		"308187024126609b36afb610f269b78b6cb8e3a2aec321ac18de02cd50edcc4c1e85eab950c6fc76ca7383ae353129f6f8a65077e8242bd3540c8d36406a94893c97a37d6006024200866dcc92f7cf0a24dc3d5b445d6f8847fb0a48e337f2937e4ef8086a5153ef61cf76bfa1a0fc0b2b77d64b8bd8b9ac6a82c3b4f25bfb5e59d288e9ed9e2fa1bba0"},
}

func TestEveryCurveVerifiesWhatOpenSSLSigned(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range signedByOpenSSL {
		key, err := ParseKey(v.key)
		if err != nil {
			t.Fatal(v.name, err)
		}
		seen[key.Curve()] = true
		content, _ := hex.DecodeString(v.signature)
		sign, ok := parseSignature(content, key.curve)
		if !ok {
			t.Fatal(v.name, "signature not read")
		}
		right, wrong := sha256.Sum256([]byte("OCMF signed text "+v.name)), sha256.Sum256([]byte("OCMF signed text "+v.name+"."))
		if !key.curve.verify(key.x, key.y, right[:], sign.r, sign.s) {
			t.Error(v.name, "a right signature is refused")
		}
		if key.curve.verify(key.x, key.y, wrong[:], sign.r, sign.s) {
			t.Error(v.name, "a signature of another text is taken")
		}
		own := *key.curve
		own.standard = nil // the arithmetic of our own agrees with the standard library
		if !own.verify(key.x, key.y, right[:], sign.r, sign.s) || own.verify(key.x, key.y, wrong[:], sign.r, sign.s) {
			t.Error(v.name, "other verdicts without the standard library")
		}
		raw := append(sign.r.FillBytes(make([]byte, own.size)), sign.s.FillBytes(make([]byte, own.size))...)
		if again, ok := parseSignature(raw, key.curve); !ok || again.r.Cmp(sign.r) != 0 || again.s.Cmp(sign.s) != 0 {
			t.Error(v.name, "a raw signature is read differently")
		}
	}
	for _, c := range curves {
		if !seen[c.name] {
			t.Error("no signature of", c.name)
		}
	}
}

func TestNumbersBeyondTheOrderAreNoSignature(t *testing.T) {
	for _, c := range curves {
		digest := make([]byte, 32)
		for _, bad := range []*big.Int{new(big.Int), c.n, new(big.Int).Add(c.n, big.NewInt(1)), big.NewInt(-1)} {
			if c.verify(c.gx, c.gy, digest, bad, big.NewInt(1)) || c.verify(c.gx, c.gy, digest, big.NewInt(1), bad) {
				t.Errorf("%s: %v is taken", c.name, bad)
			}
		}
	}
}

// What adding and doubling do at the point at infinity and with a point and its
// opposite.
func TestSumsOfPoints(t *testing.T) {
	for _, c := range curves {
		if !c.has(c.gx, c.gy) {
			t.Error(c.name, "the base point is not on the curve")
		}
		g := affine(c.gx, c.gy)
		opposite := affine(c.gx, c.minus(new(big.Int), c.gy))
		if c.add(g, opposite).z.Sign() != 0 {
			t.Error(c.name, "g − g")
		}
		if c.add(g, g).affineX(c).Cmp(c.double(g).affineX(c)) != 0 {
			t.Error(c.name, "g + g is not 2 g")
		}
		if c.add(infinity(), g).affineX(c).Cmp(c.gx) != 0 || c.add(g, infinity()).affineX(c).Cmp(c.gx) != 0 {
			t.Error(c.name, "g + 0")
		}
		if c.double(infinity()).affineX(c) != nil {
			t.Error(c.name, "2 · 0")
		}
		if c.sum(c.n, new(big.Int), c.gx, c.gy).affineX(c) != nil {
			t.Error(c.name, "n · g is not 0")
		}
	}
}

func TestKeysAreReadInEveryForm(t *testing.T) {
	key, err := ParseKey(signedByOpenSSL[0].key)
	if err != nil {
		t.Fatal(err)
	}
	content, _ := hex.DecodeString(key.Hex())
	coded := base64.StdEncoding.EncodeToString(content)
	for name, form := range map[string]string{
		"blanks": strings.Join(strings.Split(key.Hex(), ""), " "), "colons": strings.Join(strings.Split(key.Hex(), "0"), "0:"),
		"lower case": strings.ToLower(key.Hex()), "base64": coded, "base64 without its end": strings.TrimRight(coded, "="),
		"PEM": "-----BEGIN PUBLIC KEY-----\n" + coded + "\n-----END PUBLIC KEY-----\n",
	} {
		if got, err := ParseKey(form); err != nil || got.Hex() != key.Hex() {
			t.Errorf("%s: %v", name, err)
		}
	}
	point := key.Hex()[len(key.Hex())-2*2*key.half:]
	for _, form := range []string{point, "04" + point} {
		got, err := ParseKey(form)
		if err != nil || got.Curve() != "" || got.on(key.curve) != key.curve || got.on(curveNamed("secp256r1")) != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
	for name, form := range map[string]string{
		"nothing": "", "words": "no key", "too short": "3059", "too long": strings.Repeat("30", mostKeyBytes),
		"a point off the curve": key.Hex()[:len(key.Hex())-1] + "3", "RSA": "302A300506032B6570032100" + strings.Repeat("AB", 32),
	} {
		if _, err := ParseKey(form); err == nil {
			t.Error(name, "is taken for a key")
		}
	}
}

func TestCurvesAreFoundByTheirNames(t *testing.T) {
	for name, want := range map[string]string{"secp256r1": "secp256r1", "brainpool256r1": "brainpoolP256r1",
		"brainpoolP256r1": "brainpoolP256r1", "BrainpoolP384r1": "brainpoolP384r1", "brainpool384r1": "brainpoolP384r1"} {
		if c := curveNamed(name); c == nil || c.name != want {
			t.Error(name, c)
		}
	}
	if curveNamed("secp224r1") != nil {
		t.Error("secp224r1 is known")
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, v := range signedByOpenSSL {
		b.Run(v.name, func(b *testing.B) {
			key, _ := ParseKey(v.key)
			content, _ := hex.DecodeString(v.signature)
			sign, _ := parseSignature(content, key.curve)
			digest := sha256.Sum256([]byte("OCMF signed text " + v.name))
			for b.Loop() {
				key.curve.verify(key.x, key.y, digest[:], sign.r, sign.s)
			}
		})
	}
}
