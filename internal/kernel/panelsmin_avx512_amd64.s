//go:build !purego

#include "textflag.h"
#include "panels_avx512_amd64.h"
#include "blocks_avx512_amd64.h"
#include "minimums_avx512_amd64.h"

// Panels of blocks with minimums, and of MXFP4, times one vector: count blocks of 16 rows are a panel.
// Requires: AVX-512 F, BW, VNNI (all functions of this file).

#define LANE R11 // which sum is next, in bytes
#define MINS R12 // sums of x for minimums

// BEGIN_SUMS clears the sums.
#define CLEAR4(J) \
	VMOVUPS Z18, (64*J)(ACC)     \
	VMOVUPS Z18, (64*J+64)(ACC)  \
	VMOVUPS Z18, (64*J+128)(ACC) \
	VMOVUPS Z18, (64*J+192)(ACC)
#define BEGIN_SUMS \
	MOVQ mins+88(FP), MINS  \
	LEAQ sum-1088(SP), ACC  \
	ADDQ $63, ACC           \
	ANDQ $~63, ACC          \
	LEAQ 512(ACC), OTHER    \
	XORL LANE, LANE         \
	CLEAR4(0)               \
	CLEAR4(4)               \
	CLEAR4(8)               \
	CLEAR4(12)

// MINIMUM: the next sum += Z1 * a sum of x.
#define NEXT_LANE \
	ADDQ $64, LANE   \
	ANDQ $1023, LANE
#define MINIMUM \
	VMOVUPS          (ACC)(LANE*1), Z19 \
	VFMADD231PS.BCST (MINS), Z1, Z19    \
	VMOVUPS          Z19, (ACC)(LANE*1) \
	ADDQ             $4, MINS           \
	NEXT_LANE

// BEGIN_MINIMUM sets Z0 to the scales of a block, and adds minimums.
#define BEGIN_MINIMUM \
	COLUMN(0, Z24)         \
	FLOATS(Z24)            \
	VPSRLD    $16, Z24, Z24 \
	VPMOVDW   Z24, Y1      \
	VCVTPH2PS Y1, Z1       \
	MINIMUM

// END_MINIMUM(SIZE): results += float32(Z2 + Z3) * (Z0 * scale of x); on to the next block.
#define END_MINIMUM(SIZE) \
	VPADDD      Z3, Z2, Z2      \
	VCVTDQ2PS   Z2, Z2          \
	VMULPS.BCST (XS), Z0, Z0    \
	VFMADD231PS Z0, Z2, Z18     \
	ADDQ        $32, X          \
	ADDQ        $4, XS          \
	ADVANCE(SIZE)

// DOT_MINIMUMS(CODES, SIZE) is the body of products with minimums: CODES adds a block's products to Z2 and Z3.
#define DOT_MINIMUMS(CODES, SIZE) \
	MOVQ dst+0(FP), DST \
	MOVQ w+8(FP), ROW0 \
	BYTES(0x0F, Z4) \
	VPXORD Z20, Z20, Z20 \
rows: \ /* for blocks > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
	BEGIN_SUMS \
block: \ /* for LEFT > 0 { results += a block } */
	BEGIN_MINIMUM \
	CLEAR_SUMS \
	CODES \
	END_MINIMUM(SIZE) \
	JNZ block \
pad: \ /* for LANE > 0 { what Dot does where the last 16 elements are fewer } */
	TESTQ LANE, LANE \
	JZ fold \
	VADDPS (ACC)(LANE*1), Z20, Z19 \
	VMOVUPS Z19, (ACC)(LANE*1) \
	NEXT_LANE \
	JMP pad \
fold: \
	FOLD_MINIMUMS \
	END_ROWS \
	JNZ rows \
	VZEROUPPER \
	RET

#define NIBBLES_Q41 \
	COLUMNS(4)              \
	NIBBLES(AS_IS, 0, Z24)  \
	NIBBLES(AS_IS, 4, Z25)  \
	NIBBLES(AS_IS, 8, Z26)  \
	NIBBLES(AS_IS, 12, Z27)

#define FIFTHS_Q51 \
	COLUMN(4, Z6)   \
	COLUMNS(8)      \
	FIFTHS(0, Z24)  \
	FIFTHS(4, Z25)  \
	FIFTHS(8, Z26)  \
	FIFTHS(12, Z27)

// func panelsQ41VNNI(dst *float32, w *byte, x Q8, mins *float32, count, blocks int)
// Reference: Unpack, DotRowsQ8 and Mins.Add.
TEXT ·panelsQ41VNNI(SB), 0, $1088-112
	DOT_MINIMUMS(NIBBLES_Q41, 20)

// func panelsQ51VNNI(dst *float32, w *byte, x Q8, mins *float32, count, blocks int)
// Reference: Unpack, DotRowsQ8 and Mins.Add.
TEXT ·panelsQ51VNNI(SB), 0, $1088-112
	VMOVDQU32 bits4<>(SB), Z5
	DOT_MINIMUMS(FIFTHS_Q51, 24)

// func panelsMXFP4VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: Unpack and DotRowsQ8. A block begins with 16 scales, bfloat16.
TEXT ·panelsMXFP4VNNI(SB), NOSPLIT, $0-112
	BEGIN
	VBROADCASTI32X4 mxfp4<>(SB), Z5

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS

block: // for LEFT > 0 { results += a block }
	VPMOVZXWD (ROW0), Z0
	VPSLLD    $16, Z0, Z0
	CLEAR_SUMS
	COLUMNS(2)
	NIBBLES(IN_TABLE, 0, Z24)
	NIBBLES(IN_TABLE, 4, Z25)
	NIBBLES(IN_TABLE, 8, Z26)
	NIBBLES(IN_TABLE, 12, Z27)
	END_BLOCK(18, 4)
	JNZ block
	END_ROWS
	JNZ rows
	VZEROUPPER
	RET

// Twice what the four bits of MXFP4 stand for, + 16.
DATA mxfp4<>+0(SB)/8, $0x1c18161413121110
DATA mxfp4<>+8(SB)/8, $0x04080a0c0d0e0f10
GLOBL mxfp4<>(SB), RODATA|NOPTR, $16
