package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"creditrun/creditnotes"
	"creditrun/internal/web/webtest"
)

// reportPath is the page of the report that the Sub-CPO sees, too.
var reportPath = "/reports/" + creditnotes.ReportName(webtest.SubCPO, "2026-10", "EUR")

func TestASettlementReportIsMailedFromItsPage(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	felix.get(reportPath).shows(t, `id="mail"`, reportPath+"/resend")
	if p := felix.post(reportPath+"/resend", "to", "tax@hotel.example", "confirm_password", "wrong"); p.status != http.StatusForbidden {
		t.Errorf("with a wrong password: %d", p.status)
	}
	if p := felix.post(reportPath+"/resend", "to", "no address", "confirm_password", password); p.status == http.StatusOK && !strings.Contains(p.body, "no address") {
		t.Errorf("without an address: %d", p.status)
	}
	felix.post(reportPath+"/resend", "to", "tax@hotel.example", "confirm_password", password).shows(t, "is sent again to tax@hotel.example")
	felix.get("/mails/open").shows(t, reportPath+"#mail")
	if p := felix.post(reportPath+"/settle-mail", "outcome", "arrived"); p.status != http.StatusConflict {
		t.Errorf("a mail that is not parked was settled: %d", p.status)
	}
}

func TestTheWorkbookOfAReportIsDownloaded(t *testing.T) {
	w := newWorld(t)
	if p := w.as("felix").get(reportPath + "/report.xlsx"); p.status != http.StatusOK || !strings.HasPrefix(p.body, "PK") {
		t.Errorf("%d %.20q", p.status, p.body)
	}
}

func TestAReportFitsANarrowScreen(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.as("anna")
		for name, width := range map[string]int64{"report-wide": 1400, "report-narrow": 390} {
			_, err := chromedp.Call(c.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 3200, DeviceScaleFactor: 1})
			must(t, err)
			for _, path := range []string{reportPath, reportPath + "?view=live", "/reports"} {
				c.open(path)
				if wide := ask[int64](c, "document.documentElement.scrollWidth"); wide > width {
					t.Errorf("%s is %d pixels wide on a screen of %d", path, wide, width)
				}
				c.look(name + strings.NewReplacer("/", "-", "?view=", "-").Replace(strings.TrimPrefix(path, reportPath)))
			}
		}
	})
}
