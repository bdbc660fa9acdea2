package access_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"creditrun/internal/access"
)

func hash(t *testing.T, password string) string {
	t.Helper()
	hash, err := access.HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func fits(t *testing.T, hash, password string) bool {
	t.Helper()
	ok, err := access.CheckPassword(t.Context(), hash, password)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestPasswordFitsItsHashOnly(t *testing.T) {
	first, second := hash(t, "grün ist die Heide"), hash(t, "grün ist die Heide")
	if first == second || !strings.HasPrefix(first, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%s, %s", first, second)
	}
	if !fits(t, first, "grün ist die Heide") || fits(t, first, "grün ist die heide") || fits(t, first, "") {
		t.Error("the wrong passwords fit")
	}
	if fits(t, "", "") || fits(t, "", "anything") {
		t.Error("without a hash a password fits")
	}
}

func TestParametersAreReadFromTheHash(t *testing.T) {
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte("old password"), salt, 3, 64, 2, 24)
	encode := base64.RawStdEncoding.EncodeToString
	cheap := "$argon2id$v=19$m=64,t=3,p=2$" + encode(salt) + "$" + encode(key)
	if !fits(t, cheap, "old password") || fits(t, cheap, "other password") {
		t.Error("a hash with other parameters is not understood")
	}
	for _, broken := range []string{
		"x", "$2a$10$abc", strings.Replace(cheap, "argon2id", "argon2i", 1), strings.Replace(cheap, "v=19", "v=16", 1),
		strings.Replace(cheap, "m=64", "m=999999999", 1), strings.Replace(cheap, "t=3", "t=0", 1), strings.Replace(cheap, "p=2", "p=0", 1),
		strings.Replace(cheap, "t=3", "t=999999", 1), strings.Replace(cheap, "m=64,", "", 1), strings.TrimSuffix(cheap, encode(key)), cheap + "!",
	} {
		if ok, err := access.CheckPassword(t.Context(), broken, "old password"); ok || err == nil {
			t.Errorf("%s: %v, %v", broken, ok, err)
		}
	}
}

func TestFloodOfLoginsWaitsForItsTurn(t *testing.T) {
	free := access.Occupy()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := access.CheckPassword(ctx, "", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("one more was computed: %v", err)
	}
	if _, err := access.HashPassword(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("one more was computed: %v", err)
	}
	free()
	if fits(t, "", "x") {
		t.Error("a password fits nothing")
	}
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	for password, want := range map[string]string{
		"short": "password_short", "elf zeichen": "password_short", "zwölf äöü ß!": "", "xxANNAxxxxxxx": "password_with_name",
		"Password1234": "password_common", "aaaaaaaaaaaaaa": "password_common", "correct horse battery": "",
	} {
		got := ""
		if f := access.WeakPassword(password, "anna"); f != nil {
			got = f.Key
		}
		if got != want {
			t.Errorf("%s: %q, want %q", password, got, want)
		}
	}
}

func TestOneTimeCodesAreThoseOfTheStandard(t *testing.T) {
	// RFC 6238 appendix B, the last six digits.
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		step, ok := access.CheckTOTP(secret, code, time.Unix(at, 0), 0)
		if !ok || step != at/30 {
			t.Errorf("%d: %d, %v", at, step, ok)
		}
	}
}

func TestCodeWorksOnceAndBrieflyOnly(t *testing.T) {
	const secret, code = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "005924"
	const step = 1234567890 / 30
	at := func(seconds int64) time.Time { return time.Unix(step*30+seconds, 0) }
	for _, one := range []struct {
		name         string
		secret, code string
		now          time.Time
		last         int64
		ok           bool
	}{
		{"in its step", secret, code, at(0), 0, true},
		{"written in two groups", secret, "005 924", at(0), 0, true},
		{"one step later", secret, code, at(59), step - 1, true},
		{"one step earlier", secret, code, at(-1), 0, true},
		{"two steps later", secret, code, at(60), 0, false},
		{"two steps earlier", secret, code, at(-31), 0, false},
		{"used already", secret, code, at(0), step, false},
		{"before one that was used", secret, code, at(0), step + 1, false},
		{"another code", secret, "005925", at(0), 0, false},
		{"no code", secret, "", at(0), 0, false},
		{"no secret", "", code, at(0), 0, false},
		{"a broken secret", "1!", code, at(0), 0, false},
	} {
		if got, ok := access.CheckTOTP(one.secret, one.code, one.now, one.last); ok != one.ok || ok && got != step {
			t.Errorf("%s: %v at step %d", one.name, ok, got)
		}
	}
}

func TestAuthenticatorAppsReadTheSecret(t *testing.T) {
	secret, err := access.NewTOTPSecret()
	if err != nil || len(secret) < 32 {
		t.Fatalf("%q, %v", secret, err)
	}
	address, err := access.TOTPURL("creditrun (Stadtwerke)", "anna", secret)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != secret || strings.Contains(address, "+") {
		t.Errorf("%s, %v", address, err)
	}
	picture, err := access.TOTPImage(address, 200)
	if err != nil {
		t.Fatal(err)
	}
	if drawn, err := png.Decode(bytes.NewReader(picture)); err != nil || drawn.Bounds().Dx() != 200 {
		t.Errorf("%v", err)
	}
}

func TestSecretsAreLongAndFoundByTheirHash(t *testing.T) {
	first, hash, err := access.NewSecret()
	second, _, _ := access.NewSecret()
	if err != nil || first == second || len(first) != len("crt_")+43 || !strings.HasPrefix(first, "crt_") {
		t.Errorf("%s, %s, %v", first, second, err)
	}
	if access.HashSecret(first) != hash || strings.Contains(hash, first) || len(hash) != 64 {
		t.Errorf("hash %s", hash)
	}
	if p := access.SecretPrefix(first); !strings.HasPrefix(first, p) || len(p) != 10 || access.SecretPrefix("x") != "x" {
		t.Errorf("prefix %s", p)
	}
}
