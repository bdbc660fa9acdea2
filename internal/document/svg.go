package document

import (
	"bytes"
	"creditrun/internal/colors"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// matrix is an affine map as PDF and SVG write it: a b c d e f.
type matrix [6]float64

var unity = matrix{1, 0, 0, 1, 0, 0}

// times applies n first, then m.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

// finite tells whether a matrix maps the plane onto the plane of a page.
func (m matrix) finite() bool {
	for _, v := range m {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return false
		}
	}
	return true
}

func appendMatrix(b []byte, m matrix) []byte {
	for _, v := range m {
		b = append(strconv.AppendFloat(b, v, 'f', 6, 64), ' ')
	}
	return append(b, "cm\n"...)
}

// svg reads a drawing. Only what is drawn exactly is taken: shapes with plain
// fills and strokes. Everything else is an error, not a logo that looks
// different.
type svg struct {
	*logo
	classes map[string]string // declarations of <style>, by class
	hidden  int               // depth within something that is not drawn
	shapes  int               // that are drawn
}

var errSVG = errors.New("neither a PNG nor an SVG")

// element is what a shape inherits.
type element struct {
	matrix       matrix
	fill, stroke paint
	width        float64
	evenOdd      bool
}

// paint is a colour, or nothing.
type paint struct {
	ink
	visible bool
	opacity float64
}

func readSVG(content []byte) (*logo, error) {
	s := &svg{logo: &logo{}, classes: map[string]string{}}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	var stack []element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			top := element{matrix: unity, fill: paint{visible: true, opacity: 1}, stroke: paint{opacity: 1}, width: 1}
			if len(stack) > 0 {
				top = stack[len(stack)-1]
			} else if err := s.open(token); err != nil {
				return nil, err
			}
			if err := s.start(&top, token); err != nil {
				return nil, err
			}
			stack = append(stack, top)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			s.hidden = max(s.hidden-1, 0)
		case xml.CharData:
			s.learn(string(token))
		}
	}
	if s.shapes == 0 {
		return nil, errSVG
	}
	return s.logo, nil
}

// open reads the size of the drawing.
func (s *svg) open(root xml.StartElement) error {
	if root.Name.Local != "svg" {
		return errSVG
	}
	given := attributes(root)
	box := numbersOf(given["viewBox"])
	if len(box) != 4 {
		box = []float64{0, 0, length(given["width"]), length(given["height"])}
	}
	if !(box[2] > 0 && box[3] > 0 && box[2] < 1e6 && box[3] < 1e6 && math.Abs(box[0]) < 1e6 && math.Abs(box[1]) < 1e6) {
		return errors.New("the SVG has no size")
	}
	s.width, s.height = box[2], box[3]
	// Nothing is drawn beside the drawing.
	s.drawing = fmt.Appendf(s.drawing, "0 0 %s re W n\n", string(appendOperands(nil, box[2], box[3])))
	s.drawing = appendMatrix(s.drawing, matrix{1, 0, 0, 1, -box[0], -box[1]})
	return nil
}

// unseen are the elements that draw nothing by themselves.
const unseen = " defs title desc metadata style "

// start draws an element, or remembers what those in it inherit.
func (s *svg) start(e *element, token xml.StartElement) error {
	const space = "http://www.w3.org/2000/svg"
	name := token.Name.Local
	if s.hidden > 0 || strings.Contains(unseen, " "+name+" ") || token.Name.Space != space && token.Name.Space != "" {
		s.hidden++
		return nil
	}
	given := attributes(token)
	for _, class := range strings.Fields(given["class"]) {
		declare(given, s.classes[class])
	}
	declare(given, given["style"])
	if given["display"] == "none" || given["visibility"] == "hidden" {
		s.hidden++
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
	s.draw(e, outline)
	return nil
}

func unprintable(what string) error {
	return fmt.Errorf("the SVG uses %s, which cannot be printed exactly; turn it into plain shapes", what)
}

// draw appends a shape in its own space.
func (s *svg) draw(e *element, outline []byte) {
	if len(outline) == 0 || !e.fill.visible && !e.stroke.visible {
		return
	}
	s.shapes++
	b := appendMatrix(append(s.drawing, "q "...), e.matrix)
	operator := "S"
	if e.fill.visible {
		b = append(appendColour(b, e.fill), " rg\n"...)
		operator = "f"
		if e.stroke.visible {
			operator = "B"
		}
		if e.evenOdd {
			operator += "*"
		}
	}
	if e.stroke.visible {
		b = append(appendColour(b, e.stroke), " RG\n"...)
		b = append(appendNumber(b, e.width), " w\n"...)
	}
	s.drawing = append(append(append(b, outline...), operator...), " Q\n"...)
}

// appendColour appends a colour as it looks on white paper.
func appendColour(b []byte, p paint) []byte {
	i := p.ink.Mix(colors.White, p.opacity)
	return appendOperands(b, float64(i.Red)/255, float64(i.Green)/255, float64(i.Blue)/255)
}

// learn reads the rules of a style sheet that name classes.
func (s *svg) learn(sheet string) {
	for rule := range strings.SplitSeq(sheet, "}") {
		selectors, declarations, found := strings.Cut(rule, "{")
		if !found || s.hidden == 0 {
			continue
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			if class, ok := strings.CutPrefix(strings.TrimSpace(selector), "."); ok {
				s.classes[class] += ";" + declarations
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
		err = errSVG
	}
	return err
}

// names are the colours that drawings call by name.
var names = map[string]ink{
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
		p.ink, p.visible = ink{Red: c(parts[0]), Green: c(parts[1]), Blue: c(parts[2])}, true
		return nil
	default:
		colour, ok := colors.Parse(lower)
		if !ok {
			colour, ok = names[lower]
		}
		if !ok {
			return unprintable(value)
		}
		p.ink, p.visible = colour, true
		return nil
	}
}
