package web

import (
	"strings"
	"testing"
)

// plainPages are the pages that can be opened without knowing a name; files
// are none.
func (w *world) plainPages() (paths []string) {
	for _, rt := range w.server.routes {
		method, path, _ := strings.Cut(rt.pattern, " ")
		path = strings.TrimSuffix(path, "{$}")
		if method == "GET" && !strings.Contains(path, "{") && !strings.HasPrefix(path, "/login") && !strings.Contains(path, ".") {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestPagesCanBeUsedByEverybody(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.open("/login")
		for _, complaint := range c.complaints() {
			t.Errorf("/login: %s", complaint)
		}
		c.as("anna")
		for _, dark := range []bool{false, true} {
			c.dark(dark)
			for _, path := range c.w.plainPages() {
				c.open(path)
				for _, complaint := range c.complaints() {
					t.Errorf("%s, dark %t: %s", path, dark, complaint)
				}
			}
		}
	})
}
