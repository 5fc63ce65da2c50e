//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// A block is 6 rows times 4 vectors of 4 columns: V0 to V3 are row 0, and so on.

#define C      R0  // next row of c
#define CSTEP  R1  // bytes of a row of c
#define A0     R2  // next element of row 0 of a
#define A1     R3  // of row 1, and so on
#define A2     R4
#define A3     R5
#define A4     R6
#define A5     R7
#define AROW   R8  // bytes from one row of a to the next one
#define ACOL   R9  // bytes from one element of a row to the next one
#define B      R10 // next row of the block of b, of 256 bytes
#define DEPTH  R11 // products left
#define STEP   R12 // 256

#define LOAD(P, Q, R, S) \
	VLD1 (C), [P.S4, Q.S4, R.S4, S.S4] \
	ADD  CSTEP, C, C

#define STORE(P, Q, R, S) \
	VST1 [P.S4, Q.S4, R.S4, S.S4], (C) \
	ADD  CSTEP, C, C

// EACH_ROW(OP) applies LOAD or STORE to the accumulators of each row.
#define EACH_ROW(OP) \
	OP(V0, V1, V2, V3)     \
	OP(V4, V5, V6, V7)     \
	OP(V8, V9, V10, V11)   \
	OP(V12, V13, V14, V15) \
	OP(V16, V17, V18, V19) \
	OP(V20, V21, V22, V23)

// ROW is c[row] += a[row][k] * b[k], with the element of a spread over F, register
// number N, and the accumulators from register number D on.
#define ROW(FROM, F, N, D) \
	VLD1R (FROM), [F.S4]    \
	ADD   ACOL, FROM, FROM  \
	FMLA4S(24, N, (D))      \
	FMLA4S(25, N, (D)+1)    \
	FMLA4S(26, N, (D)+2)    \
	FMLA4S(27, N, (D)+3)

// func outerNEON(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
// Reference: addOuterGeneric, with 6 rows and 16 columns; b has rows of 64. Strides in
// floats. depth is not 0.
TEXT ·outerNEON(SB), NOSPLIT, $0-56
	MOVD c+0(FP), C
	MOVD cStride+8(FP), CSTEP
	MOVD a+16(FP), A0
	MOVD aRow+24(FP), AROW
	MOVD aCol+32(FP), ACOL
	MOVD b+40(FP), B
	MOVD depth+48(FP), DEPTH
	MOVD $256, STEP
	LSL  $2, CSTEP           // floats to bytes
	LSL  $2, AROW
	LSL  $2, ACOL
	ADD  AROW, A0, A1
	ADD  AROW, A1, A2
	ADD  AROW, A2, A3
	ADD  AROW, A3, A4
	ADD  AROW, A4, A5
	EACH_ROW(LOAD)

product: // for DEPTH > 0 { c[0:6][0:16] += a[0:6][k] * b[k][0:16] }
	VLD1 (B), [V24.S4, V25.S4, V26.S4, V27.S4]
	ADD  STEP, B, B
	ROW(A0, V28, 28, 0)
	ROW(A1, V29, 29, 4)
	ROW(A2, V30, 30, 8)
	ROW(A3, V31, 31, 12)
	ROW(A4, V28, 28, 16)
	ROW(A5, V29, 29, 20)
	SUBS $1, DEPTH
	BNE  product

	MOVD c+0(FP), C
	EACH_ROW(STORE)
	RET
