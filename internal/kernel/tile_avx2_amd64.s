//go:build !purego

#include "textflag.h"

// Requires: AVX2, FMA, F16C (all functions of this file).

// Two rows of a panel times three vectors: twelve accumulators, lanes 0 to 7 of
// (row, vector) in Y(2v+row), lanes 8 to 15 in Y(6+2v+row).

#define DST    DI  // result of row 0 and vector 0
#define STRIDE DX  // bytes from one vector's results to the next one's
#define PANEL  SI  // next block of row 0 of the pair
#define X      BX  // next block of vector 0
#define XSTEP  R9  // bytes of a vector
#define BLK    AX  // blocks left

// HALF(O, A, B, C, D, E, F): products of elements O/4 to O/4+7.
#define HALF(O, A, B, C, D, E, F) \
	VMOVUPS     O(PANEL), Y12      \ /* row 0 */
	VMOVUPS     64+O(PANEL), Y13   \ /* row 1 */
	VMOVUPS     O(X), Y14          \
	VFMADD231PS Y12, Y14, A        \
	VFMADD231PS Y13, Y14, B        \
	VMOVUPS     O(X)(XSTEP*1), Y14 \
	VFMADD231PS Y12, Y14, C        \
	VFMADD231PS Y13, Y14, D        \
	VMOVUPS     O(X)(XSTEP*2), Y14 \
	VFMADD231PS Y12, Y14, E        \
	VFMADD231PS Y13, Y14, F

// FOLD2(A, B, HA, HB) folds two products to A's lower half: lane 0 row 0, lane 1 row 1.
#define FOLD2(A, B, HA, HB, XA) \
	VADDPS       HA, A, A           \ /* lanes j and j+8 */
	VADDPS       HB, B, B           \
	VPERM2F128   $0x20, B, A, Y14   \
	VPERM2F128   $0x31, B, A, Y15   \
	VADDPS       Y15, Y14, A        \ /* +4: row 0 | row 1 */
	VSHUFPS      $0x4E, A, A, Y14   \
	VADDPS       Y14, A, A          \ /* +2 */
	VSHUFPS      $0xB1, A, A, Y14   \
	VADDPS       Y14, A, A          \ /* +1 */
	VEXTRACTF128 $1, A, X15         \
	VUNPCKLPS    X15, XA, XA

// func tile3AVX2(dst *float32, stride int, panel, x *float32, xStep, blocks int)
// Two rows at panel times three vectors; stride and xStep in floats. Steps of 0
// repeat a vector. Reference: tileGeneric.
TEXT ·tile3AVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DST
	MOVQ stride+8(FP), STRIDE
	MOVQ panel+16(FP), PANEL
	MOVQ x+24(FP), X
	MOVQ xStep+32(FP), XSTEP
	MOVQ blocks+40(FP), BLK
	SHLQ $2, STRIDE // floats to bytes
	SHLQ $2, XSTEP
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	VXORPS Y8, Y8, Y8
	VXORPS Y9, Y9, Y9
	VXORPS Y10, Y10, Y10
	VXORPS Y11, Y11, Y11

block: // for BLK > 0 { lanes[r][v] += panel[r][0:16] * x[v][0:16] }
	HALF(0, Y0, Y1, Y2, Y3, Y4, Y5)
	HALF(32, Y6, Y7, Y8, Y9, Y10, Y11)
	ADDQ $256, PANEL // a block of all four rows
	ADDQ $64, X
	DECQ BLK
	JNZ  block
	FOLD2(Y0, Y1, Y6, Y7, X0)
	FOLD2(Y2, Y3, Y8, Y9, X2)
	FOLD2(Y4, Y5, Y10, Y11, X4)
	VMOVSD X4, (DST)(STRIDE*2) // dst[2][0:2] = sums of vector 2
	VMOVSD X2, (DST)(STRIDE*1)
	VMOVSD X0, (DST)
	VZEROUPPER
	RET

// func decodeF16AVX2(dst *float32, w *F16, blocks int)
// Blocks of 8 ≥ 1. Reference: decodeGeneric.
TEXT ·decodeF16AVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ blocks+16(FP), CX

block: // for blocks > 0 { dst[0:8] = float32(w[0:8]) }
	VCVTPH2PS (SI), Y0
	VMOVUPS   Y0, (DI)
	ADDQ      $16, SI
	ADDQ      $32, DI
	DECQ      CX
	JNZ       block
	VZEROUPPER
	RET

// func decodeBF16AVX2(dst *float32, w *BF16, blocks int)
// Blocks of 8 ≥ 1. Reference: decodeGeneric.
TEXT ·decodeBF16AVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ blocks+16(FP), CX

block: // for blocks > 0 { dst[0:8] = w[0:8] << 16 }
	VPMOVZXWD (SI), Y0
	VPSLLD    $16, Y0, Y0
	VMOVUPS   Y0, (DI)
	ADDQ      $16, SI
	ADDQ      $32, DI
	DECQ      CX
	JNZ       block
	VZEROUPPER
	RET

// func encodeF16AVX2(dst *F16, x *float32, blocks int)
// Blocks of 8 ≥ 1. Reference: encodeF16Generic.
TEXT ·encodeF16AVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ blocks+16(FP), CX

block: // for blocks > 0 { dst[0:8] = float16(x[0:8]), half to even }
	VMOVUPS   (SI), Y0
	VCVTPS2PH $0, Y0, (DI)
	ADDQ      $32, SI
	ADDQ      $16, DI
	DECQ      CX
	JNZ       block
	VZEROUPPER
	RET
