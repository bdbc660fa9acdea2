package numbering

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// FileName returns a number as the first part of the names of its files. Most
// numbers stay as they are: GS-2026-00001. What some file system does not take
// is written as an underscore; such a name ends in a tilde and a hash of the
// number, because GS/2026-1 and GS_2026-1 are two numbers. So two numbers that
// differ in more than upper and lower case never share a file name.
func FileName(number string) string {
	name := fileText(number)
	if name == number {
		return name
	}
	return withHash(name, number)
}

// FileNameApart returns FileName with the hash in any case. It names the files
// of a number that differs from an older one in nothing but upper and lower
// case, which some file systems do not tell apart.
func FileNameApart(number string) string { return withHash(fileText(number), number) }

// hashMark stands before the hash. It occurs in no number, so no number can
// look like the hashed name of another one.
const hashMark = "~"

func withHash(name, number string) string {
	sum := sha256.Sum256([]byte(number))
	return name + hashMark + hex.EncodeToString(sum[:4])
}

// fileText replaces what a file name must not have on one system or another:
// characters beside those of numbers, a full stop or hyphen at an end, and the
// names of Windows devices.
func fileText(number string) string {
	name := strings.Map(func(r rune) rune {
		if r > 0x7e || !allowed(byte(r)) || r == '/' {
			return '_'
		}
		return r
	}, number)
	name = strings.Trim(name, "-.")
	if base, _, _ := strings.Cut(name, "."); name == "" || isDevice(base) {
		return "_" + name
	}
	return name
}

// isDevice reports whether Windows takes a name for one of its devices,
// whatever the ending.
func isDevice(name string) bool {
	switch name = strings.ToUpper(name); {
	case name == "CON", name == "PRN", name == "AUX", name == "NUL":
		return true
	case len(name) == 4 && (strings.HasPrefix(name, "COM") || strings.HasPrefix(name, "LPT")):
		return name[3] >= '0' && name[3] <= '9'
	}
	return false
}
