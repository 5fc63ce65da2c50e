//go:build !purego

#include "textflag.h"

#define W   DI // next weight
#define G   SI // next gradient
#define M   DX // next first moment
#define V   CX // next second moment
#define BLK AX // blocks of 16 left

// func adamWAVX512(a *AdamW, w, dw, m, v *float32, blocks int)
// Reference: updateGeneric. blocks is not 0. Requires: AVX-512 F.
TEXT ·adamWAVX512(SB), NOSPLIT, $0-48
	MOVQ a+0(FP), BX
	MOVQ w+8(FP), W
	MOVQ dw+16(FP), G
	MOVQ m+24(FP), M
	MOVQ v+32(FP), V
	MOVQ blocks+40(FP), BLK
	VBROADCASTSS 0(BX), Z16 // scale
	VBROADCASTSS 4(BX), Z17 // beta1
	VBROADCASTSS 8(BX), Z18 // keep1
	VBROADCASTSS 12(BX), Z19 // beta2
	VBROADCASTSS 16(BX), Z20 // keep2
	VBROADCASTSS 20(BX), Z21 // inverse
	VBROADCASTSS 24(BX), Z22 // epsilon
	VBROADCASTSS 28(BX), Z23 // rate
	VBROADCASTSS 32(BX), Z24 // decay

block: // for BLK > 0 { take a step with one vector }
	VMULPS  (G), Z16, Z0        // f = scale * g
	VMULPS  (M), Z17, Z1
	VMULPS  Z0, Z18, Z2
	VADDPS  Z2, Z1, Z1          // m = beta1*m + keep1*f
	VMOVUPS Z1, (M)
	VMULPS  Z0, Z20, Z2
	VMULPS  Z0, Z2, Z2
	VMULPS  (V), Z19, Z3
	VADDPS  Z2, Z3, Z3          // v = beta2*v + keep2*f*f
	VMOVUPS Z3, (V)
	VMULPS  Z21, Z3, Z3
	VSQRTPS Z3, Z3
	VADDPS  Z22, Z3, Z3         // sqrt(inverse*v) + epsilon
	VMULPS  Z23, Z1, Z1
	VDIVPS  Z3, Z1, Z1          // rate*m / that
	VMULPS  (W), Z24, Z2
	VSUBPS  Z1, Z2, Z2          // w = decay*w - that
	VMOVUPS Z2, (W)
	ADDQ    $64, W
	ADDQ    $64, G
	ADDQ    $64, M
	ADDQ    $64, V
	DECQ    BLK
	JNZ     block
	VZEROUPPER
	RET
