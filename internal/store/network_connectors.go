package store

import (
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// connectorSection compares connectors; how they are told apart depends on what
// is stored (see mergeConnectors).
var connectorSection = section[connectorRow]{name: "connectors", noun: "connector",
	same: sameConnector,
	// A connector that only sessions knew is claimed: new to the
	// configuration, under the id it has.
	adopt: func(stored, listed *connectorRow) bool {
		listed.identify(stored.ID)
		return stored.StationKey != ""
	}, matters: connectorMatters}

// connectorKey tells stored connectors apart.
func connectorKey(r *connectorRow) string {
	key := strings.ToUpper(r.EVSEID) + "/" + strconv.Itoa(r.Number)
	if r.OCPIID != "" { // of sessions alone, by the id of another system
		key += "/" + strings.ToUpper(r.OCPIID)
	}
	return key
}

// mergeConnectors works out the differences of connectors. A listed one is the
// stored one with the same EVSE id and number, in whatever spelling the id is
// stored.
func (m *merger) mergeConnectors(listed []connectorRow) {
	stored := m.result.connectors
	known, spelled := map[string]bool{}, map[string]string{}
	for i := range stored {
		known[connectorKey(&stored[i])] = true
		spelled[entities.EVSEKey(stored[i].EVSEID)+"/"+strconv.Itoa(stored[i].Number)+stored[i].OCPIID] = connectorKey(&stored[i])
	}
	of := connectorSection
	of.key = func(r *connectorRow) string {
		key := connectorKey(r)
		if other := spelled[entities.EVSEKey(r.EVSEID)+"/"+strconv.Itoa(r.Number)+r.OCPIID]; other != "" && !known[key] {
			return other
		}
		return key
	}
	before := evseSpellings(stored)
	m.connectors, m.result.connectors = mergeSection(m, of, stored, listed)
	m.checkSpellings(before, listed)
}

// evseSpellings lists how the network writes its EVSEs, by their key.
func evseSpellings(rows []connectorRow) map[string][]string {
	all := map[string][]string{}
	for i := range rows {
		key, id := entities.EVSEKey(rows[i].EVSEID), strings.ToUpper(rows[i].EVSEID)
		if rows[i].StationKey != "" && !slices.Contains(all[key], id) {
			all[key] = append(all[key], id)
		}
	}
	return all
}

// checkSpellings refuses two EVSEs whose ids differ in nothing but separators:
// no session could be told which of them it is at. What was stored before is
// left alone.
func (m *merger) checkSpellings(before map[string][]string, listed []connectorRow) {
	after := evseSpellings(m.result.connectors)
	for i := range listed {
		key, id := entities.EVSEKey(listed[i].EVSEID), strings.ToUpper(listed[i].EVSEID)
		if slices.Contains(before[key], id) {
			continue
		}
		for _, other := range after[key] {
			if other != id {
				m.add(fault.New(fault.Invalid, "evse_spelled_twice", fault.Args{"evse": listed[i].EVSEID, "other": other}))
			}
		}
	}
}
