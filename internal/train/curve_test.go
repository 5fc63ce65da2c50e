package train

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func curve(t *testing.T, title string, points []Point) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCurve(&b, title, points); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	for {
		if _, err := d.Token(); err == io.EOF {
			return b.String()
		} else if err != nil {
			t.Fatalf("no XML: %v\n%s", err, b.String())
		}
	}
}

func TestWriteCurve(t *testing.T) {
	nan := math.NaN()
	got := curve(t, "loss <of> a & b", []Point{{0, 4, 4.2}, {100, 2, nan}, {200, 1, 1.5}, {300, nan, math.Inf(1)}})
	for _, want := range []string{
		"loss &lt;of&gt; a &amp; b",
		// Ticks from 1 to 5, although nothing is above 4.2; steps are 50 apart.
		`y="356" text-anchor="end">1</text>`, `y="44" text-anchor="end">5</text>`,
		`<path class="grid" d="M378 40V352"/><text x="378" y="370" text-anchor="middle">150</text>`,
		`<path class="train" d="M56 118L270.7 274L485.3 352h0"/>`,
		`<path class="validation" d="M56 102.4L485.3 313h0"/>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
		t.Errorf("numbers that are none:\n%s", got)
	}
}

func TestWriteCurveOfOddPoints(t *testing.T) {
	nan := math.NaN()
	if got := curve(t, "around 0", []Point{{1, -0.5, nan}, {2, 3, nan}}); strings.Contains(got, ">-0<") {
		t.Errorf("-0 in\n%s", got)
	}
	for name, points := range map[string][]Point{
		"none":     nil,
		"one":      {{7, 2.5, nan}},
		"nothing":  {{1, nan, nan}, {2, math.Inf(1), math.Inf(-1)}},
		"equal":    {{1, 2, 2}, {1, 2, 2}},
		"large":    {{0, 1e300, lossMax}, {math.MaxInt32, -lossMax, 3}},
		"close":    {{0, 1, nan}, {1, math.Nextafter(1, 2), nan}},
		"backward": {{9, 1, nan}, {1, 2, nan}},
	} {
		got := curve(t, name, points)
		if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
			t.Errorf("%s: numbers that are none:\n%s", name, got)
		}
		if n := strings.Count(got, `class="grid"`); n < 3 || n > 18 {
			t.Errorf("%s: %d ticks", name, n)
		}
	}
}

func TestWriteCurveIsSmall(t *testing.T) {
	var points []Point
	for i := range 100000 {
		points = append(points, Point{i, 10 / (1 + float64(i)/1000), math.NaN()})
	}
	if got := curve(t, "long", points); len(got) > 16<<10 {
		t.Errorf("%d bytes", len(got))
	}
	err := WriteCurve(&brokenWriter{before: func() {}, w: io.Discard}, "", points)
	if !errors.Is(err, errBroken) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

func TestSparkline(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		losses []float64
		width  int
		want   string
	}{
		{nil, 10, ""},
		{[]float64{1, 2}, 0, ""},
		{[]float64{1, 2}, -1, ""},
		{[]float64{5}, 10, "▁"},
		{[]float64{3, 3, 3}, 3, "▁▁▁"},
		{[]float64{7, 6, 5, 4, 3, 2, 1, 0}, 8, "█▇▆▅▄▃▂▁"},
		{[]float64{8, 6, 5, 3, 1, -1}, 3, "█▅▁"},
		{[]float64{2, nan, inf, -inf, 1}, 5, "█   ▁"},
		{[]float64{2, nan, nan, inf, 1, nan}, 3, "█ ▁"},
		{[]float64{nan, nan}, 2, "  "},
	} {
		if got := Sparkline(c.losses, c.width); got != c.want {
			t.Errorf("Sparkline(%v, %d) = %q, want %q", c.losses, c.width, got, c.want)
		}
	}
}
