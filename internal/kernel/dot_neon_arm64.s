//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Lane j of row r of those in hand is lane j%4 of register 4r + j/4.

#define DST  R0  // next result
#define W0   R1  // row r of the matrix, next block
#define W1   R2  // row r+1
#define W2   R3  // row r+2
#define W3   R4  // row r+3
#define XROW R5  // first block of x
#define X    R6  // next block of x
#define ROWS R7  // rows left
#define NBLK R8  // blocks of 16 in a row, without the tail
#define BLK  R9  // blocks left
#define STEP R10 // bytes of a row
#define NEXT R11 // the row after those in hand
#define TAIL R12 // the last blocks of the rows, or 0

// MAC(LOAD, FROM, D) is V[D:D+4] += FROM[0:16] * V16..V19 for numbers that
// LOAD, one of LOAD_T, reads. FROM moves to the next block.
#define MAC(LOAD, FROM, D) \
	LOAD(FROM) \
	FOUR(FMLA4S, 16, 20, D)

// LOAD_X sets V16..V19 = X[0:16] and moves X to the next block.
#define LOAD_X VLD1.P 64(X), [V16.S4, V17.S4, V18.S4, V19.S4]

// DOT_ROWS is the body of dotRows: four rows at a time, then one at a time.
// LOAD is one of LOAD_T, SHIFT the binary logarithm of the bytes of a weight.
#define DOT_ROWS(LOAD, SHIFT) \
	MOVD dst+0(FP), DST    \
	MOVD w+8(FP), NEXT     \
	MOVD x+16(FP), XROW    \
	MOVD rows+24(FP), ROWS \
	MOVD n+32(FP), STEP    \
	MOVD tails+40(FP), TAIL \
	LSR  $4, STEP, NBLK     \ /* NBLK = n / 16 */
	LSL  $SHIFT, STEP       \ /* STEP = n * bytes of a weight */
rows4: \ /* for ROWS >= 4 { dst[0:4] = dot of four rows } */
	CMP  $4, ROWS       \
	BLT  rows1          \
	MOVD NEXT, W0       \
	ADD  STEP, W0, W1   \
	ADD  STEP, W1, W2   \
	ADD  STEP, W2, W3   \
	ADD  STEP, W3, NEXT \
	MOVD XROW, X        \
	CLEAR(0)            \
	CLEAR(4)            \
	CLEAR(8)            \
	CLEAR(12)           \
	MOVD NBLK, BLK      \
	CBZ  BLK, tail4     \
block4: \ /* for BLK > 0 { lanes[r] += w[r][0:16] * x[0:16] } */
	LOAD_X              \
	MAC(LOAD, W0, 0)    \
	MAC(LOAD, W1, 4)    \
	MAC(LOAD, W2, 8)    \
	MAC(LOAD, W3, 12)   \
	SUBS $1, BLK        \
	BNE  block4         \
tail4: \ /* if tails != nil { lanes[r] += tails[r] * x[0:16] } */
	CBZ  TAIL, fold4    \
	LOAD_X              \
	MAC(LOAD_F32, TAIL, 0) \
	MAC(LOAD_F32, TAIL, 4) \
	MAC(LOAD_F32, TAIL, 8) \
	MAC(LOAD_F32, TAIL, 12) \
fold4: \
	FOLD_ROWS           \
	FMOVQ.P F0, 16(DST) \ /* dst[0:4] = sums */
	SUB  $4, ROWS       \
	B    rows4          \
rows1: \ /* for ROWS > 0 { dst[0] = dot of one row } */
	CBZ  ROWS, done     \
	MOVD NEXT, W0       \
	ADD  STEP, NEXT     \
	MOVD XROW, X        \
	CLEAR(0)            \
	MOVD NBLK, BLK      \
	CBZ  BLK, tail1     \
block1: \ /* for BLK > 0 { lanes += w[0:16] * x[0:16] } */
	LOAD_X              \
	MAC(LOAD, W0, 0)    \
	SUBS $1, BLK        \
	BNE  block1         \
tail1: \
	CBZ  TAIL, fold1    \
	LOAD_X              \
	MAC(LOAD_F32, TAIL, 0) \
fold1: \
	FOLD4(0)            \
	VEXT $8, V0.B16, V0.B16, V1.B16 \ /* V1 = lanes 2, 3, 0, 1 */
	FADD4S(1, 0, 0)     \ /* j with j+2 */
	FADDP4S(0, 0, 0)    \ /* j with j+1 */
	FMOVS.P F0, 4(DST)  \ /* dst[0] = sum */
	SUB  $1, ROWS       \
	B    rows1          \
done: \
	RET

// func dotRowsF32NEON(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32)
// Reference: dotRowsGeneric.
TEXT ·dotRowsF32NEON(SB), NOSPLIT, $0-48
	DOT_ROWS(LOAD_F32, 2)

// func dotRowsF16NEON(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32)
// Reference: dotRowsGeneric.
TEXT ·dotRowsF16NEON(SB), NOSPLIT, $0-48
	DOT_ROWS(LOAD_F16, 1)

// func dotRowsBF16NEON(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32)
// Reference: dotRowsGeneric.
TEXT ·dotRowsBF16NEON(SB), NOSPLIT, $0-48
	DOT_ROWS(LOAD_BF16, 1)
