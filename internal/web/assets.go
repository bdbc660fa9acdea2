package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"
)

//go:embed static
var static embed.FS

// assets are the files that pages load. Their addresses change with their
// content, so that browsers may keep them for good.
type assets struct {
	content map[string][]byte // by name
	paths   map[string]string // by name
}

func newAssets() (*assets, error) {
	a := &assets{content: map[string][]byte{}, paths: map[string]string{}}
	entries, err := fs.ReadDir(static, "static")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		content, err := static.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		a.content[entry.Name()] = content
		a.paths[entry.Name()] = "/static/" + entry.Name() + "?" + hex.EncodeToString(sum[:6])
	}
	return a, nil
}

// path is the address of a file.
func (a *assets) path(name string) (string, error) {
	p, ok := a.paths[name]
	if !ok {
		return "", fmt.Errorf("no file %s", name)
	}
	return p, nil
}

// ServeHTTP implements http.Handler.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	content, ok := a.content[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.URL.RawQuery != "" {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
