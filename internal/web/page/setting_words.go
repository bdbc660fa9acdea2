package page

import (
	"fmt"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
)

// SettingLabel names the message of the label of a setting.
func SettingLabel(key string) string {
	return fmt.Sprintf("setting_%s", strings.ReplaceAll(key, ".", "_"))
}

// TaxAccountName is the key of a tax account with its name in the language of
// the visitor.
func (v *Visit) TaxAccountName(a *creditnotes.TaxAccount) string {
	for _, lang := range []string{v.Words(), "en"} {
		if name := a.Name[lang]; name != "" {
			return a.Key + " – " + name
		}
	}
	return a.Key
}

// SettingWords writes a value of a setting for people.
func (v *Visit) SettingWords(key, value string, b *snapshot.Snapshot) string {
	if strings.HasPrefix(key, creditnotes.RulePrefix) {
		return v.Message(fmt.Sprintf("settings_rule_%s", value))
	}
	if creditnotes.IsLogo(key) {
		if value != "" {
			return value[:min(12, len(value))] + "…"
		}
		return ""
	}
	switch key {
	case "active", "credit_run", "mail", "create_zero_notes", "consolidate_by_recipient", "require_agreement", "settlement_report_mail", "joint_mail":
		if value == "true" {
			return v.Message("settings_on")
		}
		return v.Message("settings_off")
	case "release":
		return v.Message(fmt.Sprintf("settings_release_%s", value))
	case "second_person":
		var words []string
		for _, m := range creditnotes.Matters() {
			if slices.Contains(strings.Split(value, ","), string(m)) {
				words = append(words, v.Message(fmt.Sprintf("matter_%s", m)))
			}
		}
		return strings.Join(words, ", ")
	case "cancellation_type":
		return value + " – " + v.Message(fmt.Sprintf("settings_cancellation_%s", value))
	case "payout_addresses":
		return v.Message(fmt.Sprintf("settings_addresses_%s", value))
	case "community_discount_percent", sessions.RuleMeter.LimitName(), sessions.RuleSignature.LimitName():
		if p, err := money.ParsePercent(value); err == nil {
			return v.texts.Percent(v.Lang, p)
		}
	case "start_date":
		return v.texts.Date(v.Lang, entities.Date(value))
	case "language":
		if v.texts.Supports(value) {
			return v.Message(fmt.Sprintf("language_%s", value))
		}
	case "layout":
		if name := b.Config.Settings.Layouts[value]["name"]; name != "" {
			return name
		}
	case "tax_account", "fee_tax_account":
		for i := range b.Config.TaxAccounts {
			if a := &b.Config.TaxAccounts[i]; a.Key == value {
				return v.TaxAccountName(a)
			}
		}
	}
	return value
}
