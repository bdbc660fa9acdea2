package network

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// curveView is the calculator of a cost rate: what a session would cost, and
// how that changes with energy and time.
type curveView struct {
	Energy, Minutes, Start string   // as typed
	Faults                 []string // with them there is nothing else
	Price                  tariffs.Price
	Steps                  []page.StepLine
	Total                  string // rounded, with the currency
	When                   string // the entry of the schedule in force; empty: the rate's own prices
	ByEnergy, ByTime       curveChart
}

// The size of a chart and of the margins that hold its labels.
const (
	curveWidth, curveHeight               = 460, 220
	curveLeft, curveRight                 = 62, 14
	curveTop, curveBottom                 = 12, 34
	curvePlotWidth, curvePlotHeight       = curveWidth - curveLeft - curveRight, curveHeight - curveTop - curveBottom
	curveSamples                    int64 = 96
)

// curveChart is a line over an axis, in whole pixels; its points are in tenths,
// so that a straight line looks straight.
type curveChart struct {
	Title         string
	Width, Height int
	Left, Right   int // of the plot
	Top, Bottom   int
	Line          string // points
	X, Y          []curveTick
	Unit          string
	DotX, DotY    int // the calculator's session
}

// curveTick is a label on an axis.
type curveTick struct {
	At    int
	Label string
}

// calculatorForm are the fields of the calculator, on the page of a cost rate or
// in its editor.
const calculatorForm = "calculator"

// The session of the calculator as long as none is typed in.
const (
	usualEnergy  = "20"
	usualMinutes = "45"
)

// curve reads the calculator's session and prices it.
func (v *Visit) curve(f *page.FormState, typed *tariffs.CostRate) curveView {
	rate := *typed
	rate.Key = page.OrElse(rate.Key, "?") // a new one can be calculated before it has a name
	view := curveView{Energy: page.OrElse(f.Text("energy"), usualEnergy), Minutes: page.OrElse(f.Text("minutes"), usualMinutes)}
	typedEnergy := f.With("energy", "calc_energy", view.Energy)
	energy := money.Quantity(typedEnergy.Decimal(money.QuantityDecimals))
	if energy < 0 {
		typedEnergy.Wrong("form_decimal", money.QuantityDecimals)
	}
	minutes := f.With("minutes", "calc_minutes", view.Minutes).Whole()
	var start time.Time
	start, view.Start = v.startOf(f)
	err := f.Faults.Err()
	if err == nil {
		view.Price, err = tariffs.PriceOf(&rate, energy, minutes*60, start, v.Zone())
	}
	if err == nil {
		err = v.draw(&view, &calcSession{&rate, energy, minutes, start, v.Zone()})
	}
	for _, found := range fault.Of(err) {
		view.Faults = append(view.Faults, v.Texts.PageFault(v.Lang, found))
	}
	if err != nil {
		return view
	}
	for _, step := range view.Price.Steps {
		view.Steps = append(view.Steps, v.StepLine(step))
	}
	digits, _ := money.Digits(rate.Currency)
	view.Total = v.Texts.Amount(v.Lang, rate.Currency, view.Price.Total.Round(digits))
	if n := view.Price.Entry; n > 0 && n <= len(rate.Schedule) {
		view.When = v.entryInWords(inOrder(rate.Schedule)[n-1])
	}
	return view
}

// inOrder sorts dated entries by time, as tariffs.Price counts them.
func inOrder(schedule []tariffs.ScheduleEntry) []tariffs.ScheduleEntry {
	return slices.SortedStableFunc(slices.Values(schedule), func(a, b tariffs.ScheduleEntry) int { return a.Starting.Compare(b.Starting) })
}

// calcSession is one that the calculator makes up.
type calcSession struct {
	rate    *tariffs.CostRate
	energy  money.Quantity
	minutes int64
	start   time.Time
	zone    *time.Location
}

func (s calcSession) total() (money.Micros, error) {
	p, err := tariffs.PriceOf(s.rate, s.energy, s.minutes*60, s.start, s.zone)
	return p.Total, err
}

// prices are those in force at the start.
func (s *calcSession) prices(entry int) tariffs.Prices {
	if entry > 0 && entry <= len(s.rate.Schedule) {
		return inOrder(s.rate.Schedule)[entry-1].Prices
	}
	return s.rate.Prices
}

// draw makes the two charts around the session of the calculator.
func (v *Visit) draw(view *curveView, s *calcSession) error {
	prices := s.prices(view.Price.Entry)
	farthest := max(40, int64(s.energy/money.PerWattHour/1000)*5/4)
	for i, b := range prices.Energy {
		if i+1 < len(prices.Energy) { // the last one has no end
			farthest = max(farthest, b.UpToWh/1000*3/2)
		}
	}
	var err error
	view.ByEnergy, err = v.lineOf(farthest, int64(s.energy), int64(money.PerWattHour)*1000, s.rate.Currency, func(x int64) (money.Micros, error) {
		at := *s
		at.energy = money.Quantity(x)
		return at.total()
	})
	if err != nil {
		return err
	}
	view.ByEnergy.Title, view.ByEnergy.Unit = v.Message("curve_by_energy", "Minutes", view.Minutes), "kWh"
	farthest = max(120, s.minutes*5/4)
	for i, b := range prices.Time {
		if i+1 < len(prices.Time) {
			farthest = max(farthest, b.UpToMin*3/2)
		}
	}
	view.ByTime, err = v.lineOf(farthest, s.minutes, 1, s.rate.Currency, func(x int64) (money.Micros, error) {
		at := *s
		at.minutes = x
		return at.total()
	})
	view.ByTime.Title, view.ByTime.Unit = v.Message("curve_by_time", "Energy", v.Texts.Quantity(v.Lang, s.energy)), "min"
	return err
}

// lineOf draws an amount from 0 to farthest units, where one unit is so many
// of what is asked for, and a dot at one of these.
func (v *Visit) lineOf(farthest, dot, one int64, currency string, amount func(int64) (money.Micros, error)) (curveChart, error) {
	c := curveChart{Width: curveWidth, Height: curveHeight, Left: curveLeft, Right: curveWidth - curveRight, Top: curveTop, Bottom: curveHeight - curveBottom}
	stepX := niceStep(farthest, 5)
	farthest = (farthest + stepX - 1) / stepX * stepX
	whole := farthest * one
	amounts := make([]money.Micros, curveSamples+1)
	most := money.Micros(0)
	for i := range amounts {
		var err error
		if amounts[i], err = amount(whole/curveSamples*int64(i) + whole%curveSamples*int64(i)/curveSamples); err != nil {
			return c, err
		}
		most = max(most, amounts[i])
	}
	at, err := amount(dot)
	if err != nil {
		return c, err
	}
	if most == 0 {
		most = money.PerUnit
	}
	stepY := niceStep(int64(most), 4)
	top := (int64(most) + stepY - 1) / stepY * stepY
	var line strings.Builder
	for i, a := range amounts {
		line.WriteString(strconv.Itoa(curveLeft+i*curvePlotWidth/int(curveSamples)) + "," + tenths(c.Bottom*10-pixelOf(int64(a), top, curvePlotHeight*10)) + " ")
	}
	c.Line = strings.TrimSpace(line.String())
	for x := int64(0); x <= farthest; x += stepX {
		c.X = append(c.X, curveTick{curveLeft + pixelOf(x, farthest, curvePlotWidth), v.Texts.Number(v.Lang, x, 0)})
	}
	digits, _ := money.Digits(currency)
	for y := int64(0); y <= top; y += stepY {
		label := v.Price(v.Lang, money.Rate(y))
		if digits == 0 {
			label = v.Texts.Number(v.Lang, y/1_000_000, 0)
		}
		c.Y = append(c.Y, curveTick{c.Bottom - pixelOf(y, top, curvePlotHeight), label})
	}
	c.DotX, c.DotY = curveLeft+pixelOf(dot, whole, curvePlotWidth), c.Bottom-pixelOf(int64(at), top, curvePlotHeight)
	return c, nil
}

// niceStep divides a length into at most so many steps of 1, 2 or 5 times a
// power of ten.
func niceStep(length, steps int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			if step := digit * power; step >= (length+steps-1)/steps || power > 1<<56 {
				return step
			}
		}
	}
}

// pixelOf is the pixel of a value between 0 and the most there is.
func pixelOf(value, most int64, pixels int) int {
	for most > 1<<40 {
		value, most = value>>1, most>>1
	}
	return int(value * int64(pixels) / max(most, 1))
}

// tenths writes tenths of a pixel.
func tenths(n int) string {
	if n%10 == 0 {
		return strconv.Itoa(n / 10)
	}
	return strconv.Itoa(n/10) + "." + strconv.Itoa(n%10)
}

// CurvePart prices the cost rate in the editor; it changes nothing.
func (v *Visit) CurvePart() error {
	f := v.Form(calculatorForm)
	rate := v.rate(f, v.rateForm(f))
	return v.Part("rate_edit", "curve", v.curve(f, &rate))
}

// nextDay is the day after today.
func (v *Visit) nextDay() entities.Date { return entities.Date(v.Today()).AddDays(1) }
