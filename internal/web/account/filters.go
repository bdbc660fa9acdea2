package account

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// longestFilterName is how many characters the name of a filter has at most.
const longestFilterName = 60

// SaveFilter keeps the filter of a list under a name; where the name is taken, that
// filter is replaced.
func (v *Visit) SaveFilter() error {
	f := v.Form("")
	path, query := page.Local(f.Text("path")), f.Text("query")
	if _, err := url.ParseQuery(query); err != nil || query == "" || path != f.Text("path") || strings.Contains(path, "?") {
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	name, back := f.Text("name"), path+"?"+query
	saved, err := v.Store.SavedFilters(v.R.Context(), v.Who.User.ID, path)
	if err != nil {
		return err
	}
	if name == "" || utf8.RuneCountInString(name) > longestFilterName || len(saved) >= page.MostSaved {
		return v.Done(back, "filter_not_saved", "Most", page.MostSaved)
	}
	if err := v.Store.SaveFilter(v.R.Context(), v.Who.User.ID, store.SavedFilter{Path: path, Name: name, Query: query}); err != nil {
		return err
	}
	return v.Done(back, "filter_saved", "Name", name)
}

// DeleteFilter forgets a saved filter.
func (v *Visit) DeleteFilter() error {
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	if err := v.Store.DeleteFilter(v.R.Context(), v.Who.User.ID, id); err != nil {
		return err
	}
	return v.Done(page.Local(v.Form("").Text("back")), "filter_deleted")
}
