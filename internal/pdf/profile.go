package pdf

import (
	"encoding/binary"
	"slices"
	"unicode/utf16"
)

// sRGB is an ICC profile (ICC.1:2004, version 4.2) of the color space of
// IEC 61966-2-1, written from its published numbers: primaries and white
// adapted to D50, and the curve as a formula. It belongs to no one else.
func sRGB() []byte {
	curve := []uint32{'p'<<24 | 'a'<<16 | 'r'<<8 | 'a', 0, 3 << 16,
		0x26666, // 2.4
		0xF2A7,  // 1 / 1.055
		0x0D59,  // 0.055 / 1.055
		0x13D0,  // 1 / 12.92
		0x0A5B,  // 0.04045
	}
	tags := []struct {
		name    string
		content []byte
	}{
		{"desc", iccText("sRGB IEC61966-2.1")},
		{"cprt", iccText("No copyright, use freely")},
		{"wtpt", iccNumbers("XYZ ", 0xF6D6, 0x10000, 0xD32D)},
		{"chad", iccNumbers("sf32", 0x10C42, 0x5DE, 0xFFFFF325, 0x793, 0xFD90, 0xFFFFFBA1, 0xFFFFFDA2, 0x3DC, 0xC06E)},
		{"rXYZ", iccNumbers("XYZ ", 0x6FA2, 0x38F5, 0x390)},
		{"gXYZ", iccNumbers("XYZ ", 0x6299, 0xB785, 0x18DA)},
		{"bXYZ", iccNumbers("XYZ ", 0x24A0, 0xF84, 0xB6CF)},
		{"rTRC", bigEndian(curve)},
		{"gTRC", nil}, // share the curve
		{"bTRC", nil},
	}
	const header, entry = 128, 12
	offset := header + 4 + entry*len(tags)
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var content []byte
	var from, size int
	for _, tag := range tags {
		if tag.content != nil {
			from, size = offset+len(content), len(tag.content)
			content = append(content, tag.content...)
			for len(content)%4 != 0 {
				content = append(content, 0)
			}
		}
		table = append(table, tag.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(from))
		table = binary.BigEndian.AppendUint32(table, uint32(size))
	}
	return slices.Concat(iccHeader(offset+len(content)), table, content)
}

// iccHeader says that this is a profile of an RGB display, as of 2004.
func iccHeader(size int) []byte {
	h := make([]byte, 128)
	binary.BigEndian.PutUint32(h, uint32(size))
	binary.BigEndian.PutUint32(h[8:], 0x04200000)
	copy(h[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2004, 1, 1, 0, 0, 0} {
		binary.BigEndian.PutUint16(h[24+2*i:], v)
	}
	copy(h[36:], "acsp")
	for i, v := range []uint32{0xF6D6, 0x10000, 0xD32D} {
		binary.BigEndian.PutUint32(h[68+4*i:], v)
	}
	return h
}

func iccText(text string) []byte {
	b := append([]byte("mluc"), bigEndian([]uint32{0, 1, 12, 'e'<<24 | 'n'<<16 | 'U'<<8 | 'S', uint32(2 * len(text)), 28})...)
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.BigEndian.AppendUint16(b, unit)
	}
	return b
}

func iccNumbers(kind string, numbers ...uint32) []byte {
	return slices.Concat([]byte(kind), make([]byte, 4), bigEndian(numbers))
}

func bigEndian(numbers []uint32) []byte {
	var b []byte
	for _, v := range numbers {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}
