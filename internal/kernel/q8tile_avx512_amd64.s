//go:build !purego

#include "textflag.h"

// Requires: AVX-512 F, VNNI (all functions of this file).
//
// The panel holds w^0x80 = w+128, unsigned, as VPDPBUSD wants; that adds 128
// times the sum of the group's x to the dot product. The accumulators begin at
// -128 times that sum.

// Vectors 4k to 4k+3 are at X(4k), one XSTEP apart.
#define X0     R8
#define X4     R9
#define X8     R10
#define XSTEP  CX  // bytes of a vector
#define XSTEP3 DX  // 3*XSTEP
#define PANEL  SI  // next 4 columns of the panel
#define WS     DI  // scales of the panel, next group
#define XS     R11 // scale of vector 0, next group
#define SUMS   R12 // sum of vector 0, next group
#define GSTEP  R13 // bytes of a vector's scales, or sums
#define GSTEP3 R14 // 3*GSTEP
#define TMP    R15
#define LEFT   AX  // elements of the group left
#define GROUPS BX  // groups left
// Z0 to Z11: int32 lanes of each vector, lane = row, Z12 to Z23: results, Z24:
// 4 columns of the panel, Z25: -128, Z26: scales of the panel, Z27: short-lived.

#define CLEAR(A, B, C, D) \
	VPXORD A, A, A \
	VPXORD B, B, B \
	VPXORD C, C, C \
	VPXORD D, D, D

// START4(A, B, C, D): A to D = -128 * the sums of the vectors at TMP. VPDPWSSD
// multiplies the lower halves, which hold all of a sum if group ≤ 256.
#define START4(A, B, C, D) \
	CLEAR(A, B, C, D)                         \
	VPDPWSSD.BCST (TMP), Z25, A               \
	VPDPWSSD.BCST (TMP)(GSTEP*1), Z25, B      \
	VPDPWSSD.BCST (TMP)(GSTEP*2), Z25, C      \
	VPDPWSSD.BCST (TMP)(GSTEP3*1), Z25, D     \
	LEAQ          (TMP)(GSTEP*4), TMP

// DOT4(I, X, A, B, C, D): A to D += panel * x[I:I+4] for four vectors.
#define DOT4(I, X, A, B, C, D) \
	VPDPBUSD.BCST I(X), Z24, A                \
	VPDPBUSD.BCST I(X)(XSTEP*1), Z24, B       \
	VPDPBUSD.BCST I(X)(XSTEP*2), Z24, C       \
	VPDPBUSD.BCST I(X)(XSTEP3*1), Z24, D

#define DOT12(I) \
	VMOVDQU32 (I*16)(PANEL), Z24              \ /* Z24 = panel[I:I+4] of each row */
	DOT4(I, X0, Z0, Z1, Z2, Z3)               \
	DOT4(I, X4, Z4, Z5, Z6, Z7)               \
	DOT4(I, X8, Z8, Z9, Z10, Z11)

// END1(SCALE, A, R): R += float32(A) * (scales of the panel * SCALE).
#define END1(SCALE, A, R) \
	VMULPS.BCST SCALE, Z26, Z27               \
	VCVTDQ2PS   A, A                          \
	VFMADD231PS Z27, A, R

// END4 is END1 for four vectors, whose scales are at TMP.
#define END4(A, B, C, D, RA, RB, RC, RD) \
	END1((TMP), A, RA)                        \
	END1((TMP)(GSTEP*1), B, RB)               \
	END1((TMP)(GSTEP*2), C, RC)               \
	END1((TMP)(GSTEP3*1), D, RD)              \
	LEAQ (TMP)(GSTEP*4), TMP

// STORE4(A, B, C, D) stores four results at TMP, one GSTEP apart.
#define STORE4(A, B, C, D) \
	VMOVUPS A, (TMP)                          \
	VMOVUPS B, (TMP)(GSTEP*1)                 \
	VMOVUPS C, (TMP)(GSTEP*2)                 \
	VMOVUPS D, (TMP)(GSTEP3*1)                \
	LEAQ    (TMP)(GSTEP*4), TMP

// BEGIN reads the arguments and END moves on to where results go.
#define BEGIN \
	MOVQ         p_W_base+16(FP), PANEL       \
	MOVQ         p_Scales_base+40(FP), WS     \
	MOVQ         x_Q_base+64(FP), X0          \
	MOVQ         x_Scales_base+88(FP), XS     \
	MOVQ         x_Sums_base+112(FP), SUMS    \
	MOVQ         xStep+136(FP), XSTEP         \
	MOVQ         gStep+144(FP), GSTEP         \
	MOVQ         groups+160(FP), GROUPS       \
	SHLQ         $2, GSTEP                    \ /* numbers to bytes */
	LEAQ         (XSTEP)(XSTEP*2), XSTEP3     \
	LEAQ         (GSTEP)(GSTEP*2), GSTEP3     \
	MOVL         $0xFF80, AX                  \
	VPBROADCASTD AX, Z25                      \ /* -128 and 0, 16 bits each */
	CLEAR(Z12, Z13, Z14, Z15)
#define END \
	MOVQ dst+0(FP), TMP                       \
	MOVQ stride+8(FP), GSTEP                  \
	SHLQ $2, GSTEP                            \
	LEAQ (GSTEP)(GSTEP*2), GSTEP3

// func tileQ8x12VNNI(dst *float32, stride int, p PanelQ8, x Q8, xStep, gStep, group, groups int)
// Reference: tileQ8Generic, of 12 vectors. 16 divides group; group ≤ 256.
TEXT ·tileQ8x12VNNI(SB), NOSPLIT, $0-168
	BEGIN
	LEAQ (X0)(XSTEP*4), X4
	LEAQ (X4)(XSTEP*4), X8
	CLEAR(Z16, Z17, Z18, Z19)
	CLEAR(Z20, Z21, Z22, Z23)

group: // for GROUPS > 0 { results += group }
	MOVQ SUMS, TMP
	START4(Z0, Z1, Z2, Z3)
	START4(Z4, Z5, Z6, Z7)
	START4(Z8, Z9, Z10, Z11)
	MOVQ group+152(FP), LEFT

dot: // for LEFT > 0 { Z0 to Z11 += 16 products of each row and vector }
	DOT12(0)
	DOT12(4)
	DOT12(8)
	DOT12(12)
	ADDQ    $16, X0
	ADDQ    $16, X4
	ADDQ    $16, X8
	ADDQ    $256, PANEL
	SUBQ    $16, LEFT
	JNZ     dot
	VMOVUPS (WS), Z26
	MOVQ    XS, TMP
	END4(Z0, Z1, Z2, Z3, Z12, Z13, Z14, Z15)
	END4(Z4, Z5, Z6, Z7, Z16, Z17, Z18, Z19)
	END4(Z8, Z9, Z10, Z11, Z20, Z21, Z22, Z23)
	ADDQ    $64, WS
	ADDQ    $4, XS
	ADDQ    $4, SUMS
	DECQ    GROUPS
	JNZ     group
	END
	STORE4(Z12, Z13, Z14, Z15)
	STORE4(Z16, Z17, Z18, Z19)
	STORE4(Z20, Z21, Z22, Z23)
	VZEROUPPER
	RET

// func tileQ8x4VNNI(dst *float32, stride int, p PanelQ8, x Q8, xStep, gStep, group, groups int)
// Reference: tileQ8Generic, of 4 vectors. 4 divides group; group ≤ 256.
TEXT ·tileQ8x4VNNI(SB), NOSPLIT, $0-168
	BEGIN

group: // for GROUPS > 0 { results += group }
	MOVQ SUMS, TMP
	START4(Z0, Z1, Z2, Z3)
	MOVQ group+152(FP), LEFT

dot: // for LEFT > 0 { Z0 to Z3 += 4 products of each row and vector }
	VMOVDQU32 (PANEL), Z24
	DOT4(0, X0, Z0, Z1, Z2, Z3)
	ADDQ      $4, X0
	ADDQ      $64, PANEL
	SUBQ      $4, LEFT
	JNZ       dot
	VMOVUPS   (WS), Z26
	MOVQ      XS, TMP
	END4(Z0, Z1, Z2, Z3, Z12, Z13, Z14, Z15)
	ADDQ      $64, WS
	ADDQ      $4, XS
	ADDQ      $4, SUMS
	DECQ      GROUPS
	JNZ       group
	END
	STORE4(Z12, Z13, Z14, Z15)
	VZEROUPPER
	RET
