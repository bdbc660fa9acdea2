package main

import (
	"context"
	"os"

	"creditrun/internal/document"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// logoSetting stores the logo in a file and returns what the setting is then:
// the name of the stored file. An empty path removes the logo.
func logoSetting(ctx context.Context, s *store.Store, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "logo_unreadable", fault.Args{"file": path}, err)
	}
	if err := document.CheckLogo(content); err != nil {
		return "", err
	}
	return s.SaveAsset(ctx, content)
}
