package network

import (
	"creditrun/creditnotes"
	"creditrun/internal/web/page"
)

// deletion is the form that deletes a record: it stands at the end of its page.
type deletion struct {
	Path string // to which it is sent
	Seen string // what of the record the page shows
}

// deletionOf makes the form for a record of a section at its page, for those who
// may open the route it is sent to.
func (v *Visit) deletionOf(section, key, path string) (*deletion, error) {
	f := v.Form("delete")
	if err := v.See(f, page.Record(section, key)); err != nil {
		return nil, err
	}
	return &deletion{path + "/delete", f.Seen}, nil
}

// delete deletes the record of the address and shows the list that it was in.
// One that something refers to is not deleted, and the page says what does.
func (v *Visit) delete(section, key, list string) error {
	f := v.Form("delete")
	if err := v.Store.DeleteRecord(v.R.Context(), v.Name(), page.Record(section, key), f.Sent()); err != nil {
		return err
	}
	return v.Done(list, "deletion_done", "Key", key)
}

// DeleteEntity deletes an entity.
func (v *Visit) DeleteEntity() error {
	return v.delete(creditnotes.SectionEntities, v.R.PathValue("key"), "/entities")
}

// DeleteStation deletes a station with its connectors.
func (v *Visit) DeleteStation() error {
	return v.delete(creditnotes.SectionStations, v.R.PathValue("key"), "/stations")
}

// DeleteMedium deletes a medium.
func (v *Visit) DeleteMedium() error {
	return v.delete(creditnotes.SectionMedia, v.R.PathValue("uid"), "/media")
}

// DeleteChargePoint deletes a charge-point tariff.
func (v *Visit) DeleteChargePoint() error {
	return v.delete(creditnotes.SectionChargePoint, v.R.PathValue("key"), "/tariffs?tab="+chargePointTab)
}

// DeleteCommunity deletes a COMMUNITY tariff.
func (v *Visit) DeleteCommunity() error {
	return v.delete(creditnotes.SectionCommunity, v.R.PathValue("key"), "/tariffs?tab="+communityTab)
}

// DeleteSales deletes a sales tariff.
func (v *Visit) DeleteSales() error {
	return v.delete(creditnotes.SectionSales, v.R.PathValue("key"), "/tariffs?tab="+salesTab)
}

// DeleteRate deletes a cost rate with its versions.
func (v *Visit) DeleteRate() error {
	return v.delete(creditnotes.SectionRates, v.R.PathValue("key"), "/tariffs?tab="+ratesTab)
}

// DeleteRange deletes a number range.
func (v *Visit) DeleteRange() error {
	return v.delete(creditnotes.SectionRanges, v.R.PathValue("key"), "/ranges")
}

// DeleteTax deletes a tax account.
func (v *Visit) DeleteTax() error {
	return v.delete(creditnotes.SectionTaxAccounts, v.R.PathValue("key"), "/taxes")
}

// DeletePartner deletes a roaming partner.
func (v *Visit) DeletePartner() error {
	return v.delete(creditnotes.SectionPartners, v.R.PathValue("id"), "/partners")
}

// DeleteContract deletes a contract.
func (v *Visit) DeleteContract() error {
	return v.delete(creditnotes.SectionContracts, v.R.PathValue("key"), "/contracts")
}
