package main

import (
	"bytes"
	"context"
	"os"

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
	isPNG := bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n"))
	isSVG := bytes.Contains(content[:min(len(content), 1024)], []byte("<svg"))
	if !isPNG && !isSVG {
		return "", fault.New(fault.Invalid, "logo_format", fault.Args{"file": path})
	}
	return s.SaveAsset(ctx, content)
}
