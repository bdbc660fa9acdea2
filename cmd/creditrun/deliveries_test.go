package main

import (
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestAnOpenMailSaysWhenTheServerIsTriedNext(t *testing.T) {
	pause := &creditnotes.MailPause{Said: "450 later", NextProbe: time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC)}
	said := whatToDo(creditnotes.OpenRecipient{State: creditnotes.RecipientQueued}, pause)
	if !strings.Contains(said, "2026-11-02T08:30:00Z") || !strings.Contains(said, "450 later") {
		t.Error(said)
	}
}
