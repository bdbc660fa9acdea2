package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// secretPrefix begins the secrets of webhooks (Standard Webhooks 1.0).
const secretPrefix = "whsec_"

// AddWebhook adds a webhook and returns it with its id and its secret, which is
// made here when none is given. The secret is not shown again. What is wrong
// with the webhook comes back as a List of faults.
func (s *Store) AddWebhook(ctx context.Context, who string, h Webhook) (Webhook, error) {
	if h.Secret == "" {
		h.Secret = newSecret()
	}
	if err := errors.Join(checkWebhook(h), s.checkHost(h.URL)); err != nil {
		return Webhook{}, err
	}
	h.CreatedBy, h.CreatedAt = who, utc(s.now())
	err := s.inTx(ctx, func(tx *Tx) (err error) {
		if h.ID, err = tx.takeIDs("webhooks", 1); err != nil {
			return err
		}
		row := webhookRow{
			ID: h.ID, URL: h.URL, Events: jsonOf(h.Events), Secret: h.Secret, Description: h.Description, Active: h.Active,
			CreatedAt: h.CreatedAt, CreatedBy: who,
		}
		if err := create(tx.db, row); err != nil {
			return err
		}
		return tx.auditWebhook(who, "created", h.ID, "", auditedWebhook(h))
	})
	return h, err
}

// ChangeWebhook changes address, events, description and whether it is active;
// the webhook is named by its id. seen, if given, is the WebhookFingerprint that
// a person saw: where the webhook is another one by now, nothing is changed
// (Conflict fault record_changed).
func (s *Store) ChangeWebhook(ctx context.Context, who string, h Webhook, seen ...string) error {
	return s.changeWebhook(ctx, who, h, func(tx *Tx, before Webhook, about AuditFilter) error {
		return tx.checkSeen(seen, WebhookFingerprint(before), before.URL, about)
	})
}

// PutWebhook is ChangeWebhook for a program, with the faults of PutRecord;
// fingerprints are those of WebhookFingerprint.
func (s *Store) PutWebhook(ctx context.Context, who string, h Webhook, p Precondition) error {
	return s.changeWebhook(ctx, who, h, func(tx *Tx, before Webhook, about AuditFilter) error {
		if p.any() || auditedWebhook(before) == auditedWebhook(h) {
			return tx.check(p, WebhookFingerprint(before), before.URL, about)
		}
		last, err := tx.lastChange(notOfBank, about)
		if err == nil && last.who != who {
			err = last.fault("record_unread", before.URL)
		}
		return err
	})
}

// changeWebhook changes a webhook unless check objects.
func (s *Store) changeWebhook(
	ctx context.Context, who string, h Webhook, check func(tx *Tx, before Webhook, about AuditFilter) error,
) error {
	return s.inTx(ctx, func(tx *Tx) error {
		row, err := tx.lockWebhook(h.ID)
		if err != nil {
			return err
		}
		before, err := row.webhook()
		if err != nil {
			return err
		}
		if err := check(tx, before, AuditFilter{Action: "webhook", Subject: strconv.FormatInt(h.ID, 10)}); err != nil {
			return err
		}
		h.Secret = row.Secret
		err = checkWebhook(h)
		if h.URL != before.URL { // one that is refused by now can still be turned off
			err = errors.Join(err, s.checkHost(h.URL))
		}
		if err != nil {
			return err
		}
		if auditedWebhook(before) == auditedWebhook(h) {
			return nil
		}
		err = inTable(tx.db.Model(&row).Updates(set{
			"url": h.URL, "events": jsonOf(h.Events), "description": h.Description, "active": h.Active,
		}))
		if err != nil {
			return err
		}
		return tx.auditWebhook(who, "changed", h.ID, auditedWebhook(before), auditedWebhook(h))
	})
}

// WebhookFingerprint differs whenever what ChangeWebhook can change does.
func WebhookFingerprint(h Webhook) string {
	return creditnotes.FingerprintOf([]byte(auditedWebhook(h)))
}

// RotateWebhookSecret gives a webhook a new secret and returns it. From then on
// everything is signed with it, also what was queued before. seen, if given, is
// the Whole of the webhook that a person saw: where it is another one by now, the
// secret stays (Conflict fault record_changed).
func (s *Store) RotateWebhookSecret(ctx context.Context, who string, id int64, seen ...string) (secret string, err error) {
	secret = newSecret()
	err = s.inTx(ctx, func(tx *Tx) error {
		row, err := tx.lockWebhook(id)
		if err != nil {
			return err
		}
		if err := tx.checkWhole(seen, row); err != nil {
			return err
		}
		if err := inTable(tx.db.Model(&row).Update("secret", secret)); err != nil {
			return err
		}
		return tx.auditWebhook(who, "secret_rotated", id, "", "")
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// checkWhole compares all of a webhook with what a person saw.
func (tx *Tx) checkWhole(seen []string, row webhookRow) error {
	now, err := row.webhook()
	if err != nil {
		return err
	}
	return tx.checkSeen(seen, now.Whole, now.URL, AuditFilter{Action: "webhook", Subject: strconv.FormatInt(now.ID, 10)})
}

// DeleteWebhook deletes a webhook with all its events. seen is as in
// RotateWebhookSecret.
func (s *Store) DeleteWebhook(ctx context.Context, who string, id int64, seen ...string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		row, err := tx.lockWebhook(id)
		if err != nil {
			return err
		}
		before, err := row.webhook()
		if err != nil {
			return err
		}
		if err := tx.checkWhole(seen, row); err != nil {
			return err
		}
		if err := inTable(tx.db.Where("webhook_id = ?", id).Delete(&webhookDeliveryRow{})); err != nil {
			return err
		}
		if err := inTable(tx.db.Delete(&row)); err != nil {
			return err
		}
		return tx.auditWebhook(who, "deleted", id, auditedWebhook(before), "")
	})
}

// RetryWebhookDelivery queues an event that has failed again, with all its
// attempts before it. One that has not failed, or whose webhook is turned off,
// is a Conflict fault.
func (s *Store) RetryWebhookDelivery(ctx context.Context, who string, id int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		row, err := webhookDeliveryByID(tx.db, id)
		if err != nil {
			return err
		}
		hook, err := tx.lockWebhook(row.WebhookID)
		if err != nil {
			return err
		}
		if !hook.Active {
			return fault.New(fault.Conflict, "webhook_inactive", fault.Args{"webhook": hook.ID})
		}
		n, err := affected(tx.db.Model(&row).Where("state = 'failed'").Updates(set{"state": string(HookQueued), "attempts": 0}))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "webhook_delivery_not_failed", fault.Args{"delivery": id})
		}
		if err := tx.queueHooks([]webhookDeliveryRow{{ID: id}}); err != nil {
			return err
		}
		return tx.auditWebhook(who, "retried", hook.ID, "", row.EventID)
	})
}

// lockWebhook reads a webhook that is about to be changed, and keeps others
// from changing it meanwhile.
func (tx *Tx) lockWebhook(id int64) (webhookRow, error) {
	return webhookByID(tx.forUpdate(), id)
}

func (tx *Tx) auditWebhook(who, action string, id int64, before, after string) error {
	return tx.audit(Entry{Who: who, Action: "webhook." + action, Subject: strconv.FormatInt(id, 10), Before: before, After: after})
}

// auditedWebhook is what the audit log keeps of a webhook: not its secret.
func auditedWebhook(h Webhook) string {
	return string(jsonOf(struct {
		URL         string      `json:"url"`
		Events      []HookEvent `json:"events"`
		Description string      `json:"description"`
		Active      bool        `json:"active"`
	}{h.URL, h.Events, h.Description, h.Active}))
}

func newSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key[:])
}

// checkWebhook reports everything that is wrong with a webhook.
func checkWebhook(h Webhook) error {
	var faults fault.List
	if !hookURL(h.URL) {
		faults = append(faults, fault.New(fault.Invalid, "webhook_url", nil).At("url"))
	}
	unknown := func(e HookEvent) bool { return !slices.Contains(HookEvents(), e) }
	if len(h.Events) == 0 || slices.ContainsFunc(h.Events, unknown) {
		faults = append(faults, fault.New(fault.Invalid, "webhook_events", fault.Args{"events": knownEvents()}).At("events"))
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h.Secret, secretPrefix))
	if !strings.HasPrefix(h.Secret, secretPrefix) || err != nil || len(key) < 24 || len(key) > 64 {
		faults = append(faults, fault.New(fault.Invalid, "webhook_secret", nil))
	}
	return faults.Err()
}

// checkHost refuses an address to which nothing would ever be posted.
func (s *Store) checkHost(address string) error {
	if u, err := url.Parse(address); err == nil && s.refuses(u.Hostname()) {
		return fault.New(fault.Invalid, "webhook_address_inner", fault.Args{"host": u.Hostname()}).At("url")
	}
	return nil
}

// hookURL reports whether events may be posted to an address: encrypted, or to
// this machine for development. User and password do not belong into it, since
// the audit log shows it.
func hookURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(text) > 2000 {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
}

func knownEvents() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(HookEvents()), " ", ", "), "[]")
}
