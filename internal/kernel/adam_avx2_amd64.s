//go:build !purego

#include "textflag.h"

#define W   DI // next weight
#define G   SI // next gradient
#define M   DX // next first moment
#define V   CX // next second moment
#define BLK AX // blocks of 8 left

// func adamWAVX2(a *AdamW, w, dw, m, v *float32, blocks int)
// Reference: updateGeneric. blocks is not 0. Requires: AVX2.
TEXT ·adamWAVX2(SB), NOSPLIT, $0-48
	MOVQ a+0(FP), BX
	MOVQ w+8(FP), W
	MOVQ dw+16(FP), G
	MOVQ m+24(FP), M
	MOVQ v+32(FP), V
	MOVQ blocks+40(FP), BLK
	VBROADCASTSS 0(BX), Y4 // scale
	VBROADCASTSS 4(BX), Y5 // beta1
	VBROADCASTSS 8(BX), Y6 // keep1
	VBROADCASTSS 12(BX), Y7 // beta2
	VBROADCASTSS 16(BX), Y8 // keep2
	VBROADCASTSS 20(BX), Y9 // inverse
	VBROADCASTSS 24(BX), Y10 // epsilon
	VBROADCASTSS 28(BX), Y11 // rate
	VBROADCASTSS 32(BX), Y12 // decay

block: // for BLK > 0 { take a step with one vector }
	VMULPS  (G), Y4, Y0         // f = scale * g
	VMULPS  (M), Y5, Y1
	VMULPS  Y0, Y6, Y2
	VADDPS  Y2, Y1, Y1          // m = beta1*m + keep1*f
	VMOVUPS Y1, (M)
	VMULPS  Y0, Y8, Y2
	VMULPS  Y0, Y2, Y2
	VMULPS  (V), Y7, Y3
	VADDPS  Y2, Y3, Y3          // v = beta2*v + keep2*f*f
	VMOVUPS Y3, (V)
	VMULPS  Y9, Y3, Y3
	VSQRTPS Y3, Y3
	VADDPS  Y10, Y3, Y3         // sqrt(inverse*v) + epsilon
	VMULPS  Y11, Y1, Y1
	VDIVPS  Y3, Y1, Y1          // rate*m / that
	VMULPS  (W), Y12, Y2
	VSUBPS  Y1, Y2, Y2          // w = decay*w - that
	VMOVUPS Y2, (W)
	ADDQ    $32, W
	ADDQ    $32, G
	ADDQ    $32, M
	ADDQ    $32, V
	DECQ    BLK
	JNZ     block
	VZEROUPPER
	RET
