package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestBench sweeps threads × grain on random weights and on a file.
func TestBench(t *testing.T) {
	flags := []string{"--rounds", "1", "--pp", "16", "--tg", "8", "--threads", "1,2", "--grain", "0,5", "--json"}
	for _, model := range [][]string{{"--synthetic", "260K", "--type", "q8"}, {tiny(t)}} {
		out := succeed(t, "", append(append([]string{"bench"}, model...), flags...)...)
		var rows []struct {
			Threads, Grain int
			Test           string
			Tokens         struct{ Median float64 } `json:"tokens_per_second"`
		}
		if err := json.Unmarshal([]byte(out.stdout), &rows); err != nil {
			t.Fatalf("%v in %s", err, out.stdout)
		}
		if len(rows) != 2*2*2 {
			t.Fatalf("%d rows, want 8", len(rows))
		}
		for i, r := range rows {
			want := []string{"pp16", "tg8"}[i%2]
			if r.Test != want || r.Threads != 1+i/4 || r.Grain != i/2%2*5 || !(r.Tokens.Median > 0) {
				t.Errorf("row %d: %+v", i, r)
			}
		}
	}
}

func TestBenchFormats(t *testing.T) {
	for flag, want := range map[string]string{"--md": "| cria |", "--csv": "tokens_median", "--format=text": "tok/s"} {
		out := succeed(t, "", "bench", tiny(t), "--rounds", "1", "--pp", "0", "--tg", "4", "--threads", "1", flag)
		if !strings.Contains(out.stdout, want) {
			t.Errorf("%s: no %q in %s", flag, want, out.stdout)
		}
	}
}

// TestBenchOverhead: one line for each number of threads, with the time of each task.
func TestBenchOverhead(t *testing.T) {
	out := succeed(t, "", "bench", "--synthetic", "260K", "--tg", "8", "--threads", "1,2", "--overhead")
	lines := strings.Split(strings.TrimSpace(out.stdout), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "barriers") {
		t.Fatalf("want a head and two lines: %s", out.stdout)
	}
	for i, line := range lines[1:] {
		if !strings.HasPrefix(line, "260K") || !strings.Contains(line, "Project") {
			t.Errorf("line %d: %s", i, line)
		}
	}
}

func TestBenchErrors(t *testing.T) {
	fail(t, 2, []string{"bench", "--synthetic", "3B"}, "3B", "260K")
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--type", "q9"}, "q9")
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--rounds", "0"}, "--rounds is 0")
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--threads", "-3"}, "-3")
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--peer", "nothing"}, "NAME=COMMAND")
	fail(t, 1, []string{"bench", "no such file.bin"}, "no such file.bin")
}

// TestBenchDepth sweeps types of keys and values and how much the context holds.
func TestBenchDepth(t *testing.T) {
	out := succeed(t, "", "bench", "--synthetic", "260K", "--rounds", "1", "--pp", "0", "--tg", "4", "--threads", "1",
		"--depth", "0,20", "--cache-type", "f16,q8_0", "--csv")
	for _, want := range []string{",f16,1,0,tg4,", ",f16,1,0,tg4@d20,", ",q8_0,1,0,tg4,", ",q8_0,1,0,tg4@d20,"} {
		if !strings.Contains(out.stdout, want) {
			t.Errorf("no %q in %s", want, out.stdout)
		}
	}
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--depth", "510"}, "510", "512")
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--depth", "-1"}, "--depth", "-1")
	fail(t, 2, []string{"bench", "--synthetic", "260K", "--cache-type", "q4_0"}, "cache-type", "q8_0")
}
