//go:build !purego

#include "textflag.h"
#include "fetch_avx512_amd64.h"
#include "fold8_avx512_amd64.h"

// Requires: AVX-512 F, DQ (all functions of this file).

#define DST  DI  // next result
#define W    SI  // row r of the matrix, next block
#define W3   R8  // row r+3
#define W6   R9  // row r+6
#define STEP DX  // bytes of a row
#define X    BX  // next block of x
#define XROW R10 // first block of x
#define ROWS CX  // rows left
#define TAIL R11 // the last blocks of the rows, or 0
#define BLK  AX  // blocks left
#define NBLK R12 // blocks of 16 in a row, without the tail
#define NEXT R14 // weights to fetch ahead of time

// MAC_T(ADDR, ACC) is ACC += decode(ADDR[0:16]) * Z16 for weights of type T.
#define MAC_F32(ADDR, ACC) \
	VFMADD231PS ADDR, Z16, ACC
#define MAC_F16(ADDR, ACC) \
	VCVTPH2PS   ADDR, Z17     \ /* Z17 = float32(ADDR[0:16]) */
	VFMADD231PS Z17, Z16, ACC
#define MAC_BF16(ADDR, ACC) \
	VPMOVZXWD   ADDR, Z17     \ /* Z17 = ADDR[0:16], each in the lower half of 32 bits */
	VPSLLD      $16, Z17, Z17 \ /* the upper half: a float32 */
	VFMADD231PS Z17, Z16, ACC

// FOLD1 folds Z0 to X0[0].
#define FOLD1 \
	VEXTRACTF64X4 $1, Z0, Y8     \ /* Y8 = Z0[8:16] */
	VADDPS        Y8, Y0, Y0     \ /* 8 lanes */
	VEXTRACTF128  $1, Y0, X8     \
	VADDPS        X8, X0, X0     \ /* 4 lanes */
	VMOVHLPS      X0, X0, X8     \
	VADDPS        X8, X0, X0     \ /* 2 lanes */
	VMOVSHDUP     X0, X8         \
	VADDSS        X8, X0, X0       /* 1 lane */

// LOAD_ARGS reads the arguments that all dotRows share. SHIFT is log2 of the
// bytes of a weight, BYTES the bytes of a block.
#define LOAD_ARGS(SHIFT) \
	MOVQ      dst+0(FP), DST      \
	MOVQ      w+8(FP), W          \
	MOVQ      x+16(FP), XROW       \
	MOVQ      rows+24(FP), ROWS   \
	MOVQ      n+32(FP), STEP      \
	MOVQ      tails+40(FP), TAIL  \
	MOVQ      STEP, NBLK          \
	SHRQ      $4, NBLK            \ /* NBLK = n / 16 */
	SHLQ      $SHIFT, STEP        \ /* STEP = n * bytes of a weight */
	VMOVDQU32 order8<>(SB), Z31

// FETCH_T fetches, in order, as many bytes as a block of eight rows has: rows
// are too short for the processor to guess what comes next.
#define FETCH_16 FETCH4(FETCH, 0); ADDQ $256, NEXT
#define FETCH_32 FETCH4(FETCH, 0); FETCH4(FETCH, 256); ADDQ $512, NEXT

// DOT_ROWS is the body of dotRows: eight rows at a time, then one at a time.
// MAC and FETCH are for the type of the weights, BYTES the bytes of a block of 16.
#define DOT_ROWS(MAC, FETCH, BYTES) \
rows8: \ /* for ROWS >= 8 { dst[0:8] = dot of eight rows } */
	CMPQ  ROWS, $8 \
	JLT   rows1 \
	LEAQ  (W)(STEP*2), W3 \
	ADDQ  STEP, W3 \ /* W3 = W + 3*STEP */
	LEAQ  (W3)(STEP*2), W6 \
	ADDQ  STEP, W6 \ /* W6 = W + 6*STEP */
	LEAQ  (W)(STEP*8), R13 \ /* R13 = the next eight rows */
	MOVQ  ahead+48(FP), NEXT \
	ADDQ  W, NEXT \
	MOVQ  XROW, X \
	MOVQ  NBLK, BLK \
	VPXORD Z0, Z0, Z0 \ /* one accumulator for each row */
	VPXORD Z1, Z1, Z1 \
	VPXORD Z2, Z2, Z2 \
	VPXORD Z3, Z3, Z3 \
	VPXORD Z4, Z4, Z4 \
	VPXORD Z5, Z5, Z5 \
	VPXORD Z6, Z6, Z6 \
	VPXORD Z7, Z7, Z7 \
	TESTQ BLK, BLK \
	JZ    tail8 \
block8: \ /* for BLK > 0 { lanes[r] += w[r][0:16] * x[0:16] } */
	VMOVUPS (X), Z16 \
	MAC((W), Z0) \
	MAC((W)(STEP*1), Z1) \
	MAC((W)(STEP*2), Z2) \
	MAC((W3), Z3) \
	MAC((W)(STEP*4), Z4) \
	MAC((W3)(STEP*2), Z5) \
	MAC((W6), Z6) \
	MAC((W3)(STEP*4), Z7) \
	FETCH \
	ADDQ $64, X \
	ADDQ $BYTES, W \
	ADDQ $BYTES, W3 \
	ADDQ $BYTES, W6 \
	DECQ BLK \
	JNZ  block8 \
tail8: \ /* if tails != nil { lanes[r] += tails[r] * x[0:16] } */
	TESTQ TAIL, TAIL \
	JZ    fold8 \
	VMOVUPS (X), Z16 \
	VFMADD231PS (TAIL), Z16, Z0 \
	VFMADD231PS 64(TAIL), Z16, Z1 \
	VFMADD231PS 128(TAIL), Z16, Z2 \
	VFMADD231PS 192(TAIL), Z16, Z3 \
	VFMADD231PS 256(TAIL), Z16, Z4 \
	VFMADD231PS 320(TAIL), Z16, Z5 \
	VFMADD231PS 384(TAIL), Z16, Z6 \
	VFMADD231PS 448(TAIL), Z16, Z7 \
	ADDQ $512, TAIL \
fold8: \
	FOLD8 \
	VMOVUPS Y0, (DST) \ /* dst[0:8] = sums */
	ADDQ $32, DST \
	MOVQ R13, W \
	SUBQ $8, ROWS \
	JMP  rows8 \
rows1: \ /* for ROWS > 0 { dst[0] = dot of one row } */
	TESTQ ROWS, ROWS \
	JZ    done \
	LEAQ  (W)(STEP*1), R13 \
	MOVQ  XROW, X \
	MOVQ  NBLK, BLK \
	VPXORD Z0, Z0, Z0 \
	TESTQ BLK, BLK \
	JZ    tail1 \
block1: \ /* for BLK > 0 { lanes += w[0:16] * x[0:16] } */
	VMOVUPS (X), Z16 \
	MAC((W), Z0) \
	ADDQ $64, X \
	ADDQ $BYTES, W \
	DECQ BLK \
	JNZ  block1 \
tail1: \
	TESTQ TAIL, TAIL \
	JZ    fold1 \
	VMOVUPS (X), Z16 \
	VFMADD231PS (TAIL), Z16, Z0 \
	ADDQ $64, TAIL \
fold1: \
	FOLD1 \
	VMOVSS X0, (DST) \ /* dst[0] = sum */
	ADDQ $4, DST \
	MOVQ R13, W \
	DECQ ROWS \
	JMP  rows1 \
done: \
	VZEROUPPER \
	RET

// func dotRowsF32AVX512(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)
// Reference: dotRowsGeneric.
TEXT ·dotRowsF32AVX512(SB), NOSPLIT, $0-56
	LOAD_ARGS(2)
	DOT_ROWS(MAC_F32, FETCH_32, 64)

// func dotRowsF16AVX512(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)
// Reference: dotRowsGeneric.
TEXT ·dotRowsF16AVX512(SB), NOSPLIT, $0-56
	LOAD_ARGS(1)
	DOT_ROWS(MAC_F16, FETCH_16, 32)

// func dotRowsBF16AVX512(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)
// Reference: dotRowsGeneric.
TEXT ·dotRowsBF16AVX512(SB), NOSPLIT, $0-56
	LOAD_ARGS(1)
	DOT_ROWS(MAC_BF16, FETCH_16, 32)

// DOT_PANELS is the body of dotPanels: eight rows at a time, whose blocks of 16 alternate. MAC is for the type of the
// weights, BYTES the bytes of a block.
#define DOT_PANELS(MAC, BYTES) \
	MOVQ      dst+0(FP), DST \
	MOVQ      w+8(FP), W \
	MOVQ      x+16(FP), XROW \
	MOVQ      rows+24(FP), ROWS \
	MOVQ      n+32(FP), NBLK \
	SHRQ      $4, NBLK \
	VMOVDQU32 order8<>(SB), Z31 \
rows8: \ /* for ROWS > 0 { dst[0:8] = dot of eight rows } */
	MOVQ   XROW, X \
	MOVQ   NBLK, BLK \
	VPXORD Z0, Z0, Z0 \ /* one accumulator for each row */
	VPXORD Z1, Z1, Z1 \
	VPXORD Z2, Z2, Z2 \
	VPXORD Z3, Z3, Z3 \
	VPXORD Z4, Z4, Z4 \
	VPXORD Z5, Z5, Z5 \
	VPXORD Z6, Z6, Z6 \
	VPXORD Z7, Z7, Z7 \
block8: \ /* for BLK > 0 { lanes[r] += w[r][0:16] * x[0:16] } */
	VMOVUPS (X), Z16 \
	MAC((0*BYTES)(W), Z0) \
	MAC((1*BYTES)(W), Z1) \
	MAC((2*BYTES)(W), Z2) \
	MAC((3*BYTES)(W), Z3) \
	MAC((4*BYTES)(W), Z4) \
	MAC((5*BYTES)(W), Z5) \
	MAC((6*BYTES)(W), Z6) \
	MAC((7*BYTES)(W), Z7) \
	ADDQ $64, X \
	ADDQ $(8*BYTES), W \
	DECQ BLK \
	JNZ  block8 \
	FOLD8 \
	VMOVUPS Y0, (DST) \ /* dst[0:8] = sums */
	ADDQ $32, DST \
	SUBQ $8, ROWS \
	JNZ  rows8 \
	VZEROUPPER \
	RET

// func dotPanelsF32AVX512(dst, w, x *float32, rows, n int)
// Reference: dotRowsGeneric. 8 divides rows, 16 divides n.
TEXT ·dotPanelsF32AVX512(SB), NOSPLIT, $0-40
	DOT_PANELS(MAC_F32, 64)

// func dotPanelsF16AVX512(dst *float32, w *F16, x *float32, rows, n int)
// Reference: dotRowsGeneric.
TEXT ·dotPanelsF16AVX512(SB), NOSPLIT, $0-40
	DOT_PANELS(MAC_F16, 32)

// func dotPanelsBF16AVX512(dst *float32, w *BF16, x *float32, rows, n int)
// Reference: dotRowsGeneric.
TEXT ·dotPanelsBF16AVX512(SB), NOSPLIT, $0-40
	DOT_PANELS(MAC_BF16, 32)
