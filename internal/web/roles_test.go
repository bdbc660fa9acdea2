package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditrun/internal/access"
)

func TestRolesAreMadeOnAPage(t *testing.T) {
	w := newWorld(t)
	anna, vera := w.as("anna"), w.as("vera")
	anna.get("/roles").shows(t, "Release drafted runs", "Administrator")
	anna.post("/roles", "role", "admin", "name", "", "confirm_password", password).
		refuses(t, http.StatusUnprocessableEntity, "is not such a key", "needs a name", "at least one right")
	anna.post("/roles", "role", "letters", "name", "Post room", "rights", "send", "confirm_password", password).shows(t, "The role “Post room” is saved.")
	anna.get("/users/vera").shows(t, "Post room", "Send credit notes once more")
	seen := regexp.MustCompile(`name="seen" value="([^"]*)"`).FindStringSubmatch(anna.get("/users/vera").body)[1]
	anna.post("/users/vera", "seen", seen, "full_name", "Vera Viewer", "email", "vera@example.com", "roles", "letters", "confirm_password", password).
		shows(t, "vera is saved", "Post room")
	if got := vera.get("/account"); got.path != "/login" {
		t.Errorf("other roles end no login: %s", got.path)
	}
	vera = w.as("vera")
	vera.get("/account").shows(t, "Post room", "Send credit notes once more")
	page := anna.get("/roles/letters")
	page.shows(t, "vera", "Vera Viewer")
	if strings.Contains(page.body, "Delete the role") {
		t.Error("a used role can be deleted")
	}
	anna.post("/roles/letters/delete", "confirm_password", password).refuses(t, http.StatusConflict, "cannot be deleted: vera")
	if u := w.user(t, "vera"); !u.Has("letters") || u.Has(access.Viewer) {
		t.Errorf("%+v", u.Roles)
	}
}

func TestPartnersInviteTheirColleagues(t *testing.T) {
	w := newWorld(t)
	paul := w.as("paul")
	page := paul.get("/colleagues")
	page.shows(t, "Paul Portal", "Invite a colleague")
	if strings.Contains(page.body, "Anna Admin") || strings.Contains(page.body, "The operator") || strings.Contains(page.body, "gemeinde") {
		t.Error("a Sub-CPO sees others")
	}
	for claim, fields := range map[string][]string{
		"into the operator":      {"entity", operator, "roles", "viewer"},
		"into no entity":         {"roles", "viewer"},
		"into another Sub-CPO":   {"entity", "gemeinde", "roles", "viewer"},
		"with an auditor's role": {"entity", subCPO, "roles", "auditor"},
	} {
		p := paul.post("/colleagues", append(fields, "name", "carla", "email", "carla@example.com", "confirm_password", password)...)
		if p.status < 400 {
			t.Errorf("%s: status %d", claim, p.status)
		}
	}
	paul.post("/colleagues", "name", "carla", "full_name", "Carla Neu", "email", "carla@example.com", "entity", subCPO, "roles", "viewer", "confirm_password", password).
		shows(t, "carla is added and gets a link", "Carla Neu")
	carla := w.outsider()
	carla.post(w.linkTo(t, "carla@example.com"), "password", password, "repeated", password)
	carla.get("/account").shows(t, "Carla Neu")
	paul.post("/colleagues/carla/deactivate", "confirm_password", password).shows(t, "carla can no longer log in")
	if p := carla.get("/account"); p.path != "/login" {
		t.Errorf("a colleague who is kept out is still in: %s", p.path)
	}
	for _, name := range []string{"anna", "paul", "none"} {
		if p := paul.post("/colleagues/"+name+"/deactivate", "confirm_password", password); p.status != 404 {
			t.Errorf("%s: status %d", name, p.status)
		}
	}
}

func TestOtherLoginsAreEnded(t *testing.T) {
	w := newWorld(t)
	here, there := w.as("vera"), w.as("vera")
	here.get("/account").shows(t, "Where you are logged in", "this one", "Log out everywhere else")
	here.post("/account/logins/end").shows(t, "1 other login has ended.")
	if p := there.get("/account"); p.path != "/login" {
		t.Errorf("the other login goes on: %s", p.path)
	}
	here.get("/account").shows(t, "this one")
}
