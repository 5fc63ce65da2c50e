//go:build !purego

#include "textflag.h"

#define X     DI  // next pairs of head 0
#define COS   SI  // cosines of these pairs
#define SIN   DX  // sines
#define END   R8  // end of the last head
#define PAIRS CX  // pairs left
#define STEP  R9  // bytes of a head
#define HEAD  R10 // these pairs of the head in hand

// twice repeats each of the lower 8 lanes.
DATA twice<>+0(SB)/8, $0x0000000000000000
DATA twice<>+8(SB)/8, $0x0000000100000001
DATA twice<>+16(SB)/8, $0x0000000200000002
DATA twice<>+24(SB)/8, $0x0000000300000003
DATA twice<>+32(SB)/8, $0x0000000400000004
DATA twice<>+40(SB)/8, $0x0000000500000005
DATA twice<>+48(SB)/8, $0x0000000600000006
DATA twice<>+56(SB)/8, $0x0000000700000007
GLOBL twice<>(SB), RODATA|NOPTR, $64

// func rotateAVX512(x, cos, sin *float32, n, pairs int)
// Reference: rotateGeneric; n = len(x). Requires: AVX-512 F, VL.
TEXT ·rotateAVX512(SB), NOSPLIT, $0-40
	MOVQ         x+0(FP), X
	MOVQ         cos+8(FP), COS
	MOVQ         sin+16(FP), SIN
	MOVQ         n+24(FP), END
	MOVQ         pairs+32(FP), PAIRS
	LEAQ         (X)(END*4), END
	LEAQ         (PAIRS*8), STEP
	VMOVDQU32    twice<>(SB), Z16
	MOVQ         $0x80000000, AX
	VPBROADCASTQ AX, Z17                // Z17 = the sign of even lanes
	KXNORW       K1, K1, K1             // K1 = lanes of x, two for each pair
	KXNORW       K2, K2, K2             // K2 = lanes of cos and sin

pairs8: // for PAIRS > 0 { turn 8 pairs of every head }
	CMPQ       PAIRS, $8
	JGE        load
	MOVL       $1, AX                   // fewer are left
	SHLL       CX, AX
	DECL       AX
	KMOVW      AX, K2                   // K2 = PAIRS lanes
	MOVL       $1, AX
	SHLL       CX, AX
	SHLL       CX, AX
	DECL       AX
	KMOVW      AX, K1                   // K1 = 2*PAIRS lanes

load:
	VMOVUPS.Z  (COS), K2, Y0
	VMOVUPS.Z  (SIN), K2, Y1
	VPERMPS    Z0, Z16, Z0              // Z0 = c0 c0 c1 c1 ..
	VPERMPS    Z1, Z16, Z1
	VPXORD     Z17, Z1, Z1              // Z1 = -s0 s0 -s1 s1 ..
	MOVQ       X, HEAD

head: // for HEAD < END { x0, x1 = x0*c - x1*s, x1*c + x0*s }
	VMOVUPS.Z  (HEAD), K1, Z2
	VPERMILPS  $0xB1, Z2, Z3            // Z3 = x1 x0 ..
	VMULPS     Z0, Z2, Z2               // Z2 = x0*c x1*c ..
	VMULPS     Z1, Z3, Z3               // Z3 = -x1*s x0*s ..
	VADDPS     Z3, Z2, Z2
	VMOVUPS    Z2, K1, (HEAD)
	ADDQ       STEP, HEAD
	CMPQ       HEAD, END
	JLT        head
	ADDQ       $64, X
	ADDQ       $32, COS
	ADDQ       $32, SIN
	SUBQ       $8, PAIRS
	JGT        pairs8
	VZEROUPPER
	RET
