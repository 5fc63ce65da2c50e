package main

import "fmt"

// bytesText returns a number of bytes in units of 1000, like the GB/s of a memory.
func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	x, u := float64(n), 0
	for ; x >= 999.5 && u < len(units)-1; u++ {
		x /= 1000
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return threeDigits(x) + " " + units[u]
}

// threeDigits returns a number that is not negative with about three digits.
func threeDigits(x float64) string {
	switch {
	case x >= 99.95:
		return fmt.Sprintf("%.0f", x)
	case x >= 9.995:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}
