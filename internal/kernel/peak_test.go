package kernel

import "testing"

// TestRead checks that a changed byte anywhere is seen, so that all are read.
func TestRead(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 8, 511, 512, 1024, 1500} {
			b := make([]byte, n+1)[1:]
			for i := range b {
				b[i] = 1
				if i%64 < 8 && i < n/512*512 || i >= n/512*512 {
					if Read(b) == 0 {
						t.Fatalf("n=%d: byte %d was not read", n, i)
					}
				}
				b[i] = 0
			}
		}
	})
}

func TestPeak(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		if a, b := PeakFMA(10), PeakInt8(10); a < 80 || b < 40 {
			t.Errorf("PeakFMA(10) = %d, PeakInt8(10) = %d", a, b)
		}
	})
}

func BenchmarkPeakFMA(b *testing.B) {
	ops := 0
	for b.Loop() {
		ops += PeakFMA(1000)
	}
	b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkPeakInt8(b *testing.B) {
	ops := 0
	for b.Loop() {
		ops += PeakInt8(1000)
	}
	b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e9, "GOP/s")
}
