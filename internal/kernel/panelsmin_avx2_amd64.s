//go:build !purego

#include "textflag.h"
#include "panels_avx2_amd64.h"
#include "minimums_avx2_amd64.h"

// Panels of blocks with minimums, and of MXFP4, times one vector: count blocks of 16 rows are a panel.
// Requires: AVX2, FMA, F16C (all functions of this file).

#define LANE R11 // which sum is next, in bytes
#define MINS R12 // sums of x for minimums

// CLEAR8(J) clears eight sums, BEGIN_SUMS all.
#define CLEAR2(J) \
	VMOVUPS Y12, (64*J)(ACC)    \
	VMOVUPS Y12, (64*J+32)(ACC) \
	VMOVUPS Y12, (64*J+64)(ACC) \
	VMOVUPS Y12, (64*J+96)(ACC)
#define CLEAR8(J) \
	CLEAR2(J)     \
	CLEAR2((J+2)) \
	CLEAR2((J+4)) \
	CLEAR2((J+6))
#define BEGIN_SUMS \
	MOVQ mins+40(FP), MINS \
	LEAQ sum-1088(SP), ACC \
	ADDQ $63, ACC          \
	ANDQ $~63, ACC         \
	LEAQ 512(ACC), OTHER   \
	XORL LANE, LANE        \
	CLEAR8(0)              \
	CLEAR8(8)

#define NEXT_LANE \
	ADDQ $64, LANE   \
	ANDQ $1023, LANE

// MINIMUM: the next sum += Y8, Y9 * a sum of x.
#define MINIMUM \
	VBROADCASTSS (MINS), Y4             \
	VMOVUPS      (ACC)(LANE*1), Y5      \
	VMOVUPS      32(ACC)(LANE*1), Y6    \
	VFMADD231PS  Y4, Y8, Y5             \
	VFMADD231PS  Y4, Y9, Y6             \
	VMOVUPS      Y5, (ACC)(LANE*1)      \
	VMOVUPS      Y6, 32(ACC)(LANE*1)    \
	ADDQ         $4, MINS               \
	NEXT_LANE

// LOWER16(B, D, E): D, E = the binary16 numbers in the lower halves of Y0 and B, whose upper halves are 0.
#define LOWER16(B, D, E) \
	VPACKUSDW    B, Y0, Y0     \
	VPERMQ       $0xD8, Y0, Y0 \
	VEXTRACTI128 $1, Y0, X7    \
	VCVTPH2PS    X7, E         \
	VCVTPH2PS    X0, D

// BEGIN_MINIMUM sets Y2 and Y3 to the scales of a block, and adds minimums.
#define BEGIN_MINIMUM \
	VMOVDQU (PANEL), Y6           \
	VMOVDQU 32(PANEL), Y7         \
	VPXOR   Y8, Y8, Y8            \
	VPBLENDW $0xAA, Y8, Y6, Y0    \ /* the lower halves */
	VPBLENDW $0xAA, Y8, Y7, Y1    \
	VPSRLD  $16, Y6, Y4           \ /* the upper ones */
	VPSRLD  $16, Y7, Y5           \
	LOWER16(Y1, Y2, Y3)           \
	VMOVDQA Y4, Y0                \
	LOWER16(Y5, Y8, Y9)           \
	MINIMUM

// DOT_MINIMUMS(CODES, SIZE) is the body of products with minimums: CODES adds a block's products to Y0 and Y1.
#define DOT_MINIMUMS(CODES, SIZE) \
	BEGIN \
rows: \ /* for panels > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
	BEGIN_SUMS \
	MOVQ count+48(FP), LEFT \
block: \ /* for LEFT > 0 { results += a block } */
	BEGIN_MINIMUM \
	CLEAR_SUMS \
	CODES \
	ADD_BLOCK \
	NEXT(SIZE) \
	JNZ block \
	VPXOR Y4, Y4, Y4 \
pad: \ /* for LANE > 0 { what Dot does where the last 16 elements are fewer } */
	TESTQ LANE, LANE \
	JZ fold \
	VADDPS (ACC)(LANE*1), Y4, Y0 \
	VADDPS 32(ACC)(LANE*1), Y4, Y1 \
	VMOVUPS Y0, (ACC)(LANE*1) \
	VMOVUPS Y1, 32(ACC)(LANE*1) \
	NEXT_LANE \
	JMP pad \
fold: \
	FOLD(0, Y12) \
	FOLD(32, Y13) \
	STORE_ROWS \
	DECQ panels+56(FP) \
	JNZ rows \
	VZEROUPPER \
	RET

#define NIBBLES_Q41 \
	COLUMN4(64, 0)  \
	COLUMN4(64, 4)  \
	COLUMN4(64, 8)  \
	COLUMN4(64, 12) \
	WIDEN

// func panelsQ41AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, mins *float32, count, panels int)
// Reference: Unpack, DotRowsQ8 and Mins.Add.
TEXT ·panelsQ41AVX2(SB), 0, $1088-64
	DOT_MINIMUMS(NIBBLES_Q41, 20)

// func panelsQ51AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, mins *float32, count, panels int)
// Reference: Unpack, DotRowsQ8 and Mins.Add.
TEXT ·panelsQ51AVX2(SB), 0, $1088-64
	DOT_MINIMUMS(FIFTHS32(64), 24)

// LOOKUP(AT, SUM, UPPER) adds what lower halves of half a column stand for times Y4 to SUM, upper halves times Y5 to
// UPPER: of 28 * 127 only four products fit 16 bits twice.
#define LOOKUP(AT, SUM, UPPER) \
	VMOVDQU    (AT)(PANEL), Y6 \
	VPAND      Y15, Y6, Y7     \
	VPSHUFB    Y7, Y11, Y7     \
	VPMADDUBSW Y4, Y7, Y7      \
	VPADDW     Y7, SUM, SUM    \
	VPSRLW     $4, Y6, Y6      \
	VPAND      Y15, Y6, Y6     \
	VPSHUFB    Y6, Y11, Y6     \
	VPMADDUBSW Y5, Y6, Y6      \
	VPADDW     Y6, UPPER, UPPER
#define LOOKUPS(I) \
	VPBROADCASTD (I)(X), Y4    \
	VPBROADCASTD (16+I)(X), Y5 \
	LOOKUP(32+16*I, Y0, Y9)    \
	LOOKUP(64+16*I, Y1, Y10)

// MXFP4: results += a block, which begins with 16 scales, bfloat16; on to the next one.
#define MXFP4 \
	VPMOVZXWD (PANEL), Y2   \
	VPMOVZXWD 16(PANEL), Y3 \
	VPSLLD    $16, Y2, Y2   \
	VPSLLD    $16, Y3, Y3   \
	CLEAR_SUMS              \
	CLEAR_UPPER             \
	LOOKUPS(0)              \
	LOOKUPS(4)              \
	LOOKUPS(8)              \
	LOOKUPS(12)             \
	WIDEN                   \
	ADD_UPPER               \
	TAKE_OFF(4)             \
	ADD_BLOCK               \
	NEXT(18)

// func panelsMXFP4AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: Unpack and DotRowsQ8.
TEXT ·panelsMXFP4AVX2(SB), NOSPLIT, $0-56
	BEGIN
	VBROADCASTI128 mxfp4<>(SB), Y11
	DOT_BLOCKS(MXFP4)

// Twice what the four bits of MXFP4 stand for, + 16.
DATA mxfp4<>+0(SB)/8, $0x1c18161413121110
DATA mxfp4<>+8(SB)/8, $0x04080a0c0d0e0f10
GLOBL mxfp4<>(SB), RODATA|NOPTR, $16
