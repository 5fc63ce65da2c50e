//go:build !purego

#include "textflag.h"
#include "q8tile_avx512_amd64.h"

// Requires: AVX-512 F, VNNI (all functions of this file).
//
// The panel holds w^0x80 = w+128, unsigned, as VPDPBUSD wants; that adds 128
// times the sum of the group's x to the dot product, and is taken off in the end.

#define X8     R10 // vectors 8 to 11
#define WS     DI  // scales of the panel, next group
#define XS     R11 // scale of vector 0, next group
#define SUMS   R12 // sum of vector 0, next group
#define GROUPS BX  // groups left
// Z0 to Z11: int32 lanes of each vector, lane = row, Z12 to Z23: results, Z24:
// 4 columns of the panel, Z26: scales of the panel, Z27: short-lived.

// TAKE_OFF(SUM, A): A -= 128 * SUM, which keeps the units that multiply free, unlike VPDPWSSD at the beginning.
#define TAKE_OFF(SUM, A) \
	VPSLLD.BCST $7, SUM, Z27                  \
	VPSUBD      Z27, A, A

// TAKE_OFF4 is TAKE_OFF for four vectors, whose sums are at TMP.
#define TAKE_OFF4(A, B, C, D) \
	TAKE_OFF((TMP), A)                        \
	TAKE_OFF((TMP)(GSTEP*1), B)               \
	TAKE_OFF((TMP)(GSTEP*2), C)               \
	TAKE_OFF((TMP)(GSTEP3*1), D)              \
	LEAQ (TMP)(GSTEP*4), TMP

#define DOT12(I) \
	VMOVDQU32 (I*16)(PANEL), Z24              \ /* Z24 = panel[I:I+4] of each row */
	DOT4(I, X0, Z0, Z1, Z2, Z3)               \
	DOT4(I, X4, Z4, Z5, Z6, Z7)               \
	DOT4(I, X8, Z8, Z9, Z10, Z11)

// BEGIN reads the arguments and END moves on to where results go.
#define BEGIN \
	MOVQ         w+16(FP), PANEL              \
	MOVQ         ws+24(FP), WS                \
	MOVQ         x+32(FP), X0                 \
	MOVQ         xScales+40(FP), XS           \
	MOVQ         xSums+48(FP), SUMS           \
	MOVQ         xStep+56(FP), XSTEP          \
	MOVQ         gStep+64(FP), GSTEP          \
	MOVQ         groups+80(FP), GROUPS        \
	SHLQ         $2, GSTEP                    \ /* numbers to bytes */
	LEAQ         (XSTEP)(XSTEP*2), XSTEP3     \
	LEAQ         (GSTEP)(GSTEP*2), GSTEP3     \
	CLEAR(Z12, Z13, Z14, Z15)
#define END \
	MOVQ dst+0(FP), TMP                       \
	MOVQ stride+8(FP), GSTEP                  \
	SHLQ $2, GSTEP                            \
	LEAQ (GSTEP)(GSTEP*2), GSTEP3

// func tileQ8x12VNNI(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
//	xStep, gStep, group, groups int)
// Reference: tileQ8Generic, of 12 vectors. 16 divides group; group ≤ 256.
TEXT ·tileQ8x12VNNI(SB), NOSPLIT, $0-88
	BEGIN
	LEAQ (X0)(XSTEP*4), X4
	LEAQ (X4)(XSTEP*4), X8
	CLEAR(Z16, Z17, Z18, Z19)
	CLEAR(Z20, Z21, Z22, Z23)

group: // for GROUPS > 0 { results += group }
	CLEAR(Z0, Z1, Z2, Z3)
	CLEAR(Z4, Z5, Z6, Z7)
	CLEAR(Z8, Z9, Z10, Z11)
	MOVQ group+72(FP), LEFT

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
	MOVQ    SUMS, TMP
	TAKE_OFF4(Z0, Z1, Z2, Z3)
	TAKE_OFF4(Z4, Z5, Z6, Z7)
	TAKE_OFF4(Z8, Z9, Z10, Z11)
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

// func tileQ8x4VNNI(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
//	xStep, gStep, group, groups int)
// Reference: tileQ8Generic, of 4 vectors. 4 divides group; group ≤ 256.
TEXT ·tileQ8x4VNNI(SB), NOSPLIT, $0-88
	BEGIN

group: // for GROUPS > 0 { results += group }
	CLEAR(Z0, Z1, Z2, Z3)
	MOVQ group+72(FP), LEFT

dot: // for LEFT > 0 { Z0 to Z3 += 4 products of each row and vector }
	VMOVDQU32 (PANEL), Z24
	DOT4(0, X0, Z0, Z1, Z2, Z3)
	ADDQ      $4, X0
	ADDQ      $64, PANEL
	SUBQ      $4, LEFT
	JNZ       dot
	VMOVUPS   (WS), Z26
	MOVQ      SUMS, TMP
	TAKE_OFF4(Z0, Z1, Z2, Z3)
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
