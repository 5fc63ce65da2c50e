//go:build !purego

#include "textflag.h"
#include "panels_avx2_amd64.h"

// Panels of blocks times one vector, lane = row. count blocks of 16 rows are a panel.
// Requires: AVX2, FMA, F16C (all functions of this file).

// Q40, IQ4NL, Q50 and Q80: results += a block; on to the next one. Eight products of 15 * 127 fit 16 bits twice.
#define Q40 \
	HALVES                   \
	CLEAR_SUMS               \
	COLUMN4(32, 0)  \
	COLUMN4(32, 4)  \
	COLUMN4(32, 8)  \
	COLUMN4(32, 12) \
	WIDEN                    \
	TAKE_OFF(3)              \
	ADD_BLOCK                \
	NEXT(18)
#define IQ4NL \
	HALVES                \
	CLEAR_SUMS            \
	TABLE_COLUMN(32, 0)   \
	TABLE_COLUMN(96, 4)   \
	TABLE_COLUMN(160, 8)  \
	TABLE_COLUMN(224, 12) \
	ADD_BLOCK             \
	NEXT(18)
#define Q50 \
	HALVES       \
	CLEAR_SUMS   \
	FIFTHS32(32) \
	TAKE_OFF(4)  \
	ADD_BLOCK    \
	NEXT(22)
#define Q80 \
	HALVES      \
	CLEAR_SUMS  \
	BYTES32(32) \
	ADD_BLOCK   \
	NEXT(34)

// func panelsQ40AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: dotQ40VNNI, of rows.
TEXT ·panelsQ40AVX2(SB), NOSPLIT, $0-56
	BEGIN
	DOT_BLOCKS(Q40)

// func panelsIQ4NLAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: dotIQ4NLVNNI, of rows.
TEXT ·panelsIQ4NLAVX2(SB), NOSPLIT, $0-56
	BEGIN
	VBROADCASTI128 iq4<>(SB), Y11
	DOT_BLOCKS(IQ4NL)

// func panelsQ50AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: dotQ50VNNI, of rows.
TEXT ·panelsQ50AVX2(SB), NOSPLIT, $0-56
	BEGIN
	DOT_BLOCKS(Q50)

// func panelsQ80AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: dotQ80VNNI, of rows.
TEXT ·panelsQ80AVX2(SB), NOSPLIT, $0-56
	BEGIN
	DOT_BLOCKS(Q80)

// func panelsQ8AVX2(dst *float32, w *byte, x *int8, xs *float32, group, groups, panels int)
// Reference: dotRowsQ8Generic. 32 divides group; each group of 16 rows begins with 16 scales, float32.
TEXT ·panelsQ8AVX2(SB), NOSPLIT, $0-56
	BEGIN

rows: // for panels > 0 { dst[0:16] = dot of 16 rows }
	MOVQ  x+16(FP), X
	MOVQ  xs+24(FP), XS
	MOVQ  groups+40(FP), LEFT
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13

group: // for LEFT > 0 { results += a group }
	VMOVUPS (PANEL), Y2
	VMOVUPS 32(PANEL), Y3
	ADDQ    $64, PANEL
	MOVQ    group+32(FP), DX
	CLEAR_SUMS

part: // for DX > 0 { Y0, Y1 += 32 codes }
	BYTES32(0)
	ADDQ $32, X
	ADDQ $512, PANEL
	SUBQ $32, DX
	JNZ  part
	ADD_BLOCK
	ADDQ $4, XS
	DECQ LEFT
	JNZ  group
	END_ROWS
	JNZ  rows
	VZEROUPPER
	RET
