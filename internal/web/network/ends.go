package network

import (
	"slices"

	"creditrun/entities"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// untilIn is the last day that a form gives a station, a medium or a tariff;
// empty: none.
func untilIn(f *page.FormState) entities.Date {
	if f.Text("until") == "" {
		return ""
	}
	return f.At("until", "ends_until").Day()
}

// chargePointChoices offers the charge-point tariffs that can be assigned on a day.
func chargePointChoices(list []tariffs.ChargePointTariff, day entities.Date) []page.Choice {
	list = slices.DeleteFunc(slices.Clone(list), func(t tariffs.ChargePointTariff) bool { return t.Until.Ended(day) })
	return tariffChoices(list, func(t tariffs.ChargePointTariff) (string, string) { return t.Key, t.Name })
}

// communityChoices offers the COMMUNITY tariffs that can be assigned on a day.
func communityChoices(list []tariffs.CommunityTariff, day entities.Date) []page.Choice {
	list = slices.DeleteFunc(slices.Clone(list), func(t tariffs.CommunityTariff) bool { return t.Until.Ended(day) })
	return tariffChoices(list, func(t tariffs.CommunityTariff) (string, string) { return t.Key, t.Name })
}

// salesChoices offers the sales tariffs that can be assigned on a day, and the one
// that is.
func salesChoices(list []tariffs.SalesTariff, day entities.Date, assigned string) []page.Choice {
	list = slices.DeleteFunc(slices.Clone(list), func(t tariffs.SalesTariff) bool { return t.Until.Ended(day) && t.Key != assigned })
	return tariffChoices(list, func(t tariffs.SalesTariff) (string, string) { return t.Key, t.Name })
}
