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

func TestCutInt8(t *testing.T) {
	for _, c := range []struct {
		want, name  string
		dot, matrix bool
	}{
		{"neon", "neon", true, true}, {"neon-noi8mm", "neon", true, false},
		{"neon-nodot", "neon", false, false}, {"avx512-nodot", "avx512", false, false},
		{"neon-no", "neon-no", true, true},
	} {
		name, dot, matrix := cutInt8(c.want)
		if name != c.name || dot != c.dot || matrix != c.matrix {
			t.Errorf("cutInt8(%q) = %q, %v, %v, want %q, %v, %v", c.want, name, dot, matrix, c.name, c.dot, c.matrix)
		}
	}
}

func TestSupported(t *testing.T) {
	if have := Supported(); have[0] != Generic {
		t.Errorf("Supported() = %v, want generic first", have)
	}
}
