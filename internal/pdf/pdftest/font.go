package pdftest

import (
	"encoding/binary"
	"errors"
)

// tablesOf finds the tables of a TrueType font by name.
func tablesOf(program []byte) (map[string][]byte, error) {
	tables := map[string][]byte{}
	if len(program) < 12 || len(program) < 12+16*at(program, 2) {
		return nil, errors.New("a font without its directory")
	}
	for i := range at(program, 2) {
		entry := program[12+16*i:]
		from, size := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if from+size > uint64(len(program)) {
			return nil, errors.New("a table beyond the end of its font")
		}
		tables[string(entry[:4])] = program[from : from+size]
	}
	return tables, nil
}

// checksum adds a table up as 32-bit numbers (OpenType, table directory).
func checksum(table []byte) (sum uint32) {
	for i, b := range table {
		sum += uint32(b) << (24 - 8*(i%4))
	}
	return sum
}

// at reads the i-th 16-bit number of a table.
func at(table []byte, i int) int { return int(binary.BigEndian.Uint16(table[2*i:])) }
