package train

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A Point is what was measured at a step: losses in nats for each token, NaN
// where there is none.
type Point struct {
	Step              int
	Train, Validation float64
}

// The curve's picture, in pixels.
const (
	curveWidth, curveHeight               = 720, 400
	plotLeft, plotRight, plotTop, plotEnd = 56, 700, 40, 352
	lossMax                               = 1e9 // what is larger is not drawn
)

// WriteCurve draws the losses of a training as SVG: small, the same bytes for
// the same points on every machine, and readable on light and on dark. Points
// that share a column of pixels are drawn as their mean.
func WriteCurve(w io.Writer, title string, points []Point) error {
	train := func(p Point) float64 { return p.Train }
	validation := func(p Point) float64 { return p.Validation }
	x, y := axis{px: plotLeft, end: plotRight}, axis{px: plotEnd, end: plotTop}
	x.cover(points, func(p Point) float64 { return float64(p.Step) }, 1, 8)
	y.cover(points, train, 1e-3, 6)
	y.cover(points, validation, 1e-3, 6)
	y.widen()

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`font-family="sans-serif" font-size="12">
<style>svg{color:#333}@media(prefers-color-scheme:dark){svg{color:#ccc}}text{fill:currentColor}`+
		`path{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.grid{stroke:#888;stroke-width:1;stroke-opacity:.3}.train{stroke:#3b8eea;fill:#3b8eea}`+
		`.validation{stroke:#e8710a;fill:#e8710a}path.train,path.validation{fill:none}</style>
`, curveWidth, curveHeight, curveWidth, curveHeight)
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>\n", plotLeft, escape(title))
	for _, v := range x.ticks() {
		at := pixel(x.at(v))
		fmt.Fprintf(&b, "<path class=\"grid\" d=\"M%s %dV%d\"/>", at, plotTop, plotEnd)
		fmt.Fprintf(&b, "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", at, plotEnd+18, x.label(v))
	}
	for _, v := range y.ticks() {
		at := y.at(v)
		fmt.Fprintf(&b, "<path class=\"grid\" d=\"M%d %sH%d\"/>", plotLeft, pixel(at), plotRight)
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>\n", plotLeft-8, pixel(at+4), y.label(v))
	}
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">step</text>\n", (plotLeft+plotRight)/2, plotEnd+38)
	drawLosses(&b, "train", points, train, &x, &y, plotRight-200)
	drawLosses(&b, "validation", points, validation, &x, &y, plotRight-100)
	b.WriteString("</svg>\n")
	_, err := b.WriteTo(w)
	return err
}

// drawLosses draws one line, and its name in the legend at column key.
func drawLosses(b *bytes.Buffer, name string, points []Point, of func(Point) float64, x, y *axis, key int) {
	type column struct{ x, y, n float64 }
	var columns []column
	for _, p := range points {
		v := of(p)
		if !drawn(v) {
			continue
		}
		px := x.at(float64(p.Step))
		if n := len(columns); n == 0 || math.Floor(columns[n-1].x/columns[n-1].n) != math.Floor(px) {
			columns = append(columns, column{})
		}
		c := &columns[len(columns)-1]
		c.x, c.y, c.n = c.x+px, c.y+y.at(v), c.n+1
	}
	if len(columns) == 0 {
		return
	}
	fmt.Fprintf(b, "<path class=\"%s\" d=\"", name)
	for i, c := range columns {
		b.WriteByte("ML"[min(i, 1)])
		b.WriteString(pixel(c.x/c.n) + " " + pixel(c.y/c.n))
	}
	b.WriteString("h0\"/>\n") // a single point is a dot
	fmt.Fprintf(b, "<circle class=\"%s\" cx=\"%d\" cy=\"18\" r=\"4\"/><text x=\"%d\" y=\"22\">%s</text>\n",
		name, key, key+10, name)
}

// An axis maps numbers from lo to hi to pixels from px to end.
type axis struct {
	px, end  float64
	lo, hi   float64
	step     float64 // between ticks: 1, 2 or 5 times a power of ten
	decimals int     // of a tick
	covers   bool    // anything
}

// cover extends the axis to what of returns, to at least span, with at most n+1 ticks.
func (a *axis) cover(points []Point, of func(Point) float64, span float64, n int) {
	for _, p := range points {
		v := of(p)
		switch {
		case !drawn(v):
		case !a.covers:
			a.lo, a.hi, a.covers = v, v, true
		default:
			a.lo, a.hi = min(a.lo, v), max(a.hi, v)
		}
	}
	a.hi = max(a.hi, a.lo+span)
	want := (a.hi - a.lo) / float64(n)
	power := 1.0
	a.decimals = 0
	for power > want {
		power /= 10
		a.decimals++
	}
	for power*10 <= want {
		power *= 10
	}
	a.step = power
	for _, f := range []float64{2, 5, 10} {
		if a.step < want {
			a.step = power * f
			if f == 10 {
				a.decimals = max(a.decimals-1, 0)
			}
		}
	}
}

func drawn(v float64) bool { return math.Abs(v) <= lossMax } // which NaN is not

// widen extends the axis to whole steps.
func (a *axis) widen() {
	a.lo = math.Floor(a.lo/a.step) * a.step
	a.hi = math.Ceil(a.hi/a.step) * a.step
}

func (a *axis) ticks() []float64 {
	var list []float64
	for i := math.Ceil(a.lo/a.step) + 0; i <= math.Floor(a.hi/a.step); i++ { // + 0: no -0
		list = append(list, i*a.step)
	}
	return list
}

func (a *axis) at(v float64) float64 {
	return a.px + float64((a.end-a.px)*((v-a.lo)/(a.hi-a.lo)))
}

func (a *axis) label(v float64) string { return strconv.FormatFloat(v, 'f', a.decimals, 64) }

// pixel formats a coordinate to a tenth.
func pixel(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// Sparkline draws losses in at most width block characters, each the mean of
// its share of them; a blank stands for what is not finite.
func Sparkline(losses []float64, width int) string {
	width = min(width, len(losses))
	if width < 1 {
		return ""
	}
	means := make([]float64, width)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range means {
		sum, n := 0.0, 0.0
		for _, v := range losses[i*len(losses)/width : (i+1)*len(losses)/width] {
			if drawn(v) {
				sum, n = sum+v, n+1
			}
		}
		means[i] = sum / n // NaN if there is none
		if n > 0 {
			lo, hi = min(lo, means[i]), max(hi, means[i])
		}
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	line := make([]rune, width)
	for i, v := range means {
		switch {
		case math.IsNaN(v):
			line[i] = ' '
		case hi == lo:
			line[i] = blocks[0]
		default:
			line[i] = blocks[int(math.Round((v-lo)/(hi-lo)*float64(len(blocks)-1)))]
		}
	}
	return string(line)
}
