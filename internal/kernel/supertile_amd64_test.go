//go:build !purego

package kernel

import (
	"testing"

	"cria/internal/cpuid"
)

// TestPackSuperAMX: the parts of each code of 6 bits, less 32, times each integer scale of 8 bits give the product.
func TestPackSuperAMX(t *testing.T) {
	if isa != cpuid.AVX512 || !int8Matrix {
		t.Skip("this machine has no AMX, or CRIA_CPU takes it away")
	}
	const n, offset = 1024, 32
	columns, subs, parts := make([]int8, 16*n), make([]int32, n), make([]int8, 2*16*n)
	for i := range subs { // [n/16][16], four of each number
		subs[i] = int32(i/4 - 128)
	}
	code := func(col, row int) int8 { return int8(row%4*16 + col%16) }
	for col := range n {
		for row := range 16 {
			columns[col/4*64+row*4+col%4] = code(col, row)
		}
	}
	packSuperAMX(&parts[0], &columns[0], &subs[0], offset, n/superLen)
	for col := range n {
		for row := range 16 {
			at := col/64*2048 + col%64/4*64 + row*4 + col%4
			sub := subs[col/16*16+row]
			want := (int32(code(col, row)) - offset) * sub
			if low, high := parts[at], parts[at+1024]; 64*int32(high)+int32(low) != want || low < -32 || low > 31 {
				t.Fatalf("code %d, scale %d: 64*%d + %d, want %d", code(col, row), sub, high, low, want)
			}
		}
	}
}
