package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// record is one line of a session file and when it arrives.
type record struct {
	place     *place // where it happened; evse may say something else
	id        string
	evse      string
	connector int
	start     time.Time
	end       time.Time
	wh        int64
	medium    string
	class     string // empty: to be derived
	partner   string
	auth      string
	status    string // empty: valid
	cents     int64  // what the driver was charged; 0: not known here
	arrives   time.Time
	// money is when the driver's money arrives after the charge, which a file of
	// collections says; zero: it was there at once, or has not arrived.
	money time.Time
}

// header names the columns in the order of writeCSV.
const header = "id,evse_id,connector,start,end,energy_kwh,medium_uid,class,partner,status,auth_method,driver_amount,currency,collected_at,updated_at\n"

// writeCSV writes records as a session file (formats.md §2), with the times of
// each station's own clock.
func writeCSV(list []*record) []byte {
	b := make([]byte, 0, len(header)+len(list)*160)
	b = append(b, header...)
	for _, r := range list {
		amount, currency, collected := "", "", ""
		if r.cents > 0 {
			amount, currency = hundredths(r.cents), r.place.currency
		}
		if r.cents > 0 && r.auth == "COMMAND" { // paid at the place
			collected = r.local(r.end.Add(time.Minute))
		}
		b = append(b, strings.Join([]string{
			r.id, r.evse, strconv.Itoa(r.connector), r.local(r.start), r.local(r.end), kilowattHours(r.wh),
			r.medium, r.class, r.partner, r.status, r.auth, amount, currency, collected,
			r.arrives.UTC().Format(time.RFC3339),
		}, ",")...)
		b = append(b, '\n')
	}
	return b
}

// amount is what the driver was charged; empty: not known here.
func (r *record) amount() string {
	if r.cents == 0 {
		return ""
	}
	return hundredths(r.cents)
}

func (r *record) local(t time.Time) string { return t.In(r.place.zone).Format(time.RFC3339) }

func kilowattHours(wh int64) string {
	sign := ""
	if wh < 0 {
		sign, wh = "-", -wh
	}
	return fmt.Sprintf("%s%d.%03d", sign, wh/1000, wh%1000)
}

func hundredths(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
