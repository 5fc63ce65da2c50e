//go:build !purego

#include "textflag.h"
#include "panels_avx512_amd64.h"
#include "blocks_avx512_amd64.h"

// Panels of blocks times one vector: count blocks of 16 rows are a panel, blocks counts panels, and size is of no use.
// Requires: AVX-512 F, BW, VNNI (all functions of this file).

// BEGIN_BLOCK5 sets Z0 and Z6 to scales and upper bits.
#define BEGIN_BLOCK5 \
	HALVES(0)     \
	COLUMN(2, Z6) \
	CLEAR_SUMS

// func panelsQ40VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: dotQ40VNNI, of rows.
TEXT ·panelsQ40VNNI(SB), NOSPLIT, $0-112
	BEGIN
	DOT_BLOCKS(NIBBLES_BLOCK(AS_IS, 3))

// func panelsIQ4NLVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: dotIQ4NLVNNI, of rows.
TEXT ·panelsIQ4NLVNNI(SB), NOSPLIT, $0-112
	BEGIN
	VBROADCASTI32X4 iq4<>(SB), Z5
	DOT_BLOCKS(NIBBLES_BLOCK(IN_TABLE, 7))

// func panelsQ50VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: dotQ50VNNI, of rows.
TEXT ·panelsQ50VNNI(SB), NOSPLIT, $0-112
	BEGIN
	VMOVDQU32 bits4<>(SB), Z5
	DOT_BLOCKS(FIFTHS_BLOCK)

// func panelsQ80VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: dotQ80VNNI, of rows.
TEXT ·panelsQ80VNNI(SB), NOSPLIT, $0-112
	BEGIN
	DOT_BLOCKS(BYTES_BLOCK)

// func panelsQ8VNNI(dst *float32, w *byte, x Q8, group, groups, blocks int)
// Reference: dotRowsQ8Generic. 32 divides group; each group of 16 rows begins with 16 scales, float32.
TEXT ·panelsQ8VNNI(SB), NOSPLIT, $0-112
	MOVQ dst+0(FP), DST
	MOVQ w+8(FP), ROW0

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	MOVQ   x_Q_base+16(FP), X
	MOVQ   x_Scales_base+40(FP), XS
	MOVQ   x_Sums_base+64(FP), SUMS
	MOVQ   groups+96(FP), LEFT
	VPXORD Z18, Z18, Z18

group: // for LEFT > 0 { results += a group }
	VMOVUPS (ROW0), Z0
	ADDQ    $64, ROW0
	MOVQ    group+88(FP), DX
	CLEAR_SUMS

part: // for DX > 0 { Z2, Z3 += 32 codes }
	FETCH_SOME
	COLUMNS(0)
	BYTES4(0)
	COLUMNS(16)
	BYTES4(16)
	ADDQ $32, X
	ADDQ $512, ROW0
	SUBQ $32, DX
	JNZ  part
	ADD_BLOCK(0, 7, Z0)
	ADDQ $4, XS
	ADDQ $4, SUMS
	DECQ LEFT
	JNZ  group
	STORE_ROWS
	DECQ blocks+104(FP)
	JNZ  rows
	VZEROUPPER
	RET
