package access_test

import (
	"testing"

	"creditrun/internal/access"
)

func TestNobodyIsCalledLikeAnActorOfTheAuditLog(t *testing.T) {
	for name, want := range map[string]string{
		"anna": "", "admin": "", "anna@example.com": "", "systema": "", "clive": "", "render.berg": "",
		"schedule": "user_name_reserved", "schedu1e": "user_name_reserved", "sche.dule": "user_name_reserved", "c-l-i": "user_name_reserved",
		"cii": "user_name_reserved", "creditrun": "user_name_reserved", "creditm": "", "r00t": "user_name_reserved", "sy5tem": "user_name_reserved",
		"Schedule": "user_name_invalid", "ѕchedule": "user_name_invalid", "schedule\u200b": "user_name_invalid", "schedule ": "user_name_invalid",
	} {
		got := ""
		if f := access.CheckName(name); f != nil {
			got = f.Key
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
