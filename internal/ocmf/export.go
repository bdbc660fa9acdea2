package ocmf

// Export writes signed data as the transparency software reads it: one value a
// record, with the key that fits it. Of the keys of the meter that is the one
// that verifies the record, else the first; without any it is the key that came
// with the data.
func Export(transaction int64, list []Value, keys []*Key) ([]byte, error) {
	var out []Value
	for _, one := range list {
		records, err := Parse(one.Data)
		if err != nil {
			out = append(out, one)
			continue
		}
		for _, record := range records {
			out = append(out, Value{Format: "OCMF", Data: record.Text, Context: one.Context, Key: keyFor(record, keys, one.Key)})
		}
		if len(records) > 1 {
			for i, record := range records {
				out[len(out)-len(records)+i].Context = record.context()
			}
		}
	}
	return WriteContainer(transaction, out)
}

func keyFor(record *Record, keys []*Key, stated string) string {
	for _, key := range keys {
		if record.Verify(key) == Valid {
			return key.Hex()
		}
	}
	if len(keys) > 0 {
		return keys[0].Hex()
	}
	return stated
}

// context says whether a record that is one of several begins or ends a charge.
func (r *Record) context() string {
	begins, ends := false, false
	for i := range r.Readings {
		begins, ends = begins || r.Readings[i].Transaction == "B", ends || r.Readings[i].ends()
	}
	switch {
	case begins && !ends:
		return "Transaction.Begin"
	case ends && !begins:
		return "Transaction.End"
	}
	return ""
}
