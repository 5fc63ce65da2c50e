//go:build !purego

#include "textflag.h"

#define DST    DI
#define STRIDE DX  // bytes from one vector's results to the next one's
#define W      SI  // [16*blocks][16 rows]
#define X      R8
#define XSTEP  R9  // bytes of a vector
#define WAT    R11 // next block of W
#define XAT    R12 // and of X
#define LEFT   AX  // blocks left
// Z0 to Z7: lanes 0 to 7 of the first vector, with lanes 8 to 15 added, of 16 rows each; Z8 to Z15: of the second one,
// Z16 to Z19: lanes in hand, Z20 and Z21: a number of each row.

// PAIR(LOOP, J, A, B): A = lanes J + J+8 of the first vector, B = of the second.
#define PAIR(LOOP, J, A, B) \
	VPXORD           Z16, Z16, Z16                    \
	VPXORD           Z17, Z17, Z17                    \
	VPXORD           Z18, Z18, Z18                    \
	VPXORD           Z19, Z19, Z19                    \
	MOVQ             W, WAT                           \
	MOVQ             X, XAT                           \
	MOVQ             blocks+40(FP), LEFT              \
LOOP: \ /* for LEFT > 0 { lanes J and J+8 += w[:][J] * x[v][J], w[:][J+8] * x[v][J+8] } */
	VMOVUPS          (J*64)(WAT), Z20                 \
	VMOVUPS          (J*64+512)(WAT), Z21             \
	VFMADD231PS.BCST (J*4)(XAT), Z20, Z16             \
	VFMADD231PS.BCST (J*4)(XAT)(XSTEP*1), Z20, Z17    \
	VFMADD231PS.BCST (J*4+32)(XAT), Z21, Z18          \
	VFMADD231PS.BCST (J*4+32)(XAT)(XSTEP*1), Z21, Z19 \
	ADDQ             $1024, WAT                       \
	ADDQ             $64, XAT                         \
	DECQ             LEFT                             \
	JNZ              LOOP                             \
	VADDPS           Z18, Z16, A                      \
	VADDPS           Z19, Z17, B

// func addColumnsAVX512(dst *float32, stride int, w, x *float32, xStride, blocks, pairs int)
// Two vectors at a time of 16 rows side by side; blocks ≥ 1. Reference: Mins.Add. Requires: AVX-512 F.
TEXT ·addColumnsAVX512(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DST
	MOVQ stride+8(FP), STRIDE
	MOVQ w+16(FP), W
	MOVQ x+24(FP), X
	MOVQ xStride+32(FP), XSTEP
	MOVQ pairs+48(FP), CX
	SHLQ $2, STRIDE // floats to bytes
	SHLQ $2, XSTEP
	TESTQ CX, CX
	JZ   done

pair: // for pairs > 0 { dst[0:2][0:16] += two vectors times 16 rows, folded in the order of DotRows }
	PAIR(lane0, 0, Z0, Z8)
	PAIR(lane1, 1, Z1, Z9)
	PAIR(lane2, 2, Z2, Z10)
	PAIR(lane3, 3, Z3, Z11)
	PAIR(lane4, 4, Z4, Z12)
	PAIR(lane5, 5, Z5, Z13)
	PAIR(lane6, 6, Z6, Z14)
	PAIR(lane7, 7, Z7, Z15)
	VADDPS  Z4, Z0, Z0            // lanes j and j+4
	VADDPS  Z5, Z1, Z1
	VADDPS  Z6, Z2, Z2
	VADDPS  Z7, Z3, Z3
	VADDPS  Z12, Z8, Z8
	VADDPS  Z13, Z9, Z9
	VADDPS  Z14, Z10, Z10
	VADDPS  Z15, Z11, Z11
	VADDPS  Z2, Z0, Z0            // lanes j and j+2
	VADDPS  Z3, Z1, Z1
	VADDPS  Z10, Z8, Z8
	VADDPS  Z11, Z9, Z9
	VADDPS  Z1, Z0, Z0            // lanes j and j+1
	VADDPS  Z9, Z8, Z8
	VADDPS  (DST), Z0, Z0
	VADDPS  (DST)(STRIDE*1), Z8, Z8
	VMOVUPS Z0, (DST)
	VMOVUPS Z8, (DST)(STRIDE*1)
	LEAQ    (DST)(STRIDE*2), DST
	LEAQ    (X)(XSTEP*2), X
	DECQ    CX
	JNZ     pair

done:
	VZEROUPPER
	RET

DATA rows16<>+0(SB)/8, $0x0000000100000000
DATA rows16<>+8(SB)/8, $0x0000000300000002
DATA rows16<>+16(SB)/8, $0x0000000500000004
DATA rows16<>+24(SB)/8, $0x0000000700000006
DATA rows16<>+32(SB)/8, $0x0000000900000008
DATA rows16<>+40(SB)/8, $0x0000000b0000000a
DATA rows16<>+48(SB)/8, $0x0000000d0000000c
DATA rows16<>+56(SB)/8, $0x0000000f0000000e
GLOBL rows16<>(SB), RODATA|NOPTR, $64

// func columnsAVX512(dst, w *float32, n int)
// dst[i*16+r] = w[r*n+i] for 16 rows; n ≥ 1. Requires: AVX-512 F.
TEXT ·columnsAVX512(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	MOVQ         w+8(FP), SI
	MOVQ         n+16(FP), CX
	VPBROADCASTD CX, Z0
	VPMULLD      rows16<>(SB), Z0, Z0 // where each row begins

column: // for n > 0 { dst[0:16] = w[0:16][0] }
	KXNORW     K1, K1, K1
	VGATHERDPS (SI)(Z0*4), K1, Z1
	VMOVUPS    Z1, (DI)
	ADDQ       $4, SI
	ADDQ       $64, DI
	DECQ       CX
	JNZ        column
	VZEROUPPER
	RET
