package main

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRun does odd shapes in every way. run itself compares the results.
func TestRun(t *testing.T) {
	for _, threads := range []string{"1", "3"} {
		var out bytes.Buffer
		if err := run(&out, "-shapes", "1x1,33x17,200x64", "-threads", threads, "-rounds", "2"); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(out.String(), "\n"), 3*(3+len(grains)); got != want {
			t.Errorf("%d lines, want %d:\n%s", got, want, out.String())
		}
	}
}

func TestRunErrors(t *testing.T) {
	for _, args := range [][]string{
		{"-shapes", ""}, {"-shapes", "3"}, {"-shapes", "3x"}, {"-shapes", "0x3"}, {"-shapes", "3x-1"}, {"-shapes", "3x4,"},
		{"-shapes", "1000000000x1000000000"}, {"-threads", "0"}, {"-rounds", "0"}, {"768x288"},
	} {
		if err := run(&bytes.Buffer{}, args...); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// TestMeasure checks that a way with a wrong result is found out.
func TestMeasure(t *testing.T) {
	p, err := newProduct("20x10")
	if err != nil {
		t.Fatal(err)
	}
	p.sequential()
	var out bytes.Buffer
	right := append([]float32(nil), p.y...)
	if err := p.measure(&out, "all", 1, right, p.sequential); err != nil {
		t.Error(err)
	}
	err = p.measure(&out, "half", 1, right, func() { p.someRows(0, 10) })
	if err == nil || !strings.Contains(err.Error(), "half") {
		t.Errorf("half of the rows: error %v", err)
	}
}
