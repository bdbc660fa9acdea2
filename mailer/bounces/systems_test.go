package bounces_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"creditrun/mailer/bounces"
)

// ours is the mail that the reports of this file are about.
const ours = `Return-Path: <notes@operator.example>
From: "Operator" <notes@operator.example>
To: anna@owner.example
Subject: Credit note GS-2026-10-0007
Date: Mon, 02 Nov 2026 06:00:00 +0000
Message-ID: <GS-2026-10-0007.0.abcdef0123@operator.example>
MIME-Version: 1.0

A credit note.
`

const oursID = "GS-2026-10-0007.0.abcdef0123@operator.example"

// daemon is the header of a report in free text.
const daemon = "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@relay.example>\nTo: notes@operator.example\nMessage-ID: <1@relay.example>\n"

// report is a delivery status notification with these parts.
func report(human, status, rest string) string {
	return daemon + `Subject: Undeliverable
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

` + human + `
--b1
Content-Type: message/delivery-status

` + status + `
--b1
` + rest + `
--b1--
`
}

const (
	failedStatus = "Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; anna@owner.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n"
	attached     = "Content-Type: message/rfc822\n\n" + ours
)

// TestSystems reads what systems write of which there is no real message in
// testdata: the words are those of the systems, the rest is ours.
func TestSystems(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    string // kind and original, then a line for each recipient
	}{
		"sendmail, in free text": {daemon + `Subject: Returned mail: see transcript for details

The original message was received at Mon, 2 Nov 2026 06:00:00 GMT
from app.operator.example [192.0.2.7]

   ----- The following addresses had permanent fatal errors -----
<anna@owner.example>
    (reason: 550 5.1.1 <anna@owner.example>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.owner.example.:
>>> DATA
<<< 550 5.1.1 <anna@owner.example>... User unknown
550 5.1.1 <anna@owner.example>... User unknown
<<< 503 5.0.0 Need RCPT (recipient)

   ----- Original message follows -----

` + ours, "failed ours\nanna@owner.example 5.1.1 550 5.1.1 <anna@owner.example>... User unknown @ mx.owner.example"},
		"sendmail, an alias": {daemon + `Subject: Returned mail: User unknown

   ----- The following addresses had permanent fatal errors -----
<gone@elsewhere.example>
    (reason: 550 no such user)
    (expanded from: <anna@owner.example>)

   ----- Message header follows -----
` + ours, "failed ours\ngone@elsewhere.example for anna@owner.example - 550 no such user"},
		"postfix, a forward": {report(`This is the mail system at host relay.example.

<gone@elsewhere.example> (expanded from <anna@owner.example>): host mx.elsewhere.example[192.0.2.1] said: 550 5.1.1 unknown`,
			"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; gone@elsewhere.example\nOriginal-Recipient: rfc822;anna@owner.example\nAction: failed\nStatus: 5.1.1\n", attached),
			"failed ours\ngone@elsewhere.example for anna@owner.example 5.1.1 "},
		"courier": {daemon + `Subject: NOTICE: mail delivery status.

This is a delivery status notification from relay.example,
running the Courier mail server, version 0.65.

The original message was received on Mon, 02 Nov 2026 06:00:00 +0000
from app.operator.example (app.operator.example [192.0.2.7])

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<anna@owner.example>:
    mx.owner.example [192.0.2.1]:
>>> RCPT TO:<anna@owner.example>
<<< 550 5.1.1 <anna@owner.example>... User Unknown

---------------------------------------------------------------------------

If your message was also sent to additional recipients, their delivery
status is not included in this report.

` + ours, "failed ours\nanna@owner.example 5.1.1 550 5.1.1 <anna@owner.example>... User Unknown"},
		"groupwise": {daemon + `Subject: Message status - undeliverable

The message that you sent was undeliverable to the following:
	anna@owner.example (user not found)

Possibly truncated original message follows:

` + ours, "failed ours\nanna@owner.example - user not found"},
		"exchange 5.5": {`From: System Administrator <postmaster@owner.example>
To: notes@operator.example
Subject: Undeliverable: Credit note GS-2026-10-0007
Message-ID: <1@owner.example>
In-Reply-To: <` + oursID + `>

Your message

  To:      anna@owner.example
  Subject: Credit note GS-2026-10-0007
  Sent:    Mon, 2 Nov 2026 06:00:00 -0000

did not reach the following recipient(s):

anna@owner.example on Mon, 2 Nov 2026 06:00:05 -0000
    The recipient name is not recognized
	The MTS-ID of the original message is: c=de;a= ;p=owner;l=EX0211020600
    MSEXCH:IMS:OWNER:EXAMPLE:EX 3550 (000B09B6) 550 5.1.1 <anna@owner.example>... User unknown
`, "failed ours\nanna@owner.example 5.1.1 550 5.1.1 <anna@owner.example>... User unknown"},
		"gmail, in free text": {daemon + `Subject: Delivery Status Notification (Failure)
X-Failed-Recipients: anna@owner.example

Delivery to the following recipient failed permanently:

     anna@owner.example

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain owner.example by mx.owner.example. [192.0.2.1].

The error that the other server returned was:
550 5.1.1 The email account that you tried to reach does not exist.

----- Original message -----

` + ours, "failed ours\nanna@owner.example 5.1.1 550 5.1.1 The email account that you tried to reach does not exist. @ mx.owner.example"},
		"exim, in German": {daemon + `Subject: Mail konnte nicht zugestellt werden
X-Failed-Recipients: anna@owner.example

Diese Nachricht wurde automatisch von der E-Mail-Software erzeugt.

Eine Nachricht, die Sie gesendet haben, konnte nicht zugestellt werden an:

  anna@owner.example
    host mx.owner.example [192.0.2.1]: 550 Unknown user

------ This is a copy of the message, including all the headers. ------

` + ours, "failed ours\nanna@owner.example - 550 Unknown user @ mx.owner.example"},
		"exim, an alias": {daemon + `Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: gone@elsewhere.example

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  gone@elsewhere.example
    (generated from anna@owner.example)
    host mx.elsewhere.example [192.0.2.1]: 550 5.1.1 no such user

------ This is a copy of the message, including all the headers. ------

` + ours, "failed ours\ngone@elsewhere.example for anna@owner.example 5.1.1 550 5.1.1 no such user @ mx.elsewhere.example"},
		"gmx": {daemon + `Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"anna@owner.example":
SMTP error from remote server after RCPT command:
host: mx.owner.example
5.1.1 <anna@owner.example>... User Unknown


--- The header of the original message is following. ---

` + ours, "failed ours\nanna@owner.example 5.1.1 SMTP error from remote server after RCPT command: host: mx.owner.example 5.1.1 <anna@owner.example>... User Unknown"},
		"opensmtpd": {daemon + `Subject: Delivery status notification

    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

anna@owner.example: 550 5.2.2 <anna@owner.example>... Mailbox Full

    Below is a copy of the original message:

` + ours, "failed ours\nanna@owner.example 5.2.2 550 5.2.2 <anna@owner.example>... Mailbox Full"},
		"dragonfly": {daemon + `Subject: Mail delivery failed

This is the DragonFly Mail Agent v0.13 at relay.example.

There was an error delivering your mail to <anna@owner.example>.

mx.owner.example [192.0.2.1] did not like our RCPT TO:
550 5.1.1 <anna@owner.example>: Recipient address rejected

Message headers follow.

` + ours, "failed ours\nanna@owner.example 5.1.1 550 5.1.1 <anna@owner.example>: Recipient address rejected"},
		"mailmarshal": {daemon + `Subject: Undeliverable Mail: "Credit note"

Your message:
   From:    notes@operator.example
   Subject: Credit note

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    anna@owner.example

Additional Information
======================
Original Sender:    <notes@operator.example>
`, "failed\nanna@owner.example 5.1.1 550 5.1.1 User unknown"},
		"notes 4": {daemon + `Subject: Undeliverable message

------- Failure Reasons  --------

User not listed in public Name & Address Book
anna@owner.example


------- Returned Message --------

` + ours, "failed ours\nanna@owner.example - User not listed in public Name & Address Book"},
		"imail": {daemon + "Subject: Undeliverable Mail\n\nUnknown user: anna@owner.example\n\nOriginal message follows.\n\n" + ours,
			"failed ours\nanna@owner.example - Unknown user: anna@owner.example"},
		"a subject that speaks of delays": {daemon + "Subject: Undeliverable: Your delivery is delayed\n\n<anna@owner.example>:\n550 no\n\n--- Below this line is a copy of the message.\n\n" + ours,
			"failed ours\nanna@owner.example - 550 no"},
		"a language that we do not know": {daemon + "Subject: Xabar\n\n  anna@owner.example\n    550 5.1.1 topilmadi\n\n--- Original message ---\n\n" + ours,
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 topilmadi"},
		"forwarded in the text": {"From: desk@operator.example\nTo: bounces@operator.example\nSubject: WG: Undelivered Mail Returned to Sender\n\nBitte bearbeiten.\n\n-----Ursprüngliche Nachricht-----\n" +
			"Von: Mail Delivery System <MAILER-DAEMON@relay.example>\nGesendet: Montag\nAn: notes@operator.example\nBetreff: Undelivered Mail Returned to Sender\n\n<anna@owner.example>: 550 5.1.1 unknown\n\n" + ours,
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"two statuses": {strings.Replace(report("Sorry.", failedStatus, attached), "--b1\nContent-Type: message/rfc822", "--b1\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@owner.example\nAction: failed\nStatus: 5.2.2\n\n--b1\nContent-Type: message/rfc822", 1),
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown\nbob@owner.example 5.2.2 "},
		"no address named": {daemon + "Subject: Undeliverable mail\n\nThe recipient is unknown.\n\n--- Original message follows ---\n\n" + ours,
			"failed ours\nanna@owner.example - "},
		"notes": {daemon + `Subject: DELIVERY FAILURE: User anna (anna@owner.example) not listed in Domino Directory
In-Reply-To: <` + oursID + `>

Your message

  Subject: Credit note

was not delivered to:

  anna@owner.example

because:

  User anna (anna@owner.example) not listed in Domino Directory
`, "failed ours\nanna@owner.example - User anna (anna@owner.example) not listed in Domino Directory"},
		"a report in base64": {daemon + "Subject: Undeliverable\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b1\n\n--b1\nContent-Type: text/plain\n\nSorry.\n" +
			"--b1\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(failedStatus)) + "\n" +
			"--b1\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(ours)) + "\n--b1--\n",
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"a wrong boundary": {strings.Replace(report("Sorry.", failedStatus, attached), `boundary="b1"`, `boundary="another"`, 1),
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"no end": {strings.Replace(report("Sorry.", failedStatus, attached), "\n--b1--\n", "\n", 1), "failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"no multipart type": {strings.Replace(report("Sorry.", failedStatus, attached), "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\n", "", 1),
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"forwarded by a person": {"From: desk@operator.example\nTo: bounces@operator.example\nSubject: Fwd: Undeliverable\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n" +
			"--outer\nContent-Type: text/plain\n\nPlease have a look.\n--outer\nContent-Type: message/rfc822\n\n" + report("Sorry.", failedStatus, attached) + "\n--outer--\n",
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"uuencoded": {daemon + "Subject: Undeliverable\n\nSorry, see below.\n\nbegin 644 report.txt\n" + uuencode(failedStatus+"\n"+ours) + "`\nend\n",
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"without the original": {strings.Replace(report("Sorry.", failedStatus, "Content-Type: text/plain\n\n(not returned)"), "To: notes", "References: <x@y.example> <"+oursID+">\nTo: notes", 1),
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown"},
		"two recipients, one of whom got it": {report("Sorry.", failedStatus+"\nFinal-Recipient: rfc822; bob@owner.example\nAction: relayed\nStatus: 2.0.0\n", attached),
			"failed ours\nanna@owner.example 5.1.1 550 5.1.1 unknown\nbob@owner.example 2.0.0  relayed"},
		"no blank lines between recipients": {report("Sorry.", "Reporting-MTA: dns; relay.example\nFinal-Recipient: rfc822; anna@owner.example\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; bob@owner.example\nAction: failed\nStatus: 5.2.2\n", attached),
			"failed ours\nanna@owner.example 5.1.1 \nbob@owner.example 5.2.2 "},
		"an X.400 address": {report("Sorry.", "Reporting-MTA: x400; mta\n\nFinal-Recipient: X400; /DD.RFC-822=anna(a)owner.example/P=owner/C=de/\nAction: failed\nStatus: 5.1.1\n", attached),
			"failed ours\nanna@owner.example 5.1.1 "},
		"a successful delivery": {report("Delivered.", strings.NewReplacer("failed", "delivered", "5.1.1", "2.0.0").Replace(failedStatus), attached),
			"delivered ours\nanna@owner.example 2.0.0 550 2.0.0 unknown"},
		"an abuse report": {"From: fbl@provider.example\nSubject: Abuse\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b1\n\n--b1\nContent-Type: text/plain\n\nAn abuse report.\n" +
			"--b1\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\nOriginal-Rcpt-To: <anna@owner.example>\n\n--b1\n" + attached + "\n--b1--\n",
			"complaint ours\nanna@owner.example - "},
		"not spam": {"From: fbl@provider.example\nSubject: Report\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b1\n\n--b1\nContent-Type: text/plain\n\nWanted.\n" +
			"--b1\nContent-Type: message/feedback-report\n\nFeedback-Type: not-spam\nOriginal-Rcpt-To: <anna@owner.example>\n\n--b1\n" + attached + "\n--b1--\n",
			"not_a_bounce ours"},
		"a holiday reply in German": {"Return-Path: <>\nFrom: anna@owner.example\nSubject: Abwesenheitsnotiz: Gutschrift\nIn-Reply-To: <" + oursID + ">\nAuto-Submitted: auto-replied\n\nIch bin nicht erreichbar; bob@owner.example hilft.\n",
			"not_a_bounce ours"},
		"an answer that quotes a report": {"From: anna@owner.example\nTo: notes@operator.example\nSubject: Re: Undeliverable: Credit note\nIn-Reply-To: <" + oursID + ">\n\nYour mail could not be delivered to bob@owner.example? Strange.\n",
			"not_a_bounce ours"},
		"a question": {"From: anna@owner.example\nTo: notes@operator.example\nSubject: Credit note\nIn-Reply-To: <" + oursID + ">\n\nMy mailbox was full; please send it again to anna@owner.example.\n",
			"not_a_bounce ours"},
	} {
		for variant, message := range map[string]string{"LF": c.message, "CRLF": strings.ReplaceAll(c.message, "\n", "\r\n")} {
			if got := told(bounces.Parse([]byte(message))); got != c.want {
				t.Errorf("%s, %s:\n got %s\nwant %s", name, variant, got, c.want)
			}
		}
	}
}

// told is a report as the table above writes it.
func told(r *bounces.Report) string {
	text := string(r.Kind)
	switch r.OriginalID {
	case oursID:
		text += " ours"
	case "":
	default:
		text += " " + r.OriginalID
	}
	for _, to := range r.Recipients {
		line := to.Address
		if to.Original != "" {
			line += " for " + to.Original
		}
		if to.Status == "" {
			line += " -"
		} else {
			line += " " + to.Status
		}
		line += " " + to.Diagnostic
		if to.RemoteMTA != "" {
			line += " @ " + to.RemoteMTA
		}
		if to.Action != string(r.Kind) {
			line += " " + to.Action
		}
		text += "\n" + line
	}
	return text
}

// uuencode writes a text as uuencode does.
func uuencode(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(45, len(text))
		line := text[:n]
		text = text[n:]
		fmt.Fprintf(&b, "%c", n+' ')
		for i := 0; i < len(line); i += 3 {
			var three [3]byte
			copy(three[:], line[i:])
			for _, v := range []byte{three[0] >> 2, three[0]<<4&63 | three[1]>>4, three[1]<<2&63 | three[2]>>6, three[2] & 63} {
				if v == 0 {
					v = 64
				}
				b.WriteByte(v + ' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// FuzzParse tries messages of all kinds: none makes the parser fail or hang.
func FuzzParse(f *testing.F) {
	f.Add([]byte(report("Sorry.", failedStatus, attached)))
	f.Add([]byte(daemon + "Subject: failure notice\n\n<a@b.example>:\n550 no\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"))
	f.Add([]byte("Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=iso-2022-jp\n\n\x1b$%%%="))
	f.Add([]byte("begin 644 a\n\xff\xff\xff\n`\nend\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bounces.Parse(raw)
		if r.Kind == "" || len(r.Recipients) > 200 || len(r.IDs) > 50 {
			t.Errorf("%q: %+v", raw, r)
		}
	})
}

// TestHostileMessagesEnd reads messages that are made to take long.
func TestHostileMessagesEnd(t *testing.T) {
	nested := strings.Repeat("Content-Type: message/rfc822\n\n", 20_000)
	boundaries := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain\n\n", 50_000)
	for name, message := range map[string]string{
		"nested":     nested,
		"boundaries": boundaries,
		"one line":   daemon + "Subject: failure notice\n\n" + strings.Repeat("a@b.example ", 100_000),
		"recipients": daemon + "Subject: failure notice\n\n" + strings.Repeat("<a@b.example>:\n550 no\n\n", 50_000),
		"fields":     strings.Repeat("X: <"+strings.Repeat("y@", 50)+"\n", 20_000),
		"references": daemon + "Subject: failure notice\nReferences: " + strings.Repeat("<a@b> ", 200_000) + "\n\n",
		"tags":       daemon + "Subject: failure notice\nContent-Type: text/html\n\n" + strings.Repeat("<", 500_000),
		"status":     "Content-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\n", 50_000),
	} {
		if r := bounces.Parse([]byte(message)); r == nil {
			t.Errorf("%s: no answer", name)
		}
	}
}
