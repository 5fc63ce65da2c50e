//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define W   R0 // next weight
#define G   R1 // next gradient
#define M   R2 // next first moment
#define V   R3 // next second moment
#define BLK R4 // blocks of 4 left
#define A   R5 // the numbers of the step

// SPREAD sets a register to the next number of the step, four times.
#define SPREAD(D) \
	VLD1R (A), [D.S4] \
	ADD   $4, A, A

// func adamWNEON(a *AdamW, w, dw, m, v *float32, blocks int)
// Reference: updateGeneric. blocks is not 0.
TEXT ·adamWNEON(SB), NOSPLIT, $0-48
	MOVD a+0(FP), A
	MOVD w+8(FP), W
	MOVD dw+16(FP), G
	MOVD m+24(FP), M
	MOVD v+32(FP), V
	MOVD blocks+40(FP), BLK
	SPREAD(V16)             // scale
	SPREAD(V17)             // beta1
	SPREAD(V18)             // keep1
	SPREAD(V19)             // beta2
	SPREAD(V20)             // keep2
	SPREAD(V21)             // inverse
	SPREAD(V22)             // epsilon
	SPREAD(V23)             // rate
	SPREAD(V24)             // decay

block: // for BLK > 0 { take a step with four elements }
	FMOVQ  (M), F1
	FMOVQ  (V), F3
	FMOVQ  (W), F4
	FMOVQ.P 16(G), F0
	FMUL4S(16, 0, 0)        // f = scale * g
	FMUL4S(17, 1, 1)
	FMUL4S(18, 0, 2)
	FADD4S(2, 1, 1)         // m = beta1*m + keep1*f
	FMOVQ.P F1, 16(M)
	FMUL4S(20, 0, 2)
	FMUL4S(0, 2, 2)
	FMUL4S(19, 3, 3)
	FADD4S(2, 3, 3)         // v = beta2*v + keep2*f*f
	FMOVQ.P F3, 16(V)
	FMUL4S(21, 3, 3)
	FSQRT4S(3, 3)
	FADD4S(22, 3, 3)        // sqrt(inverse*v) + epsilon
	FMUL4S(23, 1, 1)
	FDIV4S(3, 1, 1)         // rate*m / that
	FMUL4S(24, 4, 4)
	FSUB4S(1, 4, 4)         // w = decay*w - that
	FMOVQ.P F4, 16(W)
	SUBS   $1, BLK
	BNE    block
	RET
