package datev_test

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

func amountOf(n int64) money.Amount               { return money.Amount(n) }
func kindOf(kind string) creditnotes.MovementKind { return creditnotes.MovementKind(kind) }
func dateOf(day string) entities.Date             { return entities.Date(day) }
