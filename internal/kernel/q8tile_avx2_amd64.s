//go:build !purego

#include "textflag.h"

// Tiles of int8 codes: 8 rows side by side, lane = row, times several vectors. Requires: AVX2, FMA (all functions of
// this file).
//
// A code w is two numbers of four bits: w + 128 = low + 16*high. Of either, products with eight columns of x fit 16 bits,
// 8 * 2*15*127 = 30480, so that they are widened once for 32 codes, and no sign stands in the way of VPMADDUBSW. That
// adds 128 times the sum of the group's x, which is taken off in the end.

#define W      SI  // next columns of 8 rows: [8][4] low, [8][4] high numbers each
#define X0     R8  // vectors 0 to 2, one XSTEP apart
#define X3     R9  // vectors 3 to 5
#define XSTEP  CX  // bytes of a vector
#define WS     DI  // scales of the rows, next group
#define XS     R10 // scale of vector 0, next group
#define SUMS   R11 // sum of vector 0, next group
#define GSTEP  R12 // bytes from a vector's scales or sums to the next one's
#define DST0   DX  // results of vectors 0 to 2, one STRIDE apart
#define DST3   R13 // of vectors 3 to 5
#define STRIDE BX
#define LEFT   AX  // elements left of the group
#define XS3    R14 // scale of vector 3
#define SUMS3  R15 // sum of vector 3
// Y0 to Y5: products of the low numbers, a vector each, Y6 to Y11: of the high ones, 16 bits for two of the four codes,
// then Y0 to Y5: 32 bits for all, Y12, Y13: a column, then 1 and 16, then scales, Y14, Y15: short-lived.

// BEGIN(X, L, H): L, H = products of a column and four codes of x.
#define BEGIN(X, L, H) \
	VPBROADCASTD X, Y14      \
	VPMADDUBSW   Y14, Y12, L \
	VPMADDUBSW   Y14, Y13, H

// DOT(X, L, H): L, H += products of a column and four codes of x.
#define DOT(X, L, H) \
	VPBROADCASTD X, Y14        \
	VPMADDUBSW   Y14, Y12, Y15 \
	VPMADDUBSW   Y14, Y13, Y14 \
	VPADDW       Y15, L, L     \
	VPADDW       Y14, H, H

// COLUMN(I) takes column I.
#define COLUMN(I) \
	VMOVDQU (64*I)(W), Y12    \
	VMOVDQU (64*I+32)(W), Y13

// SIX(OP, I): OP for column I and six vectors.
#define SIX(OP, I) \
	COLUMN(I)                           \
	OP((4*I)(X0), Y0, Y6)               \
	OP((4*I)(X0)(XSTEP*1), Y1, Y7)      \
	OP((4*I)(X0)(XSTEP*2), Y2, Y8)      \
	OP((4*I)(X3), Y3, Y9)               \
	OP((4*I)(X3)(XSTEP*1), Y4, Y10)     \
	OP((4*I)(X3)(XSTEP*2), Y5, Y11)

// ONE(OP, I): OP for column I and one vector.
#define ONE(OP, I) \
	COLUMN(I)                           \
	OP((4*I)(X0), Y0, Y6)

// WEIGHTS: Y12 = 1, Y13 = 16 in each 16 bits.
#define WEIGHTS \
	VPCMPEQW Y12, Y12, Y12 \
	VPSRLW   $15, Y12, Y12 \
	VPSLLW   $4, Y12, Y13

// JOIN(L, H): L = low + 16*high products of four codes, 32 bits.
#define JOIN(L, H) \
	VPMADDWD Y12, L, L \
	VPMADDWD Y13, H, H \
	VPADDD   H, L, L

// KEEP(AT, L) adds L to the sum of the group, TAKE(AT, L) adds that to L and begins a new one.
#define KEEP(AT, L) \
	VPADDD  AT, L, L \
	VMOVDQU L, AT
#define TAKE(AT, L) \
	VPADDD  AT, L, L \
	VMOVDQU Y14, AT

// RESULT(SUM, XS, L, DST): DST += float32(L - 128*SUM) * (scales of the rows * XS).
#define RESULT(SUM, XS, L, DST) \
	VPBROADCASTD SUM, Y14     \
	VPSLLD       $7, Y14, Y14 \
	VPSUBD       Y14, L, L    \
	VCVTDQ2PS    L, L         \
	VBROADCASTSS XS, Y15      \
	VMULPS       Y12, Y15, Y15 \
	VFMADD213PS  DST, Y15, L  \
	VMOVUPS      L, DST

// ARGUMENTS reads them. Sums of groups begin at Y14 = 0.
#define ARGUMENTS \
	MOVQ  dst+0(FP), DST0     \
	MOVQ  stride+8(FP), STRIDE \
	MOVQ  w+16(FP), W         \
	MOVQ  ws+24(FP), WS       \
	MOVQ  x+32(FP), X0        \
	MOVQ  xScales+40(FP), XS  \
	MOVQ  xSums+48(FP), SUMS  \
	MOVQ  xStep+56(FP), XSTEP \
	MOVQ  gStep+64(FP), GSTEP \
	SHLQ  $2, STRIDE          \ /* numbers to bytes */
	SHLQ  $2, GSTEP           \
	VPXOR Y14, Y14, Y14

// PIECE(VECTORS, LABEL): products of the next 16 or, if piece is 32, 32 codes.
#define PIECE(VECTORS, LABEL) \
	VECTORS(BEGIN, 0)         \
	VECTORS(DOT, 1)           \
	VECTORS(DOT, 2)           \
	VECTORS(DOT, 3)           \
	CMPQ piece+88(FP), $16    \
	JEQ  LABEL                \
	VECTORS(DOT, 4)           \
	VECTORS(DOT, 5)           \
	VECTORS(DOT, 6)           \
	VECTORS(DOT, 7)           \
	ADDQ $16, X0              \
	ADDQ $16, X3              \
	ADDQ $256, W              \
LABEL:                        \
	ADDQ $16, X0              \
	ADDQ $16, X3              \
	ADDQ $256, W              \
	WEIGHTS

// func tileQ8x6AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
//	xStep, gStep, group, groups, piece int)
// Reference: tileQ8Generic, of 8 rows and 6 vectors, added to dst. piece, 16 or 32, divides group.
TEXT ·tileQ8x6AVX2(SB), NOSPLIT, $192-96
	ARGUMENTS
	LEAQ    (X0)(XSTEP*2), X3
	ADDQ    XSTEP, X3
	LEAQ    (DST0)(STRIDE*2), DST3
	ADDQ    STRIDE, DST3
	LEAQ    (XS)(GSTEP*2), XS3
	ADDQ    GSTEP, XS3
	LEAQ    (SUMS)(GSTEP*2), SUMS3
	ADDQ    GSTEP, SUMS3
	VMOVDQU Y14, sum-192(SP)
	VMOVDQU Y14, sum-160(SP)
	VMOVDQU Y14, sum-128(SP)
	VMOVDQU Y14, sum-96(SP)
	VMOVDQU Y14, sum-64(SP)
	VMOVDQU Y14, sum-32(SP)

group: // for groups > 0 { dst += group }
	MOVQ group+72(FP), LEFT

piece: // for LEFT > 0 { Y0 to Y5 = products of the next codes }
	PIECE(SIX, join)
	JOIN(Y0, Y6)
	JOIN(Y1, Y7)
	JOIN(Y2, Y8)
	JOIN(Y3, Y9)
	JOIN(Y4, Y10)
	JOIN(Y5, Y11)
	SUBQ piece+88(FP), LEFT
	JZ   last
	KEEP(sum-192(SP), Y0)
	KEEP(sum-160(SP), Y1)
	KEEP(sum-128(SP), Y2)
	KEEP(sum-96(SP), Y3)
	KEEP(sum-64(SP), Y4)
	KEEP(sum-32(SP), Y5)
	JMP  piece

last:
	MOVQ  piece+88(FP), LEFT
	CMPQ  LEFT, group+72(FP)
	JEQ   result // nothing was kept
	VPXOR Y14, Y14, Y14
	TAKE(sum-192(SP), Y0)
	TAKE(sum-160(SP), Y1)
	TAKE(sum-128(SP), Y2)
	TAKE(sum-96(SP), Y3)
	TAKE(sum-64(SP), Y4)
	TAKE(sum-32(SP), Y5)

result:
	VMOVUPS (WS), Y12
	RESULT((SUMS), (XS), Y0, (DST0))
	RESULT((SUMS)(GSTEP*1), (XS)(GSTEP*1), Y1, (DST0)(STRIDE*1))
	RESULT((SUMS)(GSTEP*2), (XS)(GSTEP*2), Y2, (DST0)(STRIDE*2))
	RESULT((SUMS3), (XS3), Y3, (DST3))
	RESULT((SUMS3)(GSTEP*1), (XS3)(GSTEP*1), Y4, (DST3)(STRIDE*1))
	RESULT((SUMS3)(GSTEP*2), (XS3)(GSTEP*2), Y5, (DST3)(STRIDE*2))
	ADDQ $64, WS
	ADDQ $4, XS
	ADDQ $4, XS3
	ADDQ $4, SUMS
	ADDQ $4, SUMS3
	DECQ groups+80(FP)
	JNZ  group
	VZEROUPPER
	RET

// func tileQ8x1AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
//	xStep, gStep, group, groups, piece int)
// tileQ8x6AVX2 of one vector.
TEXT ·tileQ8x1AVX2(SB), NOSPLIT, $32-96
	ARGUMENTS
	VMOVDQU Y14, sum-32(SP)

group: // for groups > 0 { dst += group }
	MOVQ group+72(FP), LEFT

piece: // for LEFT > 0 { Y0 = products of the next codes }
	PIECE(ONE, join)
	JOIN(Y0, Y6)
	SUBQ piece+88(FP), LEFT
	JZ   last
	KEEP(sum-32(SP), Y0)
	JMP  piece

last:
	VPXOR Y14, Y14, Y14
	TAKE(sum-32(SP), Y0)
	VMOVUPS (WS), Y12
	RESULT((SUMS), (XS), Y0, (DST0))
	ADDQ $64, WS
	ADDQ $4, XS
	ADDQ $4, SUMS
	DECQ groups+80(FP)
	JNZ  group
	VZEROUPPER
	RET
