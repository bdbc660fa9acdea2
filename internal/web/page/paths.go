package page

import (
	"net/url"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/access"
)

// NotePath is the page of a note; a draft is a part of its run.
func NotePath(n *creditnotes.NoteEntry) string {
	if n.Number == "" {
		return DraftPath(n.Run, n.ID)
	}
	return NumberPath(n.Number)
}

// DraftPath is the address of a note without a number.
func DraftPath(run string, id int64) string { return RunPath(run) + "/drafts/" + FormatID(id) }

// RunPath is the page of a run.
func RunPath(name string) string { return "/runs/" + url.PathEscape(name) }

// SessionPath is the page of a session.
func SessionPath(id int64) string { return "/sessions/" + FormatID(id) }

// EntityPath is the page of an entity.
func EntityPath(key string) string { return "/entities/" + url.PathEscape(key) }

// StationPath is the address of a station's page.
func StationPath(key string) string { return "/stations/" + url.PathEscape(key) }

// FormatID writes an id for an address.
func FormatID(id int64) string { return strconv.FormatInt(id, 10) }

// RolesPath is the page of all roles.
const RolesPath = "/roles"

// RolePath is the page of a role that an administrator made.
func RolePath(role access.Role) string { return RolesPath + "/" + url.PathEscape(string(role)) }

// ColleaguesPath is the page of the users of a Sub-CPO.
const ColleaguesPath = "/colleagues"
