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
// Y0 to Y3: a lane of rows 0 to 7 and 8 to 15, of either vector, Y4 to Y7: the one that is added first, Y8 to Y11: a
// number of each row for either lane, Y12 to Y15: those of x.

// LANES(LOOP, J): Y0 to Y3 = lanes J + J+8.
#define LANES(LOOP, J) \
	VXORPS       Y0, Y0, Y0                   \
	VXORPS       Y1, Y1, Y1                   \
	VXORPS       Y2, Y2, Y2                   \
	VXORPS       Y3, Y3, Y3                   \
	VXORPS       Y4, Y4, Y4                   \
	VXORPS       Y5, Y5, Y5                   \
	VXORPS       Y6, Y6, Y6                   \
	VXORPS       Y7, Y7, Y7                   \
	MOVQ         W, WAT                       \
	MOVQ         X, XAT                       \
	MOVQ         blocks+40(FP), LEFT          \
LOOP: \ /* for LEFT > 0 { lanes J and J+8 += w[:][J] * x[v][J], w[:][J+8] * x[v][J+8] } */
	VMOVUPS      (J*64)(WAT), Y8              \
	VMOVUPS      (J*64+32)(WAT), Y9           \
	VMOVUPS      (J*64+512)(WAT), Y10         \
	VMOVUPS      (J*64+544)(WAT), Y11         \
	VBROADCASTSS (J*4)(XAT), Y12              \
	VBROADCASTSS (J*4)(XAT)(XSTEP*1), Y13     \
	VBROADCASTSS (J*4+32)(XAT), Y14           \
	VBROADCASTSS (J*4+32)(XAT)(XSTEP*1), Y15  \
	VFMADD231PS  Y12, Y8, Y0                  \
	VFMADD231PS  Y12, Y9, Y1                  \
	VFMADD231PS  Y13, Y8, Y2                  \
	VFMADD231PS  Y13, Y9, Y3                  \
	VFMADD231PS  Y14, Y10, Y4                 \
	VFMADD231PS  Y14, Y11, Y5                 \
	VFMADD231PS  Y15, Y10, Y6                 \
	VFMADD231PS  Y15, Y11, Y7                 \
	ADDQ         $1024, WAT                   \
	ADDQ         $64, XAT                     \
	DECQ         LEFT                         \
	JNZ          LOOP                         \
	VADDPS       Y4, Y0, Y0                   \
	VADDPS       Y5, Y1, Y1                   \
	VADDPS       Y6, Y2, Y2                   \
	VADDPS       Y7, Y3, Y3

// KEEP(A, B, C, D) stores lanes, ADD adds those that were stored.
#define KEEP(A, B, C, D) \
	VMOVUPS Y0, A \
	VMOVUPS Y1, B \
	VMOVUPS Y2, C \
	VMOVUPS Y3, D
#define ADD(A, B, C, D) \
	VADDPS A, Y0, Y0 \
	VADDPS B, Y1, Y1 \
	VADDPS C, Y2, Y2 \
	VADDPS D, Y3, Y3

// Where lanes wait for those that are added to them.
#define WAIT0(OP) OP(lanes-384(SP), lanes-352(SP), lanes-320(SP), lanes-288(SP))
#define WAIT1(OP) OP(lanes-256(SP), lanes-224(SP), lanes-192(SP), lanes-160(SP))
#define WAIT2(OP) OP(lanes-128(SP), lanes-96(SP), lanes-64(SP), lanes-32(SP))
#define DESTS(OP) OP((DST), 32(DST), (DST)(STRIDE*1), 32(DST)(STRIDE*1))

// func addColumnsAVX2(dst *float32, stride int, w, x *float32, xStride, blocks, pairs int)
// Two vectors at a time of 16 rows side by side; blocks ≥ 1. Reference: Mins.Add. Requires: AVX2, FMA.
TEXT ·addColumnsAVX2(SB), NOSPLIT, $384-56
	MOVQ  dst+0(FP), DST
	MOVQ  stride+8(FP), STRIDE
	MOVQ  w+16(FP), W
	MOVQ  x+24(FP), X
	MOVQ  xStride+32(FP), XSTEP
	MOVQ  pairs+48(FP), CX
	SHLQ  $2, STRIDE // floats to bytes
	SHLQ  $2, XSTEP
	TESTQ CX, CX
	JZ    done

pair: // for pairs > 0 { dst[0:2][0:16] += two vectors times 16 rows, folded in the order of DotRows }
	LANES(lane0, 0)
	WAIT0(KEEP)
	LANES(lane4, 4)
	WAIT0(ADD)
	WAIT0(KEEP)      // 0 and 4
	LANES(lane2, 2)
	WAIT1(KEEP)
	LANES(lane6, 6)
	WAIT1(ADD)       // 2 and 6
	WAIT0(ADD)
	WAIT0(KEEP)      // 0, 2, 4, 6
	LANES(lane1, 1)
	WAIT1(KEEP)
	LANES(lane5, 5)
	WAIT1(ADD)
	WAIT1(KEEP)      // 1 and 5
	LANES(lane3, 3)
	WAIT2(KEEP)
	LANES(lane7, 7)
	WAIT2(ADD)       // 3 and 7
	WAIT1(ADD)       // 1, 3, 5, 7
	WAIT0(ADD)
	DESTS(ADD)
	DESTS(KEEP)
	LEAQ (DST)(STRIDE*2), DST
	LEAQ (X)(XSTEP*2), X
	DECQ CX
	JNZ  pair

done:
	VZEROUPPER
	RET
