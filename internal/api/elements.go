package api

import "creditrun/internal/intake"

// The elements of a network file (formats.md §1) as intake describes them.
type (
	// Entity is the operator or a Sub-CPO.
	Entity = intake.Entity
	// Bank is the account the money goes to.
	Bank = intake.Bank
	// Station is a place with EVSEs.
	Station = intake.Station
	// Medium is an identification medium that an entity of the network issued.
	Medium = intake.Medium
	// Partner is a roaming partner with whom the operator settles bilaterally.
	Partner = intake.Partner
	// CostRate is one version of a price construct.
	CostRate = intake.CostRate
)
