//go:build !purego

#include "textflag.h"
#include "panels_avx512_amd64.h"
#include "super_avx512_amd64.h"

// Panels of super-blocks times one vector, as panels of blocks in panels_avx512_amd64.s.
// Requires: AVX-512 F, BW, VNNI (all functions of this file).

// func panelsQ4KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)
// Reference: dotQ4KVNNI, of rows.
TEXT ·panelsQ4KVNNI(SB), 0, $1088-120
	DOT_MINIMUMS(CODES_Q4K, 144)

// func panelsQ5KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)
// Reference: dotQ5KVNNI, of rows.
TEXT ·panelsQ5KVNNI(SB), 0, $1088-120
	DOT_MINIMUMS(CODES_Q5K, 176)

// Columns of Q6_K are in the order of their use.
#define Q6K_SCALE HALVES(0)
#define Q6K_SCALES COLUMNS(2)
#define COLUMNS_HIGH(HALF, Q) COLUMNS(18+96*HALF+48*Q)
#define COLUMNS_LOW(HALF, Q, SECOND) COLUMNS(18+96*HALF+48*Q+16+16*SECOND)

// func panelsQ6KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: dotQ6KVNNI, of rows.
TEXT ·panelsQ6KVNNI(SB), NOSPLIT, $0-112
	DOT_Q6K
