package page

import (
	"strconv"

	"creditrun/internal/money"
	"creditrun/tariffs"
)

// StepLine is one band that the session used.
type StepLine struct {
	tariffs.Step
	Bound  string // of the band, in kWh or minutes; empty: open
	Unit   string // message of the unit
	Per    string // message of what the price is for
	Amount string
}

// StepLine writes a band as units × price = amount.
func (v *Visit) StepLine(step tariffs.Step) StepLine {
	line := StepLine{Step: step, Amount: v.Figure(step.Amount)}
	line.Units = v.Figure(step.Units)
	switch step.Component {
	case tariffs.EnergyComponent:
		line.Unit, line.Per = "why_unit_energy", "why_per_energy"
		if step.UpTo > 0 {
			line.Bound = v.Figure((money.Quantity(step.UpTo) * money.PerWattHour).String()) + " kWh"
		}
	case tariffs.TimeComponent:
		line.Unit, line.Per = "why_unit_time", "why_per_time"
		if step.UpTo > 0 {
			line.Bound = strconv.FormatInt(step.UpTo, 10) + " min"
		}
	default:
		line.Unit, line.Per = "why_unit_fee", "why_per_fee"
	}
	return line
}
