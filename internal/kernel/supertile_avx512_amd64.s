//go:build !purego

#include "textflag.h"
#include "q8tile_avx512_amd64.h"

// Requires: AVX-512 F, VNNI (all functions of this file).

#define SUBS   DI  // integer scales of the panel
#define SCALES R10 // scales of the panel
#define XS     R11 // scale of vector 0
#define SUMS   R12 // sum of vector 0
#define PIECES BX  // elements of the super-block left
// Z0 to Z7: int32 lanes of each vector, lane = row, Z8 to Z15: the same times integer scales,
// Z16 to Z23: results, Z24: 4 columns of the panel, Z25: log2 of the offset, Z26: scales of the panel, Z27: short-lived.

#define DOT8(I) \
	VMOVDQU32 (I*16)(PANEL), Z24           \
	DOT4(I, X0, Z0, Z1, Z2, Z3)            \
	DOT4(I, X4, Z4, Z5, Z6, Z7)

// TAKE_OFF(SUM, A): A -= offset * SUM, which keeps the units that multiply free.
#define TAKE_OFF(SUM, A) \
	VPBROADCASTD SUM, Z27     \
	VPSLLVD      Z25, Z27, Z27 \
	VPSUBD       Z27, A, A

// TAKE_OFF4 is TAKE_OFF for four vectors, whose sums are at TMP.
#define TAKE_OFF4(A, B, C, D) \
	TAKE_OFF((TMP), A)                        \
	TAKE_OFF((TMP)(GSTEP*1), B)               \
	TAKE_OFF((TMP)(GSTEP*2), C)               \
	TAKE_OFF((TMP)(GSTEP3*1), D)              \
	LEAQ (TMP)(GSTEP*4), TMP

// SCALE(A, T): T += A * the integer scales.
#define SCALE(A, T) \
	VPMULLD Z26, A, A \
	VPADDD  A, T, T

// STEPS(SHIFT): GSTEP = XSTEP >> SHIFT.
#define STEPS(SHIFT) \
	MOVQ XSTEP, GSTEP         \
	SHRQ $SHIFT, GSTEP        \
	LEAQ (GSTEP)(GSTEP*2), GSTEP3

// func tileSuperVNNI(dst *float32, stride int, columns *int8, subs *int32, scales *float32, x *int8, xScales *float32,
//	xSums *int32, n, subLen, offset, count int)
// Reference: dotSuperGeneric, of 8 vectors. subLen is 16, or 32 if pairs of integer scales are
// equal and offset is 0.
TEXT ·tileSuperVNNI(SB), NOSPLIT, $0-96
	MOVQ         columns+16(FP), PANEL
	MOVQ         subs+24(FP), SUBS
	MOVQ         scales+32(FP), SCALES
	MOVQ         x+40(FP), X0
	MOVQ         xScales+48(FP), XS
	MOVQ         xSums+56(FP), SUMS
	MOVQ         n+64(FP), XSTEP
	LEAQ         (XSTEP)(XSTEP*2), XSTEP3
	LEAQ         (X0)(XSTEP*4), X4
	BSRQ         offset+80(FP), AX // of 0 it is nobody's
	VPBROADCASTD AX, Z25
	CLEAR(Z8, Z9, Z10, Z11)
	CLEAR(Z12, Z13, Z14, Z15)
	CLEAR(Z16, Z17, Z18, Z19)
	CLEAR(Z20, Z21, Z22, Z23)

super: // for count > 0 { results += a super-block }
	MOVQ $256, PIECES

piece: // for PIECES > 0 { Z8 to Z15 += products that share an integer scale }
	CLEAR(Z0, Z1, Z2, Z3)
	CLEAR(Z4, Z5, Z6, Z7)
	MOVQ subLen+72(FP), LEFT
	SUBQ LEFT, PIECES

dot: // for LEFT > 0 { Z0 to Z7 += 16 products of each row and vector }
	DOT8(0)
	DOT8(4)
	DOT8(8)
	DOT8(12)
	VMOVDQU32 (SUBS), Z26
	ADDQ      $16, X0
	ADDQ      $16, X4
	ADDQ      $256, PANEL
	ADDQ      $64, SUBS
	ADDQ      $4, SUMS
	SUBQ      $16, LEFT
	JNZ       dot
	CMPQ      offset+80(FP), $0
	JE        scale
	STEPS(1) // two sums, int32, for each 16 elements
	LEAQ      -4(SUMS), TMP
	TAKE_OFF4(Z0, Z1, Z2, Z3)
	TAKE_OFF4(Z4, Z5, Z6, Z7)

scale:
	SCALE(Z0, Z8)
	SCALE(Z1, Z9)
	SCALE(Z2, Z10)
	SCALE(Z3, Z11)
	SCALE(Z4, Z12)
	SCALE(Z5, Z13)
	SCALE(Z6, Z14)
	SCALE(Z7, Z15)
	TESTQ     PIECES, PIECES
	JNZ       piece
	STEPS(6) // a scale, float32, for each 256 elements
	MOVQ      XS, TMP
	VMOVUPS   (SCALES), Z26
	END4(Z8, Z9, Z10, Z11, Z16, Z17, Z18, Z19)
	END4(Z12, Z13, Z14, Z15, Z20, Z21, Z22, Z23)
	CLEAR(Z8, Z9, Z10, Z11)
	CLEAR(Z12, Z13, Z14, Z15)
	ADDQ      $4, XS
	ADDQ      $64, SCALES
	DECQ      count+88(FP)
	JNZ       super
	MOVQ      dst+0(FP), TMP
	MOVQ      stride+8(FP), GSTEP
	SHLQ      $2, GSTEP
	LEAQ      (GSTEP)(GSTEP*2), GSTEP3
	STORE4(Z16, Z17, Z18, Z19)
	STORE4(Z20, Z21, Z22, Z23)
	VZEROUPPER
	RET
