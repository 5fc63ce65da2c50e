//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define DST    R0  // results of a vector
#define STRIDE R1  // bytes from one vector's results to the next one's
#define ACC    R2  // sums of four lanes each
#define PANEL  R3  // next block of the panel
#define PANEL0 R4  // first block of the panel
#define XSTEP  R5  // bytes of a vector
#define BLK    R6  // blocks left
#define NBLK   R7  // blocks of 16 in a row
#define LEFT   R8  // vectors left
#define X0     R9  // next block of vector 0
#define X1     R10 // of vector 1, and so on
#define X2     R11
#define X3     R12
#define X4     R13
#define X5     R14
#define W0     R9  // next block of row 0, and so on
#define W1     R10
#define W2     R11
#define W3     R12

// PACK_ROW is PANEL[0:16] = W[0:16]; both move on.
#define PACK_ROW(LOAD, W) \
	LOAD(W) \
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], 64(PANEL)

// PACK is the body of pack. LOAD is one of LOAD_T, SHIFT the binary logarithm
// of the bytes of a weight.
#define PACK(LOAD, SHIFT) \
	MOVD panel+0(FP), PANEL \
	MOVD w+8(FP), W0        \
	MOVD n+16(FP), STRIDE   \
	MOVD blocks+24(FP), BLK \
	LSL  $SHIFT, STRIDE     \ /* numbers to bytes */
	ADD  STRIDE, W0, W1     \
	ADD  STRIDE, W1, W2     \
	ADD  STRIDE, W2, W3     \
block: \ /* for BLK > 0 { panel[0:4][0:16] = w[0:4][0:16] } */
	PACK_ROW(LOAD, W0) \
	PACK_ROW(LOAD, W1) \
	PACK_ROW(LOAD, W2) \
	PACK_ROW(LOAD, W3) \
	SUBS $1, BLK       \
	BNE  block         \
	RET

// COLUMN is V[D:D+4] += V24..V27, four lanes of each row, times those of the
// vector at X, which pass through F, register number N. X moves to the next block.
#define COLUMN(X, F, N, D) \
	FMOVQ.P 64(X), F \
	FOURC(FMLA4S, N, 24, D)

// EACH_VECTOR(OP) applies LOAD4 or STORE4 to the accumulators of every vector.
#define LOAD4(A, B, C, D) VLD1.P 64(ACC), [A.S4, B.S4, C.S4, D.S4]
#define STORE4(A, B, C, D) VST1.P [A.S4, B.S4, C.S4, D.S4], 64(ACC)
#define EACH_VECTOR(OP) \
	OP(V0, V1, V2, V3)     \
	OP(V4, V5, V6, V7)     \
	OP(V8, V9, V10, V11)   \
	OP(V12, V13, V14, V15) \
	OP(V16, V17, V18, V19) \
	OP(V20, V21, V22, V23)

// func tileLanesNEON(acc *[tileVectors][PanelRows][4]float32, panel, x *float32, xStride, blocks int)
// Adds to acc the products of every row and vector in the four lanes at panel
// and x. Reference: tileGeneric. Register 4v+r belongs to vector v and row r.
TEXT ·tileLanesNEON(SB), NOSPLIT, $0-40
	MOVD acc+0(FP), ACC
	MOVD panel+8(FP), PANEL
	MOVD x+16(FP), X0
	MOVD xStride+24(FP), XSTEP
	MOVD blocks+32(FP), BLK
	LSL  $2, XSTEP             // floats to bytes
	ADD  XSTEP, X0, X1
	ADD  XSTEP, X1, X2
	ADD  XSTEP, X2, X3
	ADD  XSTEP, X3, X4
	ADD  XSTEP, X4, X5
	EACH_VECTOR(LOAD4)
	SUB  $384, ACC             // back to the first

block: // for BLK > 0 { acc[v][r] += panel[r][0:4] * x[v][0:4] }
	FMOVQ 0(PANEL), F24
	FMOVQ 64(PANEL), F25
	FMOVQ 128(PANEL), F26
	FMOVQ 192(PANEL), F27
	COLUMN(X0, F28, 28, 0)
	COLUMN(X1, F29, 29, 4)
	COLUMN(X2, F30, 30, 8)
	COLUMN(X3, F31, 31, 12)
	COLUMN(X4, F28, 28, 16)
	COLUMN(X5, F29, 29, 20)
	ADD   $256, PANEL
	SUBS  $1, BLK
	BNE   block
	EACH_VECTOR(STORE4)
	RET

// func tileFoldNEON(dst *float32, stride int, acc *[4][tileVectors][PanelRows][4]float32)
// Sets dst[v*stride+r] to the sum of the 16 lanes in acc. Reference: fold.
TEXT ·tileFoldNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), DST
	MOVD stride+8(FP), STRIDE
	MOVD acc+16(FP), ACC
	LSL  $2, STRIDE           // floats to bytes
	MOVD $6, LEFT

vector: // for LEFT > 0 { dst[0:4] = fold of four rows }
	FMOVQ 0(ACC), F0         // lanes 0 to 3 of row 0
	FMOVQ 384(ACC), F1       // lanes 4 to 7
	FMOVQ 768(ACC), F2
	FMOVQ 1152(ACC), F3
	FMOVQ 16(ACC), F4        // row 1
	FMOVQ 400(ACC), F5
	FMOVQ 784(ACC), F6
	FMOVQ 1168(ACC), F7
	FMOVQ 32(ACC), F8        // row 2
	FMOVQ 416(ACC), F9
	FMOVQ 800(ACC), F10
	FMOVQ 1184(ACC), F11
	FMOVQ 48(ACC), F12       // row 3
	FMOVQ 432(ACC), F13
	FMOVQ 816(ACC), F14
	FMOVQ 1200(ACC), F15
	FOLD_ROWS
	FMOVQ F0, (DST)
	ADD   STRIDE, DST
	ADD   $64, ACC
	SUBS  $1, LEFT
	BNE   vector
	RET

// ROW is V[D:D+4] += PANEL[0:16] * V16..V19; PANEL moves to the next row.
#define ROW(D) \
	LOAD_F32(PANEL) \
	FOUR(FMLA4S, 16, 20, D)

// func tileOneNEON(dst *float32, stride int, panel, x *float32, xStride, blocks, vectors int)
// Reference: tileGeneric. Registers are those of dotRows.
TEXT ·tileOneNEON(SB), NOSPLIT, $0-56
	MOVD dst+0(FP), DST
	MOVD stride+8(FP), STRIDE
	MOVD panel+16(FP), PANEL0
	MOVD x+24(FP), X1
	MOVD xStride+32(FP), XSTEP
	MOVD blocks+40(FP), NBLK
	MOVD vectors+48(FP), LEFT
	LSL  $2, STRIDE              // floats to bytes
	LSL  $2, XSTEP

vector1: // for LEFT > 0 { dst[0:4] = four rows times one vector }
	CBZ  LEFT, done
	MOVD PANEL0, PANEL
	MOVD X1, X0
	ADD  XSTEP, X1     // X1 = the next vector
	CLEAR(0)
	CLEAR(4)
	CLEAR(8)
	CLEAR(12)
	MOVD NBLK, BLK
	CBZ  BLK, fold1

block1: // for BLK > 0 { lanes[r] += panel[r][0:16] * x[0:16] }
	VLD1.P 64(X0), [V16.S4, V17.S4, V18.S4, V19.S4]
	ROW(0)
	ROW(4)
	ROW(8)
	ROW(12)
	SUBS   $1, BLK
	BNE    block1

fold1:
	FOLD_ROWS
	FMOVQ F0, (DST)   // dst[0:4] = sums
	ADD   STRIDE, DST
	SUB   $1, LEFT
	B     vector1

done:
	RET

// func packF32NEON(panel, w *float32, n, blocks int)
// Reference: packPanel.
TEXT ·packF32NEON(SB), NOSPLIT, $0-32
	PACK(LOAD_F32, 2)

// func packF16NEON(panel *float32, w *F16, n, blocks int)
// Reference: packPanel.
TEXT ·packF16NEON(SB), NOSPLIT, $0-32
	PACK(LOAD_F16, 1)

// func packBF16NEON(panel *float32, w *BF16, n, blocks int)
// Reference: packPanel.
TEXT ·packBF16NEON(SB), NOSPLIT, $0-32
	PACK(LOAD_BF16, 1)
