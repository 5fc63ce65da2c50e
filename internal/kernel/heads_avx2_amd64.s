//go:build !purego

#include "textflag.h"

// Requires: AVX2, F16C.

// SIXTEEN sets the next 16 numbers to codes times the scale in each lane of Y0.
#define SIXTEEN \
	VPMOVSXBD (SI), Y1      \ /* Y1 = q[0:8] */
	VPMOVSXBD 8(SI), Y2     \ /* Y2 = q[8:16] */
	VCVTDQ2PS Y1, Y1        \
	VCVTDQ2PS Y2, Y2        \
	VMULPS    Y0, Y1, Y1    \
	VMULPS    Y0, Y2, Y2    \
	VMOVUPS   Y1, (DI)      \
	VMOVUPS   Y2, 32(DI)    \
	ADDQ      $16, SI       \
	ADDQ      $64, DI

// func decodeQ8AVX2(dst *float32, q *int8, scales *F16, n, rows, ahead int)
// Reference: decodeQ8Generic.
TEXT ·decodeQ8AVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ q+8(FP), SI
	MOVQ scales+16(FP), DX
	MOVQ n+24(FP), R8
	MOVQ rows+32(FP), CX
	MOVQ ahead+40(FP), R9

row: // for rows > 0 { a row }
	MOVQ R8, BX

group: // for BX > 0 { a scale, and the 32 numbers that share it, or 16 }
	PREFETCHT1   (SI)(R9*1)
	VPBROADCASTW (DX), X0
	VCVTPH2PS    X0, Y0   // Y0 = scale
	ADDQ         $2, DX
	SIXTEEN
	SUBQ         $16, BX
	JZ           next
	SIXTEEN
	SUBQ         $16, BX
	JNZ          group

next:
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET
