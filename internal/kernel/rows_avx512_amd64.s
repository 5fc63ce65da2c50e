//go:build !purego

#include "textflag.h"
#include "fetch_avx512_amd64.h"

// Requires: AVX-512 F (all functions of this file).

#define DST   DI  // next columns of the first vector of dst
#define DSTEP R13 // bytes of a vector of dst
#define DST2  AX  // the same columns of its third vector
#define V     SI  // the same columns of row 0 of v
#define P     DX  // weights of the rows for the first vector
#define PSTEP R14 // bytes from one vector's weights to the next one's
#define COLS  CX  // columns left
#define ROWS  R8  // rows of v
#define STEP  R9  // bytes of a row
#define VR    R10 // columns of the row in hand
#define PR    R11 // weight of the row in hand for the first vector
#define PR2   BX  // and for the third
#define LEFT  R12 // rows left
#define NEXT  R15 // bytes from a row to what is fetched with it

// LOAD_T(OFFSET, R) is R = decode(VR[OFFSET:+16]).
#define LOAD_F32(OFFSET, R) VMOVUPS (OFFSET*4)(VR), R
#define LOAD_F16(OFFSET, R) VCVTPH2PS (OFFSET*2)(VR), R

// LOAD_WEIGHTS sets Z20 to Z23 to the weights of the row in hand for the four
// vectors, and goes on to the next row.
#define LOAD_WEIGHTS \
	VBROADCASTSS (PR), Z20           \
	VBROADCASTSS (PR)(PSTEP*1), Z21  \
	VBROADCASTSS (PR2), Z22          \
	VBROADCASTSS (PR2)(PSTEP*1), Z23 \
	ADDQ $4, PR                      \
	ADDQ $4, PR2

// EACH_OP(O, A, B, C, D) works on 16 columns of the four vectors, O bytes on, in
// A to D; EACH_ADD(R, ..) adds the columns R of a row.
#define EACH_LOAD(O, A, B, C, D) \
	VMOVUPS O(DST), A            \
	VMOVUPS O(DST)(DSTEP*1), B   \
	VMOVUPS O(DST2), C           \
	VMOVUPS O(DST2)(DSTEP*1), D
#define EACH_STORE(O, A, B, C, D) \
	VMOVUPS A, O(DST)             \
	VMOVUPS B, O(DST)(DSTEP*1)    \
	VMOVUPS C, O(DST2)            \
	VMOVUPS D, O(DST2)(DSTEP*1)
#define EACH_ADD(R, A, B, C, D) \
	VFMADD231PS R, Z20, A       \
	VFMADD231PS R, Z21, B       \
	VFMADD231PS R, Z22, C       \
	VFMADD231PS R, Z23, D

// FIRST_ROW goes to row 0 of v.
#define FIRST_ROW \
	LEAQ (DST)(DSTEP*2), DST2 \
	LEAQ (P)(PSTEP*2), PR2    \
	MOVQ V, VR                \
	MOVQ P, PR                \
	MOVQ ROWS, LEFT

// ADD_ROWS4 is the body of addRows4: 64 columns at a time, then 16. SIZE is the
// bytes of an element of v.
#define ADD_ROWS4(LOAD, FETCH, SIZE) \
	MOVQ  dst+0(FP), DST      \
	MOVQ  stride+8(FP), DSTEP \
	MOVQ  v+16(FP), V         \
	MOVQ  p+24(FP), P         \
	MOVQ  pStride+32(FP), PSTEP \
	MOVQ  rows+40(FP), ROWS   \
	MOVQ  ahead+48(FP), NEXT  \
	MOVQ  DSTEP, COLS         \
	IMUL3Q $SIZE, COLS, STEP  \
	SHLQ  $2, DSTEP           \
	SHLQ  $2, PSTEP           \
cols64: \ /* for COLS >= 64 { dst[0:4][0:64] += sum over rows of p[0:4][j] * v[j][0:64] } */
	CMPQ  COLS, $64           \
	JLT   cols16              \
	FIRST_ROW                 \
	EACH_LOAD(0, Z0, Z4, Z8, Z12)    \
	EACH_LOAD(64, Z1, Z5, Z9, Z13)   \
	EACH_LOAD(128, Z2, Z6, Z10, Z14) \
	EACH_LOAD(192, Z3, Z7, Z11, Z15) \
row64: \
	LOAD_WEIGHTS              \
	FETCH                     \
	LOAD(0, Z16)              \
	LOAD(16, Z17)             \
	LOAD(32, Z18)             \
	LOAD(48, Z19)             \
	EACH_ADD(Z16, Z0, Z4, Z8, Z12)   \
	EACH_ADD(Z17, Z1, Z5, Z9, Z13)   \
	EACH_ADD(Z18, Z2, Z6, Z10, Z14)  \
	EACH_ADD(Z19, Z3, Z7, Z11, Z15)  \
	ADDQ  STEP, VR            \
	DECQ  LEFT                \
	JNZ   row64               \
	EACH_STORE(0, Z0, Z4, Z8, Z12)    \
	EACH_STORE(64, Z1, Z5, Z9, Z13)   \
	EACH_STORE(128, Z2, Z6, Z10, Z14) \
	EACH_STORE(192, Z3, Z7, Z11, Z15) \
	ADDQ  $256, DST           \
	ADDQ  $(64*SIZE), V       \
	SUBQ  $64, COLS           \
	JMP   cols64              \
cols16: \ /* for COLS > 0 { the same with 16 columns } */
	TESTQ COLS, COLS          \
	JZ    done                \
	FIRST_ROW                 \
	EACH_LOAD(0, Z0, Z4, Z8, Z12)    \
row16: \
	LOAD_WEIGHTS              \
	PREFETCHT1 (VR)(NEXT*1)   \
	LOAD(0, Z16)              \
	EACH_ADD(Z16, Z0, Z4, Z8, Z12)   \
	ADDQ  STEP, VR            \
	DECQ  LEFT                \
	JNZ   row16               \
	EACH_STORE(0, Z0, Z4, Z8, Z12)   \
	ADDQ  $64, DST            \
	ADDQ  $(16*SIZE), V       \
	SUBQ  $16, COLS           \
	JMP   cols16              \
done: \
	VZEROUPPER \
	RET

// func addRows4F32AVX512(dst *float32, stride int, v, p *float32, pStride, rows, ahead int)
// Reference: addRowsGeneric, for each of four vectors.
TEXT ·addRows4F32AVX512(SB), NOSPLIT, $0-56
	ADD_ROWS4(LOAD_F32, FETCH_F32, 4)

// func addRows4F16AVX512(dst *float32, stride int, v *F16, p *float32, pStride, rows, ahead int)
// Reference: addRowsGeneric, for each of four vectors.
TEXT ·addRows4F16AVX512(SB), NOSPLIT, $0-56
	ADD_ROWS4(LOAD_F16, FETCH_F16, 2)
