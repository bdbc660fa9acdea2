package web

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browserVariable names the environment variable with the path of a Chromium.
const browserVariable = "CREDITRUN_TEST_BROWSER"

// axe finds what people with poor sight, a screen reader or a keyboard would
// stumble over.
//
//go:embed testdata/axe.min.js
var axe string

// withChrome runs a test with a real browser where there is one; the test
// command of the README makes sure that there is.
func withChrome(t *testing.T, test func(t *testing.T, c *chrome)) {
	path := os.Getenv(browserVariable)
	if path == "" {
		fmt.Printf("%s: not tested in a browser: set %s to a Chromium\n", t.Name(), browserVariable)
		return
	}
	ctx, closeTab := chromedp.NewContext(chromium(path), chromedp.WithNewBrowserContext())
	defer closeTab()
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute)
	defer cancel()
	test(t, &chrome{t: t, w: newWorld(t), ctx: ctx})
}

// oneChromium is started for the first test that needs it. Each test has cookies
// and a cache of its own.
var oneChromium struct {
	once sync.Once
	ctx  context.Context
	stop func()
}

func chromium(path string) context.Context {
	oneChromium.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
			chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
			chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en"), chromedp.WindowSize(1400, 900))
		allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
		first, closeTab := chromedp.NewContext(allocated)
		if err := chromedp.Do(first); err != nil {
			panic(err)
		}
		oneChromium.ctx, oneChromium.stop = first, func() { closeTab(); stop() }
	})
	return oneChromium.ctx
}

// closeChromium ends the browser; it is for TestMain.
func closeChromium() {
	if oneChromium.stop != nil {
		oneChromium.stop()
	}
}

// chrome is a browser in front of the pages of a world.
type chrome struct {
	t   *testing.T
	w   *world
	ctx context.Context
}

// do carries out steps, one after the other.
func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, steps...); err != nil {
		where, _ := chromedp.Run(c.ctx, chromedp.Location())
		c.t.Fatalf("at %s: %v", where, err)
	}
}

// open goes to a page.
func (c *chrome) open(path string) {
	c.t.Helper()
	c.do(chromedp.Navigate(c.w.http.URL + path))
}

// leave lets the page go without its question about unsaved input.
func (c *chrome) leave() {
	c.t.Helper()
	ask[bool](c, "(() => { document.querySelectorAll('form').forEach(f => f.remove()); return true })()")
}

// fill types into a field that a CSS selector finds, in the place of what is
// in it.
func (c *chrome) fill(field, text string) {
	c.t.Helper()
	quoted, _ := json.Marshal(field)
	ask[string](c, "document.querySelector("+string(quoted)+").value = ''")
	c.do(chromedp.SendKeys(chromedp.CSS(field), text))
}

// press clicks on what a CSS selector finds.
func (c *chrome) press(selector string) {
	c.t.Helper()
	c.do(chromedp.Click(chromedp.CSS(selector)))
}

// ask evaluates an expression of the page.
func ask[T any](c *chrome, expression string) T {
	c.t.Helper()
	value, err := chromedp.Run(c.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		c.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits until an expression of the page is true.
func (c *chrome) until(what, expression string) {
	c.t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if done, err := chromedp.Run(c.ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && !!("+expression+")")); err == nil && done {
			return
		}
	}
	c.t.Fatalf("waited in vain until %s at %s:\n%s", what, ask[string](c, "location.pathname"), ask[string](c, "document.body.innerText"))
}

// untilShown waits until the page shows a text.
func (c *chrome) untilShown(text string) {
	c.t.Helper()
	quoted, _ := json.Marshal(text)
	c.until("the page shows "+text, "document.body.innerText.includes("+string(quoted)+")")
}

// as logs a person in.
func (c *chrome) as(name string) {
	c.t.Helper()
	c.open("/login")
	c.fill("input[name=name]", name)
	c.fill("input[name=password]", password)
	c.press("main button")
	c.until(name+" is logged in", "document.querySelector('a.who')")
}

// dark tells the pages that the visitor prefers them dark, or light.
func (c *chrome) dark(yes bool) {
	c.t.Helper()
	scheme := "light"
	if yes {
		scheme = "dark"
	}
	_, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	must(c.t, err)
}

// violation is something that axe found.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML string `json:"html"`
		Why  string `json:"failureSummary"`
	} `json:"nodes"`
}

// complaints are the violations of some rules, or of all, on the page as it is
// now; those that axe calls minor are left out.
func (c *chrome) complaints(rules ...string) (list []string) {
	c.t.Helper()
	if !ask[bool](c, "typeof window.axe === 'object'") {
		ask[bool](c, axe+";true")
	}
	options := map[string]any{"resultTypes": []string{"violations"}}
	if len(rules) > 0 {
		options["runOnly"] = rules
	}
	asked, err := json.Marshal(options)
	must(c.t, err)
	answer, err := chromedp.Run(c.ctx, chromedp.Evaluate[string]("axe.run("+string(asked)+").then(r => JSON.stringify(r.violations))", chromedp.EvalAwaitPromise))
	must(c.t, err)
	var found []violation
	must(c.t, json.Unmarshal([]byte(answer), &found))
	for _, one := range found {
		if one.Impact == "minor" {
			continue
		}
		for _, node := range one.Nodes {
			list = append(list, fmt.Sprintf("%s (%s): %s\n\t%s\n\t%s", one.ID, one.Impact, one.Help, node.HTML, strings.ReplaceAll(node.Why, "\n", "\n\t")))
		}
	}
	return list
}
