//go:build !purego

#include "textflag.h"
#include "columns_avx2_amd64.h"

// Tiles of Q4_0: 16 rows side by side, lane = row, times several vectors. Requires: AVX2, FMA (all functions of this
// file).
//
// The panel holds codes + 8, of which the products of all 32 of a block fit 16 bits, 8 * 2*15*127 = 30480. That adds 8 times
// the sum of x, which is taken off in the end.

#define WS     DI  // scales of the rows, next block
#define XS     R10 // scale of vector 0, next block
#define XS3    R14 // of vector 3
#define SUMS   R11 // sum of vector 0, next block
#define SUMS3  R15 // of vector 3
#define GSTEP  R12 // bytes from a vector's scales or sums to the next one's
#define DST    DX  // results of vectors 0 to 2, one STRIDE apart
#define DST3   R13 // of vectors 3 to 5
#define STRIDE BX
#define LEFT   AX  // blocks left
// Y0 to Y11: products of rows 0 to 7 and 8 to 15 of each vector, Y12: 1 in each 16 bits.

// RESULT(SUM, XS, A, B, LOW, HIGH): LOW, HIGH += float32(A, B - 8*SUM) * (scales of the rows * XS).
#define RESULT(SUM, XS, A, B, LOW, HIGH) \
	VPMADDWD     Y12, A, A        \
	VPMADDWD     Y12, B, B        \
	VPBROADCASTD SUM, Y14         \
	VPSLLD       $3, Y14, Y14     \
	VPSUBD       Y14, A, A        \
	VPSUBD       Y14, B, B        \
	VCVTDQ2PS    A, A             \
	VCVTDQ2PS    B, B             \
	VBROADCASTSS XS, Y14          \
	VMULPS       (WS), Y14, Y15   \
	VMULPS       32(WS), Y14, Y14 \
	VFMADD213PS  LOW, Y15, A      \
	VFMADD213PS  HIGH, Y14, B     \
	VMOVUPS      A, LOW           \
	VMOVUPS      B, HIGH

// BLOCK(VECTORS) takes eight columns.
#define BLOCK(VECTORS) \
	VECTORS(BEGIN, 0) \
	VECTORS(DOT, 1)   \
	VECTORS(DOT, 2)   \
	VECTORS(DOT, 3)   \
	VECTORS(DOT, 4)   \
	VECTORS(DOT, 5)   \
	VECTORS(DOT, 6)   \
	VECTORS(DOT, 7)   \
	VPCMPEQW Y12, Y12, Y12 \
	VPSRLW   $15, Y12, Y12

// ARGUMENTS reads them.
#define ARGUMENTS \
	MOVQ dst+0(FP), DST        \
	MOVQ stride+8(FP), STRIDE  \
	MOVQ w+16(FP), W           \
	MOVQ ws+24(FP), WS         \
	MOVQ x+32(FP), X           \
	MOVQ xScales+40(FP), XS    \
	MOVQ xSums+48(FP), SUMS    \
	MOVQ xStep+56(FP), XSTEP   \
	MOVQ gStep+64(FP), GSTEP   \
	MOVQ count+72(FP), LEFT    \
	SHLQ $2, STRIDE            \ /* numbers to bytes */
	SHLQ $2, GSTEP

// func tileQ40x6AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
//	xStep, gStep, count int)
// Reference: tileQ8Generic, of 6 vectors and groups of 32, added to dst.
TEXT ·tileQ40x6AVX2(SB), NOSPLIT, $0-80
	ARGUMENTS
	LEAQ (X)(XSTEP*2), X3
	ADDQ XSTEP, X3
	LEAQ (DST)(STRIDE*2), DST3
	ADDQ STRIDE, DST3
	LEAQ (XS)(GSTEP*2), XS3
	ADDQ GSTEP, XS3
	LEAQ (SUMS)(GSTEP*2), SUMS3
	ADDQ GSTEP, SUMS3

block: // for LEFT > 0 { dst += a block }
	BLOCK(SIX)
	RESULT((SUMS), (XS), Y0, Y1, (DST), 32(DST))
	RESULT((SUMS)(GSTEP*1), (XS)(GSTEP*1), Y2, Y3, (DST)(STRIDE*1), 32(DST)(STRIDE*1))
	RESULT((SUMS)(GSTEP*2), (XS)(GSTEP*2), Y4, Y5, (DST)(STRIDE*2), 32(DST)(STRIDE*2))
	RESULT((SUMS3), (XS3), Y6, Y7, (DST3), 32(DST3))
	RESULT((SUMS3)(GSTEP*1), (XS3)(GSTEP*1), Y8, Y9, (DST3)(STRIDE*1), 32(DST3)(STRIDE*1))
	RESULT((SUMS3)(GSTEP*2), (XS3)(GSTEP*2), Y10, Y11, (DST3)(STRIDE*2), 32(DST3)(STRIDE*2))
	ADDQ $512, W
	ADDQ $64, WS
	ADDQ $32, X
	ADDQ $32, X3
	ADDQ $4, XS
	ADDQ $4, XS3
	ADDQ $4, SUMS
	ADDQ $4, SUMS3
	DECQ LEFT
	JNZ  block
	VZEROUPPER
	RET

// func tileQ40x1AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
//	xStep, gStep, count int)
// tileQ40x6AVX2 of one vector.
TEXT ·tileQ40x1AVX2(SB), NOSPLIT, $0-80
	ARGUMENTS

block: // for LEFT > 0 { dst += a block }
	BLOCK(ONE)
	RESULT((SUMS), (XS), Y0, Y1, (DST), 32(DST))
	ADDQ $512, W
	ADDQ $64, WS
	ADDQ $32, X
	ADDQ $4, XS
	ADDQ $4, SUMS
	DECQ LEFT
	JNZ  block
	VZEROUPPER
	RET
