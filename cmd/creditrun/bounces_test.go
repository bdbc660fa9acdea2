package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"creditrun/internal/store/storetest"
	"creditrun/mailer"
)

// bounceOf is the report that an address of a mail does not exist.
const bounceOf = `Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@relay.example>
To: notes@operator.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: <%s>
To: %[1]s

--b--
`

// letterID is the Message-ID of a mail and to whom it goes.
var (
	letterID = regexp.MustCompile(`(?m)^Message-ID: <([^>]+)>`)
	letterTo = regexp.MustCompile(`(?m)^To: <?([^>\r\n,]+)`)
)

func TestAMailThatComesBackMarksItsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("run", "--month", "2026-10")
	w.do("deliver")
	letters, err := filepath.Glob(filepath.Join(w.dir, "outbox", "*.eml"))
	if err != nil || len(letters) == 0 {
		t.Fatalf("%d mails, %v", len(letters), err)
	}
	letter, err := os.ReadFile(letters[0])
	if err != nil {
		t.Fatal(err)
	}
	id, to := letterID.FindSubmatch(letter), letterTo.FindSubmatch(letter)
	if id == nil || to == nil {
		t.Fatalf("%s", letter)
	}
	address := string(to[1])
	if said := w.fails(exitFailed, "bounces"); !strings.Contains(said, "CREDITRUN_BOUNCE_MAILBOX") {
		t.Error(said)
	}
	box := filepath.Join(w.dir, "box")
	if err := os.MkdirAll(box, 0o700); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(box, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.vars["CREDITRUN_BOUNCE_MAILBOX"] = "folder:" + box
	report := fmt.Sprintf(bounceOf, address, id[1])
	put("1.eml", report)
	put("2.eml", "From: anna@owner.example\nSubject: Thanks\n\nFor the credit note.\n")
	put("3.eml", fmt.Sprintf(bounceOf, address, "another@example.com"))
	var read mailer.Read
	w.read(&read, "bounces")
	if read != (mailer.Read{Messages: 3, Reports: 1, Bounced: 1, Marked: 1, Left: 2}) {
		t.Errorf("%+v", read)
	}
	put("4.eml", report) // a copy
	w.read(&read, "bounces")
	if read != (mailer.Read{Messages: 3, Known: 1, Left: 2}) {
		t.Errorf("the second time: %+v", read)
	}
	if left, err := filepath.Glob(filepath.Join(box, "*.eml")); err != nil || len(left) != 2 {
		t.Errorf("%q are left, %v", left, err)
	}
	if out := w.do("addresses"); !strings.Contains(out, address) || !strings.Contains(out, "550 5.1.1 no such user") {
		t.Errorf("addresses says %s", out)
	}
	if out := w.do("readiness", "--month", "2026-10"); !strings.Contains(out, "Nothing is mailed to "+address) {
		t.Errorf("readiness says %s", out)
	}
	w.do("addresses", "lift", address)
	if said := w.fails(exitFailed, "addresses", "lift", address); !strings.Contains(said, "is not marked") {
		t.Error(said)
	}
	if out := w.do("bounces", "--show", filepath.Join(box, "3.eml")); !strings.Contains(out, `"original_message_id": "another@example.com"`) {
		t.Errorf("--show says %s", out)
	}
	w.clean()
}
