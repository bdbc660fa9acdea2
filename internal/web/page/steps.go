package page

import (
	"creditrun/tariffs"
)

// StepLine is one band that the session used.
type StepLine struct {
	tariffs.Step
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
	case tariffs.TimeComponent:
		line.Unit, line.Per = "why_unit_time", "why_per_time"
	default:
		line.Unit, line.Per = "why_unit_fee", "why_per_fee"
	}
	return line
}
