//go:build !purego

#include "textflag.h"

// Requires: AVX-512 F, VNNI (all functions of this file).

// Vectors 0 to 3 are at X0, 4 to 7 at X4, one XSTEP apart.
#define X0     R8
#define X4     R9
#define XSTEP  CX  // bytes of a vector
#define XSTEP3 DX  // 3*XSTEP
#define PANEL  SI  // next 4 columns of the panel
#define SUBS   DI  // integer scales of the panel
#define SCALES R10 // scales of the panel
#define XS     R11 // scale of vector 0
#define SUMS   R12 // sum of vector 0
#define STEP   R13 // bytes from a vector's sums, scales or results to the next one's
#define STEP3  R14 // 3*STEP
#define TMP    R15
#define LEFT   AX  // elements left that share an integer scale
#define PIECES BX  // integer scales of the super-block left
// Z0 to Z7: int32 lanes of each vector, lane = row, Z8 to Z15: the same times integer scales,
// Z16 to Z23: results, Z24: 4 columns of the panel, Z25: -offset, Z26: scales of the panel, Z27: short-lived.

#define CLEAR4(A, B, C, D) \
	VPXORD A, A, A \
	VPXORD B, B, B \
	VPXORD C, C, C \
	VPXORD D, D, D

// OFFSET4(A, B, C, D): A to D -= offset * the sums of the vectors at TMP. VPDPWSSD
// multiplies the lower halves, which hold all of a sum of 16.
#define OFFSET4(A, B, C, D) \
	VPDPWSSD.BCST (TMP), Z25, A            \
	VPDPWSSD.BCST (TMP)(STEP*1), Z25, B    \
	VPDPWSSD.BCST (TMP)(STEP*2), Z25, C    \
	VPDPWSSD.BCST (TMP)(STEP3*1), Z25, D   \
	LEAQ          (TMP)(STEP*4), TMP

// DOT4(I, X, A, B, C, D): A to D += panel * x[I:I+4] for four vectors.
#define DOT4(I, X, A, B, C, D) \
	VPDPBUSD.BCST I(X), Z24, A             \
	VPDPBUSD.BCST I(X)(XSTEP*1), Z24, B    \
	VPDPBUSD.BCST I(X)(XSTEP*2), Z24, C    \
	VPDPBUSD.BCST I(X)(XSTEP3*1), Z24, D

#define DOT8(I) \
	VMOVDQU32 (I*16)(PANEL), Z24           \
	DOT4(I, X0, Z0, Z1, Z2, Z3)            \
	DOT4(I, X4, Z4, Z5, Z6, Z7)

// SCALE(A, T): T += A * the integer scales.
#define SCALE(A, T) \
	VPMULLD Z26, A, A \
	VPADDD  A, T, T

// END4: results R += float32(T) * (scales of the panel * those at TMP); T = 0.
#define END1(SCALE, T, R) \
	VMULPS.BCST SCALE, Z26, Z27 \
	VCVTDQ2PS   T, T            \
	VFMADD231PS Z27, T, R       \
	VPXORD      T, T, T
#define END4(T0, T1, T2, T3, R0, R1, R2, R3) \
	END1((TMP), T0, R0)           \
	END1((TMP)(STEP*1), T1, R1)   \
	END1((TMP)(STEP*2), T2, R2)   \
	END1((TMP)(STEP3*1), T3, R3)  \
	LEAQ (TMP)(STEP*4), TMP

// STORE4(A, B, C, D) stores four results at TMP, one STEP apart.
#define STORE4(A, B, C, D) \
	VMOVUPS A, (TMP)              \
	VMOVUPS B, (TMP)(STEP*1)      \
	VMOVUPS C, (TMP)(STEP*2)      \
	VMOVUPS D, (TMP)(STEP3*1)     \
	LEAQ    (TMP)(STEP*4), TMP

// STEPS(SHIFT): STEP = XSTEP >> SHIFT.
#define STEPS(SHIFT) \
	MOVQ XSTEP, STEP         \
	SHRQ $SHIFT, STEP        \
	LEAQ (STEP)(STEP*2), STEP3

// func tileSuperVNNI(dst *float32, stride int, columns *int8, subs *int32, scales *float32, x Q8, n, subLen, offset, count int)
// Reference: dotSuperGeneric, of 8 vectors. subLen is 16, or 32 if pairs of integer scales are
// equal and offset is 0.
TEXT ·tileSuperVNNI(SB), NOSPLIT, $0-144
	MOVQ         columns+16(FP), PANEL
	MOVQ         subs+24(FP), SUBS
	MOVQ         scales+32(FP), SCALES
	MOVQ         x_Q_base+40(FP), X0
	MOVQ         x_Scales_base+64(FP), XS
	MOVQ         x_Sums_base+88(FP), SUMS
	MOVQ         n+112(FP), XSTEP
	MOVQ         offset+128(FP), AX
	LEAQ         (XSTEP)(XSTEP*2), XSTEP3
	LEAQ         (X0)(XSTEP*4), X4
	NEGQ         AX
	ANDL         $0xFFFF, AX
	VPBROADCASTD AX, Z25
	CLEAR4(Z8, Z9, Z10, Z11)
	CLEAR4(Z12, Z13, Z14, Z15)
	CLEAR4(Z16, Z17, Z18, Z19)
	CLEAR4(Z20, Z21, Z22, Z23)

super: // for count > 0 { results += a super-block }
	MOVQ $256, PIECES

piece: // for PIECES > 0 { Z8 to Z15 += products that share an integer scale }
	CLEAR4(Z0, Z1, Z2, Z3)
	CLEAR4(Z4, Z5, Z6, Z7)
	CMPQ offset+128(FP), $0
	JE   start
	STEPS(2) // a sum, int32, for each 16 elements
	MOVQ SUMS, TMP
	OFFSET4(Z0, Z1, Z2, Z3)
	OFFSET4(Z4, Z5, Z6, Z7)

start:
	MOVQ subLen+120(FP), LEFT
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
	ADDQ      $4, XS
	ADDQ      $64, SCALES
	DECQ      count+136(FP)
	JNZ       super
	MOVQ      dst+0(FP), TMP
	MOVQ      stride+8(FP), STEP
	SHLQ      $2, STEP
	LEAQ      (STEP)(STEP*2), STEP3
	STORE4(Z16, Z17, Z18, Z19)
	STORE4(Z20, Z21, Z22, Z23)
	VZEROUPPER
	RET
