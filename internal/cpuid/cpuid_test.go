package cpuid

import "testing"

func TestChoose(t *testing.T) {
	have := []ISA{Generic, AVX2}
	for _, c := range []struct {
		name string
		want ISA
		ok   bool
	}{
		{"generic", Generic, true}, {"avx2", AVX2, true},
		{"avx512", AVX2, false}, {"AVX2", AVX2, false}, {"sse9", AVX2, false},
	} {
		got, err := choose(c.name, have)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("choose(%q) = %v, %v, want %v, ok %v", c.name, got, err, c.want, c.ok)
		}
	}
}

func TestSupported(t *testing.T) {
	if have := Supported(); have[0] != Generic {
		t.Errorf("Supported() = %v, want generic first", have)
	}
}
