//go:build purego || !amd64

package kernel

func read(b []byte) uint64 { return readGeneric(b) }
func peakFMA(n int) int    { return peakFMAGeneric(n) }
func peakInt8(n int) int   { return peakInt8Generic(n) }
