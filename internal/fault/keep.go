package fault

import (
	"bytes"
	"encoding/json"
)

// kept is a fault as it is kept with the result of background work.
type kept struct {
	Kind Kind   `json:"kind"`
	Key  string `json:"key"`
	Args Args   `json:"args,omitempty"`
}

// GobEncode implements gob.GobEncoder. The cause is not kept.
func (f *Fault) GobEncode() ([]byte, error) { return json.Marshal(kept{f.Kind, f.Key, f.Args}) }

// GobDecode implements gob.GobDecoder. Arguments come back as text or whole
// numbers.
func (f *Fault) GobDecode(data []byte) error {
	var k kept
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&k); err != nil {
		return err
	}
	for name, value := range k.Args {
		number, ok := value.(json.Number)
		if !ok {
			continue
		}
		k.Args[name] = string(number)
		if whole, err := number.Int64(); err == nil {
			k.Args[name] = whole
		}
	}
	*f = Fault{Kind: k.Kind, Key: k.Key, Args: k.Args}
	return nil
}
