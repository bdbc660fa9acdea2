package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"creditrun/internal/access"
	"creditrun/internal/store/storetest"
)

func TestUsersAreLookedAfterFromTheCommandLine(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		w.vars["CREDITRUN_PUBLIC_URL"] = "https://credit.example.com/"
		list := func() map[string]userJSON {
			t.Helper()
			var users []userJSON
			w.read(&users, "users")
			byName := map[string]userJSON{}
			for _, u := range users {
				byName[u.Name] = u
			}
			return byName
		}
		link := regexp.MustCompile(`^https://credit\.example\.com/invite/crt_[A-Za-z0-9_-]{43}\n$`)
		if out := w.do("users", "add", "anna", "--role", "finance", "--role", "viewer", "--full-name", "Anna Muster", "--email", "anna@example.com", "--language", "de"); !link.MatchString(out) {
			t.Errorf("prints %q", out)
		}
		w.stdin = "correct horse battery\n"
		if out := w.do("users", "add", "hotel", "--role", "viewer", "--entity", "a", "--password-stdin"); out != "" {
			t.Errorf("prints %q", out)
		}
		anna, hotel := list()["anna"], list()["hotel"]
		if anna.Entity != "voltnetz" || listed(anna.Roles) != "finance,viewer" || anna.FullName != "Anna Muster" || anna.Language != "de" || !anna.Active || anna.Password {
			t.Errorf("%+v", anna)
		}
		if hotel.Entity != "a" || !hotel.Password {
			t.Errorf("%+v", hotel)
		}
		w.do("users", "set", "anna", "--role", "admin,finance", "--email", "")
		if now := list()["anna"]; listed(now.Roles) != "admin,finance" || now.Email != "" || now.FullName != "Anna Muster" {
			t.Errorf("%+v", now)
		}
		w.do("users", "deactivate", "hotel")
		if list()["hotel"].Active {
			t.Error("still active")
		}
		w.do("users", "activate", "hotel")
		w.do("users", "reset-totp", "hotel")
		w.do("users", "unlock", "hotel")
		if out := w.do("users", "invite", "HOTEL"); !link.MatchString(out) {
			t.Errorf("prints %q", out)
		}
		if table := w.do("users"); !strings.Contains(table, "Anna Muster  voltnetz  admin,finance") {
			t.Errorf("%s", table)
		}
		w.clean()
	})
}

func TestTokenIsPrintedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("users", "add", "anna", "--role", "viewer")
	secret := strings.TrimSpace(w.do("users", "token", "anna", "--name", "CI", "--scope", "read", "--scope", "export", "--days", "10"))
	if !strings.HasPrefix(secret, "crt_") {
		t.Errorf("prints %q", secret)
	}
	var tokens []tokenJSON
	w.read(&tokens, "users", "tokens", "anna")
	if len(tokens) != 1 || tokens[0].Prefix != access.SecretPrefix(secret) || listed(tokens[0].Scopes) != "read,export" || tokens[0].Expires != "2026-11-12T09:00:00Z" || tokens[0].Revoked != "" {
		t.Errorf("%+v", tokens)
	}
	if out := w.do("users", "tokens", "anna", "--json") + w.do("users", "tokens", "anna"); strings.Contains(out, secret) {
		t.Error("the secret is shown again")
	}
	w.do("users", "revoke", "anna", "1")
	w.read(&tokens, "users", "tokens", "anna")
	if tokens[0].Revoked == "" {
		t.Error("not revoked")
	}
}

func TestUserCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("users", "add", "anna", "--role", "admin")
	w.stdin = "anna-anna-anna\n"
	for line, want := range map[string]string{
		"users invite bob":                                "There is no user bob.",
		"users add anna --role viewer":                    "There already is a user anna.",
		"users add bob":                                   "at least one role, and may have only these: viewer, auditor, finance, admin",
		"users add bob --role root":                       "may have only these",
		"users add bob --role viewer --entity zz":         "There is no entity zz.",
		"users add bob --role viewer --language xx":       "language xx",
		"users add a:b --role viewer":                     "cannot be a login name",
		"users add anna --role x --password-stdin":        "contains the login name",
		"users add bob --role viewer --days 1":            "Try 'creditrun users add --help'.",
		"users deactivate anna":                           "last active administrator",
		"users set anna --role viewer":                    "last active administrator",
		"users set anna":                                  "nothing to change is given",
		"users token anna --scope read":                   "--name is required",
		"users token anna --name x":                       "at least one scope",
		"users token anna --name x --scope all":           "may have only these: approve, cancel",
		"users token anna --name x --scope read --days 0": "expired already",
		"users revoke anna 7":                             "There is no API token 7.",
		"users revoke anna x":                             "There is no API token x.",
	} {
		r := w.try(strings.Fields(line)...)
		if r.status == exitDone || r.stdout != "" || !strings.Contains(r.stderr, want) {
			t.Errorf("creditrun %s ends with %d and says %q %q", line, r.status, r.stdout, r.stderr)
		}
	}
}

func TestNoticesOfUsersLandInTheFolder(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		w.do("users", "add", "anna", "--role", "admin", "--email", "anna@example.com", "--language", "en")
		w.do("users", "add", "max", "--role", "finance")
		r := w.try("deliver")
		if r.status != exitDone || !strings.Contains(r.stderr, "2 notices about users and changes are sent.") {
			t.Errorf("deliver ends with %d: %s", r.status, r.stderr)
		}
		mails, err := filepath.Glob(filepath.Join(w.dir, "outbox", "notice-*.eml"))
		if err != nil || len(mails) != 2 {
			t.Fatalf("%v, %v", mails, err)
		}
		content, err := os.ReadFile(mails[1])
		if err != nil || !strings.Contains(string(content), "erika has added the user max.") || !strings.Contains(string(content), "on the command line of the server") {
			t.Errorf("%v\n%s", err, content)
		}
		if strings.Contains(string(content), "/invite/") {
			t.Error("a notice to administrators has a link")
		}
	})
}
