//go:build !purego

#include "textflag.h"

// Requires: AVX2, FMA, F16C (all functions of this file).
// A product's 16 lanes are two registers: lanes 0 to 7 and 8 to 15.

#define DST  DI  // next result
#define W    SI  // row 0, next block
#define W3   R8  // row 3
#define STEP DX  // bytes of a row
#define X    BX  // next block of x
#define XROW R10 // first block of x
#define ROWS CX  // rows left
#define TAIL R11 // the last blocks of the rows, or 0
#define BLK  AX  // blocks left
#define NBLK R12 // blocks of 16 in a row, without the tail
#define NEXT R9  // what is fetched next

// MAC_T(ADDR, ADDR8, A, B): A, B += decode(ADDR[0:8], ADDR8 = ADDR[8:16]) * Y14, Y15.
#define MAC_F32(ADDR, ADDR8, A, B) \
	VFMADD231PS ADDR, Y14, A  \
	VFMADD231PS ADDR8, Y15, B
#define MAC_F16(ADDR, ADDR8, A, B) \
	VCVTPH2PS   ADDR, Y12    \
	VCVTPH2PS   ADDR8, Y13   \
	VFMADD231PS Y12, Y14, A  \
	VFMADD231PS Y13, Y15, B
#define MAC_BF16(ADDR, ADDR8, A, B) \
	VPMOVZXWD   ADDR, Y12      \
	VPMOVZXWD   ADDR8, Y13     \
	VPSLLD      $16, Y12, Y12  \ /* the upper half of a float32 */
	VPSLLD      $16, Y13, Y13  \
	VFMADD231PS Y12, Y14, A    \
	VFMADD231PS Y13, Y15, B

// FOLD4 folds rows (Y0, Y1), (Y2, Y3), (Y4, Y5), (Y6, Y7) to X0: j with j+8, +4, +2, +1.
#define FOLD4 \
	VADDPS       Y1, Y0, Y0         \ /* 8 lanes of row 0 */
	VADDPS       Y3, Y2, Y2         \
	VADDPS       Y5, Y4, Y4         \
	VADDPS       Y7, Y6, Y6         \
	VPERM2F128   $0x20, Y2, Y0, Y8  \ /* lanes 0:4 of rows 0, 1 */
	VPERM2F128   $0x31, Y2, Y0, Y9  \ /* lanes 4:8 */
	VADDPS       Y9, Y8, Y0         \
	VPERM2F128   $0x20, Y6, Y4, Y8  \ /* rows 2, 3 */
	VPERM2F128   $0x31, Y6, Y4, Y9  \
	VADDPS       Y9, Y8, Y4         \
	VUNPCKLPD    Y4, Y0, Y8         \ /* lanes 0:2 of rows 0, 2 | 1, 3 */
	VUNPCKHPD    Y4, Y0, Y9         \ /* lanes 2:4 */
	VADDPS       Y9, Y8, Y0         \
	VSHUFPS      $0x88, Y0, Y0, Y8  \ /* even lanes: rows 0 2 0 2 | 1 3 1 3 */
	VSHUFPS      $0xDD, Y0, Y0, Y9  \
	VADDPS       Y9, Y8, Y0         \
	VEXTRACTF128 $1, Y0, X8         \
	VUNPCKLPS    X8, X0, X0           /* rows 0 1 2 3 */

// FOLD1 folds (Y0, Y1) to X0[0].
#define FOLD1 \
	VADDPS       Y1, Y0, Y0  \
	VEXTRACTF128 $1, Y0, X8  \
	VADDPS       X8, X0, X0  \
	VMOVHLPS     X0, X0, X8  \
	VADDPS       X8, X0, X0  \
	VMOVSHDUP    X0, X8      \
	VADDSS       X8, X0, X0

#define CLEAR8 \
	VXORPS Y0, Y0, Y0 \
	VXORPS Y1, Y1, Y1 \
	VXORPS Y2, Y2, Y2 \
	VXORPS Y3, Y3, Y3 \
	VXORPS Y4, Y4, Y4 \
	VXORPS Y5, Y5, Y5 \
	VXORPS Y6, Y6, Y6 \
	VXORPS Y7, Y7, Y7

#define LOAD_ARGS(SHIFT) \
	MOVQ dst+0(FP), DST     \
	MOVQ w+8(FP), W         \
	MOVQ x+16(FP), XROW     \
	MOVQ rows+24(FP), ROWS  \
	MOVQ n+32(FP), STEP     \
	MOVQ tails+40(FP), TAIL \
	MOVQ STEP, NBLK         \
	SHRQ $4, NBLK           \ /* NBLK = n / 16 */
	SHLQ $SHIFT, STEP         /* STEP = n * bytes of a weight */

#define LOAD_X \
	VMOVUPS (X), Y14   \
	VMOVUPS 32(X), Y15

// FETCH_n fetches as many bytes as a block of four rows has, n a row: rows are too short for the processor to guess
// what comes next.
#define FETCH_32 \
	PREFETCHT1 (NEXT)   \
	PREFETCHT1 64(NEXT) \
	ADDQ $128, NEXT
#define FETCH_64 \
	PREFETCHT1 (NEXT)    \
	PREFETCHT1 64(NEXT)  \
	PREFETCHT1 128(NEXT) \
	PREFETCHT1 192(NEXT) \
	ADDQ $256, NEXT

// DOT_ROWS is the body of dotRows: four rows at a time, then one at a time. HALF
// is the bytes of 8 weights.
#define DOT_ROWS(MAC, FETCH, HALF) \
rows4: \ /* for ROWS >= 4 { dst[0:4] = dot of four rows } */
	CMPQ  ROWS, $4 \
	JLT   rows1 \
	LEAQ  (W)(STEP*2), W3 \
	ADDQ  STEP, W3 \ /* W3 = W + 3*STEP */
	LEAQ  (W)(STEP*4), R13 \ /* R13 = the next four rows */
	MOVQ  ahead+48(FP), NEXT \
	ADDQ  W, NEXT \
	MOVQ  XROW, X \
	MOVQ  NBLK, BLK \
	CLEAR8 \
	TESTQ BLK, BLK \
	JZ    tail4 \
block4: \ /* for BLK > 0 { lanes[r] += w[r][0:16] * x[0:16] } */
	LOAD_X \
	MAC((W), HALF(W), Y0, Y1) \
	MAC((W)(STEP*1), HALF(W)(STEP*1), Y2, Y3) \
	MAC((W)(STEP*2), HALF(W)(STEP*2), Y4, Y5) \
	MAC((W3), HALF(W3), Y6, Y7) \
	FETCH \
	ADDQ  $64, X \
	ADDQ  $(2*HALF), W \
	ADDQ  $(2*HALF), W3 \
	DECQ  BLK \
	JNZ   block4 \
tail4: \ /* if tails != nil { lanes[r] += tails[r] * x[0:16] } */
	TESTQ TAIL, TAIL \
	JZ    fold4 \
	LOAD_X \
	MAC_F32((TAIL), 32(TAIL), Y0, Y1) \
	MAC_F32(64(TAIL), 96(TAIL), Y2, Y3) \
	MAC_F32(128(TAIL), 160(TAIL), Y4, Y5) \
	MAC_F32(192(TAIL), 224(TAIL), Y6, Y7) \
	ADDQ  $256, TAIL \
fold4: \
	FOLD4 \
	VMOVUPS X0, (DST) \ /* dst[0:4] = sums */
	ADDQ  $16, DST \
	MOVQ  R13, W \
	SUBQ  $4, ROWS \
	JMP   rows4 \
rows1: \ /* for ROWS > 0 { dst[0] = dot of one row } */
	TESTQ ROWS, ROWS \
	JZ    done \
	LEAQ  (W)(STEP*1), R13 \
	MOVQ  XROW, X \
	MOVQ  NBLK, BLK \
	VXORPS Y0, Y0, Y0 \
	VXORPS Y1, Y1, Y1 \
	TESTQ BLK, BLK \
	JZ    tail1 \
block1: \ /* for BLK > 0 { lanes += w[0:16] * x[0:16] } */
	LOAD_X \
	MAC((W), HALF(W), Y0, Y1) \
	ADDQ  $64, X \
	ADDQ  $(2*HALF), W \
	DECQ  BLK \
	JNZ   block1 \
tail1: \
	TESTQ TAIL, TAIL \
	JZ    fold1 \
	LOAD_X \
	MAC_F32((TAIL), 32(TAIL), Y0, Y1) \
	ADDQ  $64, TAIL \
fold1: \
	FOLD1 \
	VMOVSS X0, (DST) \ /* dst[0] = sum */
	ADDQ  $4, DST \
	MOVQ  R13, W \
	DECQ  ROWS \
	JMP   rows1 \
done: \
	VZEROUPPER \
	RET

// func dotRowsF32AVX2(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)
// Reference: dotRowsGeneric.
TEXT ·dotRowsF32AVX2(SB), NOSPLIT, $0-56
	LOAD_ARGS(2)
	DOT_ROWS(MAC_F32, FETCH_64, 32)

// func dotRowsF16AVX2(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)
// Reference: dotRowsGeneric.
TEXT ·dotRowsF16AVX2(SB), NOSPLIT, $0-56
	LOAD_ARGS(1)
	DOT_ROWS(MAC_F16, FETCH_32, 16)

// func dotRowsBF16AVX2(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)
// Reference: dotRowsGeneric.
TEXT ·dotRowsBF16AVX2(SB), NOSPLIT, $0-56
	LOAD_ARGS(1)
	DOT_ROWS(MAC_BF16, FETCH_32, 16)
