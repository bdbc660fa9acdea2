// Package svg reads a drawing of plain shapes as a picture of a PDF.
//
// It takes what can be printed exactly: paths, rectangles, circles, ellipses,
// lines, polylines and polygons with plain fills and strokes, groups,
// transformations, and styles by class or attribute (SVG 1.1 §5 to §11). The
// transparency of a shape becomes its color on white paper. Text, pictures,
// gradients, clips, masks, filters and dashes are errors that name them, so that
// a logo is never printed other than it looks. Lengths are taken for units of
// the drawing, whatever their own is.
package svg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"creditrun/internal/colors"
	"creditrun/internal/pdf"
)

// ErrFormat is returned for what is not an SVG, or one that is not well-formed
// in its paths and transformations, or draws nothing.
var ErrFormat = errors.New("not an SVG that draws something")

// Read reads a drawing. Its size is that of the view box, or its width and
// height.
func Read(content []byte) (*pdf.Picture, error) {
	d := &drawing{classes: map[string]string{}}
	if err := d.read(content); err != nil {
		return nil, err
	}
	if d.shapes == 0 {
		return nil, ErrFormat
	}
	return pdf.NewDrawing(d.width, d.height, d.operators), nil
}

// read turns shapes into operators, element by element.
func (d *drawing) read(content []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	var stack []element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			top := element{matrix: unity, fill: paint{visible: true, opacity: 1}, stroke: paint{opacity: 1}, width: 1}
			if len(stack) > 0 {
				top = stack[len(stack)-1]
			} else if err := d.open(token); err != nil {
				return err
			}
			if err := d.start(&top, token); err != nil {
				return err
			}
			stack = append(stack, top)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			d.hidden = max(d.hidden-1, 0)
		case xml.CharData:
			d.learn(string(token))
		}
	}
}

// drawing is an SVG that is being read.
type drawing struct {
	width, height float64
	operators     []byte
	classes       map[string]string // declarations of <style>, by class
	hidden        int               // depth within something that is not drawn
	shapes        int               // that are drawn
}

// element is what a shape inherits.
type element struct {
	matrix       matrix
	fill, stroke paint
	width        float64
	evenOdd      bool
}

// paint is a color, or nothing.
type paint struct {
	color   colors.Color
	visible bool
	opacity float64
}

// open reads the size of the drawing.
func (d *drawing) open(root xml.StartElement) error {
	if root.Name.Local != "svg" {
		return ErrFormat
	}
	given := attributes(root)
	box := numbersOf(given["viewBox"])
	if len(box) != 4 {
		box = []float64{0, 0, length(given["width"]), length(given["height"])}
	}
	if !(box[2] > 0 && box[3] > 0 && box[2] < 1e6 && box[3] < 1e6 && math.Abs(box[0]) < 1e6 && math.Abs(box[1]) < 1e6) {
		return errors.New("the SVG has no size")
	}
	d.width, d.height = box[2], box[3]
	// Nothing is drawn beside the drawing.
	d.operators = fmt.Appendf(d.operators, "0 0 %s re W n\n", string(pdf.AppendOperands(nil, box[2], box[3])))
	d.operators = pdf.AppendMatrix(d.operators, matrix{1, 0, 0, 1, -box[0], -box[1]})
	return nil
}

// unseen are the elements that draw nothing by themselves.
const unseen = " defs title desc metadata style "

// start draws an element, or remembers what those in it inherit.
func (d *drawing) start(e *element, token xml.StartElement) error {
	const space = "http://www.w3.org/2000/svg"
	name := token.Name.Local
	if d.hidden > 0 || strings.Contains(unseen, " "+name+" ") || token.Name.Space != space && token.Name.Space != "" {
		d.hidden++
		return nil
	}
	given := attributes(token)
	for _, class := range strings.Fields(given["class"]) {
		declare(given, d.classes[class])
	}
	declare(given, given["style"])
	if given["display"] == "none" || given["visibility"] == "hidden" {
		d.hidden++
		return nil
	}
	for _, special := range []string{"clip-path", "mask", "filter", "stroke-dasharray"} {
		if value := given[special]; value != "" && value != "none" {
			return unprintable(special)
		}
	}
	if err := e.inherit(given); err != nil {
		return err
	}
	if name == "svg" || name == "g" || name == "a" {
		return nil
	}
	outline, err := outlineOf(name, given)
	if err != nil {
		return err
	}
	d.draw(e, outline)
	return nil
}

func unprintable(what string) error {
	return fmt.Errorf("the SVG uses %s, which cannot be printed exactly; turn it into plain shapes", what)
}

// draw appends a shape in its own space.
func (d *drawing) draw(e *element, outline []byte) {
	if len(outline) == 0 || !e.fill.visible && !e.stroke.visible {
		return
	}
	d.shapes++
	b := pdf.AppendMatrix(append(d.operators, "q "...), e.matrix)
	operator := "S"
	if e.fill.visible {
		b = append(appendColor(b, e.fill), " rg\n"...)
		operator = "f"
		if e.stroke.visible {
			operator = "B"
		}
		if e.evenOdd {
			operator += "*"
		}
	}
	if e.stroke.visible {
		b = append(appendColor(b, e.stroke), " RG\n"...)
		b = append(pdf.AppendOperands(b, e.width), " w\n"...)
	}
	d.operators = append(append(append(b, outline...), operator...), " Q\n"...)
}

// appendColor appends a color as it looks on white paper.
func appendColor(b []byte, p paint) []byte {
	return pdf.AppendColor(b, p.color.Mix(colors.White, p.opacity))
}

// learn reads the rules of a style sheet that name classes.
func (d *drawing) learn(sheet string) {
	for rule := range strings.SplitSeq(sheet, "}") {
		selectors, declarations, found := strings.Cut(rule, "{")
		if !found || d.hidden == 0 {
			continue
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			if class, ok := strings.CutPrefix(strings.TrimSpace(selector), "."); ok {
				d.classes[class] += ";" + declarations
			}
		}
	}
}

func attributes(token xml.StartElement) map[string]string {
	given := make(map[string]string, len(token.Attr))
	for _, a := range token.Attr {
		given[a.Name.Local] = strings.TrimSpace(a.Value)
	}
	return given
}

// declare adds the declarations of a style to the attributes.
func declare(given map[string]string, style string) {
	for declaration := range strings.SplitSeq(style, ";") {
		if key, value, found := strings.Cut(declaration, ":"); found {
			given[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
}

// inherit takes over what an element says of its looks.
func (e *element) inherit(given map[string]string) error {
	for key, p := range map[string]*paint{"fill": &e.fill, "stroke": &e.stroke} {
		if err := p.set(given[key]); err != nil {
			return err
		}
		for _, factor := range []string{given["opacity"], given[key+"-opacity"]} {
			if v, err := strconv.ParseFloat(factor, 64); err == nil && v >= 0 && v <= 1 {
				p.opacity *= v
			}
		}
	}
	switch given["fill-rule"] {
	case "evenodd":
		e.evenOdd = true
	case "nonzero":
		e.evenOdd = false
	}
	if width := given["stroke-width"]; width != "" {
		e.width = length(width)
	}
	m, err := transformOf(given["transform"])
	if e.matrix = e.matrix.times(m); err == nil && !e.matrix.finite() {
		err = ErrFormat
	}
	return err
}

// names are the colors that drawings call by name.
var names = map[string]colors.Color{
	"black": {}, "white": {Red: 255, Green: 255, Blue: 255}, "red": {Red: 255, Green: 0, Blue: 0}, "green": {Red: 0, Green: 128, Blue: 0}, "blue": {Red: 0, Green: 0, Blue: 255}, "yellow": {Red: 255, Green: 255, Blue: 0},
	"orange": {Red: 255, Green: 165, Blue: 0}, "gray": {Red: 128, Green: 128, Blue: 128}, "grey": {Red: 128, Green: 128, Blue: 128}, "silver": {Red: 192, Green: 192, Blue: 192}, "navy": {Red: 0, Green: 0, Blue: 128},
	"teal": {Red: 0, Green: 128, Blue: 128}, "lime": {Red: 0, Green: 255, Blue: 0}, "aqua": {Red: 0, Green: 255, Blue: 255}, "maroon": {Red: 128, Green: 0, Blue: 0}, "purple": {Red: 128, Green: 0, Blue: 128}, "olive": {Red: 128, Green: 128, Blue: 0},
	"fuchsia": {Red: 255, Green: 0, Blue: 255}, "currentcolor": {},
}

func (p *paint) set(value string) error {
	switch lower := strings.ToLower(value); {
	case lower == "" || lower == "inherit":
		return nil
	case lower == "none" || lower == "transparent":
		p.visible = false
		return nil
	case strings.HasPrefix(lower, "rgb("):
		parts := numbersOf(strings.TrimSuffix(value[len("rgb("):], ")"))
		if len(parts) != 3 || strings.Contains(value, "%") {
			return unprintable(value)
		}
		c := func(v float64) uint8 { return uint8(min(max(v, 0), 255)) }
		p.color, p.visible = colors.Color{Red: c(parts[0]), Green: c(parts[1]), Blue: c(parts[2])}, true
		return nil
	default:
		color, ok := colors.Parse(lower)
		if !ok {
			color, ok = names[lower]
		}
		if !ok {
			return unprintable(value)
		}
		p.color, p.visible = color, true
		return nil
	}
}
