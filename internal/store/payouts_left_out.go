package store

import (
	"encoding/json"
	"errors"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// payoutLeftOutRow is a row of payout_left_out. The detail of what a bank would
// refuse is a list of faults; older versions wrote the names of fields, which say no
// more than the reason does.
type payoutLeftOutRow struct {
	BatchID   int64  `gorm:"column:batch_id"`
	Place     int    `gorm:"column:place"`
	EntityKey string `gorm:"column:entity_key"`
	Currency  string `gorm:"column:currency"`
	Amount    int64  `gorm:"column:amount"`
	Reason    string `gorm:"column:reason"`
	Detail    string `gorm:"column:detail"`
}

// TableName implements schema.Tabler.
func (payoutLeftOutRow) TableName() string { return "payout_left_out" }

func leftOutRow(batch int64, place int, l *payouts.LeftOut) (payoutLeftOutRow, error) {
	row := payoutLeftOutRow{BatchID: batch, Place: place, EntityKey: l.Entity, Currency: l.Currency, Amount: int64(l.Amount), Reason: string(l.Reason), Detail: l.Detail}
	var kept []json.RawMessage
	for _, f := range l.Refused {
		one, err := f.GobEncode()
		if err != nil {
			return row, err
		}
		kept = append(kept, one)
	}
	if len(kept) > 0 {
		row.Detail = string(jsonOf(kept))
	}
	return row, nil
}

func (r *payoutLeftOutRow) domain() (payouts.LeftOut, error) {
	l := payouts.LeftOut{Entity: r.EntityKey, Currency: r.Currency, Amount: money.Amount(r.Amount), Reason: payouts.Reason(r.Reason)}
	if l.Reason != payouts.Unwritable {
		l.Detail = r.Detail
		return l, nil
	}
	if !strings.HasPrefix(r.Detail, "[") {
		return l, nil
	}
	var kept []json.RawMessage
	err := json.Unmarshal([]byte(r.Detail), &kept)
	for _, one := range kept {
		f := &fault.Fault{}
		err = errors.Join(err, f.GobDecode(one))
		l.Refused = append(l.Refused, f)
	}
	return l, err
}
