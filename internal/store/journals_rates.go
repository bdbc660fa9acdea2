package store

import (
	"cmp"
	"context"

	"creditrun/entities"
	"creditrun/internal/journal"
	"creditrun/internal/money"
)

// exchangeRateRow is a row of exchange_rates.
type exchangeRateRow struct {
	Currency string `gorm:"column:currency;primaryKey"`
	Month    string `gorm:"column:month;primaryKey"`
	Rate     int64  `gorm:"column:rate"`
}

// TableName implements schema.Tabler.
func (exchangeRateRow) TableName() string { return "exchange_rates" }

func (r *exchangeRateRow) domain() journal.MonthRate {
	return journal.MonthRate{Currency: r.Currency, Month: entities.Month(r.Month), Rate: money.Rate(r.Rate)}
}

// journalNumberRow is a row of journal_numbers.
type journalNumberRow struct {
	Reference string `gorm:"column:reference"`
	Field     string `gorm:"column:field"`
}

// TableName implements schema.Tabler.
func (journalNumberRow) TableName() string { return "journal_numbers" }

// ExchangeRates lists the exchange rates of months, the latest month first.
func (s *Store) ExchangeRates(ctx context.Context) (list []journal.MonthRate, err error) {
	rows, err := find[exchangeRateRow](s.db(ctx).Order("month DESC, currency"))
	for i := range rows {
		list = append(list, rows[i].domain())
	}
	return list, err
}

// LedgerCurrency is the currency of the ledger.
func (s *Store) LedgerCurrency(ctx context.Context) (string, error) {
	settings, _, err := loadSettings(s.db(ctx))
	return cmp.Or(settings.LedgerCurrency, ledgerCurrency), err
}

// SetExchangeRate sets the exchange rate of a currency in a month, which months
// that are closed from now on use. Journals that were closed keep their rate.
func (s *Store) SetExchangeRate(ctx context.Context, who string, rate journal.MonthRate) error {
	return s.inTx(ctx, func(tx *Tx) error {
		settings, _, err := loadSettings(tx.db)
		if err != nil {
			return err
		}
		if err := rate.Check(cmp.Or(settings.LedgerCurrency, ledgerCurrency)); err != nil {
			return err
		}
		row := exchangeRateRow{rate.Currency, string(rate.Month), int64(rate.Rate)}
		old, err := first[exchangeRateRow](tx.db.Where("currency = ? AND month = ?", row.Currency, row.Month))
		if err != nil {
			return err
		}
		before := ""
		if old != nil {
			before = money.Rate(old.Rate).String()
		}
		if before == rate.Rate.String() {
			return nil
		}
		if err := upsert(tx.db, row); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "accounting.rate", Subject: row.Currency + " " + row.Month, Before: before, After: rate.Rate.String()})
	})
}

// convert gives the entries the rates of their months.
func (l *ledger) convert() error {
	rows, err := find[exchangeRateRow](l.tx.db)
	if err != nil {
		return err
	}
	rates := make([]journal.MonthRate, len(rows))
	for i := range rows {
		rates[i] = rows[i].domain()
	}
	l.Convert(cmp.Or(l.settings.LedgerCurrency, ledgerCurrency), rates)
	return nil
}

// name gives the entries document fields that no other number has.
func (l *ledger) name() error {
	rows, err := find[journalNumberRow](l.tx.db)
	if err != nil {
		return err
	}
	given := make([]journal.Number, len(rows))
	for i, r := range rows {
		given[i] = journal.Number{Reference: r.Reference, Field: r.Field}
	}
	l.numbers = journal.NewNumbers(given)
	l.Name(l.numbers)
	return nil
}
