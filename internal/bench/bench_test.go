package bench

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cria/internal/cpu"
	"cria/internal/load"
	"cria/internal/par"
	"cria/internal/tensor"
)

func TestStat(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want Stat
	}{{[]float64{3}, Stat{3, 3, 3, 1}}, {[]float64{4, 1}, Stat{2.5, 1, 4, 2}}, {[]float64{9, 1, 5}, Stat{5, 1, 9, 3}}} {
		if got := NewStat(c.x); got != c.want {
			t.Errorf("NewStat(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

func TestCeilings(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	if f, i := PeakFMA(pool), PeakInt8(pool); !(f > 0) || !(i > 0) {
		t.Errorf("peaks of %v GFLOP/s and %v GOP/s", f, i)
	}
	if r := ReadCeiling(2, 3<<20); !(r > 0) {
		t.Errorf("read ceiling of %v GB/s", r)
	}
}

// TestPromptOps counts by hand: one layer of 2×2 matrices, F=1, V=3, two tokens.
func TestPromptOps(t *testing.T) {
	c := load.Shapes["260K"]
	c.Dim, c.HiddenDim, c.NLayers, c.NHeads, c.NKVHeads, c.HeadDim, c.VocabSize = 2, 1, 1, 1, 1, 2, 3
	// Weights: 4 matrices of 4, 3 of 2: 22, twice for 2 tokens: 88. Classifier 12. Three pairs of
	// a query and a key of 2, and the same for values: 4*3*2 = 24.
	if got := PromptOps(&c, 2); got != 88+12+24 {
		t.Errorf("PromptOps = %v, want 124", got)
	}
}

// TestMeasure measures a small model and prints the table in every format.
func TestMeasure(t *testing.T) {
	c := load.Shapes["260K"]
	for _, typ := range []tensor.DType{tensor.F32, tensor.Q8} {
		w, err := load.Synthetic(&c, typ, 4, true, 1)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewRunner(c, w, tensor.Q8_0, Room{64, 3, 256}, cpu.Options{Threads: 2}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		spec := Spec{Prompt: 40, Generate: 20, Depths: []int{0, 30}, Sequences: []int{1, 3}, Rounds: 2,
			Peers: []Peer{{"echo", "echo achieved tok/s: {threads}5.5"}, {"json", `echo '"avg_ts": {pp}{tg}{depth}.25,'`}}}
		rows, err := Measure(context.Background(), r, "260K", 0, spec)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			speed := r.Tokens.Median
			if r.Name == "cria" {
				speed = 0
			}
			got = append(got, fmt.Sprint(r.Name, " ", r.Test, " ", r.Cache, " ", speed))
		}
		want := []string{
			"cria pp40 q8_0 0", "json pp40 q8_0 4000.25", // echo reads no prompt
			"cria tg20 q8_0 0", "echo tg20 q8_0 25.5", "json tg20 q8_0 200.25",
			"cria tg20x3 q8_0 0", "cria tg20@d30 q8_0 0", "echo tg20@d30 q8_0 25.5", "json tg20@d30 q8_0 2030.25",
			"cria tg20x3@d30 q8_0 0",
		}
		if !slices.Equal(got, want) {
			t.Fatalf("rows %q, want %q", got, want)
		}
		checkFormats(t, rows)
	}
}

func checkFormats(t *testing.T, rows []Row) {
	t.Helper()
	out := map[string]string{}
	for name, format := range Formats {
		var b bytes.Buffer
		if err := format(&b, rows); err != nil {
			t.Fatal(err)
		}
		out[name] = b.String()
	}
	if lines, err := csv.NewReader(strings.NewReader(out["csv"])).ReadAll(); err != nil || len(lines) != 11 {
		t.Errorf("csv: %v, %d lines", err, len(lines))
	}
	var back []Row
	if err := json.Unmarshal([]byte(out["json"]), &back); err != nil || len(back) != 10 || back[1] != rows[1] {
		t.Errorf("json: %v, %+v", err, back)
	}
	for _, name := range []string{"text", "md"} {
		if !strings.Contains(out[name], "tg20") || !strings.Contains(out[name], "cria is") {
			t.Errorf("%s: %s", name, out[name])
		}
	}
}

func TestPeerErrors(t *testing.T) {
	for _, s := range []string{"", "x", "=x", "x="} {
		if _, err := ParsePeer(s); err == nil {
			t.Errorf("ParsePeer(%q): no error", s)
		}
	}
	for command, want := range map[string]string{
		"echo no; exit 3": "exit status 3", "echo fast": "printed no speed", "echo 0 tok/s": "speed of",
	} {
		_, err := (Peer{"p", command}).Run(context.Background(), task{threads: 1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", command, err, want)
		}
	}
}
