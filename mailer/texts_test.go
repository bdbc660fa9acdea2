package mailer

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"creditrun/locales"
)

// words is the catalogue with the messages of the mail read beside it as long
// as it does not contain them itself.
type words struct {
	*locales.Catalog
	mail map[string]map[string]string
}

var message = regexp.MustCompile(`(?m)^(\w+) = (?:"(.*)"|\{.*other = "(.*)"\})$`)

func texts(t testing.TB) words {
	t.Helper()
	catalog, err := locales.New()
	if err != nil {
		t.Fatal(err)
	}
	w := words{Catalog: catalog, mail: map[string]map[string]string{}}
	for _, lang := range catalog.Languages() {
		file, err := os.ReadFile("../locales/mail." + lang + ".toml")
		if err != nil {
			continue
		}
		w.mail[lang] = map[string]string{}
		for _, m := range message.FindAllStringSubmatch(string(file), -1) {
			w.mail[lang][m[1]] = m[2] + m[3]
		}
	}
	return w
}

func (w words) Text(lang, key string, args map[string]any) (string, error) {
	pattern, ok := w.mail[lang][key]
	if !ok || !strings.HasPrefix(key, "mail_") {
		return w.Catalog.Text(lang, key, args)
	}
	tmpl, err := template.New(key).Option("missingkey=error").Parse(pattern)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, args); err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return b.String(), nil
}
