package web

import (
	"net/http"
	"strings"
	"testing"
)

// whole reports whether an answer is a page, not a part of one, a file or a stream.
func (p reply) whole() bool {
	return p.status == http.StatusOK && strings.Contains(p.body, "<!doctype html>")
}

// pagesOf are the addresses of all pages that a browser can open; those of
// things with a name are opened for one that there is.
func (b *browser) pagesOf(own samples) (paths []string) {
	b.w.t.Helper()
	for _, rt := range b.w.server.routes {
		if !strings.HasPrefix(rt.Pattern, "GET ") || strings.HasSuffix(rt.Pattern, "/progress") || strings.HasPrefix(rt.Pattern, "GET /login") {
			continue
		}
		path, _, err := own.path(rt.Pattern, nil)
		must(b.w.t, err)
		if b.get(path).whole() {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestPagesCanBeUsedByEverybody(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		own, _ := samplesOf(c.w)
		pages := c.w.as("anna").pagesOf(own)
		if len(pages) < 30 {
			t.Errorf("only %d pages: %v", len(pages), pages)
		}
		c.open("/login")
		for _, complaint := range c.complaints() {
			t.Errorf("/login: %s", complaint)
		}
		c.as("anna")
		for _, path := range pages {
			c.open(path)
			for _, complaint := range c.complaints() {
				t.Errorf("%s: %s", path, complaint)
			}
			c.dark(true)
			for _, complaint := range c.complaints("color-contrast", "link-in-text-block") {
				t.Errorf("%s, dark: %s", path, complaint)
			}
			c.dark(false)
		}
	})
}
