package page

import (
	"net/url"
	"path"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// Links to pages: where a visitor may follow one, and where a fault is fixed.

// RouteOf finds the route of the page at an escaped path: of those that match
// the one with the fewest wildcards, as http.ServeMux does. It is nil where
// there is no page.
func RouteOf(routes []Route, path string) (found *Route) {
	asked, fewest := strings.Split(path, "/"), 0
	for i := range routes {
		pattern, isPage := strings.CutPrefix(routes[i].Pattern, "GET ")
		if !isPage {
			continue
		}
		if wildcards, ok := matchPath(strings.Split(strings.TrimSuffix(pattern, "{$}"), "/"), asked); ok && (found == nil || wildcards < fewest) {
			found, fewest = &routes[i], wildcards
		}
	}
	return found
}

// matchPath reports whether the segments of a path are those of a pattern, and
// how many of them are wildcards.
func matchPath(pattern, path []string) (wildcards int, ok bool) {
	if len(pattern) != len(path) {
		return 0, false
	}
	for i, segment := range pattern {
		switch {
		case strings.HasPrefix(segment, "{") && path[i] != "":
			wildcards++
		case segment != path[i]:
			return 0, false
		}
	}
	return wildcards, true
}

// CanOpen reports whether an address of ours leads to a page that the visitor
// may open.
func (v *Visit) CanOpen(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	rt := RouteOf(v.routes, u.EscapedPath())
	return rt != nil && v.admits(*rt)
}

// LinkIfAllowed is an address of ours where the visitor may open it, else
// nothing.
func (v *Visit) LinkIfAllowed(target string) string {
	if v.CanOpen(target) {
		return target
	}
	return ""
}

// NearestAllowed is the address itself where the visitor may open it, else that
// of the nearest page above it, else nothing.
func (v *Visit) NearestAllowed(target string) string {
	for target != "" && target != "/" && target != "." {
		if v.CanOpen(target) {
			return target
		}
		target, _, _ = strings.Cut(target, "#")
		target, _, _ = strings.Cut(target, "?")
		target = path.Dir(target)
	}
	return ""
}

// FixLink is the page on which a fault is fixed, or the nearest page above it
// that the visitor may open; empty where there is none.
func (v *Visit) FixLink(f *fault.Fault, b *snapshot.Snapshot) string {
	target := v.fixPages[f.Key]
	switch {
	case f.Key == "range_missing" && f.Args["type"] == "cancellation":
		target = "/settings#cancellation_range"
	case f.Key == "operator_incomplete" && f.Args["field"] == "email":
		target = strings.ReplaceAll(target, "{field}", "emails")
	}
	escape := url.PathEscape
	if strings.Contains(target, "?") {
		escape = url.QueryEscape
	}
	for name, value := range f.Args {
		if text, ok := value.(string); ok {
			target = strings.ReplaceAll(target, "{"+name+"}", escape(text))
		}
	}
	if operator := b.Operator(); operator != nil {
		target = strings.ReplaceAll(target, "{operator}", url.PathEscape(operator.Key))
	}
	return v.NearestAllowed(target)
}

// The addresses of pages.

// NumberPath is the page of a note with a number.
func NumberPath(number string) string { return "/notes/" + url.PathEscape(number) }

// TreePath is the tree of entities opened at one of them.
func TreePath(key string) string { return "/entities?beneath=" + url.QueryEscape(key) }

// UserPath is the page of a user.
func UserPath(name string) string { return "/users/" + url.PathEscape(name) }

// LayoutPath is the page of a layout.
func LayoutPath(key string) string { return "/layouts/" + url.PathEscape(key) }

// WebhookPath is the page of a webhook.
func WebhookPath(id int64) string { return "/webhooks/" + FormatID(id) }
