package kernel

// The functions of this file measure what a machine can do at the most. Their
// results mean nothing; they are there so that no compiler drops the work.

// Read reads all of b with the widest loads there are.
func Read(b []byte) uint64 { return read(b) }

func readGeneric(b []byte) (sum uint64) {
	for ; len(b) >= 8; b = b[8:] {
		sum ^= uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	}
	for _, x := range b {
		sum ^= uint64(x)
	}
	return sum
}

// PeakFMA does n rounds of independent fused multiply-adds of float32 in
// registers and returns how many operations that were, a multiply-add being two.
func PeakFMA(n int) (ops int) { return n * peakFMA(n) }

// PeakInt8 is PeakFMA for products of int8 added to int32.
func PeakInt8(n int) (ops int) { return n * peakInt8(n) }

// peakFMAGeneric returns the operations of one round.
func peakFMAGeneric(n int) int {
	a, b, c, d := float32(1), float32(1), float32(1), float32(1)
	for range n {
		a, b, c, d = a*0.5+1, b*0.5+1, c*0.5+1, d*0.5+1
	}
	if a+b+c+d == 0 {
		return 0 // never, but a compiler cannot know
	}
	return 8
}

func peakInt8Generic(n int) int {
	a, b := int32(n), int32(n)
	for i := range n {
		a, b = a+int32(int8(i))*int32(int8(a)), b+int32(int8(i))*int32(int8(b))
	}
	if a == 1 && b == 2 {
		return 3
	}
	return 4
}
