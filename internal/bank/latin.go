package bank

import (
	"strings"
	"unicode"
)

// latinSet is what every bank of SEPA accepts besides letters and digits
// (EPC217-08).
const latinSet = "/-?:().,'+ "

// spellings are the small letters beyond the Latin set and how they are written
// in it, and the signs that EPC217-08 converts. Capital letters follow from
// them.
var spellings = spell(map[string]string{
	"a": "àáâãåāăąǎạảấầẩẫậắằẳẵặ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếềểễệ", "g": "ĝğġģ", "h": "ĥħ",
	"i": "ìíîïĩīĭįıǐỉị", "j": "ĵ", "k": "ķĸ", "l": "ĺļľŀł", "n": "ñńņňŉŋ", "o": "òóôõōŏőọỏốồổỗộớờởỡợơ",
	"r": "ŕŗř", "s": "śŝşšșſ", "t": "ţťŧț", "u": "ùúûũūŭůűųǔụủứừửữựư", "w": "ŵẁẃẅ", "y": "ýÿŷỳỵỷỹ", "z": "źżž",
	"ae": "äæǽ", "oe": "öøœǿ", "ue": "ü", "ss": "ß", "th": "þ", "ij": "ĳ",
	// Greek.
	"Ga": "αά", "Gv": "β", "Gg": "γ", "Gd": "δ", "Ge": "εέ", "Gz": "ζ", "Gi": "ηήιίϊΐ", "Gth": "θ", "Gk": "κ", "Gl": "λ", "Gm": "μ",
	"Gn": "ν", "Gx": "ξ", "Go": "οόωώ", "Gp": "π", "Gr": "ρ", "Gs": "σς", "Gt": "τ", "Gy": "υύϋΰ", "Gf": "φ", "Gch": "χ", "Gps": "ψ",
	// Cyrillic: Bulgarian first, then what other languages add.
	"Ca": "аъ", "Cb": "б", "Cv": "в", "Cg": "гґѓ", "Cd": "д", "Ce": "еёэ", "Czh": "ж", "Cz": "з", "Ci": "иіѝ", "Cy": "йьы", "Ck": "кќ",
	"Cl": "л", "Cm": "м", "Cn": "н", "Co": "о", "Cp": "п", "Cr": "р", "Cs": "с", "Ct": "т", "Cu": "уў", "Cf": "ф", "Ch": "х", "Cts": "ц",
	"Cch": "ч", "Csh": "ш", "Csht": "щ", "Cyu": "ю", "Cya": "я", "Cye": "є", "Cyi": "ї", "Cdj": "ђ", "Cj": "ј", "Clj": "љ", "Cnj": "њ",
	"Cc": "ћ", "Cdz": "џѕ",
})

var signs = map[rune]string{
	'&': "+", '_': "-", '~': "-", '–': "-", '—': "-", '‐': "-", '‑': "-", '−': "-", ';': ",", '[': "(", '{': "(", ']': ")", '}': ")",
	'\\': "/", '|': "/", '`': "'", '´': "'", '‘': "'", '’': "'", '‚': "'", '"': "'", '“': "'", '”': "'", '„': "'", '«': "'", '»': "'",
	'€': "EUR", '…': "...", '\u00ad': "", '\u200b': "", '\ufeff': "", 'º': "o", 'ª': "a", '§': "S", 'İ': "I",
}

// spell turns the table around. A capital in front of a spelling keeps the
// scripts apart that spell a letter alike.
func spell(table map[string]string) map[rune]string {
	bySmall := map[rune]string{}
	for spelling, letters := range table {
		for _, letter := range letters {
			bySmall[letter] = strings.TrimLeft(spelling, "GC")
		}
	}
	return bySmall
}

// Latin writes a text in the Latin character set of SEPA: a to z, A to Z, 0 to
// 9, and / - ? : ( ) . , ' + and space. Letters of other alphabets of Europe are
// transliterated (ä becomes ae, ß ss, ł l, Ж ZH), signs are replaced as
// EPC217-08 says, and what is left becomes a full stop. Runs of white space
// become one space, none is left at the ends. The text may grow: compare the
// length of what is returned with MaxName or MaxText.
func Latin(text string) string {
	var b strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		b.WriteString(latin(r, runes[max(0, i-1)], runes[min(len(runes)-1, i+1)]))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// latin is one character in the Latin set, between its neighbors.
func latin(r, before, after rune) string {
	switch {
	case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune(latinSet, r):
		return string(r)
	case unicode.IsSpace(r):
		return " "
	case r == '\u0308' && strings.ContainsRune("aouAOU", before): // ä in two characters
		return "e"
	case unicode.Is(unicode.Mn, r):
		return ""
	case r == 'ẞ':
		return "SS"
	}
	if sign, ok := signs[r]; ok {
		return sign
	}
	if small, ok := spellings[r]; ok {
		return small
	}
	if small, ok := spellings[unicode.ToLower(r)]; ok {
		return capital(small, unicode.IsLower(after))
	}
	return "."
}

// capital writes a spelling with a capital letter, or all in capitals.
func capital(small string, firstOnly bool) string {
	if firstOnly {
		return strings.ToUpper(small[:1]) + small[1:]
	}
	return strings.ToUpper(small)
}
