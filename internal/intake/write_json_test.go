package intake

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNetworkJSONIsReadLikeTheFile(t *testing.T) {
	file, err := os.ReadFile("../../docs/examples/network.yaml")
	if err != nil {
		t.Fatal(err)
	}
	network, err := ReadNetwork("network.yaml", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	network.Operator.Name = `A "quoted" <name> & more` + "\u2028" + `😀`
	text, err := NetworkJSON(network)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) || !strings.Contains(string(text), `"percent":"19"`) || !strings.Contains(string(text), `"mail":true`) {
		t.Errorf("%s", text)
	}
	again, err := ReadNetwork("network.json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	again.Lines, network.Lines = nil, nil
	for i := range network.Settings {
		network.Settings[i].Line = 0
	}
	for i := range again.Settings {
		again.Settings[i].Line = 0
	}
	if diff := cmp.Diff(network, again); diff != "" {
		t.Error(diff)
	}
}

func TestAStoredConfigurationBecomesAFileAgain(t *testing.T) {
	file, err := os.ReadFile("../../docs/examples/network.yaml")
	if err != nil {
		t.Fatal(err)
	}
	network, err := ReadNetwork("network.yaml", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	config, settings, err := network.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		if err := config.Settings.Set(s.Key, s.Value); err != nil {
			t.Fatal(err)
		}
	}
	again, err := NetworkOf(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range again.Settings {
		if s.Key == "logo" {
			t.Error("the logo is a file that only this database has")
		}
	}
	again.Settings, network.Settings, network.Lines = nil, nil, nil
	if diff := cmp.Diff(network, again); diff != "" {
		t.Error(diff)
	}
}
